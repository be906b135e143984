/**
 * NAL units ([H.264] 7.3.1, [H.265] 7.3.1): what H.264 and HEVC tell them apart by.
 *
 * @module
 */

/** What tells the NAL units of one standard apart. */
export interface NalSyntax<Sps = unknown> {
  /** For messages: `"H.264"`. */
  readonly name: string;
  /** `nal_unit_type` of the sequence parameter set. */
  readonly spsType: number;
  /** Types of the parameter sets, in the order in which they are sent. */
  readonly setTypes: readonly number[];
  /** Type of the access unit delimiter. */
  readonly delimiterType: number;
  /** `nal_unit_type` from a NAL unit's first byte. */
  typeOf(firstByte: number): number;
  /** Whether a type is a slice of a coded picture: behind the first one come no parameter sets of its unit. */
  isSlice(type: number): boolean;
  /** The number that a parameter set goes by; `undefined` when it cannot be read, or is none. */
  readId(nal: Uint8Array): number | undefined;
  /** Reads a sequence parameter set, NAL header included; `undefined` when it cannot be. */
  parseSps(nal: Uint8Array): Sps | undefined;
  /** Type of the box that holds its decoder configuration record: `"avcC"`. */
  readonly recordName: string;
  /**
   * Visits the NAL units in a decoder configuration record; answers the size of NAL unit lengths, 1, 2 or 4, or `undefined`,
   * perhaps after some, if it is no such record.
   */
  readRecord(record: Uint8Array, visit: (start: number, end: number) => void): number | undefined;
}

/** Takes the emulation prevention bytes out ([H.264] 7.3.1) of the first `maxBytes` bytes. */
export function toRbsp(nal: Uint8Array, maxBytes = 4096): Uint8Array {
  const length = Math.min(nal.byteLength, maxBytes);
  const rbsp = new Uint8Array(length);
  let size = 0;
  for (let i = 0, zeros = 0; i < length; i++) {
    const byte = nal[i]!;
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    rbsp[size++] = byte;
  }
  return rbsp.subarray(0, size);
}
