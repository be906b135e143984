/**
 * Ogg: .ogg, .oga and .opus files and streams.
 *
 * @module
 */

import { cannotHold, checkInteger, checkSingleAudio } from "../container/checks.ts";
import type { Container, Muxer, NumberedStream } from "../container/container.ts";
import { lostMetadata } from "../container/losses.ts";
import { checkFields } from "../media/codecs/checks.ts";
import type { StreamConfig } from "../media/stream_config.ts";
import { hasComment } from "../media/vorbis_comment.ts";
import { OGG_CODECS, oggCodec } from "./codecs.ts";
import { OggMuxer } from "./muxer.ts";

export type { Container } from "../container/container.ts";

/** What can be chosen about an Ogg file. */
export interface OggOptions {
  /** Number of the first logical stream, 0 to 2³² − 1, for files that can be reproduced; default: by chance. */
  serialNumber?: number;
}

/**
 * The Ogg container: one stream of Opus, Vorbis or FLAC.
 *
 * Pages are a second long at most, and each sink numbers them from its own beginning. The last one says that it is, and
 * where the sound ends (`trimEnd`); where it was gone before, as for a sink that is removed, an empty one follows, if the
 * sink takes a trailer. `trimStart` becomes the pre-skip of Opus. There are no times in it: packets lie back to back, a gap
 * closes. Where the description of the stream changes another logical stream follows (a chain).
 *
 * @example
 * ```ts
 * import { ogg } from "@muxwell/muxwell";
 *
 * const container = ogg();
 * console.log(container.check([{ kind: "audio", codec: "opus", sampleRate: 48000, numberOfChannels: 2 }])); // []
 * ```
 *
 * @param options See {@linkcode OggOptions}; every option has a default.
 * @throws {TypeError} If an option is not of its type.
 * @throws {RangeError} If an option is outside its range.
 */
export function ogg(options: OggOptions = {}): Container {
  const { serialNumber } = options;
  if (serialNumber !== undefined) {
    checkInteger("Cannot create Ogg container", "serialNumber", serialNumber, 0, 0xFFFF_FFFF);
  }
  return {
    name: "ogg",
    extensions: [".ogg", ".opus", ".oga"],
    mimeType: () => "audio/ogg",
    check: (streams: readonly StreamConfig[]) =>
      checkSingleAudio("Ogg", streams, (stream) => {
        const codec = oggCodec(stream);
        if (codec === undefined) return [cannotHold("Ogg", stream, "Opus, Vorbis, FLAC", OGG_CODECS)];
        return [...checkFields(stream), ...codec.check?.(stream) ?? []];
      }),
    losses: (_streams, metadata) => lostMetadata("Ogg", metadata, hasComment),
    trims: true,
    createMuxer: ([stream]: readonly NumberedStream[]): Muxer =>
      new OggMuxer(stream!, serialNumber ?? Math.floor(Math.random() * 0x1_0000_0000)),
  };
}
