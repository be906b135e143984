/**
 * The Ogg muxer: headers on pages of their own, and pages of packets, which each sink numbers for itself.
 *
 * @module
 */

import { equalBytes } from "../bytes/bytes.ts";
import { Pieces } from "../bytes/pieces.ts";
import { checkUnitBytes } from "../container/checks.ts";
import type {
  LocalCopy,
  Muxer,
  NumberedStream,
  Opening,
  OutputFacts,
  Packetizer,
  Plan,
  SinkAbilities,
  StreamFacts,
} from "../container/container.ts";
import { skippedAtStart } from "../container/skipped.ts";
import { checkHeaderBytes } from "../container/header_room.ts";
import type { Metadata } from "../media/metadata.ts";
import type { ChunkMetadata } from "../media/sample.ts";
import type { AudioStream } from "../media/stream_config.ts";
import { describeOgg, oggCodec, type OggStream } from "./codecs.ts";
import { headerPages, PageNumbering } from "./page.ts";
import { type Chain, OggPages } from "./pages.ts";

/** Memory has to hold the pages of a packet. */
const MAX_PACKET_BYTES = 0x100_0000;

/** One sink's pages. */
class OggPlan implements Plan {
  readonly form = "live";
  readonly isLocal = true;
  readonly trailer: Plan["trailer"];
  readonly numbering = new PageNumbering();
  /** Units that were numbered. */
  unitCount = 0;

  constructor(trailer: Plan["trailer"]) {
    this.trailer = trailer;
  }
}

/** One session's Ogg. */
export class OggMuxer implements Muxer {
  readonly #config: NumberedStream & AudioStream;
  readonly #firstSerial: number;
  readonly #streams: OggStream[] = [];
  readonly #chains: Chain[] = [];
  readonly #pieces = new Pieces();
  #pages!: OggPages;
  /** At the beginning of the first stream; undefined: as its header says. */
  #skipped: number | undefined;
  #metadata: Metadata = {};
  #maxPacketBytes = MAX_PACKET_BYTES;

  /** @param config Of audio: `check` lets no other pass. @param serial Of the first stream; the next have the next. */
  constructor(config: NumberedStream, serial: number) {
    this.#config = config as NumberedStream & AudioStream;
    this.#firstSerial = serial;
  }

  describe(_stream: number, metadata?: ChunkMetadata, data?: Uint8Array): StreamFacts | undefined {
    if (this.#streams.length === 0) {
      const stream = describeOgg(this.#config, metadata, data);
      if (stream === undefined) return undefined;
      this.#addStream(stream);
    }
    return { reorderDepth: 0, bitrate: this.#streams[0]!.bitrate ?? 0, sparse: false };
  }

  redescribe(_stream: number, metadata: ChunkMetadata, data: Uint8Array): StreamFacts | undefined {
    const description = metadata.decoderConfig?.description;
    if (description === undefined) return undefined;
    const stream = describeOgg({ ...this.#config, description }, metadata, data);
    if (stream === undefined || equalBytes(stream.description, this.#streams.at(-1)!.description)) return undefined;
    this.#addStream(stream);
    return { reorderDepth: 0, bitrate: stream.bitrate ?? 0, sparse: false };
  }

  #addStream(stream: OggStream): void {
    const number = this.#streams.push(stream) - 1;
    this.#chains.push({
      serial: this.#firstSerial + number >>> 0,
      rate: stream.rate,
      header: () => this.#headerPages(number, this.#metadata),
      samplesOf: stream.samplesOf,
    });
  }

  missing(): string {
    return oggCodec(this.#config)!.missing(this.#config);
  }

  begin(opening: Opening): Packetizer {
    const { metadata, maxUnitBytes = Infinity } = opening;
    this.#metadata = metadata;
    this.#maxPacketBytes = Math.min(MAX_PACKET_BYTES, maxUnitBytes);
    const { rate, saysSkipped } = this.#streams[0]!;
    const skipped = Math.round(skippedAtStart(opening) * rate / 1e6);
    if (skipped > 0) this.#skipped = skipped;
    return this.#pages = new OggPages(this.#chains, saysSkipped ? 0 : -skipped);
  }

  plan({ takesTrailer }: SinkAbilities): Plan {
    return new OggPlan(takesTrailer ? "optional" : "none");
  }

  header({ plan, metadata }: OutputFacts, maxHeaderBytes = Infinity): Uint8Array<ArrayBuffer> {
    const pages = this.#headerPages(this.#pages.chainNumber, metadata);
    checkHeaderBytes(pages.byteLength, maxHeaderBytes);
    (plan as OggPlan).numbering.apply(pages);
    return pages;
  }

  #headerPages(number: number, metadata: Metadata): Uint8Array<ArrayBuffer> {
    const packets = this.#streams[number]!.headers(metadata, number === 0 ? this.#skipped : undefined);
    return headerPages(packets, this.#chains[number]!.serial);
  }

  frame(_stream: number, data: Uint8Array, isKey: boolean): Pieces {
    const pieces = this.#pieces;
    pieces.clear();
    this.#streams.at(-1)!.framing(data, isKey, pieces);
    checkUnitBytes(this.#config.streamNumber, pieces.byteLength, this.#maxPacketBytes);
    return pieces;
  }

  localize(bytes: Uint8Array<ArrayBuffer>, { unitCount }: { unitCount: number }, { plan, firstUnit }: LocalCopy): void {
    const own = plan as OggPlan;
    if (own.unitCount === 0 && firstUnit > 0) own.numbering.rebase(this.#pages.startOf(firstUnit));
    own.unitCount += unitCount;
    own.numbering.apply(bytes);
  }

  /** What ends a stream whose last page was gone before it was known to be the last. */
  trailer({ plan, unitCount }: OutputFacts): Uint8Array<ArrayBuffer>[] {
    const { numbering, unitCount: numbered } = plan as OggPlan;
    const page = numbered === unitCount ? numbering.end() : undefined;
    return page === undefined ? [] : [page];
  }
}
