/** Every item of metadata, and what each reader that knows it reads back. */

import { assert, assertEquals } from "@std/assert";
import { asf, type AsfOptions, fileSink, type StreamConfig, Writer } from "../../mod.ts";
import { openMedia } from "../../src/demux/mod.ts";
import { validate } from "../../src/inspect/mod.ts";
import { acceptedByAll, judge, presentationMs, sameSamples, seekLands } from "../support/conformance.ts";
import { ITEMS, METADATA, PICTURE, READINGS, tableRows } from "../support/metadata_items.ts";
import { readerTest } from "../support/readers.ts";
import { fixture, withTempDir } from "../support/temp.ts";

const OPTIONS: AsfOptions = {
  timeIndexMs: 500,
  priorities: [{ streamNumber: 2, mandatory: true }, { streamNumber: 1 }],
  bandwidthSharing: [{ kind: "partial", streams: [1, 2], bitrate: 200_000, bufferMs: 3000 }],
  mutualExclusions: [{ by: "language", groups: [[1], [2]] }],
  branding: {
    banner: { data: PICTURE, mimeType: "image/gif" },
    bannerUrl: "http://example.org/",
    copyrightUrl: "http://example.org/c",
  },
};

const TEXTS = {
  names: [{ name: "Kamera – 図", language: "de" }, { name: "Camera" }],
  codecName: "A codec of some name",
  codecDescription: "of some quality",
};

async function write(path: string): Promise<void> {
  await using media = await openMedia(fixture("wmv2_wma2.wmv"));
  const { samples } = media;
  const streams = media.streams.map((stream): StreamConfig =>
    stream.kind === "audio" ? { ...stream, language: "fr" } : { ...stream, ...TEXTS } as StreamConfig
  );
  const writer = new Writer({ container: asf(OPTIONS), sinks: [fileSink(path)], streams, metadata: METADATA });
  await writer.beginWriting();
  for await (const sample of samples) await writer.writeSample(sample.streamNumber, sample);
  await writer.endWriting();
}

readerTest("every reader reads back the metadata that it knows", ["ffmpeg"], async (t) => {
  await withTempDir(async (folder) => {
    const path = `${folder}/tagged.wmv`;
    await write(path);
    const said = new Map(
      await Promise.all(
        Object.entries(READINGS).map(async ([name, { read }]) => [name, (await read(path)).normalize()] as const),
      ),
    );
    for (const { item, said: wanted } of ITEMS) {
      await t.step(item, () => {
        for (const [name, text] of Object.entries(wanted) as [string, string | RegExp][]) {
          const found = said.get(name)!;
          assert(
            typeof text === "string" ? found.includes(text) : text.test(found),
            `${name} does not say ${text}:\n${found}`,
          );
        }
      });
    }
  });
});

readerTest(
  "a header with everything in it is accepted by every reader",
  ["ffmpeg"],
  (t) =>
    withTempDir(async (folder) => {
      const path = `${folder}/everything.wmv`;
      const source = fixture("wmv2_wma2.wmv");
      await write(path);
      await judge(t, [
        ...acceptedByAll(path, {
          kinds: ["video", "audio"],
          durationMs: await presentationMs(source),
          title: METADATA.title,
        }),
        ...sameSamples(source, path),
        ...seekLands(path, 200),
      ]);
      const report = await validate(await Deno.readFile(path));
      assertEquals(report.issues.filter(({ severity }) => severity !== "I"), []);
    }),
);

Deno.test("The table of items and readers says what is tested", async () => {
  const readme = await Deno.readTextFile(new URL("../../src/asf/README.md", import.meta.url));
  const [head, , ...rows] = readme.split("\n").filter((line) => line.startsWith("|")).map((line) =>
    line.split("|").slice(1, -1).map((cell) => cell.trim())
  );
  assertEquals(head, ["item", ...Object.keys(READINGS)]);
  assertEquals(rows, tableRows());
});
