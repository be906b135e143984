/**
 * Start codes ([H.264] Annex B), which MPEG video of every generation has, and the NAL units between them.
 *
 * @module
 */

/** Start code with its zero byte; without it from 1 on. */
export const START_CODE = /* @__PURE__ */ new Uint8Array([0, 0, 0, 1]);

/** Position of the next `00 00 01` at or behind `from`; the end when there is none. */
export function findStartCode(data: Uint8Array, from: number): number {
  const last = data.byteLength - 3;
  for (let i = from; i <= last;) {
    const third = data[i + 2]!;
    if (third > 1) i += 3;
    else if (third === 0) i += 1;
    else if (data[i] === 0 && data[i + 1] === 0) return i;
    else i += 3;
  }
  return data.byteLength;
}

/** Position of the first start code at or behind `from` whose next byte is wanted; the end when there is none. */
export function findCode(data: Uint8Array, from: number, isWanted: (code: number) => boolean): number {
  let at = findStartCode(data, from);
  while (at < data.byteLength && !isWanted(data[at + 3] ?? -1)) at = findStartCode(data, at + 3);
  return at;
}

/** Whether data begins with a start code, leading zeros allowed. */
export function beginsWithStartCode(data: Uint8Array): boolean {
  let at = 0;
  while (at < data.byteLength && data[at] === 0) at++;
  return at >= 2 && data[at] === 1;
}

/** Walks the NAL units of a byte stream, looking no further than asked. One object serves unit after unit. */
export class StartCodeWalk {
  #data: Uint8Array = START_CODE;
  /** The start code last found; the next one where it lies at or behind `start`. */
  #code = -1;
  /** First byte of the NAL unit. */
  start = 0;

  /** Goes to the front of other data. */
  reset(data: Uint8Array): void {
    this.#data = data;
    this.#code = -1;
    this.start = 0;
  }

  /**
   * Advances to the next NAL unit; false at the end. Empty ones are left out: nothing but zeros stands between two start
   * codes. A NAL unit of HEVC may begin with a zero, and has a second byte that is none.
   */
  next(): boolean {
    const data = this.#data;
    do {
      if (this.#code < this.start) this.#code = findStartCode(data, this.start);
      this.start = this.#code + 3;
      if (this.start >= data.byteLength) return false;
    } while (data[this.start] === 0 && !data[this.start + 1]);
    return true;
  }

  /** What holds the NAL unit's type. */
  get firstByte(): number {
    return this.#data[this.start]!;
  }

  /** End of the NAL unit, exclusive, without the zeros that follow it; looked for when asked. */
  findEnd(): number {
    if (this.#code < this.start) this.#code = findStartCode(this.#data, this.start);
    let end = this.#code;
    while (this.#data[end - 1] === 0) end--;
    return end;
  }
}
