/**
 * The packets that a player gets at once when it joins late: everything since the last key frame, or the last second of
 * sound. A player that joins in the first group of pictures gets the broadcast from its beginning.
 *
 * @module
 */

/** Above this a player waits for the next key frame instead. */
const MAX_BYTES = 16 << 20;
/** Sound can begin anywhere. */
const SOUND_MS = 1_000;

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

/** See the module's text. */
export class GopCache {
  readonly #hasKeyFrames: boolean;
  #packets: Published[] = [];
  #byteCount = 0;
  /** Before the first key frame. */
  #isBeginning = true;

  constructor(hasKeyFrames: boolean) {
    this.#hasKeyFrames = hasKeyFrames;
  }

  /** What a player can begin with; possibly none. */
  get packets(): readonly Published[] {
    return this.#packets;
  }

  get byteCount(): number {
    return this.#byteCount;
  }

  /** Whether a player that has got nothing yet can do something with this packet, which comes next. */
  canBegin({ isClean, isIndependent }: Published): boolean {
    return isClean || !this.#hasKeyFrames || (this.#isBeginning && isIndependent);
  }

  add(packet: Published): void {
    if (packet.isClean && this.#hasKeyFrames && !this.#isBeginning) this.#clear();
    if (this.#packets.length === 0 && !this.canBegin(packet)) return;
    if (packet.isClean) this.#isBeginning = false;
    this.#packets.push(packet);
    this.#byteCount += packet.framed.byteLength;
    if (!this.#hasKeyFrames) this.#forgetSound(packet.sendTimeMs - SOUND_MS);
    if (this.#byteCount > MAX_BYTES) this.#clear();
  }

  /** Drops what is older, as far as what is left begins at a clean point. */
  #forgetSound(before: number): void {
    let first = 0;
    for (let i = 0; i < this.#packets.length && this.#packets[i]!.sendTimeMs < before; i++) {
      if (this.#packets[i + 1]?.isClean) first = i + 1;
    }
    for (const { framed } of this.#packets.splice(0, first)) this.#byteCount -= framed.byteLength;
  }

  #clear(): void {
    this.#packets = [];
    this.#byteCount = 0;
  }
}
