/**
 * Stretches of bytes, compared and joined.
 *
 * @module
 */

/** Compares `a` with `b[start..end)`. */
export function equalBytes(a: Uint8Array, b: Uint8Array, start = 0, end = b.byteLength): boolean {
  if (a.byteLength !== end - start) return false;
  for (let i = 0; i < a.byteLength; i++) if (a[i] !== b[start + i]) return false;
  return true;
}

/** All parts, back to back, in memory of their own. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.byteLength;
  }
  return joined;
}
