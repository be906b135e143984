/**
 * The audio codecs. A new one is a file with an entry, and a line here.
 *
 * @module
 */

import type { AudioStream } from "../stream_config.ts";
import { aac } from "./aac.ts";
import { ac3 } from "./ac3.ts";
import { MAX_AUDIO_EXTRA_BYTES } from "./checks.ts";
import { type AudioFacts, completeAudio } from "./codec.ts";
import type { AudioDescription } from "./description.ts";
import { flac } from "./flac.ts";
import { mp3 } from "./mp3.ts";
import { opus } from "./opus.ts";
import { passedAudio } from "./passed.ts";
import { pcm } from "./pcm.ts";
import { CodecTable } from "./table.ts";
import { vorbis } from "./vorbis.ts";
import { windowsMediaAudio } from "./windows_media.ts";

/** By itself for containers without video: they do not carry its codecs. */
export const AUDIO_CODECS: CodecTable<AudioStream, AudioFacts, AudioDescription> = /* @__PURE__ */ new CodecTable(
  [aac, mp3, ac3, flac, opus, vorbis, pcm, windowsMediaAudio, passedAudio],
  completeAudio,
  MAX_AUDIO_EXTRA_BYTES,
);
