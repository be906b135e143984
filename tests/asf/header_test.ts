import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "../support/fast_check.ts";
import { guidBytes } from "../../src/asf/guid.ts";
import {
  encodeHeader,
  type HeaderFacts,
  type HeaderStream,
  isPaddable,
  leastHeaderBytes,
} from "../../src/asf/header.ts";
import { MuxError } from "../../src/errors.ts";
import type { RiffAudio, RiffVideo } from "../../src/media/mappings/riff/description.ts";
import { type Box, readHeader } from "./read_header.ts";

const AUDIO: RiffAudio = {
  kind: "audio",
  codecName: "Windows Media Audio",
  id: 0x0161,
  sampleRate: 48_000,
  numberOfChannels: 2,
  bitsPerSample: 16,
  blockBytes: 2731,
  bytesPerSecond: 8001,
  bitrate: 64_008,
  privateData: new Uint8Array(10),
};

const VIDEO: RiffVideo = {
  kind: "video",
  codecName: "H.264 / AVC",
  id: "H264",
  codedWidth: 720,
  codedHeight: 576,
  pixelAspectWidth: 64,
  pixelAspectHeight: 45,
  reorderDepth: 2,
  privateData: new Uint8Array(30),
};

function stream(
  streamNumber: number,
  description: RiffAudio | RiffVideo,
  language?: string,
): HeaderStream {
  return {
    streamNumber,
    description,
    language,
    extensions: [],
    mediaBitsPerSecond: 64_000,
    bitsPerSecond: 65_000,
    largestObjectBytes: 0,
    ticksPerFrame: 0,
  };
}

const FACTS: HeaderFacts = {
  fileId: guidBytes("12345678-9ABC-4DEF-8123-456789ABCDEF"),
  creationTime: 133_000_000_000_000_000n,
  packetBytes: 3200,
  prerollMs: 3000,
  timingExtension: false,
  streams: [stream(1, AUDIO), stream(2, VIDEO)],
  metadata: {},
  relations: {},
  markers: [],
  commands: [],
  indexes: [],
};

const OUTCOME = {
  packetCount: 10,
  indexBytes: 86,
  playDurationTicks: 50_000_000,
  sendDurationTicks: 20_000_000,
  seekable: true,
};

const HEADER = "75b22630-668e-11cf-a6d9-00aa0062ce6c";
const COMPATIBILITY = "26f18b5d-4584-47ec-9f5f-0e651f0452c9";
const FILE_PROPERTIES = "8cabdca1-a947-11cf-8ee4-00c00c205365";
const STREAM_PROPERTIES = "b7dc0791-a9b7-11cf-8ee6-00c00c205365";
const HEADER_EXTENSION = "5fbf03b5-a92e-11cf-8ee3-00c00c205365";
const CODEC_LIST = "86d15240-311d-11d0-a3a4-00a0c90348f6";
const CONTENT_DESCRIPTION = "75b22633-668e-11cf-a6d9-00aa0062ce6c";
const EXTENDED_CONTENT = "d2d0a440-e307-11d2-97f0-00a0c95ea850";
const STREAM_BITRATES = "7bf875ce-468d-11d1-8d82-006097c9a2b2";
const PADDING = "1806d474-cadf-4509-a4ba-9aabcb96aae8";
const LANGUAGE_LIST = "7c4346a9-efe0-4bfc-b229-393ede415c85";
const EXTENDED_STREAM = "14e6a5cb-c672-4332-8399-a96952065b5a";
const METADATA = "c5f8cbea-5baf-4877-8467-aa8c44fa4cca";
const METADATA_LIBRARY = "44231c94-9498-49d1-a141-1d134e457054";

function find(boxes: readonly Box[], guid: string): Box {
  const found = boxes.find((box) => box.guid === guid);
  assert(found !== undefined, `no ${guid}`);
  return found;
}

Deno.test("encodeHeader() writes its children in the recommended order, counts and sizes exact", () => {
  const facts = {
    ...FACTS,
    streams: [stream(1, AUDIO, "en"), stream(2, VIDEO)],
    metadata: { title: "T", genre: "G", pictures: [{ data: new Uint8Array(70_000), mimeType: "image/png" }] },
  };
  const bytes = encodeHeader(facts, leastHeaderBytes(facts) + 24);
  const { root, children, extension } = readHeader(bytes);
  assertEquals(root.guid, HEADER);
  assertEquals(root.end, bytes.byteLength - 50);
  assertEquals(children.map(({ guid }) => guid), [
    FILE_PROPERTIES,
    HEADER_EXTENSION,
    CONTENT_DESCRIPTION,
    EXTENDED_CONTENT,
    CODEC_LIST,
    STREAM_PROPERTIES,
    STREAM_PROPERTIES,
    STREAM_BITRATES,
    PADDING,
  ]);
  assertEquals(root.view.getUint32(24, true), children.length);
  assertEquals(extension.map(({ guid }) => guid), [
    LANGUAGE_LIST,
    COMPATIBILITY,
    EXTENDED_STREAM,
    EXTENDED_STREAM,
    METADATA,
    METADATA_LIBRARY,
  ]);
});

Deno.test("encodeHeader() leaves optional objects out", () => {
  const facts = { ...FACTS, streams: [stream(1, AUDIO)] };
  const { children, extension } = readHeader(encodeHeader(facts, leastHeaderBytes(facts)));
  assertEquals(
    children.map(({ guid }) => guid),
    [FILE_PROPERTIES, HEADER_EXTENSION, CODEC_LIST, STREAM_PROPERTIES, STREAM_BITRATES],
  );
  assertEquals(extension.map(({ guid }) => guid), [COMPATIBILITY, EXTENDED_STREAM]);
});

Deno.test("encodeHeader() marks a header without an outcome as broadcast, without counts", () => {
  const bytes = encodeHeader(FACTS, leastHeaderBytes(FACTS));
  const { view } = find(readHeader(bytes).children, FILE_PROPERTIES);
  assertEquals([40, 56, 64, 72].map((at) => view.getBigUint64(at, true)), [0n, 0n, 0n, 0n]);
  assertEquals(view.getBigUint64(80, true), 3000n);
  assertEquals([88, 92, 96, 100].map((at) => view.getUint32(at, true)), [1, 3200, 3200, 130_000]);
  const data = new DataView(bytes.buffer, bytes.byteLength - 50);
  assertEquals([data.getBigUint64(16, true), data.getBigUint64(40, true)], [50n, 0n]);
});

Deno.test("encodeHeader() says in a final header what came out", () => {
  const total = leastHeaderBytes(FACTS) + 100;
  const bytes = encodeHeader({ ...FACTS, outcome: OUTCOME }, total);
  assertEquals(bytes.byteLength, total);
  const { view } = find(readHeader(bytes).children, FILE_PROPERTIES);
  assertEquals(
    [40, 56, 64, 72].map((at) => view.getBigUint64(at, true)),
    [BigInt(total + 32_000 + 86), 10n, 50_000_000n, 20_000_000n],
  );
  assertEquals(view.getUint32(88, true), 2);
  const data = new DataView(bytes.buffer, total - 50);
  assertEquals([data.getBigUint64(16, true), data.getBigUint64(40, true)], [32_050n, 10n]);
});

Deno.test("encodeHeader() writes no seekable flag without an index", () => {
  const bytes = encodeHeader({ ...FACTS, outcome: { ...OUTCOME, seekable: false } }, leastHeaderBytes(FACTS));
  assertEquals(find(readHeader(bytes).children, FILE_PROPERTIES).view.getUint32(88, true), 0);
});

Deno.test("encodeHeader() sets the seekable flag of each stream with the file's, and no other", () => {
  for (const [outcome, flags] of [[undefined, 0], [{ ...OUTCOME, seekable: false }, 0], [OUTCOME, 2]] as const) {
    const { extension } = readHeader(encodeHeader({ ...FACTS, outcome }, leastHeaderBytes(FACTS)));
    const found = extension.filter(({ guid }) => guid === EXTENDED_STREAM).map(({ view }) => view.getUint32(68, true));
    assertEquals(found, [flags, flags]);
  }
});

Deno.test("encodeHeader() says as maximum bit rate what a DWORD can hold", () => {
  const streams = FACTS.streams.map((stream) => ({ ...stream, bitsPerSecond: 4_000_000_000 }));
  const { view } = find(
    readHeader(encodeHeader({ ...FACTS, streams }, leastHeaderBytes(FACTS))).children,
    FILE_PROPERTIES,
  );
  assertEquals(view.getUint32(100, true), 4_294_967_295);
});

Deno.test("encodeHeader() lists codecs by format tag and FourCC", () => {
  const streams = [stream(1, { ...AUDIO, id: 0x20ff }), stream(2, VIDEO)];
  const { view } = find(
    readHeader(encodeHeader({ ...FACTS, streams }, leastHeaderBytes({ ...FACTS, streams }))).children,
    CODEC_LIST,
  );
  assertEquals(view.getUint32(40, true), 2);
  const found = [];
  for (let at = 44; at < view.byteLength;) { // type, name, description, information: lengths in characters, then in bytes
    const nameEnd = at + 4 + 2 * view.getUint16(at + 2, true);
    const info = nameEnd + 2 + 2 * view.getUint16(nameEnd, true);
    const bytes = Array.from({ length: view.getUint16(info, true) }, (_, i) => view.getUint8(info + 2 + i));
    found.push([view.getUint16(at, true), bytes]);
    at = info + 2 + bytes.length;
  }
  assertEquals(found, [[2, [0xff, 0x20]], [1, [0x48, 0x32, 0x36, 0x34]]]);
});

Deno.test("encodeHeader() points streams without a language at an entry of their own", () => {
  const facts = { ...FACTS, streams: [stream(1, AUDIO, "de"), stream(2, VIDEO), stream(3, AUDIO, "de")] };
  const { extension } = readHeader(encodeHeader(facts, leastHeaderBytes(facts)));
  const list = find(extension, LANGUAGE_LIST).view;
  assertEquals(list.getUint16(24, true), 2);
  const indexes = extension.filter(({ guid }) => guid === EXTENDED_STREAM).map(({ view }) => view.getUint16(74, true));
  assertEquals(indexes, [0, 1, 0]);
});

Deno.test("encodeHeader() declares the timing extension for every stream", () => {
  const facts = { ...FACTS, timingExtension: true };
  const { extension } = readHeader(encodeHeader(facts, leastHeaderBytes(facts)));
  for (const { view } of extension.filter(({ guid }) => guid === EXTENDED_STREAM)) {
    assertEquals(view.byteLength, 110);
    assertEquals(view.getUint16(86, true), 1);
    assertEquals(view.getUint16(104, true), 24);
  }
});

Deno.test("encodeHeader() uses Audio Spread for Windows Media Audio alone", () => {
  const facts = { ...FACTS, streams: [stream(1, AUDIO), stream(2, { ...AUDIO, id: 0x0055 })] };
  const { children } = readHeader(encodeHeader(facts, leastHeaderBytes(facts)));
  const correctionBytes = children.filter(({ guid }) => guid === STREAM_PROPERTIES)
    .map(({ view }) => view.getUint32(68, true));
  assertEquals(correctionBytes, [8, 0]);
});

Deno.test("encodeHeader() pads to any size that leaves nothing, or room for an object", () => {
  const least = leastHeaderBytes(FACTS);
  for (const spare of [0, 24, 25, 47, 48, 2048]) {
    const bytes = encodeHeader(FACTS, least + spare);
    assertEquals(bytes.byteLength, least + spare);
    const { root, children } = readHeader(bytes);
    assertEquals(root.end, least + spare - 50);
    assertEquals(children.some(({ guid }) => guid === PADDING), spare > 0);
    assertEquals(root.view.getUint32(24, true), children.length);
  }
  for (const spare of [-1, 1, 23]) {
    assert(!isPaddable(spare));
    const error = assertThrows(() => encodeHeader(FACTS, least + spare), MuxError, "Cannot write header");
    assertEquals(error.code, "too-large");
  }
});

Deno.test("encodeHeader() keeps its size whatever the outcome", () => {
  const least = leastHeaderBytes(FACTS);
  fc.assert(fc.property(
    fc.record({
      packetCount: fc.nat(),
      indexBytes: fc.nat(),
      playDurationTicks: fc.maxSafeNat(),
      sendDurationTicks: fc.maxSafeNat(),
      seekable: fc.boolean(),
    }),
    (outcome) => {
      assertEquals(leastHeaderBytes({ ...FACTS, outcome }), least);
      const { root } = readHeader(encodeHeader({ ...FACTS, outcome }, least + 2048));
      assertEquals(root.end, least + 2048 - 50);
    },
  ));
});
