/** Bytes for the tests of media code: from hexadecimal, and written bit by bit. */

/** `"00 ff"` or `"00ff"`. */
export function fromHex(hex: string): Uint8Array<ArrayBuffer> {
  const digits = hex.replaceAll(/\s/g, "");
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) => parseInt(digits.slice(2 * i, 2 * i + 2), 16));
}

/** `"00ff"`. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** All bytes in one array. */
export function concat(...parts: (Uint8Array | readonly number[])[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** Writes what MPEG standards describe; the counterpart of a parser, sharing nothing with it. */
export class BitWriter {
  #bits = "";

  /** `u(count)`. */
  u(count: number, value: number): this {
    this.#bits += value.toString(2).padStart(count, "0");
    return this;
  }

  /** `ue(v)`. */
  ue(value: number): this {
    const code = (value + 1).toString(2);
    this.#bits += "0".repeat(code.length - 1) + code;
    return this;
  }

  /** `se(v)`. */
  se(value: number): this {
    return this.ue(value > 0 ? 2 * value - 1 : -2 * value);
  }

  /** The bytes, closed by a stop bit and zeros. */
  toRbsp(): number[] {
    const bits = this.#bits + "1";
    const padded = bits.padEnd(Math.ceil(bits.length / 8) * 8, "0");
    return (padded.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2));
  }

  /** The bytes with emulation prevention, as a NAL unit's payload. */
  toNalPayload(): number[] {
    const out: number[] = [];
    for (const byte of this.toRbsp()) {
      if (byte <= 3 && out.at(-1) === 0 && out.at(-2) === 0) out.push(3);
      out.push(byte);
    }
    return out;
  }
}
