/** What codecs say of time: samples a frame becomes, samples before the first that is to be heard. */

import { assertEquals } from "@std/assert";
import { aac } from "../../../src/media/codecs/aac.ts";
import { ac3 } from "../../../src/media/codecs/ac3.ts";
import { flac } from "../../../src/media/codecs/flac.ts";
import { mp3 } from "../../../src/media/codecs/mp3.ts";
import { opus } from "../../../src/media/codecs/opus.ts";
import type { AudioStream } from "../../../src/media/stream_config.ts";
import { fromHex } from "../bytes.ts";

const STREAM: AudioStream = { kind: "audio", codec: "", sampleRate: 48_000, numberOfChannels: 2 };

// [ISO 14496-3] 4.4.1: frameLengthFlag stands behind object type, rate and channels; SBR doubles what a frame becomes.
const CONFIGS: [name: string, hex: string, samples: number][] = [
  ["LC, 44.1 kHz", "1210", 1024],
  ["LC with short frames", "1214", 960],
  ["SBR said in front, 24 to 48 kHz", "2b118800", 2048],
  ["SBR said behind, 24 to 48 kHz", "131056e598", 2048],
];

for (const [name, hex, samples] of CONFIGS) {
  Deno.test(`a frame of AAC becomes ${samples} samples: ${name}`, () => {
    assertEquals(aac.parse({ ...STREAM, description: fromHex(hex) })?.samplesPerFrame, samples);
  });
}

Deno.test("a frame of MP3 becomes 1152 samples, of MPEG-2 and 2.5 half as many", () => {
  for (const [head, samples] of [["fffb9064", 1152], ["fff39064", 576], ["ffe39064", 576]] as const) {
    assertEquals(mp3.parse(STREAM, undefined, fromHex(head))?.samplesPerFrame, samples);
  }
});

Deno.test("a frame of AC-3 becomes 1536 samples, of E-AC-3 as many as it has blocks of 256", () => {
  assertEquals(ac3.parse(STREAM, undefined, fromHex("0b7700001e40e1000000000000"))?.samplesPerFrame, 1536);
  assertEquals(ac3.parse(STREAM, undefined, fromHex("0b77008a7487c00020fc210826c00006"))?.samplesPerFrame, 1536);
  assertEquals(ac3.parse(STREAM, undefined, fromHex("0b77008a4487c00020fc210826c00006"))?.samplesPerFrame, 256);
});

Deno.test("a frame of FLAC becomes as many samples as STREAMINFO says, where blocks are of one size", () => {
  const info = (least: string) => fromHex(`${least}1000${"00".repeat(6)}17700370${"00".repeat(20)}`);
  assertEquals(flac.parse({ ...STREAM, description: info("1000") })?.samplesPerFrame, 4096);
  assertEquals(flac.parse({ ...STREAM, description: info("0010") })?.samplesPerFrame, undefined);
});

Deno.test("Opus says its pre-skip, and wants 80 ms in front of what is to be heard behind a seek", () => {
  const head = fromHex("4f707573486561640102380144ac0000000000");
  const facts = opus.parse({ ...STREAM, description: head });
  assertEquals([facts?.codecDelay, facts?.seekPreRoll], [312, 3840]); // [RFC 7845] 4.2, 4.6
});
