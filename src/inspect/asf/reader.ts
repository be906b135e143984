/**
 * Reads an ASF file.
 *
 * @module
 */

import { MuxError } from "../../errors.ts";
import { type ByteSource, type Input, openInput } from "../byte_source.ts";
import { type FileProblem, ProblemList } from "../problems.ts";
import { type DataObjectHead, type Head, readHead } from "./head.ts";
import type { AsfHeader } from "./header.ts";
import type { AsfObject } from "./objects/walk.ts";
import { type AsfPacket, PacketCollector } from "./packet.ts";
import { beginsObject, PacketArea, type PacketBlock } from "./packet_blocks.ts";
import { PacketWalker } from "./packet_walker.ts";
import { type AsfSample, SampleAssembler } from "./sample_assembler.ts";
import { type AsfIndexes, readTrailer, sortIndexes } from "./trailer.ts";

/**
 * An ASF file (.asf, .wmv, .wma, .dvr-ms) of any length: its header at once, its packets or samples one after the other,
 * its indexes at the end.
 *
 * No length in the file is trusted; what is wrong but can be read over is in `problems`. Files that were never finished
 * and live streams are read up to the end of the source. A source in memory or with positions can be passed through as
 * often as wanted, one pass at a time; a stream once.
 *
 * @example
 * ```ts
 * import { AsfReader } from "@muxwell/muxwell/inspect";
 *
 * async function countKeyFrames(file: Blob): Promise<number> {
 *   const reader = await AsfReader.open(file);
 *   let count = 0;
 *   for await (const sample of reader.samples()) if (sample.isKey) count++;
 *   return count;
 * }
 * console.log(typeof countKeyFrames);
 * ```
 */
export class AsfReader {
  readonly #input: Input;
  readonly #head: Head;
  readonly #area: PacketArea;
  readonly #problems: ProblemList;
  #isAtEnd = false;
  #pass: "none" | "running" | "done" = "none";
  #trailer: AsfObject[] | undefined;

  private constructor(input: Input, head: Head, area: PacketArea, problems: ProblemList) {
    this.#input = input;
    this.#head = head;
    this.#area = area;
    this.#problems = problems;
  }

  /**
   * Reads the Header Object and the head of the Data Object. A stream that is refused is cancelled.
   *
   * @throws {TypeError} If the source is none of the {@linkcode ByteSource}s.
   * @throws {MuxError} `bad-media` when it is not an ASF file, or ends before its first packet; `too-large` when its
   * header is above 64 MiB.
   */
  static async open(source: ByteSource): Promise<AsfReader> {
    const reader = await AsfReader.openIncomplete(source);
    try {
      reader.#requirePackets();
    } catch (error) {
      await reader.close();
      throw error;
    }
    return reader;
  }

  /**
   * As `open`, but content with a file that ends in its header or lacks what packets need: those have no packets.
   *
   * @throws {TypeError} If the source is none of the {@linkcode ByteSource}s.
   * @throws {MuxError} `bad-media` when it does not begin like an ASF file; `too-large` when its header is above 64 MiB.
   */
  static async openIncomplete(source: ByteSource): Promise<AsfReader> {
    const input = openInput(source);
    const problems = new ProblemList();
    try {
      const head = await readHead(input, problems);
      const area = new PacketArea(input, head, problems);
      await area.settleEnd(head);
      return new AsfReader(input, head, area, problems);
    } catch (error) {
      await input.close().catch(() => {}); // the first error is the one to tell
      throw error;
    }
  }

  /** What the header says. */
  get header(): AsfHeader {
    return this.#head.header;
  }

  /** Head of the Data Object; `undefined` only after `openIncomplete`. */
  get data(): DataObjectHead | undefined {
    return this.#head.data;
  }

  /** Size of the source, if it is known by now. */
  get size(): number | undefined {
    return this.#input.size;
  }

  /** Whether all packets that there are to be have been read, as the last batch of samples comes. */
  get isAtEnd(): boolean {
    return this.#isAtEnd;
  }

  /** Problems found so far, the first 1000 of them. */
  get problems(): readonly FileProblem[] {
    return this.#problems.kept;
  }

  /** Problems found so far, those not kept included. */
  get problemCount(): number {
    return this.#problems.count;
  }

  /**
   * The packets, taken apart. Their byte arrays are dead when the next packet is asked for.
   *
   * @throws {MuxError} `invalid-state` on the second pass over a stream.
   */
  async *packets(): AsyncGenerator<AsfPacket, void, undefined> {
    const { packetBytes } = this.#area;
    const collector = new PacketCollector(new PacketWalker(packetBytes, this.#problems));
    for await (const { bytes, offset, firstPacket } of this.#blocks()) {
      for (let at = 0, number = firstPacket; at < bytes.byteLength; at += packetBytes, number++) {
        yield collector.collect(bytes, at, at + packetBytes, number, offset + at);
      }
    }
  }

  /**
   * The samples (media objects put together), each when its last fragment has come: decode order within a stream. Their
   * bytes are dead when the next sample is asked for.
   *
   * @throws {MuxError} `invalid-state` on the second pass over a stream.
   */
  async *samples(): AsyncGenerator<AsfSample, void, undefined> {
    for await (const batch of this.sampleBatches()) yield* batch;
  }

  /**
   * The samples in batches of about one megabyte, the fast way: nothing is awaited for each. The bytes of a batch are
   * dead when the next batch is asked for.
   *
   * @param firstPacket Where to begin, a packet by its number: of what has begun before, nothing comes.
   * @throws {MuxError} `invalid-state` on the second pass over a stream.
   */
  async *sampleBatches(firstPacket = 0): AsyncGenerator<readonly AsfSample[], void, undefined> {
    const { packetBytes } = this.#area;
    const assembler = new SampleAssembler(this.header, packetBytes, this.#problems);
    for await (const { bytes, offset, firstPacket: begin } of this.#blocks(firstPacket)) {
      assembler.beginBlock(bytes);
      for (let at = 0, number = begin; at < bytes.byteLength; at += packetBytes, number++) {
        assembler.addPacket(at, at + packetBytes, number, offset + at);
      }
      const samples = assembler.endBlock();
      this.#isAtEnd = begin + bytes.byteLength / packetBytes === this.#area.packetCount;
      if (samples.length > 0) yield samples;
    }
    assembler.finish();
  }

  /**
   * The number of the last packet that is sent at or before a time, ms without preroll, as far as packets are sent in
   * order; the first one where there is none. A few packets are read. Not for streams.
   */
  async packetBefore(sendTimeMs: number): Promise<number> {
    const { packetBytes, start } = this.#area;
    const walker = new PacketWalker(packetBytes, new ProblemList());
    const visitor = { visitPayload: () => {} };
    let found = 0;
    for (let low = 1, high = (this.#area.packetCount ?? 0) - 1; low <= high;) {
      const middle = low + high >>> 1;
      const bytes = await this.#input.read(start + middle * packetBytes, packetBytes);
      if (bytes.byteLength === packetBytes && !beginsObject(bytes, 0)) {
        walker.walk(bytes, 0, packetBytes, 0, visitor);
        if (walker.sendTimeMs <= sendTimeMs) {
          found = middle;
          low = middle + 1;
          continue;
        }
      }
      high = middle - 1;
    }
    return found;
  }

  /**
   * What stands behind the data. A stream, and a file that does not say where its data ends, is passed through to get
   * there.
   *
   * @throws {MuxError} `invalid-state` on a stream of which some packets were read, but not all.
   */
  async indexes(): Promise<AsfIndexes> {
    if (this.#trailer === undefined) {
      const mustPass = this.#input.canSeek ? this.#area.end === undefined : this.#pass !== "done";
      if (mustPass) { for await (const _ of this.#blocks()) { /* where the data ends is found on the way */ } }
      const end = this.#area.end;
      this.#trailer = end === undefined ? [] : await readTrailer(this.#input, end, this.#problems);
    }
    return sortIndexes(this.#trailer, this.header);
  }

  /** Gives a stream up by cancelling it. Other sources belong to the caller: nothing happens. */
  async close(): Promise<void> {
    await this.#input.close();
  }

  async *#blocks(firstPacket = 0): AsyncGenerator<PacketBlock, void, undefined> {
    if (!this.#input.canSeek && this.#pass !== "none") {
      throw new MuxError("invalid-state", { action: "read packets", reason: "the stream has been read already" }, {
        state: this.#pass,
        allowed: ["none"],
      });
    }
    this.#pass = "running";
    yield* this.#area.blocks(firstPacket);
    this.#pass = "done";
  }

  #requirePackets(): void {
    const { header, data, isComplete } = this.#head;
    const missing = !isComplete
      ? `the header of ${header.size} bytes is cut off`
      : header.fileProperties === undefined
      ? "the header has no File Properties Object"
      : data === undefined
      ? `a Data Object must begin at byte ${header.size}, there is none`
      : this.#area.packetBytes === 0
      ? `packets of ${header.fileProperties.maxPacketBytes} bytes are not possible`
      : undefined;
    if (missing !== undefined) throw new MuxError("bad-media", { action: "read ASF", reason: missing });
  }
}
