/**
 * Packets of a transport stream that has lost bytes, without what is none between them.
 *
 * @module
 */

import { GrowingBytes } from "../bytes/growing_bytes.ts";
import { ByteCursor, READ_BYTES } from "./byte_cursor.ts";
import { type SourceBytes, streamedBytes } from "./bytes.ts";

const SYNC = 0x47;
/** Sizes of a packet, and where its sync byte stands: plain, with a time in front, with check bytes behind. */
const LAYOUTS = [[188, 0], [192, 4], [204, 0]] as const;
/** Packets behind each other that make sure of a place. */
const CHAIN_COUNT = 4;

/** Whether a source must be read through {@linkcode synchronized}: what lacks nothing is whole packets. */
export function needsSync(source: SourceBytes, head: Uint8Array): boolean {
  const [packetBytes] = layoutOf(head);
  return source.kind === "streamed" || source.size % packetBytes !== 0;
}

/** A stream of whole packets; `lost` is told how many bytes were left out at how many places, at the end. */
export function synchronized(
  source: SourceBytes,
  head: Uint8Array,
  lost: (byteCount: number, placeCount: number) => void,
): SourceBytes {
  const aligner = new PacketAligner(...layoutOf(head));
  const bytes = source.kind === "streamed" ? source.stream : positionsInOrder(source);
  const packets = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      const whole = aligner.push(chunk, false);
      if (whole.byteLength > 0) controller.enqueue(whole);
    },
    flush(controller) {
      const whole = aligner.push(new Uint8Array(0), true);
      if (whole.byteLength > 0) controller.enqueue(whole);
      if (aligner.lostBytes > 0) lost(aligner.lostBytes, aligner.placeCount);
    },
  });
  return streamedBytes(bytes.pipeThrough(packets), source.name, () => source.close());
}

function layoutOf(head: Uint8Array): readonly [packetBytes: number, syncOffset: number] {
  let best: readonly [number, number] = LAYOUTS[0];
  let most = 0;
  for (const layout of LAYOUTS) {
    for (let start = 0; start < layout[0]; start++) {
      let count = 0;
      for (let at = start + layout[1]; head[at] === SYNC; at += layout[0]) count++;
      if (count > most) [most, best] = [count, layout];
    }
  }
  return best;
}

function positionsInOrder(source: SourceBytes): ReadableStream<Uint8Array> {
  const cursor = new ByteCursor(source);
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const bytes = await cursor.read(READ_BYTES);
      if (bytes.byteLength === 0) controller.close();
      else controller.enqueue(bytes);
    },
  }, { highWaterMark: 0 });
}

/** Keeps what is not a whole packet until more comes. */
class PacketAligner {
  /** Bytes left out so far. */
  lostBytes = 0;
  /** Places where that was. */
  placeCount = 0;
  readonly #packetBytes: number;
  readonly #syncOffset: number;
  readonly #held = new GrowingBytes();
  #isLost = false;

  constructor(packetBytes: number, syncOffset: number) {
    this.#packetBytes = packetBytes;
    this.#syncOffset = syncOffset;
  }

  /** The whole packets that are there now, in memory of their own. */
  push(chunk: Uint8Array, isEnd: boolean): Uint8Array {
    const size = this.#packetBytes;
    this.#held.append(chunk);
    const bytes = this.#held.view();
    const out = new GrowingBytes();
    let at = 0;
    // Where a packet ends, the next one's sync byte is looked at, too: else a cut packet would eat what follows it.
    for (const needed = isEnd ? size : size + this.#syncOffset + 1; at + needed <= bytes.byteLength;) {
      const next = at + size + this.#syncOffset;
      const isPacket = bytes[at + this.#syncOffset] === SYNC && (next >= bytes.byteLength || bytes[next] === SYNC);
      if (isPacket && !this.#isLost || this.#isChain(bytes, at, isEnd) === true) {
        this.#isLost = false;
        out.append(bytes.subarray(at, at + size));
        at += size;
        continue;
      }
      if (!isEnd && this.#isChain(bytes, at, isEnd) === undefined) break;
      if (!this.#isLost) this.placeCount++;
      this.#isLost = true;
      this.lostBytes++;
      at++;
    }
    const rest = bytes.slice(at);
    if (isEnd) this.lostBytes += rest.byteLength;
    this.#held.reset();
    this.#held.append(isEnd ? new Uint8Array(0) : rest);
    return out.view();
  }

  /** Whether packets follow one another from here; `undefined`: more must come to tell. */
  #isChain(bytes: Uint8Array, start: number, isEnd: boolean): boolean | undefined {
    let at = start + this.#syncOffset;
    for (let i = 0; i < CHAIN_COUNT; i++, at += this.#packetBytes) {
      if (at >= bytes.byteLength) return isEnd ? i > 1 : undefined;
      if (bytes[at] !== SYNC) return false;
    }
    return true;
  }
}
