/**
 * The codecs that a family of containers holds, and what each is in there.
 *
 * @module
 */

import { checkFields } from "../codecs/checks.ts";
import type { Codec } from "../codecs/codec.ts";
import { cannotDescribe } from "../codecs/common.ts";
import type { Framing } from "../framing.ts";
import type { ChunkMetadata } from "../sample.ts";
import type { CodedStream } from "../stream_config.ts";

const NO_BYTES = new Uint8Array(0);

/** What a codec is in a family. */
export interface Mapped<Id> {
  /** The name it goes by there: a FourCC, a format tag, the type of a sample entry. */
  readonly id: Id;
  /** Codec private data as they are stored there; default: as the codec has them. */
  readonly privateData?: Uint8Array;
  /** How access units are framed there; default: as the codec frames them, else as they come. */
  readonly framing?: Framing;
}

/** One codec in a family. */
export interface Mapping<Stream, Name, Facts, Own> {
  readonly codec: Codec<Stream, Name, Facts>;
  /** How messages list it. */
  readonly names: readonly string[];
  /** Which of the codec's names count; default: all of them. */
  matches?(codec: string | number): boolean;
  /** What it is there; `undefined` while the facts do not tell. */
  map(facts: Facts, config: Stream, metadata?: ChunkMetadata): Own | undefined;
  /** What `describe` waits for, where that is more than what the codec waits for. */
  readonly missing?: string;
}

/** What the facts of every codec may have. */
type CommonFacts = Pick<Mapped<unknown>, "privateData" | "framing">;

/** Codecs of one kind of stream in a family of containers; the first entry that matches counts. */
export class CodecTable<
  Stream extends CodedStream,
  Name,
  Facts extends CommonFacts,
  Own extends Mapped<unknown>,
  Description extends object,
> {
  readonly #entries: readonly Mapping<Stream, Name, Facts, Own>[];
  readonly #complete: (config: Stream, facts: Facts, own: Own, metadata?: ChunkMetadata) => Description;
  readonly #maxPrivateBytes: number;

  /**
   * @param complete What a configuration, the codec's facts and the family's make together.
   * @param maxPrivateBytes Most private data that can be stored.
   */
  constructor(
    entries: readonly Mapping<Stream, Name, Facts, Own>[],
    complete: (config: Stream, facts: Facts, own: Own, metadata?: ChunkMetadata) => Description,
    maxPrivateBytes = Infinity,
  ) {
    this.#entries = entries;
    this.#complete = complete;
    this.#maxPrivateBytes = maxPrivateBytes;
  }

  /** How messages list the codecs. */
  get names(): string {
    return this.#entries.flatMap(({ names }) => names).join(", ");
  }

  /** Whether a stream's codec is among them. */
  holds(config: Stream): boolean {
    return this.#find(config) !== undefined;
  }

  /** What is wrong with a configuration by itself, one line each; empty when nothing is. */
  check(config: Stream): string[] {
    const codec = this.#find(config)?.codec;
    return [...checkFields(config), ...codec === undefined ? [this.#unknown(config)] : codec.check?.(config) ?? []];
  }

  /**
   * Describes a stream from its configuration, a decoder's metadata, and its first sample; `undefined` while something is
   * missing. The description keeps no reference to what it was made of.
   *
   * @throws {MuxError} `unsupported` for an unknown codec, `bad-media` for a description or first sample that is not what
   * its codec says, `too-large` for private data beyond what can be stored.
   */
  describe(
    config: Stream,
    metadata?: ChunkMetadata,
    data?: Uint8Array,
  ): Description & Own & { readonly privateData: Uint8Array } | undefined {
    const entry = this.#require(config);
    const facts = entry.codec.parse(config, metadata, data);
    const own = facts && entry.map(facts, config, metadata);
    if (facts === undefined || own === undefined) return undefined;
    const { privateData = facts.privateData ?? NO_BYTES, framing = facts.framing } = own;
    const { byteLength } = privateData;
    if (byteLength > this.#maxPrivateBytes) {
      const reason = `codec data must not exceed ${this.#maxPrivateBytes} bytes, got ${byteLength}`;
      throw cannotDescribe(config, "too-large", reason);
    }
    const description = this.#complete(config, facts, own, metadata);
    return { ...own, ...description, ...framing && { framing }, privateData: privateData.slice() };
  }

  /** What `describe` is waiting for, in one line. */
  missing(config: Stream): string {
    const { codec, missing } = this.#require(config);
    return missing ?? codec.missing(config);
  }

  #find({ kind, codec }: Stream): Mapping<Stream, Name, Facts, Own> | undefined {
    const isOfItsType = typeof codec === "string" || (kind === "audio" && typeof codec === "number");
    if (!isOfItsType) return undefined;
    return this.#entries.find((entry) => entry.matches?.(codec) ?? entry.codec.matches(codec as Name));
  }

  #require(config: Stream): Mapping<Stream, Name, Facts, Own> {
    const entry = this.#find(config);
    if (entry === undefined) throw cannotDescribe(config, "unsupported", this.#unknown(config));
    return entry;
  }

  #unknown({ kind, codec }: Stream): string {
    const text = typeof codec === "string" ? JSON.stringify(codec) : String(codec);
    return `${kind} codec ${text} is not known; known are ${this.names}`;
  }
}
