import { assertEquals } from "@std/assert";
import { asf, bufferSink, type Metadata, Writer } from "../../mod.ts";
import { openMedia } from "../../src/demux/mod.ts";
import { runIn } from "../cli/support.ts";
import { withTempDir } from "../support/temp.ts";

const METADATA: Metadata = {
  title: "A title",
  trackNumber: 3,
  attributes: {
    Rating: "G",
    "WM/Composer": "Clara",
    word: { type: "word", value: 7 },
    guid: { type: "guid", value: "75B22630-668E-11CF-A6D9-00AA0062CE6C" },
    big: 5n,
    flag: true,
    large: "x".repeat(40_000),
  },
  records: [
    { name: "DeviceControl", value: "of a stream", streamNumber: 1 },
    { name: "WM/Mood", value: "ruhig", language: "de" },
    { name: "WM/Mood", value: "calm", language: "en", streamNumber: 1 },
    { name: "WM/Composer", value: "Robert" },
  ],
  pictures: [{ data: new Uint8Array([1, 2, 3]), mimeType: "image/png", type: 3, description: "The front" }],
  markers: [{ timestamp: 500_000, name: "Half" }],
  scripts: [{ timestamp: 250_000, type: "TEXT", text: "hello" }],
};

async function written(metadata: Metadata): Promise<Uint8Array<ArrayBuffer>> {
  const sink = bufferSink();
  const writer = new Writer({
    container: asf(),
    sinks: [sink],
    streams: [{ kind: "audio", codec: "pcm-u8", sampleRate: 8000, numberOfChannels: 1, language: "de" }],
    metadata,
  });
  await writer.beginWriting();
  for (let i = 0; i < 10; i++) {
    await writer.writeSample(1, { data: new Uint8Array(800), timestamp: i * 100_000, duration: 100_000 });
  }
  await writer.endWriting();
  return sink.bytes;
}

function sorted({ records = [], ...rest }: Metadata): Metadata {
  const key = ({ name, language, streamNumber }: (typeof records)[number]) => `${name} ${language} ${streamNumber}`;
  return { ...rest, records: [...records].sort((a, b) => key(a) < key(b) ? -1 : 1) };
}

Deno.test("openMedia() gives back all that is said of an ASF file: values with their types, streams, languages, places", async () => {
  await using media = await openMedia(await written(METADATA));
  assertEquals(sorted(media.metadata), sorted(METADATA));
});

Deno.test("mux carries markers, commands and records over; what is set stands alone", () =>
  withTempDir(async (folder) => {
    await Deno.writeFile(`${folder}/in.wma`, await written(METADATA));
    await runIn({}, "mux", `${folder}/in.wma`, "-o", `${folder}/out.wma`, "--set", "WM/Composer=Fanny");
    await using media = await openMedia(`${folder}/out.wma`);
    const wanted: Metadata = {
      ...METADATA,
      attributes: { ...METADATA.attributes, "WM/Composer": "Fanny" },
      records: METADATA.records!.slice(0, 3),
    };
    assertEquals(sorted(media.metadata), sorted(wanted));
  }));
