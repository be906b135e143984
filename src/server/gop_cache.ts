/**
 * The packets that a player gets at once when it joins late: everything since the last key frame, or the last second of
 * sound. A player that joins in the first group of pictures gets the broadcast from its beginning.
 *
 * @module
 */

/** Above this a player waits for the next key frame instead. Of memory: packets may be small. */
const MAX_HELD_BYTES = 24 << 20;
/** Sound can begin anywhere. */
const SOUND_MS = 1_000;
/** What memory keeps of a packet beside its bytes: two views, their buffer, the object and its places in lists. */
export const PACKET_OVERHEAD_BYTES = 800;

/** A packet as players get it. */
export interface Published {
  /** Framed. */
  readonly framed: Uint8Array<ArrayBuffer>;
  /** The packet in it: one view for all who get no frames. */
  readonly plain: Uint8Array<ArrayBuffer>;
  readonly sendTimeMs: number;
  /** Whether a player may begin here. */
  readonly isClean: boolean;
  /** Whether there is nothing in it that needs a key frame first. */
  readonly isIndependent: boolean;
}

/** Invariant: `add` takes amortised constant time, whatever the packets say. */
export class GopCache {
  readonly #hasKeyFrames: boolean;
  /** Those before `#first` are given up, and `undefined`. */
  #packets: (Published | undefined)[] = [];
  #first = 0;
  /** Sound: those before this are old enough to be given up, if a player can begin behind them. */
  #old = 0;
  #byteCount = 0;
  /** Before the first key frame. */
  #isBeginning = true;

  constructor(hasKeyFrames: boolean) {
    this.#hasKeyFrames = hasKeyFrames;
  }

  /** What a player can begin with; possibly none. */
  get packets(): readonly Published[] {
    return this.#packets.slice(this.#first) as Published[];
  }

  get isEmpty(): boolean {
    return this.#first === this.#packets.length;
  }

  /** Framed. */
  get byteCount(): number {
    return this.#byteCount;
  }

  /** With what memory takes beside them. */
  get heldBytes(): number {
    return this.#byteCount + (this.#packets.length - this.#first) * PACKET_OVERHEAD_BYTES;
  }

  /** Whether a player that has got nothing yet can do something with this packet, which comes next. */
  canBegin({ isClean, isIndependent }: Published): boolean {
    return isClean || !this.#hasKeyFrames || (this.#isBeginning && isIndependent);
  }

  add(packet: Published): void {
    if (packet.isClean && this.#hasKeyFrames && !this.#isBeginning) this.#clear();
    if (this.isEmpty && !this.canBegin(packet)) return;
    if (packet.isClean) this.#isBeginning = false;
    this.#packets.push(packet);
    this.#byteCount += packet.framed.byteLength;
    if (!this.#hasKeyFrames) this.#forgetSound(packet.sendTimeMs - SOUND_MS);
    if (this.heldBytes > MAX_HELD_BYTES) this.#clear();
  }

  /** Drops what is older, as far as what is left begins at a clean point. */
  #forgetSound(before: number): void {
    for (; this.#old < this.#packets.length && this.#packets[this.#old]!.sendTimeMs < before; this.#old++) {
      if (this.#packets[this.#old + 1]?.isClean) this.#dropTo(this.#old + 1);
    }
    // Half of the list at a time: each packet moves once.
    if (this.#first < this.#packets.length >> 1) return;
    this.#packets = this.#packets.slice(this.#first);
    this.#old -= this.#first;
    this.#first = 0;
  }

  #dropTo(end: number): void {
    for (; this.#first < end; this.#first++) {
      this.#byteCount -= this.#packets[this.#first]!.framed.byteLength;
      this.#packets[this.#first] = undefined;
    }
  }

  #clear(): void {
    this.#packets = [];
    this.#first = 0;
    this.#old = 0;
    this.#byteCount = 0;
  }
}
