/** Bytes as a specification prints them. */
export function hex(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.fromHex(text.replaceAll(/\s/g, ""));
}

/** The other way round, 16 a line: a failed comparison then shows where. */
export function dump(bytes: Uint8Array): string {
  const pairs = bytes.toHex().match(/../g) ?? [];
  const lines: string[] = [];
  for (let i = 0; i < pairs.length; i += 16) lines.push(pairs.slice(i, i + 16).join(" "));
  return lines.join("\n");
}
