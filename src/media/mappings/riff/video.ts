/**
 * Video codecs by their FourCCs. A new one is an entry here.
 *
 * @module
 */

import { av1 } from "../../codecs/av1.ts";
import { MAX_VIDEO_EXTRA_BYTES } from "../../codecs/checks.ts";
import { completeVideo, type VideoFacts } from "../../codecs/codec.ts";
import type { VideoDescription } from "../../codecs/description.ts";
import { h264, type H264Facts } from "../../codecs/h264.ts";
import { hevc, type HevcFacts } from "../../codecs/hevc.ts";
import { mjpeg } from "../../codecs/mjpeg.ts";
import { mpeg2, type MpegVideoFacts } from "../../codecs/mpeg2.ts";
import { mpeg4, MPEG4_FOURCCS } from "../../codecs/mpeg4.ts";
import { passedVideo } from "../../codecs/passed.ts";
import { vc1 } from "../../codecs/vc1.ts";
import { vp8 } from "../../codecs/vp8.ts";
import { vp9 } from "../../codecs/vp9.ts";
import { annexB } from "../../nal/annex_b.ts";
import type { VideoStream } from "../../stream_config.ts";
import type { CodecTable, Mapped, Mapping } from "../codec_table.ts";

/** Annex B is what the FourCC means to Windows, and every reader takes it. */
const H264 = "H264";
/**
 * What most readers take for HEVC: GStreamer knows no other, FFmpeg (in its later versions) and VLC know this one too.
 * Those that mean Annex B are kept as they come.
 */
const H265 = "H265";
const HEVC_ANNEX_B = [H265, "HEVC", "HEVS", "X265"];
/** Microsoft's decoder of the bit stream of MPEG-4 part 2. Others are kept as they come, since each has its decoder. */
const M4S2 = "M4S2";

const ENTRIES: readonly Mapping<VideoStream, string, VideoFacts, Mapped<string>>[] = [
  {
    codec: h264,
    names: "avc1.PPCCLL, avc3.PPCCLL",
    map: ({ nal }: H264Facts, { streamNumber }) => ({
      id: H264,
      privateData: nal.sets.toAnnexB(),
      framing: annexB(streamNumber, nal),
    }),
  },
  {
    codec: hevc,
    names: "hvc1.…, hev1.…",
    // No codec data: GStreamer takes any for an hvcC record, and gives up when it is none.
    map: ({ nal }: HevcFacts, { codec, streamNumber }) => ({
      id: HEVC_ANNEX_B.includes(codec.toUpperCase()) ? codec : H265,
      framing: annexB(streamNumber, nal),
    }),
  },
  { codec: vp8, names: "vp8", map: () => ({ id: "VP80" }) },
  { codec: vp9, names: "vp09.PP.LL.DD", map: () => ({ id: "VP90" }) },
  { codec: av1, names: "av01.P.LLT.DD", map: () => ({ id: "AV01" }) },
  {
    codec: mpeg4,
    names: "mp4v.20.N",
    map: (_facts, { codec }) => ({ id: MPEG4_FOURCCS.includes(codec.toUpperCase()) ? codec : M4S2 }),
  },
  {
    codec: mpeg2,
    names: "mp4v.61, mp4v.6A",
    map: ({ isMpeg2 }: MpegVideoFacts) => ({ id: isMpeg2 ? "MPG2" : "mpg1" }), // VLC knows one in capitals alone, one in small letters
  },
  { codec: mjpeg, names: "mjpeg", map: () => ({ id: "MJPG" }) },
  { codec: vc1, names: "vc1, WVC1", map: () => ({ id: "WVC1" }) },
  { codec: passedVideo, names: "a FourCC such as WMV3", map: (_facts, { codec }) => ({ id: codec }) },
];

/** Beside those of audio. */
export const RIFF_VIDEO: CodecTable<VideoStream, string, VideoFacts, Mapped<string>, VideoDescription> = {
  entries: ENTRIES,
  complete: completeVideo,
  maxPrivateBytes: MAX_VIDEO_EXTRA_BYTES,
};
