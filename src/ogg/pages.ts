/**
 * The pages of a session: packets in, chunks out, each a page.
 *
 * A page is closed by the packet that does not fit into it any more, or that begins a second behind its first: so there is
 * one open at the end, which becomes the last of its stream, and says where that ends. `closeUnit` lets it go before.
 * Another configuration is another stream, with headers of its own.
 *
 * @module
 */

import { BufferPool } from "../container/buffer_pool.ts";
import type { Chunk, MuxSample, Packetizer } from "../container/container.ts";
import { Extent } from "../container/extent.ts";
import { KeptSample } from "../container/kept_sample.ts";
import { CONTINUED, LAST, MAX_PAGE_BYTES, MAX_SEGMENTS, NO_GRANULE, PageBuilder, segmentCount } from "./page.ts";

/** Of chunks that are not released. */
const BUDGET_BYTES = 0x20_0000;
/** The memory of a chunk is a multiple of this, so that others can use it again. */
const STEP_BYTES = 4096;
/** Of how many pages it is known where they begin: more than can wait to be handed out. */
const MAX_STARTS = 1024;

/** A configuration: a logical stream of its own. */
export interface Chain {
  readonly serial: number;
  /** What granule positions count, Hz. */
  readonly rate: number;
  /** Header pages, for a stream that begins behind another. */
  header(): Uint8Array<ArrayBuffer>;
  samplesOf(data: Uint8Array): number;
}

/** See the module's text. */
export class OggPages implements Packetizer {
  unitCount = 0;
  /** The number of the stream that is being written. */
  chainNumber = 0;
  readonly #chains: readonly Chain[];
  readonly #pool = new BufferPool(BUDGET_BYTES);
  readonly #ready: Chunk[] = [];
  readonly #builder = new PageBuilder();
  readonly #extent = new Extent();
  readonly #kept = new KeptSample();
  /** Samples so far, of the stream at hand, and how many of the last packet are not to be heard. */
  #position: number;
  #trimmed = 0;
  /** Of the open page: packets that begin in it, the first one's position and time, whether one goes on into it or ends. */
  #packetCount = 0;
  #pageStart = 0;
  #timestamp = 0;
  #isContinued = false;
  #endsPacket = false;
  /** By unit: position where its page begins. */
  readonly #starts = new Map<number, number>();

  /** @param chains The configurations so far; grows. @param position Of the first sample: below 0 where some are skipped. */
  constructor(chains: readonly Chain[], position: number) {
    this.#chains = chains;
    this.#position = position;
  }

  write(sample: MuxSample): boolean {
    this.#extent.add(sample);
    return this.#take(sample) || this.#kept.keep(sample);
  }

  resume(): boolean {
    const { sample } = this.#kept;
    if (sample === undefined) return true;
    if (!this.#take(sample)) return false;
    this.#kept.clear();
    return true;
  }

  closeUnit(): void {
    if (this.#builder.segmentCount > 0) this.#close(false);
  }

  /** The open page is the last one. */
  finish(): void {
    if (this.#builder.segmentCount > 0) this.#close(true);
  }

  get duration(): number {
    return this.#extent.end;
  }

  get hasRoom(): boolean {
    return this.#kept.sample === undefined && this.#pool.hasRoom(MAX_PAGE_BYTES);
  }

  get hasChunk(): boolean {
    return this.#ready.length > 0;
  }

  get heldTimestamp(): number {
    const first = this.#ready[0];
    if (first !== undefined) return first.info.timestamp;
    return this.#builder.segmentCount > 0 ? this.#timestamp : this.#kept.sample?.timestamp ?? -1;
  }

  nextChunk(): Chunk | undefined {
    return this.#ready.shift();
  }

  /** Position where a page begins that was closed not long ago, or is the next one. */
  startOf(unit: number): number {
    return this.#starts.get(unit) ?? this.#position;
  }

  get #chain(): Chain {
    return this.#chains[this.chainNumber]!;
  }

  /** Takes a sample into the open page, behind what that closes. False: there is no memory; to be called again. */
  #take(sample: MuxSample): boolean {
    const { pieces, configuration = 0 } = sample;
    const pages = segmentCount(pieces.byteLength) / MAX_SEGMENTS;
    if (!this.#pool.hasRoom(Math.ceil(pages + 1) * MAX_PAGE_BYTES)) return false;
    if (configuration !== this.chainNumber) this.#beginChain(configuration);
    const packet = pieces.toUint8Array();
    const sampleCount = this.#chain.samplesOf(packet);
    const span = this.#position + sampleCount - this.#pageStart;
    const isDue = this.#packetCount > 0 && (span > this.#chain.rate || this.#lacksRoom(packet.byteLength));
    if (isDue) this.#close(false);
    if (this.#builder.segmentCount === 0) this.#open(sample.timestamp);
    this.#packetCount++;
    for (let at = 0; at <= packet.byteLength;) {
      if (this.#builder.segmentCount === MAX_SEGMENTS) {
        this.#close(false);
        this.#open(sample.timestamp);
        this.#isContinued = at > 0;
      }
      at = this.#builder.add(packet, at);
    }
    this.#endsPacket = true;
    this.#position += sampleCount;
    this.#trimmed = Math.min(sampleCount, trimmedSamples(sample, sampleCount, this.#chain.rate));
    return true;
  }

  #lacksRoom(byteLength: number): boolean {
    return this.#builder.segmentCount + segmentCount(byteLength) > MAX_SEGMENTS;
  }

  #open(timestamp: number): void {
    this.#timestamp = timestamp;
    this.#pageStart = this.#position;
  }

  /** The stream ends, and another begins. */
  #beginChain(number: number): void {
    if (this.#builder.segmentCount > 0) this.#close(true);
    this.chainNumber = number;
    this.#position = 0;
    this.#trimmed = 0;
    this.#pageStart = 0;
    const pages = this.#chain.header();
    this.#hand(pages, { isClean: true, sampleCount: 0, release: () => {} });
  }

  #close(isLast: boolean): void {
    const memory = this.#pool.acquire(Math.ceil(this.#builder.byteLength / STEP_BYTES) * STEP_BYTES, Infinity)!;
    const isContinued = this.#isContinued;
    const flags = (isContinued ? CONTINUED : 0) | (isLast ? LAST : 0);
    const granule = this.#endsPacket ? Math.max(0, this.#position - this.#trimmed) : NO_GRANULE;
    const page = this.#builder.closeTo(memory, flags, granule, this.#chain.serial);
    this.#hand(page, {
      isClean: !isContinued,
      sampleCount: this.#packetCount,
      release: () => this.#pool.release(memory),
    });
    this.#packetCount = 0;
    this.#isContinued = false;
    this.#endsPacket = false;
  }

  #hand(
    bytes: Uint8Array<ArrayBuffer>,
    { isClean, ...rest }: { isClean: boolean } & Pick<Chunk, "sampleCount" | "release">,
  ) {
    const firstUnit = this.unitCount++;
    this.#starts.set(firstUnit, this.#pageStart);
    this.#starts.delete(firstUnit - MAX_STARTS);
    const info = { unitCount: 1, firstUnit, timestamp: this.#timestamp, cleanPoints: isClean ? [0] : [] };
    this.#ready.push({ bytes, info, ...rest });
  }
}

/** Durations that are rounded to milliseconds say nothing of an end. */
const LEAST_TRIM_US = 1000;

/** How much of a packet's end is not to be heard: as the sample says, or a duration that is shorter than the packet. */
function trimmedSamples({ trimEnd = 0, duration }: MuxSample, sampleCount: number, rate: number): number {
  const missing = sampleCount * 1e6 / rate - duration;
  const trimmed = trimEnd > 0 ? trimEnd : duration > 0 && missing > LEAST_TRIM_US ? missing : 0;
  return Math.round(trimmed * rate / 1e6);
}
