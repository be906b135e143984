/**
 * Vorbis: packets as they are, and the three headers, laced as Matroska has them.
 *
 * @module
 */

import type { ChunkMetadata } from "../sample.ts";
import type { AudioStream } from "../stream_config.ts";
import type { AudioCodec, AudioFacts } from "./codec.ts";
import { cannotDescribe, nonEmptyFraming, privateData } from "./common.ts";

/** FFmpeg's; the tags of the codec for Windows want one header and the others in the stream. */
export const VORBIS_TAG = 0x566F;
const NAME = "\x01vorbis";
/** Beside the name: version, channels, rate, three bit rates, block sizes, end mark ([Vorbis I] 4.2.2). */
const IDENTIFICATION_BYTES = 30;

/** The first header of a description: a 2, the sizes of two headers as sums of bytes, then all three. */
function findIdentification(description: Uint8Array): Uint8Array | undefined {
  let at = 1;
  let size = 0;
  for (let i = 0; i < 2; i++) {
    let length = 0;
    while (description[at] === 0xFF) length += description[at++]!;
    length += description[at++] ?? 0;
    if (i === 0) size = length;
  }
  const header = description.subarray(at, at + size);
  const isHeader = description[0] === 2 && header.byteLength >= IDENTIFICATION_BYTES &&
    [...NAME].every((letter, i) => header[i] === letter.charCodeAt(0));
  return isHeader ? header : undefined;
}

function parse(config: AudioStream, metadata?: ChunkMetadata): AudioFacts | undefined {
  const description = privateData(config, metadata);
  if (description.byteLength === 0) return undefined;
  const header = findIdentification(description);
  if (header === undefined) {
    throw cannotDescribe(config, "bad-media", "its Vorbis description does not hold the three headers");
  }
  const view = new DataView(header.buffer, header.byteOffset);
  const numberOfChannels = header[11]!;
  const sampleRate = view.getUint32(12, true);
  if (numberOfChannels === 0 || sampleRate === 0) {
    throw cannotDescribe(config, "bad-media", "its Vorbis description says no sample rate or channels");
  }
  const nominal = Math.max(0, view.getInt32(20, true));
  return {
    codecName: "Vorbis",
    sampleRate,
    numberOfChannels,
    usualBitrate: nominal || undefined,
    privateData: description,
    framing: nonEmptyFraming(config.streamNumber, "a Vorbis packet"),
  };
}

/** Vorbis. */
export const vorbis: AudioCodec = {
  matches: (codec) => codec === "vorbis" || codec === VORBIS_TAG,
  parse,
  missing: () => "Vorbis needs its three headers as description",
};
