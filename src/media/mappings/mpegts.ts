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
import { mp3, type Mp3Facts } from "../codecs/mp3.ts";
import { MPEG1_MIN_RATE } from "../codecs/mp3_frame.ts";
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
