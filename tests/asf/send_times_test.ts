/** When packets are sent and how long they last, by the validator's rules: media of all kinds, in packets of all sizes. */

import { assertEquals } from "@std/assert";
import { asf, type StreamConfig } from "../../mod.ts";
import { fixture } from "../support/temp.ts";
import { flawsIn } from "../support/valid.ts";
import { readAll, writeFinal } from "../support/write_all.ts";

const FIXTURES = [
  ...[
    "clip.mp4",
    "h264_nob_mp3.mkv",
    "hevc.mkv",
    "two_videos.mp4",
    "late_audio.mp4",
    "vfr.mp4",
    "vp8.webm",
    "av1.webm",
  ],
  ...["wmv2_wma2.wmv", "wma2.wma", "tone.mp3", "tone.aac", "tone.flac", "tone.wav", "surround24.wav", "opus.webm"],
];
const PACKET_SIZES = [100, 127, 200, 400, 700, 1000, 1400, 1450, 2048, 3200, 6000, 12_000, 30_000, 65_535];

/** What is told of the streams' rates: what the file says, or by far too little. */
const RATES: Record<string, (stream: StreamConfig) => StreamConfig> = {
  "as it says": (stream) => stream,
  "said to have 2 kbit/s": (stream) => ({ ...stream, bitrate: 2000 }),
};

for (const name of FIXTURES) {
  for (const [what, rate] of Object.entries(RATES)) {
    Deno.test(`packets of ${name}, ${what}, are sent in time at every packet size`, async () => {
      const source = await readAll(fixture(name));
      for (const packetBytes of PACKET_SIZES) {
        for (const prerollMs of [0, 500, 3000]) {
          const container = asf({ packetBytes, prerollMs });
          const bytes = await writeFinal({ ...source, streams: source.streams.map(rate), container });
          assertEquals(await flawsIn(bytes), [], `packets of ${packetBytes} bytes, ${prerollMs} ms of preroll`);
        }
      }
    });
  }
}
