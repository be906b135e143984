/// <reference no-default-lib="true" />
/// <reference lib="deno.worker" />
/**
 * Sends mutated requests, in a thread of its own: what is measured where the server runs is the server's.
 *
 * @module
 */

import { mutate } from "./mutate.ts";
import { Random } from "./random.ts";

/** What is to be sent. */
export interface Attack {
  seed: number;
  count: number;
  /** Of the servers, in turn. */
  ports: number[];
  /** Requests to mutate. */
  seeds: Uint8Array[];
}

/** How it goes. */
export type AttackNews =
  | { kind: "tenth" }
  | { kind: "finding"; text: string }
  | { kind: "end"; answers: Record<string, number>; sentBytes: number; slowestMs: number };

const ABREAST = 16;
/** A connection that has not come to its end by then is left: players' never do. */
const PATIENCE_MS = 300;
/** What bodies and field values have been wrong by before. */
const NUMBERS = [
  "-1",
  "0",
  "1",
  "3",
  "7",
  "65535",
  "65536",
  "2147483647",
  "2147483648",
  "4294967296",
  "1e9",
  "9".repeat(20),
];

self.onmessage = async ({ data }: MessageEvent<Attack>) => {
  const post = (news: AttackNews) => self.postMessage(news);
  try {
    await attack(data, post);
  } catch (error) {
    post({ kind: "finding", text: (error as Error).message });
  }
};

async function attack({ seed, count, ports, seeds }: Attack, post: (news: AttackNews) => void): Promise<void> {
  const answers: Record<string, number> = {};
  let [next, sentBytes, slowestMs] = [0, 0, 0];
  const sender = async () => {
    for (let number; (number = next++) < count;) {
      const random = new Random(seed + number);
      const bytes = mutated(seeds, random);
      const { answer, firstMs } = await send(ports[number % ports.length]!, bytes, random);
      const line = answer.split("\r\n")[0]!;
      answers[line] = (answers[line] ?? 0) + 1;
      sentBytes += bytes.byteLength;
      slowestMs = Math.max(slowestMs, firstMs);
      if (line !== "" && !/^HTTP\/1\.[01] \d{3} \S/.test(line)) {
        throw new Error(`request ${number} of seed ${seed}: it answers ${JSON.stringify(line)}`);
      }
      if ((number + 1) % Math.ceil(count / 10) === 0) post({ kind: "tenth" });
    }
  };
  await Promise.all(Array.from({ length: ABREAST }, sender));
  post({ kind: "end", answers, sentBytes, slowestMs });
}

function mutated(seeds: readonly Uint8Array[], random: Random): Uint8Array {
  let bytes = random.pick(seeds);
  if (random.next() < 0.3) bytes = withOtherNumber(bytes, random);
  return random.next() < 0.85 ? mutate(bytes, random.pick(seeds), random) : bytes;
}

/** Another number in the place of one of its own: lengths, ids, versions. */
function withOtherNumber(bytes: Uint8Array, random: Random): Uint8Array {
  const latin1 = new TextDecoder("latin1").decode(bytes.subarray(0, 600)); // Windows-1252, but only digits are looked at
  const numbers = [...latin1.matchAll(/\d+/g)];
  const { index, 0: text } = random.pick(numbers);
  const other = new TextEncoder().encode(random.pick(NUMBERS));
  return Uint8Array.from([...bytes.subarray(0, index), ...other, ...bytes.subarray(index + text.length)]);
}

/** What came back: its beginning, and how long that took after all was sent. */
interface Answer {
  answer: string;
  /** 0 where nothing came. */
  firstMs: number;
}

/** Sends it in some pieces, and leaves in one of the ways peers leave. */
async function send(port: number, bytes: Uint8Array, random: Random): Promise<Answer> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  const timer = setTimeout(() => conn.close(), PATIENCE_MS);
  let [answer, firstMs] = ["", 0];
  try {
    const cut = random.below(bytes.byteLength + 1);
    for (const piece of random.next() < 0.3 ? [bytes.subarray(0, cut), bytes.subarray(cut)] : [bytes]) {
      for (let at = 0; at < piece.byteLength;) at += await conn.write(piece.subarray(at));
    }
    if (random.next() < 0.05) return { answer, firstMs }; // gone before the answer
    if (random.next() < 0.9) await conn.closeWrite();
    const buffer = new Uint8Array(2048);
    const sentAt = performance.now();
    for (let count; answer.length < 512 && (count = await conn.read(buffer)) !== null;) {
      firstMs ||= performance.now() - sentAt;
      answer += new TextDecoder("latin1").decode(buffer.subarray(0, count));
    }
  } catch {
    // hung up on, or waited for too long
  } finally {
    clearTimeout(timer);
    try {
      conn.close();
    } catch {
      // the timer has
    }
  }
  return { answer, firstMs };
}
