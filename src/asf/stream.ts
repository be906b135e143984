import type { NumberedStream, StreamFacts } from "../container/container.ts";
import { MuxError } from "../errors.ts";
import type { StreamDescription } from "../media/codecs/description.ts";
import { describeStream } from "../media/codecs/mod.ts";
import type { ChunkMetadata } from "../media/sample.ts";
import { knownBitrate } from "./rates.ts";
import { StreamTally } from "./tally.ts";

/** One stream of a session: its configuration, what became known of it, and what was written. */
export class AsfStream {
  /** As the caller gave it, with its number settled. */
  readonly config: NumberedStream;
  /** What was written. */
  readonly tally = new StreamTally();
  /** Position among the streams of the header; -1 while it has none. */
  slot = -1;
  /** Bit/s promised in the provisional header; 0 before. */
  openingBitrate = 0;
  #description: StreamDescription | undefined;
  #facts: StreamFacts | undefined;

  constructor(config: NumberedStream) {
    this.config = config;
  }

  /** 1–127. */
  get number(): number {
    return this.config.streamNumber;
  }

  get isVideo(): boolean {
    return this.config.kind === "video";
  }

  /** What it is, once that is known. */
  get description(): StreamDescription | undefined {
    return this.#description;
  }

  /** How many samples may overtake one; 0 while that is not known. */
  get reorderDepth(): number {
    return this.#facts?.reorderDepth ?? 0;
  }

  /** As `Muxer.describe`. */
  describe(metadata?: ChunkMetadata, data?: Uint8Array): StreamFacts | undefined {
    if (this.#facts !== undefined) return this.#facts;
    const description = describeStream(this.config, metadata, data);
    if (description === undefined) return undefined;
    this.#description = description;
    this.#facts = {
      reorderDepth: description.kind === "video" ? description.reorderDepth : 0,
      bitrate: knownBitrate(description),
      sparse: false,
    };
    return this.#facts;
  }

  /** Its description, which the session has waited for. */
  requireDescription(): StreamDescription {
    if (this.#description !== undefined) return this.#description;
    throw new MuxError("missing-description", `Cannot write sample to stream ${this.number}: it is not described`, {
      streamNumber: this.number,
    });
  }
}
