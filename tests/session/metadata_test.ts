/** Metadata that cannot be written are told at the start, with everything else, and refused later. */

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { bufferSink, type Metadata, MuxError, SinkWriter, Writer } from "../../mod.ts";
import { CONTAINER_CASES } from "../support/containers.ts";
import { TestSink } from "../support/sinks.ts";

const wrong = (value: unknown) => value as Metadata;

/** What no container takes. */
const WRONG: { metadata: Metadata; error: typeof TypeError | typeof RangeError; says: string }[] = [
  { metadata: { trackNumber: 0 }, error: RangeError, says: "trackNumber must be a whole number from 1, got 0" },
  { metadata: { trackNumber: NaN }, error: RangeError, says: "trackNumber must be a whole number from 1, got NaN" },
  { metadata: wrong({ title: 5 }), error: TypeError, says: "title must be a string, got number" },
  { metadata: wrong(5), error: TypeError, says: "metadata must be an object, got number" },
  {
    metadata: wrong({ attributes: { a: {} } }),
    error: TypeError,
    says: "attribute a must be a string, number, bigint, boolean, Uint8Array, word or GUID, got object",
  },
  { metadata: wrong({ mood: 5 }), error: TypeError, says: "mood must be a string, got number" },
  { metadata: { userRating: 100 }, error: RangeError, says: "userRating must be whole and within 0–99, got 100" },
  {
    metadata: { attributes: { a: { type: "word", value: 65_536 } } },
    error: RangeError,
    says: "attribute a is no word: 65536",
  },
  {
    metadata: { attributes: { a: { type: "guid", value: "x" } } },
    error: RangeError,
    says: "attribute a is no guid: x",
  },
  {
    metadata: { pictures: [{ data: new Uint8Array(1), mimeType: "image/png", type: 21 }] },
    error: RangeError,
    says: "pictures[0].type must be within 0–20, got 21",
  },
  { metadata: { attributes: { "": 1 } }, error: RangeError, says: "an attribute must have a name" },
  { metadata: wrong({ records: [{ value: 1 }] }), error: TypeError, says: "a record's name must be a string" },
  { metadata: wrong({ pictures: {} }), error: TypeError, says: "pictures must be an array, got object" },
  {
    metadata: wrong({ pictures: [{ mimeType: "image/png" }] }),
    error: TypeError,
    says: "pictures[0].data must be a Uint8Array, got undefined",
  },
  {
    metadata: { markers: [{ timestamp: 0, name: "" }, { timestamp: NaN, name: "" }] },
    error: RangeError,
    says: "markers[1].timestamp must be at least 0 µs, got NaN",
  },
  {
    metadata: wrong({ scripts: [{ timestamp: "0", type: "URL", text: "" }] }),
    error: TypeError,
    says: "scripts[0].timestamp must be a number, got string",
  },
];

for (const { name, create, streams } of CONTAINER_CASES) {
  Deno.test(`beginWriting() names wrong metadata before a sink is opened: ${name}`, async () => {
    for (const { metadata, says } of WRONG) {
      const sink = new TestSink();
      const writer = new Writer({ container: create(), sinks: [sink], streams, metadata });
      const error = await assertRejects(() => writer.beginWriting(), MuxError, `Cannot begin writing: ${says}`);
      assertEquals([error.code, sink.count("open")], ["unsupported", 0]);
    }
  });

  Deno.test(`setMetadata() refuses wrong metadata, and keeps the former: ${name}`, async () => {
    const writer = new Writer({ container: create(), sinks: [bufferSink()], streams });
    for (const isBegun of [false, true]) {
      if (isBegun) await writer.beginWriting();
      for (const { metadata, error, says } of WRONG) {
        assertThrows(() => writer.setMetadata(metadata), error, `Cannot set metadata: ${says}`);
      }
    }
    for (const sample of case_(name).samples(1)) await writer.writeSample(sample.streamNumber, sample);
    await writer.endWriting();
  });
}

function case_(name: string) {
  return CONTAINER_CASES.find((one) => one.name === name)!;
}

/** What one container cannot hold. */
const UNFIT: { container: string; metadata: Metadata; says: string }[] = [
  { container: "asf: PCM", metadata: { attributes: { a: 1.5 } }, says: "attribute a: a number must be whole" },
  { container: "asf: PCM", metadata: { attributes: { Duration: 1 } }, says: "readers compute it from the file" },
  { container: "asf: PCM", metadata: { title: "x".repeat(40_000) }, says: "title must have at most 32766 characters" },
  {
    container: "mp4 crash-safe: MP3",
    metadata: { trackNumber: 70_000 },
    says: "trackNumber must be at most 65535 in MP4",
  },
];

Deno.test("beginWriting() names what its container cannot hold of the metadata", async () => {
  for (const { container, metadata, says } of UNFIT) {
    const { create, streams } = case_(container);
    const writer = new Writer({ container: create(), streams, metadata });
    const error = await assertRejects(() => writer.beginWriting(), MuxError, says);
    assertEquals(error.message.match(/Cannot/g)!.length, 1, error.message);
  }
});

Deno.test("SinkWriter.beginWriting() tells wrong metadata and wrong streams in one error, as MF_E_INVALIDMEDIATYPE", async () => {
  const { create } = case_("asf: PCM");
  const writer = new SinkWriter({ container: create(), metadata: { trackNumber: -1, year: wrong(1999) as string } });
  writer.addStream({ kind: "audio", codec: "pcm-s16", sampleRate: 0, numberOfChannels: 1 });
  const { message, hresult } = await assertRejects(() => writer.beginWriting(), MuxError);
  for (const part of ["sampleRate", "year must be a string, got number", "trackNumber"]) {
    assert(message.includes(part), message);
  }
  assertEquals(hresult, 0xC00D36B4);
});
