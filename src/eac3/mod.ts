/**
 * E-AC-3: .eac3 files and streams.
 *
 * @module
 */

import { checkCodec, checkSingleAudio } from "../container/checks.ts";
import type { Container, Muxer, NumberedStream } from "../container/container.ts";
import { lostMetadata } from "../container/losses.ts";
import { PlainMuxer } from "../container/plain_muxer.ts";
import { ac3 as ac3Codec } from "../media/codecs/ac3.ts";
import { cannotDescribe } from "../media/codecs/common.ts";
import type { StreamConfig } from "../media/stream_config.ts";

export type { Container } from "../container/container.ts";

/**
 * The E-AC-3 container: one stream of sync frames, back to back. There is nothing else in it: no times (a gap closes), no
 * metadata, nothing to patch.
 *
 * @example
 * ```ts
 * import { eac3 } from "@muxwell/muxwell";
 *
 * console.log(eac3().check([{ kind: "audio", codec: "ec-3", sampleRate: 48000, numberOfChannels: 6 }])); // []
 * ```
 */
export function eac3(): Container {
  return {
    name: "eac3",
    extensions: [".eac3", ".ec3"],
    mimeType: () => "audio/eac3",
    check: (streams: readonly StreamConfig[]) =>
      checkSingleAudio(
        "E-AC-3",
        streams,
        (stream) => checkCodec("E-AC-3", stream, isHeld(stream.codec), "E-AC-3", "E-AC-3 (ec-3, 0x2000)"),
      ),
    losses: (_streams, metadata) => lostMetadata("E-AC-3", metadata, () => false),
    createMuxer: (streams: readonly NumberedStream[]): Muxer =>
      new PlainMuxer(streams[0]!, {
        codec: ac3Codec,
        frame(config, { codecName, framing }) {
          if (codecName === "E-AC-3") return framing;
          throw cannotDescribe(config, "unsupported", `E-AC-3 cannot hold ${codecName}`);
        },
      }),
  };
}

/** The format tag is that of both. */
function isHeld(codec: string | number): boolean {
  return codec === "ec-3" || (typeof codec === "number" && ac3Codec.matches(codec));
}
