/**
 * Bits from the most significant down, as MPEG standards write them.
 *
 * @module
 */

/** Reads past the end yield zeros and set {@linkcode BitReader.exhausted}, so that a parser checks once. */
export class BitReader {
  readonly #bytes: Uint8Array;
  #position = 0;
  /** Whether anything was read that is not there, or a code had no end. */
  exhausted = false;

  /** @param bytes Where to read; nothing is copied. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Bits not read yet. */
  get bitsLeft(): number {
    return this.#bytes.byteLength * 8 - this.#position;
  }

  /** An unsigned number of `count` bits, 0…32. */
  bits(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++) value = value * 2 + this.bit();
    return value;
  }

  /** One bit. */
  bit(): number {
    if (this.bitsLeft <= 0) {
      this.exhausted = true;
      return 0;
    }
    const byte = this.#bytes[this.#position >> 3]!;
    return (byte >> (7 - (this.#position++ & 7))) & 1;
  }

  /** Leaves out `count` bits. */
  skip(count: number): void {
    if (count > this.bitsLeft) this.exhausted = true;
    this.#position = Math.min(this.#position + count, this.#bytes.byteLength * 8);
  }
}

/** Reads `ue(v)`, [H.264] 9.1: 0…2^32 - 2. */
export function unsignedGolomb(reader: BitReader): number {
  let zeros = 0;
  while (zeros <= 31 && !reader.exhausted && reader.bit() === 0) zeros++;
  if (zeros > 31) reader.exhausted = true;
  return reader.exhausted ? 0 : 2 ** zeros - 1 + reader.bits(zeros);
}

/** Reads `se(v)`, [H.264] 9.1.1. */
export function signedGolomb(reader: BitReader): number {
  const code = unsignedGolomb(reader);
  return code % 2 === 0 ? 0 - code / 2 : (code + 1) / 2;
}
