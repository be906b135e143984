/**
 * What the core does, as its host sees it. `core.ts` implements it over WebAssembly.
 *
 * @module
 */

/** The bytes of one media object, in pieces (structurally `Pieces`). */
export interface Pieces {
  /** Sources; entries at and above `count` are stale. */
  readonly sources: readonly Uint8Array[];
  /** First byte of each piece in its source. */
  readonly starts: readonly number[];
  /** End (exclusive) of each piece in its source. */
  readonly ends: readonly number[];
  /** Number of pieces. */
  readonly count: number;
  /** Sum of their sizes, 1 … 2^32 - 1. */
  readonly byteLength: number;
}

/** One stream of the packet layout. */
export interface CoreStream {
  /** 1–127. */
  readonly streamNumber: number;
  /** Bit/s for the causal send-time rule; at least 1. */
  readonly bitsPerSecond: number;
  /** Whether key frames are recorded for an index, and make clean points. */
  readonly indexed: boolean;
  /** Whether key frames have their bit all the same where they are not recorded; default false. */
  readonly marked?: boolean;
  /**
   * Whether objects of 5 to 255 bytes at equal distances share payloads, each within 1 ms of its time; not with
   * extensions. Default false.
   */
  readonly packed?: boolean;
  /** Whether its objects come with extension data of their own; such objects never share payloads. Default false. */
  readonly extended?: boolean;
  /** Whether `trace` is told of its objects. Default false. */
  readonly traced?: boolean;
}

/** Fixed at creation. */
export interface CoreOptions {
  /** Size of every packet, 100…65 535 ([ASF] 3.2). */
  readonly packetBytes: number;
  /** Added to every stored presentation time, ms. */
  readonly prerollMs: number;
  /** Whether every payload carries the 24-byte timing extension. */
  readonly timingExtension: boolean;
  /** The streams; a slot is a position in this list. */
  readonly streams: readonly CoreStream[];
  /** Is told of the objects of traced streams, in stored order, some hundred at a time; see `takeTrace`. */
  readonly trace?: Trace;
  /** About how large a block is; default 256 KiB, at least one packet. */
  readonly blockBytes?: number;
  /** How many blocks; default 8, at least 2. */
  readonly blockCount?: number;
}

/**
 * An object that is laid out.
 *
 * @param timeMs Presentation time as stored, preroll included.
 * @param packet Packet with its first fragment.
 * @param span Packets from there to the one with its last fragment, at most 65 535.
 * @param isKey Whether it is a key frame of an indexed or marked stream.
 */
export type Trace = (slot: number, timeMs: number, packet: number, span: number, isKey: boolean) => void;

/** Closed packets that lie back to back in one block. */
export interface CoreRange {
  /** The packets: a view of the core's memory, dead after `release()`. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Number of the first packet, from 0. */
  readonly firstPacket: number;
  /** Number of packets. */
  readonly packetCount: number;
  /** Send time of the first packet, ms. */
  readonly sendTimeMs: number;
  /**
   * Packets, relative to `firstPacket`, in which a reader may start: those with the first fragment of a key frame of the
   * first indexed stream, or without an indexed stream those with the first fragment of any object.
   */
  readonly cleanPoints: readonly number[];
  /** Media objects whose first fragment is here. */
  readonly objectCount: number;
  /** The host is through with it. Called exactly once. */
  release(): void;
}

/** What a Simple Index ([ASF] 6.1) is made for. */
export interface IndexRequest {
  /** The stream's slot. */
  readonly slot: number;
  /** Milliseconds between entries, at least 1. */
  readonly intervalMs: number;
  /** First packet of the output: becomes packet 0. */
  readonly firstPacket: number;
  /** Packets of the output: key frames beyond are left out. */
  readonly packetCount: number;
  /** Subtracted from stored presentation times, ms. */
  readonly timeBaseMs: number;
  /** Largest stored presentation time (preroll included, time base subtracted), ms: entries reach to or past it. */
  readonly endMs: number;
}

/** The layout engine of one session. */
export interface PacketCore {
  /**
   * Lays out one media object.
   *
   * @param storedMs The payload's own time, preroll not included: presentation time, or decode time with the extension.
   * @param presentationTicks Presentation time in 100 ns, preroll not included; read with the extension and by the index.
   * @param extension What each payload of the object carries behind size and time ([ASF] 5.2.3.1), at most 223 bytes that
   * leave room for data in a packet; for an extended stream.
   * @returns False when no block was free for the rest; the core has copied it, and `resume()` goes on.
   */
  write(
    slot: number,
    pieces: Pieces,
    storedMs: number,
    presentationTicks: number,
    isKey: boolean,
    extension?: Uint8Array,
  ): boolean;
  /** Goes on after a block was released. True: nothing is kept any more. */
  resume(): boolean;
  /** Pads and closes the open packet, if there is one. */
  closePacket(): void;
  /** Whether a block is free beside the one being filled. */
  readonly hasFreeBlock: boolean;
  /** Whether a full block waits for `nextRange`. */
  readonly hasFullBlock: boolean;
  /** The next range: of a full block, or with `partial` of whatever is closed. */
  nextRange(partial: boolean): CoreRange | undefined;
  /** Packets closed so far. */
  readonly packetCount: number;
  /** Stored time in ms (preroll not included) of the earliest payload in packets not handed out yet; -1: none. */
  readonly heldMs: number;
  /** End of the last closed packet: its send time plus duration, ms. */
  readonly sendEndMs: number;
  /** Largest media object so far of a stream, bytes. */
  largestObjectBytes(slot: number): number;
  /** Tells `trace` of everything that it was not told of yet. */
  takeTrace(): void;
  /** Packet, counted from `firstPacket`, of the last key frame up to a stored time; 0 if there is none. */
  packetAt(request: Omit<IndexRequest, "intervalMs" | "endMs">, storedMs: number): number;
  /** The Simple Index entries (6 bytes each), in pieces of whole entries that are dead when the next one is asked for. */
  index(request: IndexRequest): IndexEntries;
}

/** The entries of one Simple Index. */
export interface IndexEntries {
  /** How many there are. */
  readonly entryCount: number;
  /** Largest packet count of an entry. */
  readonly maxPacketCount: number;
  /** Their bytes. */
  pieces(): Iterable<Uint8Array<ArrayBuffer>>;
}
