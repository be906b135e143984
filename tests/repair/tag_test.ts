import { assert, assertEquals, assertRejects } from "@std/assert";
import { bufferSink, type Metadata } from "../../mod.ts";
import { AsfReader } from "../../src/inspect/mod.ts";
import { tag } from "../../src/repair/mod.ts";
import {
  data,
  fileProperties,
  header,
  headerExtension,
  join,
  object,
  u16,
  utf16,
  videoStream,
} from "../inspect/support/bytes.ts";
import { errorsIn, flawsIn } from "../support/valid.ts";
import { MemoryFile } from "./support/editable.ts";
import { firstDifference, record, samplesOf } from "./support/recording.ts";

const WHOLE = await record("final");

async function attributesOf(bytes: Uint8Array): Promise<Record<string, unknown>> {
  const { header } = await AsfReader.open(bytes);
  const named = header.attributes.filter(({ streamNumber }) => streamNumber === 0).map((
    { name, value },
  ) => [name, value]);
  const described = Object.entries(header.contentDescription ?? {}).filter(([, text]) => text !== "");
  return Object.fromEntries([...described, ...named]);
}

Deno.test("tag() sets what fits within the padding, and touches nothing else", async () => {
  const file = new MemoryFile(WHOLE);
  const set = {
    title: "Ein Titel 🎬",
    genre: "Test",
    attributes: { "WM/Mood": "calm", Count: 7, Big: 2n ** 40n, Yes: true },
  };
  const report = await tag(file, { set });
  assertEquals([report.wasRewritten, report.size, file.operations], [false, WHOLE.byteLength, 1]);
  assertEquals(await attributesOf(file.bytes), {
    title: "Ein Titel 🎬",
    "WM/Genre": "Test",
    "WM/Mood": "calm",
    Count: 7,
    Big: 2n ** 40n,
    Yes: true,
  });
  assertEquals(await flawsIn(file.bytes), []);
  const start = (await AsfReader.open(WHOLE)).header.size;
  assertEquals(firstDifference(file.bytes.subarray(start), WHOLE.subarray(start)), undefined);
});

Deno.test("tag() empties what is set to nothing", async () => {
  const file = new MemoryFile(WHOLE);
  await tag(file, { set: { title: "one", author: "two", copyright: "three" } });
  await tag(file, { set: { title: "", attributes: { Author: "" }, copyright: undefined } });
  assertEquals(await attributesOf(file.bytes), { copyright: "three" });
});

Deno.test("tag() replaces by name, removes by name, and goes back to the same bytes", async () => {
  const file = new MemoryFile(WHOLE);
  await tag(file, { set: { title: "one", albumTitle: "two", attributes: { a: "three" } } });
  await tag(file, { set: { title: "four", attributes: { a: "five", b: "six" } }, remove: ["WM/AlbumTitle"] });
  assertEquals(await attributesOf(file.bytes), { title: "four", a: "five", b: "six" });
  await tag(file, { remove: ["Title", "a", "b"] });
  assertEquals(await attributesOf(file.bytes), {});
  assertEquals(firstDifference(file.bytes, WHOLE), undefined);
});

Deno.test("tag() writes the file anew when a picture does not fit, and in place from then on", async () => {
  const file = new MemoryFile(WHOLE);
  const picture = { data: Uint8Array.from({ length: 90_000 }, (_, at) => at & 0xff), mimeType: "image/png" };
  const report = await tag(file, { set: { pictures: [picture] } });
  assert(report.wasRewritten && report.size > WHOLE.byteLength + 90_000);
  assertEquals(await flawsIn(file.bytes), []);
  assertEquals(await samplesOf(file.bytes), await samplesOf(WHOLE));
  const { value } = (await AsfReader.open(file.bytes)).header.attributes.find(({ name }) => name === "WM/Picture")!;
  assertEquals((value as Uint8Array).subarray(-90_000), picture.data);
  const next = await tag(file, { set: { pictures: [] }, remove: [] });
  assertEquals(next.wasRewritten, false);
  assertEquals(await attributesOf(file.bytes), {});
  assertEquals(await errorsIn(file.bytes), []);
});

Deno.test("tag() into a sink leaves the source alone", async () => {
  const file = new MemoryFile(WHOLE);
  const sink = bufferSink();
  await tag(file, { set: { title: "there" } }, { output: sink });
  assertEquals(firstDifference(file.bytes, WHOLE), undefined);
  assertEquals(await attributesOf(sink.bytes), { title: "there" });
  assertEquals(await flawsIn(sink.bytes), []);
});

Deno.test("tag() keeps attributes of streams and in other languages, and drops a signature", async () => {
  const record = (stream: number, language: number, name: string, text: string) =>
    join(
      u16(language),
      u16(stream),
      u16(2 * name.length + 2),
      u16(0),
      u16(2 * text.length + 2),
      u16(0),
      utf16(name),
      utf16(text),
    );
  const bytes = join(
    header(
      fileProperties({ packetBytes: 128, fileBytes: 1000 }),
      headerExtension(
        object("7C4346A9-EFE0-4BFC-B229-393EDE415C85", "0100 06", utf16("de")),
        object(
          "C5F8CBEA-5BAF-4877-8467-AA8C44FA4CCA",
          u16(2),
          record(1, 0, "WM/Genre", "of one"),
          record(0, 0, "WM/Genre", "of all"),
        ),
        object(
          "44231C94-9498-49D1-A141-1D134E457054",
          u16(2),
          record(0, 0, "WM/Genre", "old"),
          record(0, 0, "Other", "kept"),
        ),
      ),
      videoStream(1),
      object("2211B3FC-BD23-11D2-B4B7-00A0C955FC6E", "02000000 04000000 01020304"),
    ),
    data([]),
  );
  const file = new MemoryFile(bytes);
  const report = await tag(file, { set: { genre: "new" } });
  assertEquals(report.droppedSignature, true);
  const { attributes } = (await AsfReader.openIncomplete(file.bytes)).header;
  assertEquals(attributes.map(({ name, streamNumber, value }) => [name, streamNumber, value]), [
    ["WM/Genre", 1, "of one"],
    ["Other", 0, "kept"],
    ["WM/Genre", 0, "new"],
  ]);
});

Deno.test("tag() refuses what cannot be stored, and leaves the file alone", async () => {
  const file = new MemoryFile(WHOLE);
  await assertRejects(() => tag(file, { set: { attributes: { Duration: 5 } } }), RangeError);
  await assertRejects(() => tag(file, { set: { title: "x".repeat(40_000) } }), Error, "at most");
  const wrong: [Metadata, typeof TypeError | typeof RangeError][] = [
    [{ trackNumber: 1.5 }, RangeError],
    [{ attributes: { "": "x" } }, RangeError],
    [{ attributes: { n: null as unknown as string } }, TypeError],
    [{ attributes: { n: { type: "word", value: 65_536 } } }, RangeError],
    [{ attributes: { n: { type: "guid", value: "x" } } }, RangeError],
    [{ pictures: [{ data: new Uint8Array(1), mimeType: "a", type: 21 }] }, RangeError],
  ];
  for (const [set, Type] of wrong) await assertRejects(() => tag(file, { set }), Type, "Cannot tag file");
  assertEquals(file.operations, 0);
});
