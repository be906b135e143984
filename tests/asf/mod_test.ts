import { assert, assertEquals, assertThrows } from "@std/assert";
import { asf, type AsfOptions } from "../../src/asf/mod.ts";
import type { AudioStream, StreamConfig, VideoStream } from "../../src/media/stream_config.ts";
import { problemsOf } from "../support/problems.ts";

const PCM: AudioStream = { kind: "audio", codec: "pcm-s16", sampleRate: 8000, numberOfChannels: 1 };
const WMA: AudioStream = {
  kind: "audio",
  codec: 0x0161,
  sampleRate: 48_000,
  numberOfChannels: 2,
  blockBytes: 2731,
  bitrate: 64_000,
};
const WMV: VideoStream = { kind: "video", codec: "WMV2", codedWidth: 320, codedHeight: 240 };
const JPEG: VideoStream = { kind: "video", codec: "MJPG", codedWidth: 320, codedHeight: 240 };

Deno.test("asf() names itself and its extensions", () => {
  const { name, extensions } = asf();
  assertEquals([name, ...extensions], ["asf", ".asf", ".wmv", ".wma"]);
});

Deno.test("asf().mimeType() is that of Windows for its own codecs alone", () => {
  const cases: [StreamConfig[], string][] = [
    [[WMA], "audio/x-ms-wma"],
    [[WMA, WMV], "video/x-ms-wmv"],
    [[WMV], "video/x-ms-wmv"],
    [[PCM], "video/x-ms-asf"],
    [[WMA, JPEG], "video/x-ms-asf"],
    [[PCM, WMV], "video/x-ms-asf"],
    [[], "video/x-ms-asf"],
  ];
  for (const [streams, type] of cases) assertEquals(asf().mimeType(streams), type);
});

Deno.test("problemsOf(asf(), ) finds nothing wrong with what it can hold", () => {
  assertEquals(problemsOf(asf(), [PCM, WMA, { ...JPEG, streamNumber: 127 }]), []);
  assertEquals(problemsOf(asf(), Array.from({ length: 127 }, () => PCM)), []);
});

Deno.test("problemsOf(asf(), ) names what it cannot hold", () => {
  const cases: [StreamConfig[], RegExp][] = [
    [[], /^there must be at least one stream$/],
    [Array.from({ length: 128 }, () => PCM), /^there must be at most 127 streams, got 128$/],
    [[{ ...PCM, streamNumber: 2 }, PCM], /^stream 2: streamNumber must be unique$/],
    [[{ ...PCM, streamNumber: 128 }], /^stream 128: .*127/],
    [[PCM, { ...WMV, codedWidth: -1 }], /^stream 2: codedWidth /],
    [[{ ...PCM, language: "x".repeat(127) }], /^stream 1: language must have at most 126 characters$/],
  ];
  for (const [streams, line] of cases) {
    const problems = problemsOf(asf(), streams);
    assert(problems.some((problem) => line.test(problem)), `${line} among ${JSON.stringify(problems)}`);
  }
});

Deno.test("asf() refuses options outside their ranges", () => {
  const wrong: AsfOptions[] = [
    { packetBytes: 99 },
    { packetBytes: 65_536 },
    { packetBytes: 3200.5 },
    { prerollMs: -1 },
    { prerollMs: NaN },
    { indexIntervalMs: 0 },
    { headerReserveBytes: -1 },
    { fileId: "12345678" },
    { creationTime: new Date(NaN) },
    { creationTime: new Date("1600-12-31T23:59:59Z") },
  ];
  for (const options of wrong) assertThrows(() => asf(options), RangeError, "Cannot");
  asf({ packetBytes: 100, prerollMs: 0, indexIntervalMs: 1, headerReserveBytes: 0 });
  asf({ packetBytes: 65_535, fileId: "12345678-9abc-4def-8123-456789abcdef" });
});

Deno.test("asf() refuses options that are not of their type", () => {
  assertThrows(() => asf({ packetBytes: "3200" as unknown as number }), TypeError, "packetBytes");
  assertThrows(() => asf({ creationTime: "2022" as unknown as Date }), TypeError, "creationTime");
});

Deno.test("asf() refuses names and codec texts that their fields cannot hold", () => {
  const check = (more: Record<string, unknown>) =>
    problemsOf(asf(), [
      { kind: "audio", codec: "pcm-s16", sampleRate: 8000, numberOfChannels: 1, ...more } as StreamConfig,
    ]);
  assertEquals(check({ names: [{ name: "a", language: "de" }], codecName: "b", codecDescription: "c" }), []);
  assertEquals(check({ names: "a" }), ["stream 1: names must be a list"]);
  assertEquals(check({ names: [{}] }), ["stream 1: name must be a string, got undefined"]);
  assertEquals(check({ names: [{ name: "x".repeat(32_767) }] }), [
    "stream 1: name must have at most 32766 characters, got 32767",
  ]);
  assertEquals(check({ codecDescription: "x".repeat(65_535) }), [
    "stream 1: codecDescription must have at most 65534 characters, got 65535",
  ]);
});
