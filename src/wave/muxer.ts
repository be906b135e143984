/**
 * The WAVE muxer.
 *
 * @module
 */

import type {
  MuxSample,
  NumberedStream,
  OutputFacts,
  Patch,
  Plan,
  SinkCapabilities,
  StreamFacts,
} from "../container/container.ts";
import { PlainMuxer } from "../container/plain_muxer.ts";
import type { UnitBuffer } from "../container/unit_buffer.ts";
import { MuxError } from "../errors.ts";
import { Pieces } from "../bytes/pieces.ts";
import { PCM_TAGS } from "../media/codecs/pcm.ts";
import { describeIn, missingIn } from "../media/mappings/codec_table.ts";
import type { RiffAudio } from "../media/mappings/riff/description.ts";
import type { Metadata } from "../media/metadata.ts";
import type { ChunkMetadata } from "../media/sample.ts";
import { WAVE_AUDIO } from "./format.ts";
import { encodeHeader, isPaddable, type WaveOutcome } from "./header.ts";
import { silenceOf, Timeline } from "./timeline.ts";

const SILENCE_BYTES = 64 << 10;
/** A day. What is longer is no gap but another clock. */
const MAX_SILENCE_US = 86_400e6;

/** One session's WAVE. */
export class WaveMuxer extends PlainMuxer {
  readonly #reserveBytes: number;
  #format: RiffAudio | undefined;
  /** Of uncompressed samples. */
  #timeline: Timeline | undefined;
  readonly #silence = new Pieces();
  /** What is written beside the sample at hand. */
  readonly #other = new Pieces();
  #silenceBytes = 0;
  /** A sample whose silence is not written yet. */
  #kept: { data: Uint8Array; timestamp: number } | undefined;

  constructor(config: NumberedStream, headerReserveBytes: number, units?: UnitBuffer) {
    super(config, units);
    this.#reserveBytes = headerReserveBytes + headerReserveBytes % 2;
  }

  describe(_stream: number, metadata?: ChunkMetadata, data?: Uint8Array): StreamFacts | undefined {
    if (this.#format === undefined) {
      const format = describeIn(WAVE_AUDIO, this.config, metadata, data);
      if (format === undefined) return undefined;
      this.#format = format;
      if (PCM_TAGS.includes(format.id)) {
        const { blockBytes, sampleRate, id, bitsPerSample } = format;
        this.#timeline = new Timeline(blockBytes, sampleRate);
        const size = Math.max(1, Math.floor(SILENCE_BYTES / blockBytes)) * blockBytes;
        this.#silence.add(new Uint8Array(size).fill(silenceOf(id, bitsPerSample)));
      }
    }
    const { bitrate, bytesPerSecond } = this.#format;
    return { reorderDepth: 0, bitrate: bitrate !== undefined ? bytesPerSecond * 8 : 0, sparse: false };
  }

  missing(): string {
    return missingIn(WAVE_AUDIO, this.config);
  }

  override plan(capabilities: SinkCapabilities): Plan {
    const plan = super.plan(capabilities);
    // Behind the data stands the padding of an odd size.
    return plan.form === "final" && capabilities.canIndex ? { ...plan, index: "padding" } : plan;
  }

  header(output: OutputFacts, maxHeaderBytes = Infinity): Uint8Array<ArrayBuffer> {
    const facts = { format: this.#format!, metadata: output.metadata, isPatched: output.plan.form === "final" };
    const least = encodeHeader(facts);
    const spare = Math.min(this.#reserveBytes, maxHeaderBytes - least.byteLength);
    const wanted = facts.isPatched && isPaddable(spare) ? encodeHeader(facts, least.byteLength + spare) : least;
    return this.admitHeader(wanted, output, maxHeaderBytes);
  }

  protected override addPieces(data: Uint8Array, isKey: boolean): void {
    const framing = this.#format!.framing;
    if (framing === undefined) this.pieces.add(data);
    else framing(data, isKey, this.pieces);
  }

  override checkTimes(_stream: number, timestamp: number): void {
    const gap = this.#timeline === undefined ? 0 : timestamp - this.#timeline.end;
    if (!(gap > MAX_SILENCE_US)) return; // not a number before the first sample
    const { streamNumber } = this.config;
    throw new MuxError(
      "too-large",
      `Cannot write sample to stream ${streamNumber}: must begin at most ${
        MAX_SILENCE_US / 1e6
      } s behind the end of the ` +
        `sound, got ${Math.floor(gap / 1e6)} s`,
      { streamNumber, timestamp },
    );
  }

  override write(sample: MuxSample): boolean {
    this.extent.add(sample);
    const { pieces, timestamp } = sample;
    if (this.#timeline !== undefined) {
      const begin = this.#timeline.end;
      this.#silenceBytes = this.#timeline.add(timestamp, pieces.byteLength);
      if (!this.#fillSilence(begin)) {
        this.#kept = { data: pieces.toUint8Array(), timestamp };
        return false;
      }
    }
    return this.units.append(pieces, timestamp);
  }

  override resume(): boolean {
    if (!this.units.resume()) return false;
    const kept = this.#kept;
    if (kept === undefined) return true;
    if (!this.#fillSilence(kept.timestamp)) return false;
    this.#kept = undefined;
    this.#other.clear();
    this.#other.add(kept.data);
    return this.units.append(this.#other, kept.timestamp);
  }

  /** False: the units are full, and there may be more to fill. */
  #fillSilence(timestamp: number): boolean {
    while (this.#silenceBytes > 0) {
      const silence = this.#silence;
      if (this.#silenceBytes < silence.byteLength) {
        this.#other.clear();
        this.#other.add(silence.sources[0]!, 0, this.#silenceBytes);
        this.#silenceBytes = 0;
        return this.units.append(this.#other, timestamp, 0);
      }
      this.#silenceBytes -= silence.byteLength;
      if (!this.units.append(silence, timestamp, 0)) return false;
    }
    return true;
  }

  override get duration(): number {
    return this.#timeline === undefined ? super.duration : Math.max(0, Math.round(this.#timeline.end) || 0);
  }

  override *index({ plan, dataBytes }: OutputFacts): Generator<Uint8Array<ArrayBuffer>> {
    if (plan.index === "padding" && dataBytes % 2 === 1) yield new Uint8Array(1);
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

  #outcome({ dataBytes, timeBase }: OutputFacts): WaveOutcome {
    const { blockBytes, sampleRate } = this.#format!;
    const sampleCount = this.#timeline === undefined
      ? Math.round(Math.max(0, this.duration - timeBase) * sampleRate / 1e6)
      : Math.floor(dataBytes / blockBytes);
    return { dataBytes, sampleCount };
  }

  checkMetadata(metadata: Metadata): string | undefined {
    if (this.headerSizes.size === 0) return undefined;
    const { byteLength } = encodeHeader({ format: this.#format!, metadata, isPatched: true });
    for (const size of this.headerSizes) {
      if (!isPaddable(size - byteLength)) return `header has room for ${size} bytes, got ${byteLength}`;
    }
    return undefined;
  }
}
