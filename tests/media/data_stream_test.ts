import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { allContainers } from "../../src/containers.ts";
import { MuxError } from "../../src/errors.ts";
import { describeIso } from "../../src/media/mappings/isobmff.ts";
import { checkRiff, describeRiff } from "../../src/media/mappings/riff/mod.ts";
import { Pieces } from "../../src/bytes/pieces.ts";
import { scriptSample } from "../../src/media/script.ts";
import type { DataStream, StreamConfig } from "../../src/media/stream_config.ts";
import { dump, hex } from "../asf/hex.ts";
import { problemsOf } from "../support/problems.ts";

const PROBLEMS: [Record<string, unknown>, string][] = [
  [{ kind: "script", description: new Uint8Array(1) }, "a stream of kind script has no description"],
  [{ kind: "script", streamNumber: 128 }, "streamNumber must be an integer from 1 to 127, got 128"],
  [{ kind: "script", bitrate: -1 }, "bitrate must be a positive number, got -1"],
  [{ kind: "image", codedHeight: 1 }, "codedWidth must be an integer from 1 to 65535, got undefined"],
  [{ kind: "image", codedWidth: 1, codedHeight: 65_536 }, "codedHeight must be an integer from 1 to 65535, got 65536"],
  [
    { kind: "image", codec: "png", codedWidth: 1, codedHeight: 1 },
    'image codec must be "jfif" or "degradable-jpeg", got "png"',
  ],
  [
    { kind: "image", codedWidth: 1, codedHeight: 1, description: new Uint8Array(1) },
    "a stream of kind image has no description",
  ],
  [{ kind: "file", description: new Uint8Array(65_536) }, "description must not exceed 65535 bytes, got 65536"],
  [{ kind: "file", sampleBytes: 0 }, "sampleBytes must be an integer from 1 to 4294967295, got 0"],
  [{ kind: "binary", temporalCompression: 1 }, "temporalCompression must be a boolean, got number"],
];

for (const [config, problem] of PROBLEMS) {
  Deno.test(`checkRiff() says: ${problem} (${config.kind})`, () => {
    assertEquals(checkRiff(config as unknown as StreamConfig), [problem]);
  });
}

const STREAMS: DataStream[] = [
  { kind: "script" },
  { kind: "image", codedWidth: 1, codedHeight: 1 },
  { kind: "file" },
  { kind: "binary" },
];

for (const stream of STREAMS) {
  Deno.test(`only ASF holds a stream of kind ${stream.kind}; the others say why not`, () => {
    const audio: StreamConfig = { kind: "audio", codec: "mp4a.40.2", sampleRate: 8000, numberOfChannels: 1 };
    for (const container of allContainers()) {
      const problems = problemsOf(
        container,
        container.name === "mp4" ? [{ ...audio, codec: "opus" }, stream] : [stream],
      );
      if (container.name === "asf") assertEquals(problems, []);
      else assertEquals(problems.some((problem) => problem.includes(`a stream of kind ${stream.kind}`)), true);
    }
  });
}

/** By name. */
const HOLD_TEXT = ["matroska", "webm"];

Deno.test("containers that hold no text say what they hold", () => {
  const text: StreamConfig = { kind: "text", codec: "webvtt", language: "en" };
  for (const container of allContainers()) {
    const problems = problemsOf(container, [text]);
    if (HOLD_TEXT.includes(container.name)) {
      assertEquals(problems, [], container.name);
      continue;
    }
    assertEquals(problems.length, 1, container.name);
    assertMatch(problems[0]!, /^stream 1: .*(video|audio).* got (a stream of kind )?text$/);
  }
  assertEquals(assertThrows(() => describeRiff(text), MuxError).code, "unsupported");
  assertEquals(assertThrows(() => describeIso(text), MuxError).code, "unsupported");
});

Deno.test("describeRiff() keeps a copy of the description", () => {
  const bytes = new Uint8Array([1, 2, 3]);
  const description = describeRiff({ kind: "binary", description: bytes });
  bytes.fill(0);
  assertEquals(description?.privateData, new Uint8Array([1, 2, 3]));
});

Deno.test("scriptSample() makes two texts with a NUL behind each", () => {
  const { data, ...rest } = scriptSample({ timestamp: 7, type: "URL", text: "é😀" });
  assertEquals(dump(data), "55 00 52 00 4c 00 00 00 e9 00 3d d8 00 de 00 00");
  assertEquals(rest, { timestamp: 7, type: "key" });
});

Deno.test("scriptSample() refuses what would not come out again", () => {
  const make = (type: unknown, text: unknown) => () =>
    scriptSample({ timestamp: 0, type: type as string, text: text as string });
  assertThrows(make("", "x"), RangeError, "type must not be empty");
  assertThrows(make("a\0b", "x"), RangeError, "type must have no NUL inside");
  assertThrows(make("TEXT", "\0"), RangeError, "text must have no NUL inside");
  assertThrows(make(1, ""), TypeError, "type must be a string");
  assertThrows(make("TEXT", undefined), TypeError, "text must be a string");
});

/** What a sample becomes; an error's message where it is refused. */
function framed(config: DataStream, bytes: string): string {
  const description = describeRiff(config);
  const out = new Pieces();
  try {
    if (description!.framing === undefined) return "as it is";
    description!.framing(hex(bytes), true, out);
  } catch (error) {
    if (error instanceof MuxError && error.code === "bad-media") return error.message.replace(/^[^:]*: /, "");
    throw error;
  }
  return dump(out.toUint8Array());
}

const TWO_TEXTS = "a script command is two texts in UTF-16, each with a NUL behind it";

const SAMPLES: { name: string; config: DataStream; bytes: string; becomes: string }[] = [
  {
    name: "a command",
    config: { kind: "script" },
    bytes: "41 00 00 00 42 00 00 00",
    becomes: "41 00 00 00 42 00 00 00",
  },
  {
    name: "a command without its last NUL",
    config: { kind: "script" },
    bytes: "41 00 00 00 42 00",
    becomes: "41 00 00 00 42 00 00 00",
  },
  {
    name: "a command without a parameter",
    config: { kind: "script" },
    bytes: "41 00 00 00",
    becomes: "41 00 00 00 00 00",
  },
  { name: "one text", config: { kind: "script" }, bytes: "41 00 42 00", becomes: TWO_TEXTS },
  { name: "three texts", config: { kind: "script" }, bytes: "41 00 00 00 42 00 00 00 43 00", becomes: TWO_TEXTS },
  { name: "half a character", config: { kind: "script" }, bytes: "41 00 00 00 42", becomes: TWO_TEXTS },
  {
    name: "two zero bytes that are no NUL",
    config: { kind: "script" },
    bytes: "41 00 00 42 00 00 00 00",
    becomes: "41 00 00 42 00 00 00 00",
  },
  { name: "nothing", config: { kind: "script" }, bytes: "", becomes: TWO_TEXTS },
  { name: "a picture", config: STREAMS[1]!, bytes: "ff d8 ff", becomes: "ff d8 ff" },
  { name: "no picture", config: STREAMS[1]!, bytes: "89 50", becomes: "it is no JPEG file" },
  {
    name: "a sample of another size",
    config: { kind: "binary", sampleBytes: 2 },
    bytes: "01",
    becomes: "must be 2 bytes, as sampleBytes says, got 1",
  },
  { name: "a sample of the size", config: { kind: "file", sampleBytes: 2 }, bytes: "01 02", becomes: "01 02" },
  { name: "anything", config: { kind: "binary" }, bytes: "01", becomes: "as it is" },
];

for (const { name, config, bytes, becomes } of SAMPLES) {
  Deno.test(`a stream of kind ${config.kind} takes ${name}: ${becomes}`, () => {
    assertEquals(framed(config, bytes), becomes);
  });
}
