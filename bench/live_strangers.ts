/**
 * Peers that mean no good, and one that only wants to watch. This file is also what each of their processes runs.
 *
 * @module
 */

import { request, sleepUntil } from "./live_peers.ts";

/** What became of players that came one by one while the others did their worst. */
export interface Newcomers {
  readonly count: number;
  /** Until the first byte of media, ms. */
  readonly slowestMs: number;
  /** How many were turned away. */
  readonly refusedCount: number;
}

/** What became of the strangers. */
export interface Strangers {
  /** How often one of them was let go of, and came again. */
  readonly letGoCount: number;
}

const NEWCOMER_EVERY_MS = 1_000;
const RETURN_MS = 200;

const head = (...lines: string[]) => new TextEncoder().encode([...lines, "", ""].join("\r\n"));
const player = (path: string, ...fields: string[]) =>
  head(`GET ${path} HTTP/1.0`, "User-Agent: NSPlayer/9.0", "Pragma: xPlayStrm=1", ...fields);

/** What each kind says, and whether it reads what comes. */
const KINDS: ((path: string) => { says: Uint8Array<ArrayBuffer>; reads: boolean })[] = [
  () => ({ says: new Uint8Array(0), reads: true }),
  () => ({ says: head("POST /x HTTP/1.1", "Content-Length: 60000"), reads: true }),
  () => ({
    says: head("POST /x HTTP/1.1", "Content-Type: application/x-wms-pushsetup", "Content-Length: 0"),
    reads: true,
  }),
  (path) => ({
    says: player(path, "Pragma: stream-switch-count=1", "Pragma: stream-switch-entry=ffff:1:0"),
    reads: true,
  }),
  (path) => ({ says: player(path), reads: false }),
];

/** So many connections at a time, of all kinds in turn: who is let go of comes again. */
export async function disturb(url: string, count: string): Promise<Strangers> {
  const { hostname, port, pathname } = new URL(url);
  let isOver = false;
  let letGoCount = 0;
  const open = new Set<Deno.TcpConn>();
  const one = async (index: number) => {
    const { says, reads } = KINDS[index % KINDS.length]!(pathname);
    const buffer = new Uint8Array(16_384);
    while (!isOver) {
      let conn: Deno.TcpConn | undefined;
      try {
        conn = await Deno.connect({ hostname, port: Number(port) });
        open.add(conn);
        if (says.byteLength > 0) await conn.write(says);
        if (reads) { while (await conn.read(buffer) !== null); }
        else while (!isOver) await conn.write(new Uint8Array(1)).then(() => sleepUntil(performance.now() + 1000));
      } catch {
        // let go of
      }
      if (conn) {
        open.delete(conn);
        try {
          conn.close();
        } catch {
          // closed at the end
        }
      }
      if (!isOver) letGoCount++;
      await sleepUntil(performance.now() + RETURN_MS);
    }
  };
  const all = Array.from({ length: Number(count) }, (_, index) => one(index));
  console.log("ready");
  await new Response(Deno.stdin.readable).text();
  isOver = true;
  const result = { letGoCount };
  for (const conn of open) conn.close();
  await Promise.allSettled(all);
  return result;
}

/** Comes every second, and leaves with the first media. */
export async function come(url: string): Promise<Newcomers> {
  let isOver = false;
  void new Response(Deno.stdin.readable).text().then(() => isOver = true);
  console.log("ready");
  let [count, slowestMs, refusedCount] = [0, 0, 0];
  while (!isOver) {
    const startedAt = performance.now();
    try {
      const conn = await request(url);
      const buffer = new Uint8Array(16_384);
      let byteCount = 0;
      for (let got; byteCount < buffer.byteLength && (got = await conn.read(buffer)) !== null;) byteCount += got;
      conn.close();
      if (byteCount < buffer.byteLength) refusedCount++;
      slowestMs = Math.max(slowestMs, performance.now() - startedAt);
    } catch {
      refusedCount++;
    }
    count++;
    await sleepUntil(startedAt + NEWCOMER_EVERY_MS);
  }
  return { count, slowestMs: Math.round(slowestMs), refusedCount };
}
