/** Bytes as a specification prints them. */
export function hex(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text.trim().split(/\s+/).filter((pair) => pair !== ""), (pair) => parseInt(pair, 16));
}

/** The other way round, 16 a line: a failed comparison then shows where. */
export function dump(bytes: Uint8Array): string {
  const pairs = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0"));
  const lines: string[] = [];
  for (let i = 0; i < pairs.length; i += 16) lines.push(pairs.slice(i, i + 16).join(" "));
  return lines.join("\n");
}
