/** An MP4 whose disk gets full: what is on it then is a finished file of whole fragments. */

import { assertAlmostEquals, assertEquals, assertGreater, assertRejects } from "@std/assert";
import { MuxError } from "../../src/errors.ts";
import { mp4 } from "../../src/mp4/mod.ts";
import { readerTest } from "../support/readers.ts";
import { ffprobe } from "../support/readers/ffmpeg.ts";
import { SmallDisk } from "../support/small_disk.ts";
import { fixture, withTempDir } from "../support/temp.ts";
import { readAll, writeFinal, writeTo } from "../support/write_all.ts";

for (const share of [0.4, 0.7, 0.95]) {
  readerTest(
    `a disk with room for ${share} of an MP4 holds a finished one`,
    ["ffmpeg"],
    () =>
      withTempDir(async (folder) => {
        const source = await readAll(fixture("clip.mp4"));
        const session = () => ({ ...source, container: mp4({ fragmentDurationMs: 200 }), maxLatencyMs: 200 });
        const whole = await writeFinal(session());
        const disk = new SmallDisk(Math.floor(whole.byteLength * share), false);
        const error = await assertRejects(() => writeTo([disk], session()), MuxError);
        assertEquals([error.code, disk.calls.at(-1)], ["sink-failed", "close"]);
        const path = `${folder}/full.mp4`;
        await Deno.writeFile(path, disk.bytes);
        const { warnings, packets, durationMs } = await ffprobe(path);
        assertEquals(warnings, []);
        assertGreater(packets.length, 5);
        // What the header says is what is there: to the end of the last sample, and not as far as was meant.
        const end = Math.max(...packets.map(({ pts = 0, duration = 0 }) => pts + duration));
        assertAlmostEquals(durationMs, end, 100);
        assertEquals(error.report!.sinks[0]!.bytes, disk.bytes.byteLength);
      }),
  );
}
