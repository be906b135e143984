/**
 * AC-3: .ac3 files and streams.
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
 * The AC-3 container: one stream of sync frames, back to back. There is nothing else in it: no times (a gap closes), no
 * metadata, nothing to patch.
 *
 * @example
 * ```ts
 * import { ac3 } from "@muxwell/muxwell";
 *
 * console.log(ac3().check([{ kind: "audio", codec: "ac-3", sampleRate: 48000, numberOfChannels: 6 }])); // []
 * ```
 */
export function ac3(): Container {
  return {
    name: "ac3",
    extensions: [".ac3"],
    mimeType: () => "audio/ac3",
    check: (streams: readonly StreamConfig[]) =>
      checkSingleAudio(
        "AC-3",
        streams,
        (stream) => checkCodec("AC-3", stream, isHeld(stream.codec), "AC-3", "AC-3 (ac-3, 0x2000)"),
      ),
    losses: (_streams, metadata) => lostMetadata("AC-3", metadata, () => false),
    createMuxer: (streams: readonly NumberedStream[]): Muxer =>
      new PlainMuxer(streams[0]!, {
        codec: ac3Codec,
        frame(config, { codecName, framing }) {
          if (codecName === "AC-3") return framing;
          throw cannotDescribe(config, "unsupported", `AC-3 cannot hold ${codecName}`);
        },
      }),
  };
}

/** The format tag is that of both. */
function isHeld(codec: string | number): boolean {
  return codec === "ac-3" || (typeof codec === "number" && ac3Codec.matches(codec));
}
