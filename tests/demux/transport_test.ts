/** Transport streams as recorders leave them: joined, wrapped, with bytes lost. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { StreamSample } from "../../src/media/sample.ts";
import { concatBytes } from "../../src/bytes/bytes.ts";
import { readerTest } from "../support/readers.ts";
import { withTempDir } from "../support/temp.ts";
import { inChunks, makeMedia, readAll } from "./support.ts";

const BOTH = (seconds: number) => [
  ...["-f", "lavfi", "-i", `testsrc2=size=96x80:rate=25:duration=${seconds}`],
  ...["-f", "lavfi", "-i", `sine=duration=${seconds}:sample_rate=48000`],
  ...["-c:v", "libx264", "-preset", "veryfast", "-bf", "2", "-g", "25", "-c:a", "aac"],
];
const make = (path: string, ...args: string[]) => makeMedia(path, ...args).then((made) => Deno.readFile(made));
const ofStream = (samples: StreamSample[], number: number) =>
  samples.filter(({ streamNumber }) => streamNumber === number);

/** Decode order holds, and sound and picture stay together. */
function checkOrder(samples: StreamSample[]): void {
  const sound = ofStream(samples, 2);
  for (let i = 1; i < sound.length; i++) assert(sound[i]!.timestamp > sound[i - 1]!.timestamp, `sound ${i} steps back`);
  const end = (stream: StreamSample[]) =>
    Math.max(...stream.map(({ timestamp, duration }) => timestamp + (duration ?? 0)));
  assert(Math.abs(end(sound) - end(ofStream(samples, 1))) < 100_000, "sound and picture end apart");
}

readerTest("openMedia() moves the clock of a transport stream on where recordings were joined", ["ffmpeg"], () => {
  return withTempDir(async (folder) => {
    const first = await make(`${folder}/1.ts`, ...BOTH(2));
    const second = await make(`${folder}/2.ts`, ...BOTH(2));
    const joined = concatBytes(first, second);
    const plain = (await readAll(first)).samples;
    for (const source of [joined, inChunks(joined, 5000)]) {
      const { media, samples, error } = await readAll(source);
      assertEquals([error, samples.length, media.droppedCount], [undefined, 2 * plain.length, 0]);
      assertEquals(media.warnings.length, 1);
      assertStringIncludes(media.warnings[0]!, "Its clock begins anew at");
      checkOrder(samples);
    }
  });
});

readerTest("openMedia() begins with the first picture where the clock of a transport stream wraps", ["ffmpeg"], () => {
  return withTempDir(async (folder) => {
    const base = `${folder}/base.mp4`;
    await makeMedia(base, ...BOTH(4));
    const wrap = ["-c", "copy", "-copyts", "-output_ts_offset", "95441.7", "-mpegts_copyts", "1", "-muxdelay", "0"];
    const bytes = await make(`${folder}/wrap.ts`, "-i", base, ...wrap, "-muxpreload", "0");
    const { samples, error } = await readAll(bytes);
    assertEquals(error, undefined);
    assertEquals(ofStream(samples, 1).length, 100);
    assertEquals(Math.min(...samples.map(({ timestamp }) => timestamp)), 0);
    checkOrder(samples);
  });
});

readerTest(
  "openMedia() finds packets again behind bytes that were lost, and behind what stands in front",
  ["ffmpeg"],
  () => {
    return withTempDir(async (folder) => {
      const bytes = await make(`${folder}/a.ts`, ...BOTH(3));
      const whole = (await readAll(bytes)).samples;
      const packetCount = bytes.byteLength / 188;
      const cutAt = 188 * (packetCount >> 1) + 40;
      const lost = concatBytes(bytes.subarray(0, cutAt), bytes.subarray(cutAt + 70));
      for (const source of [lost, inChunks(lost, 1111)]) {
        const { media, samples, error } = await readAll(source);
        assertEquals(error, undefined);
        assert(samples.length >= whole.length - 2 && samples.length <= whole.length, `${samples.length} samples`);
        assertStringIncludes(media.warnings.join(), "at 1 place are no packets of a transport stream");
      }
      const late = await readAll(concatBytes(Uint8Array.from({ length: 30_011 }, (_, i) => i % 199), bytes));
      assertEquals([late.error, late.samples.length], [undefined, whole.length]);
      assertStringIncludes(late.media.warnings.join(), "30011 bytes at 1 place");
    });
  },
);
