import { assert, assertEquals } from "@std/assert";
import fc from "../support/fast_check.ts";
import { threeLetters } from "../../src/media/language.ts";
import { packLanguage } from "../../src/mp4/language.ts";
import { toTicks, videoTimeScale } from "../../src/mp4/time_base.ts";

// Frame rates and the smallest whole multiple of them from 90 000 on; NTSC's are n / 1001.
const SCALES: [framerate: number | undefined, scale: number][] = [
  [undefined, 90_000],
  [25, 90_000],
  [24, 90_000],
  [30, 90_000],
  [60, 90_000],
  [144, 90_000],
  [24_000 / 1001, 96_000],
  [23.976, 96_000],
  [29.97, 90_000],
  [59.94, 120_000],
  [7, 90_006],
  [12.5, 90_000],
  [0, 90_000],
  [NaN, 90_000],
];

for (const [framerate, scale] of SCALES) {
  Deno.test(`videoTimeScale() answers ${scale} for ${framerate}`, () => assertEquals(videoTimeScale(framerate), scale));
}

Deno.test("a frame has a whole number of ticks, however its time was rounded", () => {
  for (const [numerator, denominator] of [[24_000, 1001], [30_000, 1001], [60_000, 1001], [25, 1], [24, 1], [7, 1]]) {
    const scale = videoTimeScale(numerator! / denominator!);
    const ticks = scale * denominator! / numerator!;
    assert(Number.isInteger(ticks));
    for (let frame = 0; frame < 100_000; frame += 37) {
      assertEquals(toTicks(Math.round(frame * 1e6 * denominator! / numerator!), scale), frame * ticks);
    }
  }
});

Deno.test("toTicks() rounds the exact value, as integers of any size would", () => {
  const time = fc.integer({ min: 0, max: 2 ** 45 });
  fc.assert(fc.property(time, fc.constantFrom(90_000, 96_000, 44_100, 48_000, 120_000), (microseconds, scale) => {
    const exact = BigInt(microseconds) * BigInt(scale);
    assertEquals(BigInt(toTicks(microseconds, scale)), (exact + 500_000n) / 1_000_000n);
  }));
});

Deno.test("languages have three letters, five bits each", () => {
  const found = ["en", "en-GB", "deu", "zh-Hant", "xx", undefined].map(threeLetters);
  assertEquals(found, ["eng", "eng", "deu", "zho", "und", "und"]);
  assertEquals([packLanguage("und"), packLanguage("eng")], [0x55C4, 0x15C7]);
});
