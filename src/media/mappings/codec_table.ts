/**
 * The codecs that a family of containers holds, and what each is in there.
 *
 * @module
 */

import { checkFields } from "../codecs/checks.ts";
import type { Codec } from "../codecs/codec.ts";
import { cannotDescribe, NO_BYTES } from "../codecs/common.ts";
import type { Framing } from "../framing.ts";
import type { ChunkMetadata } from "../sample.ts";
import type { CodedStream } from "../stream_config.ts";

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
  readonly names: string;
  /** Which of the codec's names count; default: all of them. */
  matches?(codec: string | number): boolean;
  /** What it is there; `undefined` while the facts do not tell. */
  map(facts: Facts, config: Stream, metadata?: ChunkMetadata): Own | undefined;
  /** What `describeIn` waits for, where that is more than what the codec waits for. */
  readonly missing?: string;
}

/** What the facts of every codec may have. */
type CommonFacts = Pick<Mapped<unknown>, "privateData" | "framing">;

/** Codecs of one kind of stream in a family of containers; the first entry that matches counts. */
export interface CodecTable<Stream, Name, Facts, Own, Description> {
  readonly entries: readonly Mapping<Stream, Name, Facts, Own>[];
  /** Makes a description of what a configuration, the codec's facts and the family's say. */
  complete(config: Stream, facts: Facts, own: Own, metadata?: ChunkMetadata): Description;
  /** Most private data that can be stored; default: any size. */
  readonly maxPrivateBytes?: number;
}

/** The entry of a stream's codec, if it has one. */
export function findMapping<Stream extends CodedStream, Name, Facts, Own>(
  { entries }: { readonly entries: readonly Mapping<Stream, Name, Facts, Own>[] },
  { kind, codec }: Stream,
): Mapping<Stream, Name, Facts, Own> | undefined {
  const isOfItsType = typeof codec === "string" || (kind === "audio" && typeof codec === "number");
  if (!isOfItsType) return undefined;
  return entries.find((entry) => entry.matches?.(codec) ?? entry.codec.matches(codec as Name));
}

/** How messages list the codecs of a table. */
export function namesIn({ entries }: { readonly entries: readonly { readonly names: string }[] }): string {
  return entries.map(({ names }) => names).join(", ");
}

/** What is wrong with a configuration by itself, one line each; empty when nothing is. */
export function checkIn<Stream extends CodedStream, Name, Facts, Own, Description>(
  table: CodecTable<Stream, Name, Facts, Own, Description>,
  config: Stream,
): string[] {
  const codec = findMapping(table, config)?.codec;
  return [...checkFields(config), ...codec === undefined ? [unknown(table, config)] : codec.check?.(config) ?? []];
}

/**
 * Describes a stream from its configuration, a decoder's metadata, and its first sample; `undefined` while something is
 * missing. The description keeps no reference to what it was made of.
 *
 * @throws {MuxError} `unsupported` for an unknown codec, `bad-media` for a description or first sample that is not what
 * its codec says, `too-large` for private data beyond what can be stored.
 */
export function describeIn<
  Stream extends CodedStream,
  Name,
  Facts extends CommonFacts,
  Own extends Mapped<unknown>,
  Description extends object,
>(
  table: CodecTable<Stream, Name, Facts, Own, Description>,
  config: Stream,
  metadata?: ChunkMetadata,
  data?: Uint8Array,
): Description & Own & { readonly privateData: Uint8Array } | undefined {
  const entry = requireMapping(table, config);
  const facts = entry.codec.parse(config, metadata, data);
  const own = facts && entry.map(facts, config, metadata);
  if (facts === undefined || own === undefined) return undefined;
  const { privateData = facts.privateData ?? NO_BYTES, framing = facts.framing } = own;
  const { byteLength } = privateData;
  const { maxPrivateBytes = byteLength } = table;
  if (byteLength > maxPrivateBytes) {
    throw cannotDescribe(
      config,
      "too-large",
      `codec data must not exceed ${maxPrivateBytes} bytes, got ${byteLength}`,
    );
  }
  const description = table.complete(config, facts, own, metadata);
  return { ...own, ...description, ...framing && { framing }, privateData: privateData.slice() };
}

/** What `describeIn` is waiting for, in one line. */
export function missingIn<Stream extends CodedStream, Name, Facts, Own, Description>(
  table: CodecTable<Stream, Name, Facts, Own, Description>,
  config: Stream,
): string {
  const { codec, missing } = requireMapping(table, config);
  return missing ?? codec.missing(config);
}

function requireMapping<Stream extends CodedStream, Name, Facts, Own, Description>(
  table: CodecTable<Stream, Name, Facts, Own, Description>,
  config: Stream,
): Mapping<Stream, Name, Facts, Own> {
  const entry = findMapping(table, config);
  if (entry === undefined) throw cannotDescribe(config, "unsupported", unknown(table, config));
  return entry;
}

function unknown(table: { readonly entries: readonly { readonly names: string }[] }, { kind, codec }: CodedStream) {
  const text = typeof codec === "string" ? JSON.stringify(codec) : String(codec);
  return `${kind} codec ${text} is not known; known are ${namesIn(table)}`;
}
