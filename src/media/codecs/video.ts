/**
 * The video codecs. A new one is a file with an entry, and a line here.
 *
 * @module
 */

import type { VideoStream } from "../stream_config.ts";
import { av1 } from "./av1.ts";
import { MAX_VIDEO_EXTRA_BYTES } from "./checks.ts";
import { completeVideo, type VideoFacts } from "./codec.ts";
import type { VideoDescription } from "./description.ts";
import { h264 } from "./h264.ts";
import { hevc } from "./hevc.ts";
import { mjpeg } from "./mjpeg.ts";
import { mpeg2 } from "./mpeg2.ts";
import { mpeg4 } from "./mpeg4.ts";
import { passedVideo } from "./passed.ts";
import { CodecTable } from "./table.ts";
import { vc1 } from "./vc1.ts";
import { vp8, vp9 } from "./vpx.ts";

/** Beside those of audio. */
export const VIDEO_CODECS: CodecTable<VideoStream, VideoFacts, VideoDescription> = /* @__PURE__ */ new CodecTable(
  [h264, hevc, vp8, vp9, av1, mpeg4, mpeg2, mjpeg, vc1, passedVideo],
  completeVideo,
  MAX_VIDEO_EXTRA_BYTES,
);
