/**
 * Everything in front of the samples.
 *
 * ```text
 * "RIFF" size "WAVE"                              past 4 GiB: "RF64" FFFFFFFF "WAVE" ([EBU Tech 3306])
 * JUNK, 28 bytes                                                "ds64": sizes in 64 bits
 * fmt · fact (not for integers) · LIST INFO · JUNK (room)
 * "data" size
 * ```
 *
 * The live form has no JUNK, and the largest sizes: readers go on to the end then.
 *
 * @module
 */

import { ByteWriter } from "../bytes/byte_writer.ts";
import type { RiffAudio } from "../media/mappings/riff/description.ts";
import type { Metadata } from "../media/metadata.ts";
import { needsFact, writeFormat } from "./format.ts";
import { writeInfo } from "./info.ts";

const UNKNOWN_SIZE = 0xFFFF_FFFF;
const DS64_BYTES = 28;
/** Name and size. */
export const CHUNK_HEAD_BYTES = 8;

/** What the header says of the samples, once that is known. */
export interface WaveOutcome {
  /** Size of the samples, without padding. */
  readonly dataBytes: number;
  /** Number of samples of one channel. */
  readonly sampleCount: number;
}

/** What a header is made of. */
export interface WaveHeaderFacts {
  readonly format: RiffAudio;
  readonly metadata: Metadata;
  /** Whether it will be completed at the end. */
  readonly isPatched: boolean;
  readonly outcome?: WaveOutcome;
}

/** Whether a header can be made larger by `spare` bytes: a chunk fits in there, or nothing has to. */
export function isPaddable(spare: number): boolean {
  return spare === 0 || (spare >= CHUNK_HEAD_BYTES && spare % 2 === 0);
}

/** The header, padded to `byteLength`; without that as small as it gets. */
export function encodeHeader(facts: WaveHeaderFacts, byteLength?: number): Uint8Array<ArrayBuffer> {
  const { format, metadata, isPatched, outcome } = facts;
  const w = new ByteWriter("little");
  w.text("RIFF");
  w.u32(UNKNOWN_SIZE);
  w.text("WAVE");
  const longSizesAt = w.offset;
  if (isPatched) writeJunk(w, DS64_BYTES);
  writeChunk(w, "fmt ", () => writeFormat(w, format));
  let factAt = 0;
  if (needsFact(format)) {
    writeChunk(w, "fact", () => {
      factAt = w.offset;
      w.u32(outcome === undefined ? 0 : Math.min(outcome.sampleCount, UNKNOWN_SIZE));
    });
  }
  writeInfo(w, metadata);
  const spare = (byteLength ?? 0) - w.offset - CHUNK_HEAD_BYTES;
  if (spare >= CHUNK_HEAD_BYTES) writeJunk(w, spare - CHUNK_HEAD_BYTES);
  w.text("data");
  w.u32(UNKNOWN_SIZE);
  const header = w.toUint8Array();
  if (outcome !== undefined) complete(header, outcome, longSizesAt, factAt);
  return header;
}

function complete(header: Uint8Array<ArrayBuffer>, outcome: WaveOutcome, longSizesAt: number, factAt: number): void {
  const { dataBytes, sampleCount } = outcome;
  const riffBytes = header.byteLength - CHUNK_HEAD_BYTES + dataBytes + dataBytes % 2;
  const w = new ByteWriter("little", header);
  if (riffBytes < UNKNOWN_SIZE) {
    w.setU32(4, riffBytes);
    w.setU32(header.byteLength - 4, dataBytes);
    return;
  }
  w.text("RF64");
  w.offset = longSizesAt;
  w.text("ds64");
  w.u32(DS64_BYTES);
  w.u64(riffBytes);
  w.u64(dataBytes);
  w.u64(sampleCount);
  w.u32(0); // no table of further long chunks
  if (factAt > 0) w.setU32(factAt, UNKNOWN_SIZE);
}

function writeChunk(w: ByteWriter, name: string, writeBody: () => void): void {
  w.text(name);
  const sizeAt = w.offset;
  w.u32(0);
  writeBody();
  const byteLength = w.offset - sizeAt - 4;
  w.setU32(sizeAt, byteLength);
  if (byteLength % 2 === 1) w.u8(0);
}

function writeJunk(w: ByteWriter, byteLength: number): void {
  w.text("JUNK");
  w.u32(byteLength);
  w.zeros(byteLength);
}
