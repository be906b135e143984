/**
 * FLAC: .flac files and streams.
 *
 * @module
 */

import { checkCodec, checkReserve, checkSingleAudio } from "../container/checks.ts";
import type { Container, Muxer, NumberedStream } from "../container/container.ts";
import { lostMetadata } from "../container/losses.ts";
import { flac as flacCodec } from "../media/codecs/flac.ts";
import type { StreamConfig } from "../media/stream_config.ts";
import { hasComment } from "../media/vorbis_comment.ts";
import { FlacMuxer } from "./muxer.ts";

export type { Container } from "../container/container.ts";

const CREATE_FLAC = "Cannot create FLAC container";

/** What can be chosen about a FLAC file. */
export interface FlacOptions {
  /**
   * Bytes kept free in the header of a file that is completed at the end, for metadata that is only known then; default
   * 1024, at most 16 MiB.
   */
  headerReserveBytes?: number;
}

/**
 * The FLAC container: one stream of FLAC frames, behind their description, comments and pictures.
 *
 * A sink that can be patched gets the sizes of blocks and frames, the number of samples and a seek table at the end, and
 * keeps the checksum of the description where all samples came that it speaks of; any other gets what holds for a stream of
 * unknown length. There are no times in it: frames lie back to back, a gap closes. A sink that joins late begins with the
 * frame number of the session.
 *
 * @example
 * ```ts
 * import { flac } from "@muxwell/muxwell";
 *
 * const container = flac({ headerReserveBytes: 4096 });
 * console.log(container.check([{ kind: "audio", codec: "flac", sampleRate: 44100, numberOfChannels: 2 }])); // []
 * ```
 *
 * @param options See {@linkcode FlacOptions}; every option has a default.
 * @throws {TypeError} If an option is not of its type.
 * @throws {RangeError} If an option is outside its range.
 */
export function flac(options: FlacOptions = {}): Container {
  const { headerReserveBytes = 1024 } = options;
  checkReserve(CREATE_FLAC, headerReserveBytes);
  return {
    name: "flac",
    extensions: [".flac"],
    mimeType: () => "audio/flac",
    check: (streams: readonly StreamConfig[]) =>
      checkSingleAudio(
        "FLAC",
        streams,
        (stream) => checkCodec("FLAC", stream, flacCodec.matches(stream.codec), "FLAC", "FLAC (flac, 0xF1AC)"),
      ),
    losses: (_streams, metadata) => lostMetadata("FLAC", metadata, hasComment),
    createMuxer: (streams: readonly NumberedStream[]): Muxer => new FlacMuxer(streams[0]!, headerReserveBytes),
  };
}
