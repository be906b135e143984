/**
 * What a source is, by its first bytes; never by its name.
 *
 * @module
 */

/** How many bytes {@linkcode readerFor} and {@linkcode describeHead} look at. */
export const HEAD_BYTES = 4096;

/** Who reads what. */
export type ReaderKind = "asf" | "wave" | "matroska" | "mp4" | "ogg" | "flac" | "mpegts" | "mp3" | "adts" | "none";

/** The Header Object's GUID ([ASF] 3.1), as stored. */
const ASF_HEADER = "30 26 b2 75 8e 66 cf 11 a6 d9 00 aa 00 62 ce 6c";

/** The ID of an EBML header, as Matroska and WebM begin. */
const EBML_HEADER = "1a 45 df a3";

/** Formats that people hand in and nothing here reads; some hold MP3 frames and would be taken for an MP3 file. */
const FOREIGN: Readonly<Record<string, string>> = {
  "46 4c 56 01": "a Flash video",
  "2e 52 4d 46": "a RealMedia file",
  "46 4f 52 4d": "an AIFF file",
  "4d 54 68 64": "a MIDI file",
  "23 21 41 4d 52": "an AMR file",
  "00 00 01 ba": "an MPEG program stream",
  "23 45 58 54 4d 33 55": "a playlist",
  "5b 70 6c 61 79 6c 69 73 74 5d": "a playlist",
  "89 50 4e 47": "a PNG picture",
  "ff d8 ff": "a JPEG picture",
  "47 49 46 38": "a GIF picture",
  "25 50 44 46": "a PDF document",
  "50 4b 03 04": "a ZIP archive",
};

/** Beginnings too short to rule anything out: a name for what nobody could read. */
const GUESSES: Readonly<Record<string, string>> = {
  "00 00 00 01": "a bare video stream without a container",
  "00 00 01": "a bare video stream without a container",
  "0b 77": "a bare AC-3 stream",
  "1f 8b": "a gzip archive",
};

/** Which reader takes a source that begins like this; "search": bare frames or packets, if any. */
export function readerFor(head: Uint8Array): ReaderKind | "search" {
  if (startsWith(head, ASF_HEADER)) return "asf";
  if (startsWith(head, EBML_HEADER)) return "matroska";
  if (isRiff(head)) return ascii(head, 8, 12) === "WAVE" ? "wave" : "none";
  if (isMp4(head)) return "mp4";
  if (ascii(head, 0, 4) === "OggS") return "ogg";
  if (ascii(head, 0, 4) === "fLaC") return "flac";
  return find(FOREIGN, head) !== undefined ? "none" : "search";
}

/** What a source that nobody reads looks like, for a message. */
export function describeHead(head: Uint8Array): string {
  if (head.byteLength === 0) return "it is empty";
  if (isRiff(head)) return `found a RIFF file of type "${ascii(head, 8, 12).trimEnd()}"`;
  const name = find(FOREIGN, head) ?? find(GUESSES, head) ?? (isText(head) ? "text" : undefined);
  if (name !== undefined) return `found ${name}`;
  const bytes = [...head.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, "0"));
  return `it begins with ${bytes.join(" ")}, which is no format known here`;
}

/** Bytes as characters; what lies outside reads as nothing. */
export function ascii(bytes: Uint8Array, start: number, end: number): string {
  return String.fromCharCode(...bytes.subarray(start, end));
}

/** Old QuickTime files begin with any of their boxes. */
const FIRST_BOXES: ReadonlySet<string> = new Set(
  ["ftyp", "styp", "moov", "moof", "mdat", "wide", "free", "skip", "pnot", "sidx"],
);

function isMp4(head: Uint8Array): boolean {
  return FIRST_BOXES.has(ascii(head, 4, 8));
}

function isRiff(head: Uint8Array): boolean {
  return ["RIFF", "RIFX", "RF64", "BW64"].includes(ascii(head, 0, 4));
}

function find(table: Readonly<Record<string, string>>, head: Uint8Array): string | undefined {
  for (const bytes in table) if (startsWith(head, bytes)) return table[bytes];
  return undefined;
}

function startsWith(head: Uint8Array, hex: string): boolean {
  return hex.split(" ").every((byte, i) => head[i] === parseInt(byte, 16));
}

function isText(head: Uint8Array): boolean {
  return head.every((byte) => byte >= 0x20 && byte !== 0x7F || byte >= 0x09 && byte <= 0x0D);
}
