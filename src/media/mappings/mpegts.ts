/**
 * Codecs in MPEG-2 transport streams: the type of a stream, and the descriptors of its own ([ISO 13818-1] 2.4.4.10, 2.6).
 * A new one is an entry in one of the two lists.
 *
 * @module
 */

import { aac, type AacFacts } from "../codecs/aac.ts";
import { ac3, type Ac3Facts } from "../codecs/ac3.ts";
import { adtsFraming } from "../codecs/adts.ts";
import { type AudioFacts, completeAudio, completeVideo, type VideoFacts } from "../codecs/codec.ts";
import type { AudioDescription, VideoDescription } from "../codecs/description.ts";
import { h264, type H264Facts } from "../codecs/h264.ts";
import { hevc, type HevcFacts } from "../codecs/hevc.ts";
import { mp2, type Mp2Facts } from "../codecs/mp2.ts";
import { mp3, type Mp3Facts } from "../codecs/mp3.ts";
import { MPEG1_MIN_RATE } from "../codecs/mp3_frame.ts";
import { mpeg2, type MpegVideoFacts, SEQUENCE_HEADER } from "../codecs/mpeg2.ts";
import { opus, type OpusFacts } from "../codecs/opus.ts";
import type { Framing } from "../framing.ts";
import { annexB } from "../nal/annex_b.ts";
import type { AudioStream, CodedStream, VideoStream } from "../stream_config.ts";
import type { CodecTable, Mapped, Mapping } from "./codec_table.ts";

/** What a codec is there: `id` is the `stream_type`. */
export interface MpegtsMapped extends Mapped<number> {
  /** Of PES packets: a group that its streams number themselves in, or the one of private streams. */
  readonly streamId: number;
  /** Descriptors in the program map, each with its tag and size. */
  readonly descriptors?: readonly number[];
}

const VIDEO_ID = 0xE0;
const AUDIO_ID = 0xC0;
/** `private_stream_1`: its streams do not number themselves. */
export const PRIVATE_ID = 0xBD;

/** `registration_descriptor`: four letters. */
function registration(letters: string): number[] {
  return [5, 4, ...Array.from(letters, (letter) => letter.charCodeAt(0))];
}

/** The sequence header in front of key frames that lack it, so that a reader may begin there. */
function sequenceFraming(sequence: Uint8Array, framing: Framing): Framing {
  return (data, isKey, out) => {
    const hasOwn = data[0] === 0 && data[1] === 0 && data[2] === 1 && data[3] === SEQUENCE_HEADER;
    if (isKey && !hasOwn) out.add(sequence);
    framing(data, isKey, out);
  };
}

/**
 * A control header in front of each packet ([Opus in MPEG-2 TS] 4): a prefix, how many samples at the beginning are left
 * out, in the first, and the size.
 */
function opusFraming(codecDelay: number, framing: Framing): Framing {
  let skipped = Math.min(codecDelay, 0x1FFF);
  return (data, isKey, out) => {
    const control = [0x7F, skipped > 0 ? 0xF0 : 0xE0];
    let size = data.byteLength;
    for (; size >= 255; size -= 255) control.push(255);
    control.push(size);
    if (skipped > 0) control.push(skipped >> 8, skipped & 0xFF);
    out.add(Uint8Array.from(control));
    framing(data, isKey, out);
    skipped = 0;
  };
}

/** Access unit delimiters that allow any kind of slice. */
const H264_DELIMITER = /* @__PURE__ */ Uint8Array.of(0, 0, 0, 1, 0x09, 0xF0);
const HEVC_DELIMITER = /* @__PURE__ */ Uint8Array.of(0, 0, 0, 1, 0x46, 0x01, 0x50);

const VIDEO_ENTRIES: readonly Mapping<VideoStream, string, VideoFacts, MpegtsMapped>[] = [
  {
    codec: h264,
    names: "H.264 (avc1.PPCCLL, avc3.PPCCLL)",
    map: ({ nal }: H264Facts, { streamNumber }) => ({
      id: 0x1B,
      streamId: VIDEO_ID,
      framing: annexB(streamNumber, nal, H264_DELIMITER),
    }),
  },
  {
    codec: hevc,
    names: "HEVC (hvc1, hev1)",
    map: ({ nal }: HevcFacts, { streamNumber }) => ({
      id: 0x24,
      streamId: VIDEO_ID,
      descriptors: registration("HEVC"),
      framing: annexB(streamNumber, nal, HEVC_DELIMITER),
    }),
  },
  {
    codec: mpeg2,
    names: "MPEG-2 (mp4v.61), MPEG-1 (mp4v.6A)",
    map: ({ isMpeg2, privateData, framing }: MpegVideoFacts) => ({
      id: isMpeg2 ? 0x02 : 0x01,
      streamId: VIDEO_ID,
      framing: sequenceFraming(privateData!.slice(), framing!),
    }),
  },
];

const AUDIO_ENTRIES: readonly Mapping<AudioStream, string | number, AudioFacts, MpegtsMapped>[] = [
  {
    codec: aac,
    names: "AAC (mp4a.40.2, mp4a.40.5, mp4a.40.29)",
    map: ({ privateData, framing }: AacFacts, config) => ({
      id: 0x0F,
      streamId: AUDIO_ID,
      framing: adtsFraming(config, privateData, framing),
    }),
  },
  {
    codec: mp3,
    names: "MP3 (mp3)",
    map: ({ sampleRate }: Mp3Facts) => ({ id: sampleRate >= MPEG1_MIN_RATE ? 0x03 : 0x04, streamId: AUDIO_ID }),
  },
  {
    codec: mp2,
    names: "MP2 (mp2, 0x0050)",
    map: ({ isMpeg1 }: Mp2Facts) => ({ id: isMpeg1 ? 0x03 : 0x04, streamId: AUDIO_ID }),
  },
  {
    codec: opus,
    names: "Opus (opus)",
    matches: (codec) => codec === "opus",
    map: ({ numberOfChannels, codecDelay = 0, framing }: OpusFacts) => ({
      id: 0x06,
      streamId: PRIVATE_ID,
      // Behind the registration an extension descriptor: how many channels, in the order of Vorbis.
      descriptors: [...registration("Opus"), 0x7F, 2, 0x80, numberOfChannels],
      framing: opusFraming(codecDelay, framing!),
    }),
  },
  {
    codec: ac3,
    names: "AC-3 (ac-3), E-AC-3 (ec-3)",
    map: ({ record }: Ac3Facts) => ({
      id: record ? 0x81 : 0x87,
      streamId: PRIVATE_ID,
      descriptors: registration(record ? "AC-3" : "EAC3"),
    }),
  },
];

/** Video there. */
export const MPEGTS_VIDEO: CodecTable<VideoStream, string, VideoFacts, MpegtsMapped, VideoDescription> = {
  entries: VIDEO_ENTRIES,
  complete: completeVideo,
};

/** Audio there. */
export const MPEGTS_AUDIO: CodecTable<AudioStream, string | number, AudioFacts, MpegtsMapped, AudioDescription> = {
  entries: AUDIO_ENTRIES,
  complete: completeAudio,
};

/** A described stream. */
export type MpegtsDescription = (VideoDescription | AudioDescription) & MpegtsMapped;

/** The table of a kind. */
export function mpegtsTable(
  kind: CodedStream["kind"],
): CodecTable<CodedStream, string | number, object, MpegtsMapped, VideoDescription | AudioDescription> {
  return kind === "video" ? MPEGTS_VIDEO : MPEGTS_AUDIO;
}
