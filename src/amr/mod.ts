/**
 * AMR: .amr and .awb files and streams.
 *
 * @module
 */

import { checkCodec, checkSingleAudio } from "../container/checks.ts";
import type { Container, Muxer, NumberedStream } from "../container/container.ts";
import { lostMetadata } from "../container/losses.ts";
import { PlainMuxer } from "../container/plain_muxer.ts";
import { amr as amrCodec } from "../media/codecs/amr.ts";
import type { AudioStream, StreamConfig } from "../media/stream_config.ts";

export type { Container } from "../container/container.ts";

/**
 * The AMR container ([RFC 4867] 5): one stream of AMR (`samr`) or AMR-WB (`sawb`), of one channel, its frames back to back
 * behind a name. There is nothing else in it: no times (a gap closes), no metadata, nothing to patch.
 *
 * @example
 * ```ts
 * import { amr } from "@muxwell/muxwell";
 *
 * console.log(amr().check([{ kind: "audio", codec: "samr", sampleRate: 8000, numberOfChannels: 1 }])); // []
 * ```
 */
export function amr(): Container {
  return {
    name: "amr",
    extensions: [".amr", ".awb"],
    mimeType: ([stream]) => stream?.codec === "sawb" ? "audio/AMR-WB" : "audio/AMR",
    check: (streams: readonly StreamConfig[]) => checkSingleAudio("AMR", streams, checkAmr),
    losses: (_streams, metadata) => lostMetadata("AMR", metadata, () => false),
    createMuxer: (streams: readonly NumberedStream[]): Muxer =>
      new PlainMuxer(streams[0]!, {
        codec: amrCodec,
        frame: (_config, { framing }) => framing,
        header: ({ isWide }) => new TextEncoder().encode(isWide ? "#!AMR-WB\n" : "#!AMR\n"),
      }),
  };
}

function checkAmr(stream: AudioStream): ReturnType<typeof checkCodec> {
  const found = checkCodec("AMR", stream, amrCodec.matches(stream.codec), "AMR, AMR-WB", "AMR (samr), AMR-WB (sawb)");
  return found.length > 0 ? found : amrCodec.check!(stream);
}
