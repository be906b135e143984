/**
 * Servers of files on this machine.
 *
 * @module
 */

/** What a server was asked for, and what it sent. */
export interface Log {
  /** What each request came with: Authorization. */
  readonly requests: (string | null)[];
  sentBytes: number;
}

/** Answers a request. */
export type Answer = (request: Request, log: Log) => Response | Promise<Response>;

/** A server on this machine for as long as `use` takes. */
export async function withServer<T>(answer: Answer, use: (origin: string, log: Log) => Promise<T>): Promise<T> {
  const log: Log = { requests: [], sentBytes: 0 };
  const end = new AbortController();
  const { signal } = end;
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, signal, onListen: () => {} }, (request) => {
    log.requests.push(request.headers.get("authorization"));
    return answer(request, log);
  });
  try {
    return await use(`http://127.0.0.1:${server.addr.port}`, log);
  } finally {
    end.abort();
    await server.finished;
  }
}

/** What a request asks for, of so many bytes. */
export function rangeOf(request: Request, size: number): [start: number, end: number] | undefined {
  const found = /^bytes=(\d+)-(\d+)$/.exec(request.headers.get("range") ?? "");
  return found === null ? undefined : [Number(found[1]), Math.min(size, Number(found[2]) + 1)];
}

/** A server as it should be. */
export function ranges(bytes: Uint8Array<ArrayBuffer>, etag = '"1"'): Answer {
  return (request, log) => {
    const range = rangeOf(request, bytes.byteLength);
    const ifRange = request.headers.get("if-range");
    const [start, end] = range === undefined || ifRange !== null && ifRange !== etag ? [0, bytes.byteLength] : range;
    const isPart = range !== undefined && end - start < bytes.byteLength;
    log.sentBytes += end - start;
    return new Response(bytes.slice(start, end), {
      status: isPart ? 206 : 200,
      headers: { etag, ...isPart ? { "content-range": `bytes ${start}-${end - 1}/${bytes.byteLength}` } : {} },
    });
  };
}
