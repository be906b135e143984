import { assertEquals } from "@std/assert";
import { audioSpread, videoTypeData } from "../../src/asf/type_data.ts";
import { fourccBytes } from "../../src/media/mappings/riff/bitmap_info.ts";
import { waveFormat } from "../../src/media/mappings/riff/wave_format.ts";
import type { RiffAudio, RiffVideo } from "../../src/media/mappings/riff/description.ts";
import { dump, hex } from "./hex.ts";

// A stream that Windows wrote: WMA 2, 48 kHz stereo, 64 kbit/s.
const WMA: RiffAudio = {
  kind: "audio",
  codecName: "Windows Media Audio",
  id: 0x0161,
  sampleRate: 48_000,
  numberOfChannels: 2,
  bitsPerSample: 16,
  blockBytes: 2731,
  bytesPerSecond: 8001,
  bitrate: 64_008,
  privateData: hex("00 88 00 00 0f 00 ad 2a 00 00"),
};

const VIDEO: RiffVideo = {
  kind: "video",
  codecName: "Windows Media Video 8",
  id: "WMV2",
  codedWidth: 320,
  codedHeight: 240,
  pixelAspectWidth: 1,
  pixelAspectHeight: 1,
  reorderDepth: 0,
  privateData: hex("01 02 03 04"),
};

Deno.test("waveFormat() writes what Windows wrote", () => {
  assertEquals(
    dump(waveFormat(WMA)),
    dump(hex("61 01 02 00 80 bb 00 00 41 1f 00 00 ab 0a 10 00 0a 00 00 88 00 00 0f 00 ad 2a 00 00")),
  );
});

Deno.test("audioSpread() writes what Windows wrote", () => {
  assertEquals(dump(audioSpread(WMA)), "01 ab 0a ab 0a 01 00 00");
});

Deno.test("videoTypeData() counts the codec data in both sizes", () => {
  assertEquals(
    dump(videoTypeData(VIDEO)),
    dump(hex(`
      40 01 00 00  f0 00 00 00  02  2c 00
      2c 00 00 00  40 01 00 00  f0 00 00 00  01 00  18 00  57 4d 56 32  00 84 03 00
      00 00 00 00  00 00 00 00  00 00 00 00  00 00 00 00  01 02 03 04`)),
  );
});

Deno.test("videoTypeData() writes no image size where it does not fit", () => {
  const huge = videoTypeData({ ...VIDEO, codedWidth: 65_536, codedHeight: 65_536 });
  assertEquals(dump(huge.subarray(31, 35)), "00 00 00 00");
});

Deno.test("fourccBytes() fills short names with blanks", () => {
  assertEquals(dump(fourccBytes("DVR")), "44 56 52 20");
});
