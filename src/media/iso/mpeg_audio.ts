/**
 * AAC and MP3 in sample entries of type mp4a ([ISO 14496-14] 5.6, [ISO 14496-1] 7.2.6: elementary stream descriptor).
 *
 * @module
 */

import { aac as aacTable } from "../codecs/aac.ts";
import { mp3 as mp3Table } from "../codecs/mp3.ts";
import { completeAudio } from "../codecs/codec.ts";
import type { AudioDescription } from "../codecs/description.ts";
import type { AudioStream } from "../stream_config.ts";
import type { AudioTrackDescription, IsoAudioCodec } from "./description.ts";

const OBJECT_AAC = 0x40;
const OBJECT_MPEG1_AUDIO = 0x6B;
const OBJECT_MPEG2_AUDIO = 0x69;
const MPEG1_MIN_RATE = 32_000;
/** Stream type 5, audio, and a reserved bit. */
const AUDIO_STREAM = 0x15;

const MP3_STRINGS = /^mp4a\.(40\.34|6b|69)$/i;

/** Tag, size in four bytes of seven bits, body. */
function descriptor(tag: number, body: readonly number[]): number[] {
  const size = body.length;
  return [tag, 0x80 | size >> 21 & 0x7F, 0x80 | size >> 14 & 0x7F, 0x80 | size >> 7 & 0x7F, size & 0x7F, ...body];
}

function u32(value: number): number[] {
  return [value >>> 24, value >>> 16 & 0xFF, value >>> 8 & 0xFF, value & 0xFF];
}

function elementaryStream(objectType: number, bitrate: number, specific: Uint8Array): Uint8Array {
  const decoder = descriptor(4, [
    ...[objectType, AUDIO_STREAM, 0, 0, 0, ...u32(bitrate), ...u32(bitrate)],
    ...specific.byteLength > 0 ? descriptor(5, [...specific]) : [],
  ]);
  return Uint8Array.from([0, 0, 0, 0, ...descriptor(3, [0, 0, 0, ...decoder, ...descriptor(6, [2])])]);
}

function describe(config: AudioStream, known: AudioDescription, objectType: number): AudioTrackDescription {
  const { codecName, sampleRate, numberOfChannels, framing, extraData, bitrateKnown, bytesPerSecond } = known;
  const bitrate = bitrateKnown ? bytesPerSecond * 8 : undefined;
  const specific = objectType === OBJECT_AAC ? extraData : new Uint8Array(0);
  return {
    kind: "audio",
    codecName,
    sampleEntry: "mp4a",
    config: { type: "esds", body: elementaryStream(objectType, Math.round(config.bitrate ?? 0), specific) },
    sampleRate,
    numberOfChannels,
    bitrate,
    framing,
  };
}

/** AAC, raw or in ADTS. */
export const aac: IsoAudioCodec = {
  name: "AAC (mp4a.40.2, mp4a.40.5, mp4a.40.29)",
  matches: (codec) => aacTable.matches(codec),
  describe(config, metadata, data) {
    const facts = aacTable.describe(config, metadata, data);
    return facts && describe(config, completeAudio(config, facts), OBJECT_AAC);
  },
  missing: "AAC needs an AudioSpecificConfig as description, or a first sample with an ADTS header",
};

/** MP3. */
export const mp3: IsoAudioCodec = {
  name: "MP3 (mp3, mp4a.6b)",
  matches: (codec) => mp3Table.matches(codec) || (typeof codec === "string" && MP3_STRINGS.test(codec)),
  describe(config, metadata, data) {
    const facts = mp3Table.describe(config, metadata, data);
    if (facts === undefined) return undefined;
    const known = completeAudio(config, facts);
    return describe(config, known, known.sampleRate >= MPEG1_MIN_RATE ? OBJECT_MPEG1_AUDIO : OBJECT_MPEG2_AUDIO);
  },
  missing: "MP3 needs its bitrate, or its first frame",
};
