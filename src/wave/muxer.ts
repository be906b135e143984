/**
 * The WAVE muxer.
 *
 * @module
 */

import type {
  Muxer,
  NumberedStream,
  Opening,
  OutputFacts,
  Packetizer,
  Patch,
  Plan,
  SinkAbilities,
  StreamFacts,
} from "../container/container.ts";
import { checkUnitBytes } from "../container/checks.ts";
import { checkHeaderBytes, HeaderRoom } from "../container/header_room.ts";
import { UnitBuffer } from "../container/unit_buffer.ts";
import { type Problem, sampleError } from "../errors.ts";
import { Pieces } from "../bytes/pieces.ts";
import { PCM_TAGS } from "../media/codecs/pcm.ts";
import { describeIn, missingIn } from "../media/mappings/codec_table.ts";
import type { RiffAudio } from "../media/mappings/riff/description.ts";
import type { Metadata } from "../media/metadata.ts";
import type { ChunkMetadata } from "../media/sample.ts";
import type { AudioStream } from "../media/stream_config.ts";
import { WAVE_AUDIO } from "./format.ts";
import { encodeHeader, isPaddable, type WaveOutcome } from "./header.ts";
import { Timeline } from "./timeline.ts";

/** A day. What is longer is no gap but another clock. */
const MAX_SILENCE_US = 86_400e6;

/** One session's WAVE. */
export class WaveMuxer implements Muxer {
  readonly #config: NumberedStream & AudioStream;
  readonly #reserveBytes: number;
  #format: RiffAudio | undefined;
  /** Of uncompressed samples. */
  #timeline: Timeline | undefined;
  #units!: UnitBuffer;
  #maxUnitBytes = Infinity;
  readonly #pieces = new Pieces();
  readonly #headerRoom = new HeaderRoom();

  /** @param config Of audio: `check` lets no other pass. */
  constructor(config: NumberedStream, headerReserveBytes: number) {
    this.#config = config as NumberedStream & AudioStream;
    this.#reserveBytes = headerReserveBytes + headerReserveBytes % 2;
  }

  describe(_stream: number, metadata?: ChunkMetadata, data?: Uint8Array): StreamFacts | undefined {
    if (this.#format === undefined) {
      const format = describeIn(WAVE_AUDIO, this.#config, metadata, data);
      if (format === undefined) return undefined;
      this.#format = format;
      if (PCM_TAGS.includes(format.id)) this.#timeline = new Timeline(format);
    }
    const { bitrate, bytesPerSecond } = this.#format;
    return { reorderDepth: 0, bitrate: bitrate !== undefined ? bytesPerSecond * 8 : 0, sparse: false };
  }

  missing(): string {
    return missingIn(WAVE_AUDIO, this.#config);
  }

  begin({ maxUnitBytes = Infinity }: Opening): Packetizer {
    this.#maxUnitBytes = maxUnitBytes;
    return this.#units = new UnitBuffer({ filler: this.#timeline });
  }

  /** Behind the data stands the padding of an odd size. */
  plan({ canPatch, takesTrailer, skips }: SinkAbilities): Plan {
    const isFinal = canPatch && !skips;
    return { form: isFinal ? "final" : "live", trailer: isFinal && takesTrailer ? "optional" : "none" };
  }

  header(output: OutputFacts, maxHeaderBytes = Infinity): Uint8Array<ArrayBuffer> {
    const facts = { format: this.#format!, metadata: output.metadata, isPatched: output.plan.form === "final" };
    const least = encodeHeader(facts);
    const spare = Math.min(this.#reserveBytes, maxHeaderBytes - least.byteLength);
    const header = facts.isPatched && isPaddable(spare) ? encodeHeader(facts, least.byteLength + spare) : least;
    checkHeaderBytes(header.byteLength, maxHeaderBytes);
    if (facts.isPatched) this.#headerRoom.add(header.byteLength);
    return header;
  }

  frame(_stream: number, data: Uint8Array, isKey: boolean): Pieces {
    const pieces = this.#pieces;
    const { framing } = this.#format!;
    pieces.clear();
    if (framing === undefined) pieces.add(data);
    else framing(data, isKey, pieces);
    checkUnitBytes(this.#config.streamNumber, pieces.byteLength, this.#maxUnitBytes);
    return pieces;
  }

  checkTimes(_stream: number, timestamp: number): void {
    const gap = this.#timeline === undefined ? 0 : timestamp - this.#timeline.end;
    if (!(gap > MAX_SILENCE_US)) return; // not a number before the first sample
    const most = `must begin at most ${MAX_SILENCE_US / 1e6} s behind the end of the sound`;
    throw sampleError("too-large", this.#config.streamNumber, `${most}, got ${Math.floor(gap / 1e6)} s`, timestamp);
  }

  trailer({ dataBytes }: OutputFacts): Uint8Array<ArrayBuffer>[] {
    return dataBytes % 2 === 0 ? [] : [new Uint8Array(1)];
  }

  patches(output: OutputFacts): readonly Patch[] {
    if (output.plan.form !== "final") return [];
    const outcome = this.#outcome(output);
    const facts = { format: this.#measured(outcome), metadata: output.metadata, isPatched: true, outcome };
    return [{ offset: 0, bytes: encodeHeader(facts, output.headerBytes) }];
  }

  /** Readers divide by the byte rate: where the codec does not say it, it is what it turned out to be. */
  #measured({ dataBytes, sampleCount }: WaveOutcome): RiffAudio {
    const format = this.#format!;
    if (format.bitrate !== undefined || sampleCount === 0) return format;
    return { ...format, bytesPerSecond: Math.round(dataBytes * format.sampleRate / sampleCount) };
  }

  #outcome({ dataBytes, timeBase, end = this.#units.duration }: OutputFacts): WaveOutcome {
    const { blockBytes, sampleRate } = this.#format!;
    const sampleCount = this.#timeline === undefined
      ? Math.round(Math.max(0, end - timeBase) * sampleRate / 1e6)
      : Math.floor(dataBytes / blockBytes);
    return { dataBytes, sampleCount };
  }

  checkMetadata(metadata: Metadata): Problem | undefined {
    if (this.#headerRoom.isEmpty) return undefined;
    const { byteLength } = encodeHeader({ format: this.#format!, metadata, isPatched: true });
    const size = this.#headerRoom.tooSmall(byteLength, isPaddable);
    return size === undefined ? undefined : { reason: `header has room for ${size} bytes, got ${byteLength}` };
  }
}
