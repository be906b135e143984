/**
 * Where the objects of a stream begin, and which time codes they have.
 *
 * @module
 */

/** Beyond this many, entries are not kept: a hostile file has one every 20 bytes. */
const MAX_ENTRY_COUNT = 1 << 22;
const NO_KEY = 0xffff_ffff;

/** Where objects begin: time, packet, packets spanned. Grows with what came, up to a limit. */
export class ObjectTable {
  /** How many there are. */
  count = 0;
  /** Whether some were not kept. */
  isCut = false;
  #times = new Uint32Array(64);
  #packets = new Uint32Array(64);
  #spans = new Uint32Array(64);
  #keys = new Uint32Array(64);
  #lastKey = NO_KEY;

  /** Notes one object. */
  append(timeMs: number, packet: number, span: number, isKey: boolean): void {
    if (this.count === MAX_ENTRY_COUNT) {
      this.isCut = true;
      return;
    }
    if (this.count === this.#times.length) {
      this.#times = doubled(this.#times);
      this.#packets = doubled(this.#packets);
      this.#spans = doubled(this.#spans);
      this.#keys = doubled(this.#keys);
    }
    if (isKey) this.#lastKey = this.count;
    this.#keys[this.count] = this.#lastKey;
    this.#times[this.count] = timeMs;
    this.#packets[this.count] = packet;
    this.#spans[this.count] = span;
    this.count++;
  }

  /** Packet with the beginning of the first one; 0: there is none. */
  get first(): number {
    return this.#packets[0]!;
  }

  /** Presentation time as stored, preroll included. */
  timeMs(at: number): number {
    return this.#times[at]!;
  }

  /** Packet with the first fragment. */
  packet(at: number): number {
    return this.#packets[at]!;
  }

  /** Packets from there to the last fragment, both included. */
  span(at: number): number {
    return this.#spans[at]!;
  }

  /** The last key frame up to there; -1: there is none. */
  lastKey(at: number): number {
    const key = this.#keys[at]!;
    return key === NO_KEY ? -1 : key;
  }
}

/** SMPTE time codes of objects, in the order of these. */
export class TimecodeTable {
  #codes = new Uint32Array(64);
  #ranges = new Uint32Array(64);

  /** Notes that of one object, which may have none. */
  set(object: number, range: number, timecode: number): void {
    if (object >= MAX_ENTRY_COUNT) return;
    while (object >= this.#codes.length) {
      this.#codes = doubled(this.#codes);
      this.#ranges = doubled(this.#ranges);
    }
    this.#codes[object] = timecode;
    this.#ranges[object] = range + 1; // 0: none
  }

  /** Whether an object has one. */
  has(object: number): boolean {
    return (this.#ranges[object] ?? 0) > 0;
  }

  /** The range of that of an object which has one … */
  range(object: number): number {
    return this.#ranges[object]! - 1;
  }

  /** … and the time code itself, BCD 0xHHMMSSFF. */
  timecode(object: number): number {
    return this.#codes[object]!;
  }

  /** Which of two objects comes first by range and time code. */
  compare(a: number, b: number): number {
    return this.#ranges[a]! - this.#ranges[b]! || this.#codes[a]! - this.#codes[b]!;
  }
}

function doubled(array: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(2 * array.length);
  larger.set(array);
  return larger;
}
