/**
 * Where output goes: the seam between containers and bytes.
 *
 * @module
 */

/**
 * Whole units only (ASF packets, fMP4 fragments, TS packets): how many, of which size, when sent, where a reader may
 * start.
 */
export interface DataInfo {
  /** Size of each unit in bytes, if all are of one size. */
  unitBytes?: number;
  /** Number of units in this call. */
  unitCount: number;
  /** Number of the first unit, counted from the session's first. */
  firstUnit: number;
  /** Send time of the first unit, microseconds. */
  timestamp: number;
  /** Units in this call at which a reader may start, relative to `firstUnit`, ascending. */
  cleanPoints: readonly number[];
}

/**
 * Where output goes. Calls never overlap; a rejection fails this sink alone. What it can do (`patch`, limits) is read
 * after `open()`.
 *
 * `header` comes once, then `data` any number of times; at the finish `trailer`, `patch` and `sync` where the sink has
 * them, then `close`. `abort` may come at any time instead, also while another call, even `open`, has not come back. Either is the
 * last call; a sink whose `open` failed gets neither. A `durable` sink gets `patch` between calls of `data` too. If one
 * with `truncate` rejects because its medium is full, it gets `truncate`, `patch`, `trailer` and `close` after that: a
 * finished file of whole samples, shorter than it was meant to be.
 */
export interface Sink {
  /** Names of containers it can carry; default: any. */
  readonly containers?: readonly string[];
  /** Default false: `bytes` is a view, dead once the call has settled. True: the sink keeps them, and gets copies. */
  readonly keepsBytes?: boolean;
  /**
   * Default false. True: what it was given outlives the program, and is to be readable if that should end at any moment.
   * Data comes at least twice a second then, while there is any, and `patch` with it.
   */
  readonly durable?: boolean;
  /** Hold the caller back (default), skip to the next clean point, or give up. */
  readonly whenSlow?: "wait" | "drop" | "fail";
  /** Largest header it can take. */
  readonly maxHeaderBytes?: number;
  /** Largest unit it can take. */
  readonly maxPacketBytes?: number;
  /** Acquires what it needs. */
  open?(): void | Promise<void>;
  /** The header, in one piece; where holes are to be left in it, and `reserve` is there, in several with these between. */
  header(bytes: Uint8Array<ArrayBuffer>): void | Promise<void>;
  /** Whole units, back to back. */
  data(bytes: Uint8Array<ArrayBuffer>, info: DataInfo): void | Promise<void>;
  /**
   * Leaves `length` bytes out, which `patch` sets later: where they are read before, they are zero. Comes between pieces of
   * the header alone. Absent: zeros are written.
   */
  reserve?(length: number): void | Promise<void>;
  /**
   * What comes behind the data, an index in most containers, in pieces. Absent: it is left out, or the sink refused where a
   * file is worth nothing without.
   */
  trailer?(bytes: Uint8Array<ArrayBuffer>): void | Promise<void>;
  /** Replaces bytes written before; absent: the container's live form is written. */
  patch?(offset: number, bytes: Uint8Array<ArrayBuffer>): void | Promise<void>;
  /**
   * All that was written so far is on the medium before anything that follows. Absent: the sink cannot tell, or it does not
   * matter to it.
   */
  sync?(): void | Promise<void>;
  /** Cuts what was written to `length` bytes. */
  truncate?(length: number): void | Promise<void>;
  /** Everything was written: makes it durable and lets go. */
  close(): void | Promise<void>;
  /** Gives up and lets go; what was written stays where the medium keeps it. */
  abort(reason: unknown): void | Promise<void>;
}

/** What is accepted as a sink. A `WritableStream` that can seek (File System Access) is patched. */
export type SinkLike = Sink | WritableStream<Uint8Array<ArrayBuffer>>;

/** How a sink takes part in a session. */
export interface SinkOptions {
  /** The finish leaves the sink open, as in `pipeTo`. */
  preventClose?: boolean;
  /** Its failure is a warning, not a rejection, as long as another sink is left. */
  optional?: boolean;
  /**
   * It begins at the first clean point at or after this time, microseconds on the samples' own axis; default: at once. A
   * clean point is a key frame of video or, where no video is left, any sample.
   */
  from?: number;
  /** It is finished at the first clean point at or after this time, while the others go on; default: never. */
  until?: number;
}
