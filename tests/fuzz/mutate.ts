/** Damages files: as transfers do, and as somebody would who knows where lengths stand. */

import type { Random } from "./random.ts";

/** Where most of what says how long things are stands. */
const HEAD_BYTES = 4096;
const MAX_MUTATIONS = 8;

/** Lengths and counts that have been wrong before. */
const NUMBERS = [
  0,
  1,
  2,
  7,
  8,
  23,
  24,
  25,
  63,
  64,
  127,
  128,
  255,
  256,
  4095,
  65_534,
  65_535,
  65_536,
  2 ** 24,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 2,
  2 ** 32 - 1,
  2 ** 53,
  2 ** 63,
  2 ** 64 - 1,
];

/** A damaged copy; `other` is a file to take pieces of. */
export function mutate(original: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  let bytes: Uint8Array = original.slice();
  for (let left = 1 + random.below(MAX_MUTATIONS); left > 0 && bytes.byteLength > 0; left--) {
    bytes = random.pick(MUTATIONS)(bytes, other, random);
  }
  return bytes;
}

type Mutation = (bytes: Uint8Array, other: Uint8Array, random: Random) => Uint8Array;

const MUTATIONS: readonly Mutation[] = [
  function flipBit(bytes, _, random) {
    const at = position(bytes, random);
    bytes[at] = bytes[at]! ^ 1 << random.below(8);
    return bytes;
  },
  function setNumber(bytes, _, random) {
    return put(bytes, random.pick(NUMBERS) + random.pick([0, 0, 1, -1]), random);
  },
  function setNumberAgain(bytes, _, random) {
    return put(bytes, Math.floor(bytes.byteLength * random.next() * 2), random);
  },
  function setNoise(bytes, _, random) {
    const at = position(bytes, random);
    const end = Math.min(bytes.byteLength, at + 1 + random.below(40));
    for (let i = at; i < end; i++) bytes[i] = random.below(256);
    return bytes;
  },
  function truncate(bytes, _, random) {
    return bytes.subarray(0, position(bytes, random));
  },
  function remove(bytes, _, random) {
    const at = position(bytes, random);
    return join(bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(300)));
  },
  function repeat(bytes, _, random) {
    const at = position(bytes, random);
    const piece = bytes.subarray(at, at + 1 + random.below(5000));
    return join(bytes.subarray(0, at), piece, bytes.subarray(at));
  },
  function move(bytes, _, random) {
    const from = position(bytes, random);
    const piece = bytes.slice(from, from + 1 + random.below(200));
    const at = position(bytes, random);
    bytes.set(piece.subarray(0, bytes.byteLength - at), at);
    return bytes;
  },
  function splice(bytes, other, random) {
    return join(bytes.subarray(0, position(bytes, random)), other.subarray(position(other, random)));
  },
];

function position(bytes: Uint8Array, random: Random): number {
  return random.below(random.next() < 0.6 ? Math.min(HEAD_BYTES, bytes.byteLength) : bytes.byteLength);
}

/** Writes a number of 1, 2, 4 or 8 bytes, in either order. */
function put(bytes: Uint8Array, value: number, random: Random): Uint8Array {
  const size = random.pick([1, 2, 4, 8]);
  const at = position(bytes, random);
  if (at + size > bytes.byteLength) return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, size);
  const isLittle = random.next() < 0.5;
  const big = BigInt.asUintN(8 * size, BigInt(value));
  if (size === 1) view.setUint8(0, Number(big));
  else if (size === 2) view.setUint16(0, Number(big), isLittle);
  else if (size === 4) view.setUint32(0, Number(big), isLittle);
  else view.setBigUint64(0, big, isLittle);
  return bytes;
}

function join(...parts: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}
