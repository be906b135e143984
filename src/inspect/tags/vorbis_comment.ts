/**
 * Vorbis comments, which FLAC and Ogg have ([Vorbis I] 5.2), and pictures as FLAC has them ([RFC 9639] 8.8).
 *
 * @module
 */

/** What a comment header says. */
export interface VorbisComments {
  readonly vendor: string;
  /** Names as they are written, and texts. */
  readonly comments: readonly (readonly [name: string, text: string])[];
  /** What is wrong with it. */
  readonly problem?: string;
}

const MAX_COUNT = 65_536;

/** Reads comments, from the length of the vendor's name on. */
export function readVorbisComments(bytes: Uint8Array): VorbisComments {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = new TextDecoder();
  let at = 0;
  const next = (): string | undefined => {
    if (at + 4 > bytes.byteLength) return undefined;
    const end = at + 4 + view.getUint32(at, true);
    if (end > bytes.byteLength) return undefined;
    const value = text.decode(bytes.subarray(at + 4, end));
    at = end;
    return value;
  };
  const vendor = next();
  const comments: [string, string][] = [];
  const count = at + 4 <= bytes.byteLength ? view.getUint32(at, true) : 0;
  at += 4;
  for (let i = 0; i < Math.min(count, MAX_COUNT); i++) {
    const comment = next();
    if (comment === undefined) {
      return { vendor: vendor ?? "", comments, problem: `${comments.length} of ${count} comments are there` };
    }
    const equals = comment.indexOf("=");
    if (equals > 0) comments.push([comment.slice(0, equals), comment.slice(equals + 1)]);
  }
  return { vendor: vendor ?? "", comments };
}

/** A picture with what it shows. */
export interface FlacPicture {
  readonly type: number;
  readonly mimeType: string;
  readonly description: string;
  readonly data: Uint8Array;
}

/** Reads a picture; `undefined` where it is damaged. */
export function readFlacPicture(bytes: Uint8Array): FlacPicture | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const word = (at: number) => at + 4 <= bytes.byteLength ? view.getUint32(at) : Infinity;
  const nameEnd = 8 + word(4);
  const textEnd = nameEnd + 4 + word(nameEnd);
  const start = textEnd + 20;
  const end = start + word(textEnd + 16);
  if (!(end <= bytes.byteLength)) return undefined;
  return {
    type: word(0),
    mimeType: new TextDecoder().decode(bytes.subarray(8, nameEnd)),
    description: new TextDecoder().decode(bytes.subarray(nameEnd + 4, textEnd)),
    data: bytes.subarray(start, end),
  };
}
