/**
 * Packets that come one by one, without a file around them.
 *
 * @module
 */

import { MuxError } from "../../errors.ts";
import { openInput } from "../byte_source.ts";
import { type FileProblem, ProblemList } from "../problems.ts";
import { readHead } from "./head.ts";
import type { AsfHeader } from "./header.ts";
import { type AsfPacket, PacketCollector } from "./packet.ts";
import { PacketWalker } from "./packet_walker.ts";
import { type AsfSample, SampleAssembler } from "./sample_assembler.ts";

/**
 * Takes apart the packets of a live stream. Each may come without its padding, as servers send them.
 *
 * @example
 * ```ts
 * import { PacketParser } from "@muxwell/muxwell/inspect";
 *
 * async function listTimes(headerBytes: Uint8Array, packets: AsyncIterable<Uint8Array>): Promise<void> {
 *   const parser = await PacketParser.fromHeader(headerBytes);
 *   for await (const packet of packets) {
 *     for (const sample of parser.samples(packet)) console.log(sample.streamNumber, sample.presentationMs);
 *   }
 * }
 * console.log(typeof listTimes);
 * ```
 */
export class PacketParser {
  /** What the header says. */
  readonly header: AsfHeader;
  readonly #problems: ProblemList;
  readonly #packetBytes: number;
  readonly #collector: PacketCollector;
  readonly #assembler: SampleAssembler;
  #packetCount = 0;

  private constructor(header: AsfHeader, packetBytes: number, problems: ProblemList) {
    this.header = header;
    this.#problems = problems;
    this.#packetBytes = packetBytes;
    this.#collector = new PacketCollector(new PacketWalker(packetBytes, problems));
    this.#assembler = new SampleAssembler(header, packetBytes, problems);
  }

  /**
   * A parser for the packets that belong to a header: the Header Object, with or without the head of the Data Object.
   *
   * @throws {MuxError} `bad-media` when it is not a whole header that gives a packet size; `too-large`.
   */
  static async fromHeader(headerBytes: Uint8Array): Promise<PacketParser> {
    const problems = new ProblemList();
    const { header, isComplete } = await readHead(openInput(headerBytes), problems);
    const packetBytes = header.fileProperties?.maxPacketBytes ?? 0;
    if (!isComplete || packetBytes === 0) {
      const found = isComplete ? "it gives no packet size" : `it is cut off after ${headerBytes.byteLength} bytes`;
      throw new MuxError("bad-media", { action: "read ASF header", reason: found });
    }
    return new PacketParser(header, packetBytes, problems);
  }

  /** Problems found so far, the first 1000 of them; offsets count packets at their full size from 0. */
  get problems(): readonly FileProblem[] {
    return this.#problems.kept;
  }

  /** Takes the next packet apart. Its byte arrays are views of `bytes`. */
  packet(bytes: Uint8Array): AsfPacket {
    const number = this.#packetCount++;
    return this.#collector.collect(bytes, 0, bytes.byteLength, number, number * this.#packetBytes);
  }

  /** The samples that the next packet completes. Their bytes are dead when the next packet is given. */
  samples(bytes: Uint8Array): readonly AsfSample[] {
    const number = this.#packetCount++;
    this.#assembler.beginBlock(bytes);
    this.#assembler.addPacket(0, bytes.byteLength, number, number * this.#packetBytes);
    return this.#assembler.endBlock();
  }
}
