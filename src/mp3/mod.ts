/**
 * MP3: .mp3 files and streams.
 *
 * @module
 */

import { Mp3Muxer } from "./muxer.ts";
import { checkCodec, checkInteger, checkReserve, checkSingleAudio } from "../container/checks.ts";
import { lostMetadata } from "../container/losses.ts";
import type { Container, Muxer, NumberedStream } from "../container/container.ts";
import { mp3 as mp3Codec } from "../media/codecs/mp3.ts";
import type { StreamConfig } from "../media/stream_config.ts";

export type { Container } from "../container/container.ts";

const CREATE_MP3 = "Cannot create MP3 container";

/** What can be chosen about an MP3 file. */
export interface Mp3Options {
  /** Version of the ID3v2 tag: 3 (default), with text in UTF-16, which everything reads; 4 with UTF-8. */
  id3Version?: 3 | 4;
  /**
   * Bytes kept free in the tag of a file that is completed at the end, for metadata that is only known then; default
   * 1024, at most 16 MiB.
   */
  headerReserveBytes?: number;
}

/**
 * The MP3 container: one stream of MPEG layer III frames, behind an ID3v2 tag with the metadata and their pictures.
 *
 * A sink that can be patched gets a Xing frame (Info, where the bit rate is constant) in front: number of frames, bytes,
 * and a table for seeking; where `trimStart` says what the encoder and the decoder put in front, 529 samples at least, LAME's
 * tag too, by which readers cut that and `trimEnd`. There are no times in it: frames lie back to back, a gap closes.
 *
 * @example
 * ```ts
 * import { mp3 } from "@muxwell/muxwell";
 *
 * const container = mp3({ id3Version: 4 });
 * console.log(container.check([{ kind: "audio", codec: "mp3", sampleRate: 44100, numberOfChannels: 2 }])); // []
 * ```
 *
 * @param options See {@linkcode Mp3Options}; every option has a default.
 * @throws {TypeError} If an option is not of its type.
 * @throws {RangeError} If an option is outside its range.
 */
export function mp3(options: Mp3Options = {}): Container {
  const { id3Version = 3, headerReserveBytes = 1024 } = options;
  checkInteger(CREATE_MP3, "id3Version", id3Version, 3, 4);
  checkReserve(CREATE_MP3, headerReserveBytes);
  return {
    name: "mp3",
    extensions: [".mp3"],
    mimeType: () => "audio/mpeg",
    check: (streams: readonly StreamConfig[]) =>
      checkSingleAudio(
        "MP3",
        streams,
        (stream) => checkCodec("MP3", stream, mp3Codec.matches(stream.codec), "MP3", "MP3 (mp3, 0x0055)"),
      ),
    losses: (_streams, metadata) =>
      lostMetadata("MP3", metadata, (field) => field !== "markers" && field !== "scripts"),
    trims: true,
    createMuxer: (streams: readonly NumberedStream[]): Muxer =>
      new Mp3Muxer(streams[0]!, { id3Version, headerReserveBytes }),
  };
}
