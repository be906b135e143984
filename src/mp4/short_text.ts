/** Text in UTF-8, cut behind a whole character where it has more than so many bytes. */
export function shortText(text: string, maxBytes: number): Uint8Array {
  const bytes = new Uint8Array(maxBytes);
  return bytes.subarray(0, new TextEncoder().encodeInto(text, bytes).written);
}
