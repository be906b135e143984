/** Drives a muxer as a session does, into memory. */

import { asf, type AsfOptions } from "../../src/asf/mod.ts";
import type {
  Chunk,
  Muxer,
  Opening,
  OutputFacts,
  Packetizer,
  Patch,
  Plan,
  SinkAbilities,
} from "../../src/container/container.ts";
import type { Metadata } from "../../src/media/metadata.ts";
import type { StreamConfig } from "../../src/media/stream_config.ts";

/** One access unit; times are microseconds. */
export interface TestSample {
  /** Index of the stream. */
  stream: number;
  data: Uint8Array;
  timestamp: number;
  decodeTimestamp?: number;
  duration?: number;
  isKey?: boolean;
}

/** Streams with their samples, in the order in which they are written. */
export interface Take {
  streams: StreamConfig[];
  samples: TestSample[];
}

/** Reproducible files. */
export const FIXED: AsfOptions = {
  fileId: "12345678-9ABC-4DEF-8123-456789ABCDEF",
  creationTime: new Date("2022-06-18T04:26:40Z"),
};

const CAPABILITIES: SinkAbilities = { canPatch: true, takesTrailer: true };

/** A muxer, and what it has begun. */
export interface Driven {
  muxer: Muxer;
  packetizer: Packetizer;
}

/** A muxer whose streams are described by their first samples, and begun. */
export function beginMuxer(take: Take, options: AsfOptions = FIXED, opening: Partial<Opening> = {}): Driven {
  const muxer = asf(options).createMuxer(
    take.streams.map((stream, i) => ({ ...stream, streamNumber: stream.streamNumber ?? i + 1 })),
  );
  take.streams.forEach((_, stream) => {
    muxer.describe(stream, undefined, take.samples.find((sample) => sample.stream === stream)?.data);
  });
  const packetizer = muxer.begin({
    metadata: {},
    bitrates: take.streams.map(() => 0),
    present: take.streams.map(() => true),
    ...opening,
  });
  return { muxer, packetizer };
}

/** Writes one sample. False: a rest waits for `resume`. */
export function writeOne({ muxer, packetizer }: Driven, sample: TestSample): boolean {
  const { stream, data, timestamp, decodeTimestamp = timestamp, duration = -1, isKey = true } = sample;
  muxer.checkTimes!(stream, timestamp, decodeTimestamp);
  const pieces = muxer.frame(stream, data, isKey);
  return packetizer.write({ stream, pieces, timestamp, decodeTimestamp, duration, isKey });
}

/** One output: its header, the chunks it takes, and what stands in its file. */
export class Output {
  readonly plan: Plan;
  bytes: Uint8Array<ArrayBuffer>;
  readonly #muxer: Muxer;
  readonly #timeBase: number;
  readonly #firstUnit: number;
  readonly #headerBytes: number;
  #unitCount = 0;
  #dataBytes = 0;
  #trailerBytes = 0;
  metadata: Metadata;

  constructor({ muxer }: Driven, metadata: Metadata = {}, capabilities = CAPABILITIES, firstUnit = 0, timeBase = 0) {
    this.#muxer = muxer;
    this.metadata = metadata;
    this.#firstUnit = firstUnit;
    this.#timeBase = timeBase;
    this.#headerBytes = 0;
    this.plan = muxer.plan(capabilities);
    this.bytes = muxer.header(this.facts(), capabilities.maxHeaderBytes) as Uint8Array<ArrayBuffer>;
    this.#headerBytes = this.bytes.byteLength;
  }

  facts(): OutputFacts {
    return {
      plan: this.plan,
      firstUnit: this.#firstUnit,
      unitCount: this.#unitCount,
      timeBase: this.#timeBase,
      headerBytes: this.#headerBytes,
      dataBytes: this.#dataBytes,
      trailerBytes: this.#trailerBytes,
      metadata: this.metadata,
    };
  }

  take(chunk: Chunk): void {
    const copy = chunk.bytes.slice();
    if (this.#timeBase > 0) this.#muxer.localize!(copy, chunk.info, { ...this.facts(), offset: this.bytes.byteLength });
    this.#append(copy);
    this.#unitCount += chunk.info.unitCount;
    this.#dataBytes += copy.byteLength;
  }

  /** Index and final header, if the plan has them. */
  complete({ index = true } = {}): Uint8Array<ArrayBuffer> {
    if (index && this.plan.trailer !== "none") {
      for (const piece of this.#muxer.trailer!(this.facts())) {
        this.#append(piece);
        this.#trailerBytes += piece.byteLength;
      }
    }
    if (this.plan.form === "live") return this.bytes;
    for (const patch of this.#muxer.patches!(this.facts()) as Iterable<Patch>) {
      this.bytes.set(patch.bytes, patch.offset);
    }
    return this.bytes;
  }

  #append(bytes: Uint8Array): void {
    const longer = new Uint8Array(this.bytes.byteLength + bytes.byteLength);
    longer.set(this.bytes);
    longer.set(bytes, this.bytes.byteLength);
    this.bytes = longer;
  }
}

/** Hands every chunk there is to the outputs. */
export function handOut({ packetizer }: Driven, outputs: readonly Output[], partial = false): void {
  for (let chunk; (chunk = packetizer.nextChunk(partial));) {
    for (const output of outputs) output.take(chunk);
    chunk.release();
  }
}

/** Writes samples, handing out full chunks on the way. */
export function writeAll(driven: Driven, samples: readonly TestSample[], outputs: readonly Output[]): void {
  for (const sample of samples) {
    let isWritten = writeOne(driven, sample);
    handOut(driven, outputs);
    while (!isWritten) {
      isWritten = driven.packetizer.resume();
      handOut(driven, outputs);
    }
  }
}

/** A whole file. */
export function muxFile(
  take: Take,
  { options = FIXED, opening = {}, metadata = {}, capabilities = CAPABILITIES }: {
    options?: AsfOptions;
    opening?: Partial<Opening>;
    metadata?: Metadata;
    capabilities?: SinkAbilities;
  } = {},
): Uint8Array<ArrayBuffer> {
  const driven = beginMuxer(take, options, opening);
  const output = new Output(driven, metadata, capabilities);
  writeAll(driven, take.samples, [output]);
  driven.packetizer.finish();
  handOut(driven, [output], true);
  return output.complete();
}
