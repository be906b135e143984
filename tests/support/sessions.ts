/**
 * Small sessions without real codecs: opaque video under a FourCC, PCM audio, and an independent reader to judge them.
 *
 * @module
 */

import { assert, assertEquals, assertGreater } from "@std/assert";
import { asf, type AsfOptions } from "../../src/asf/mod.ts";
import type { Container } from "../../src/container/container.ts";
import { Writer, type WriterOptions } from "../../src/facades/writer.ts";
import { AsfReader } from "../../src/inspect/mod.ts";
import type { Sample } from "../../src/media/sample.ts";
import type { AudioStream, VideoStream } from "../../src/media/stream_config.ts";
import type { TestSink } from "./sinks.ts";
import type { FinalizeReport } from "../../src/errors.ts";

/** ASF whose bytes depend on the session alone. */
export function testAsf(options: AsfOptions = {}): Container {
  return asf({
    fileId: "01234567-89ab-cdef-0123-456789abcdef",
    creationTime: new Date("2020-02-02T02:02:02Z"),
    ...options,
  });
}

/** Video that is passed through as it is. */
export const VIDEO: VideoStream = {
  kind: "video",
  codec: "WMV2",
  codedWidth: 64,
  codedHeight: 48,
  description: new Uint8Array([1, 2, 3, 4]),
};

/** Video that is described by its first chunk's metadata. */
export const LATE_VIDEO: VideoStream = { kind: "video", codec: "WMV2", codedWidth: 64, codedHeight: 48 };

/** 8000 bytes a second. */
export const AUDIO: AudioStream = { kind: "audio", codec: "pcm-u8", sampleRate: 8000, numberOfChannels: 1 };

/** Options for a writer of video (stream 1) and audio (stream 2). */
export function avOptions(sinks: WriterOptions["sinks"], more: Partial<WriterOptions> = {}): WriterOptions {
  return { container: testAsf(), sinks, streams: [VIDEO, AUDIO], ...more };
}

/** Options for a writer of audio alone. */
export function audioOptions(sinks: WriterOptions["sinks"], more: Partial<WriterOptions> = {}): WriterOptions {
  return { container: testAsf(), sinks, streams: [AUDIO], ...more };
}

/** A sample of a stream. */
export interface NumberedSample extends Sample {
  streamNumber: number;
  data: Uint8Array<ArrayBuffer>;
}

/** Bytes that tell one sample from another. */
export function patternBytes(byteLength: number, seed: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(byteLength);
  for (let i = 0, x = seed * 2654435761 >>> 0; i < byteLength; i++) {
    x = Math.imul(x, 1664525) + 1013904223 >>> 0;
    bytes[i] = x >>> 24;
  }
  return bytes;
}

/** 100 ms of PCM. */
export function audioSample(index: number, streamNumber = 2): NumberedSample {
  return {
    streamNumber,
    data: patternBytes(800, 7 + index),
    timestamp: index * 100_000,
    duration: 100_000,
    type: "key",
  };
}

/** A picture of 40 ms, every `gop`-th a key frame. */
export function videoSample(index: number, byteLength = 3000, gop = 10, streamNumber = 1): NumberedSample {
  return {
    streamNumber,
    data: patternBytes(byteLength, 1000 + index),
    timestamp: index * 40_000,
    duration: 40_000,
    type: index % gop === 0 ? "key" : "delta",
  };
}

/** Video at 25 pictures a second and audio, in the order of their times. */
export function avSamples(seconds: number, videoBytes = 3000, gop = 10): NumberedSample[] {
  const video = Array.from({ length: seconds * 25 }, (_, i) => videoSample(i, videoBytes, gop));
  const audio = Array.from({ length: seconds * 10 }, (_, i) => audioSample(i));
  return [...video, ...audio].sort((a, b) => a.timestamp - b.timestamp);
}

/** Writes samples at the sinks' pace. */
export async function writeAll(writer: Writer, samples: Iterable<NumberedSample>): Promise<void> {
  for (const sample of samples) await writer.writeSample(sample.streamNumber, sample);
}

/** A whole session. */
export async function mux(options: WriterOptions, samples: Iterable<NumberedSample>): Promise<FinalizeReport> {
  const writer = new Writer(options);
  await writer.beginWriting();
  await writeAll(writer, samples);
  return await writer.endWriting();
}

/** A sample as the reader found it. */
export interface ReadSample {
  streamNumber: number;
  ms: number;
  isKey: boolean;
  data: Uint8Array;
  /** Packet with its first byte. */
  packetNumber: number;
}

/** A file as the reader found it. */
export interface ReadFile {
  samples: ReadSample[];
  isBroadcast: boolean;
  /** Neither finished nor meant to be broadcast: a recording that ended by itself. */
  isUnfinished: boolean;
  isSeekable: boolean;
  playMs: number;
  packetCount: number;
  streamNumbers: number[];
  indexCount: number;
  /** Packet number of each entry of the first index. */
  indexPackets: number[];
  reader: AsfReader;
}

/** Reads an ASF file with the independent reader, which must find no fault beside those in `known`. */
export async function readAsf(bytes: Uint8Array<ArrayBuffer>, known: readonly string[] = []): Promise<ReadFile> {
  const reader = await AsfReader.open(bytes);
  const samples: ReadSample[] = [];
  for await (const { streamNumber, presentationMs, isKey, data, packetNumber } of reader.samples()) {
    samples.push({ streamNumber, ms: presentationMs, isKey, data: data.slice(), packetNumber });
  }
  const indexes = await reader.indexes();
  const problems = reader.problems.filter((problem) => !known.includes(problem.rule));
  assertEquals(problems.map(({ rule, message }) => `${rule} ${message}`), []);
  const file = reader.header.fileProperties!;
  return {
    samples,
    isBroadcast: file.isBroadcast,
    isUnfinished: reader.header.isUnfinished,
    isSeekable: file.isSeekable,
    playMs: file.playDurationTicks / 10_000 - file.prerollMs,
    packetCount: file.packetCount,
    streamNumbers: reader.header.streams.map((stream) => stream.streamNumber),
    indexCount: indexes.simple.length,
    indexPackets: [...indexes.simple[0]?.packetNumbers ?? []],
    reader,
  };
}

/** The samples of a file are those, in each stream's order, with times less `baseMs`. */
export function assertSamples(file: ReadFile, expected: readonly NumberedSample[], baseMs = 0): void {
  const numbers = new Set(expected.map((sample) => sample.streamNumber));
  for (const number of numbers) {
    const wanted = expected.filter((sample) => sample.streamNumber === number);
    const found = file.samples.filter((sample) => sample.streamNumber === number);
    assertEquals(
      found.map((sample) => sample.ms),
      wanted.map((sample) => Math.round(sample.timestamp / 1000) - baseMs),
    );
    found.forEach((sample, i) => assertSameBytes(sample.data, wanted[i]!.data, `sample ${i} of ${number}`));
  }
  assertEquals(file.samples.length, expected.length);
}

/** Every sample of a file is one of those, in order and whole: it begins somewhere, and may end early. */
export function assertSomeSamples(file: ReadFile, expected: readonly NumberedSample[]): void {
  for (const number of file.streamNumbers) {
    const wanted = expected.filter((sample) => sample.streamNumber === number);
    const found = file.samples.filter((sample) => sample.streamNumber === number);
    assert(found.length <= wanted.length);
    found.forEach((sample, i) => {
      assertEquals(sample.ms, Math.round(wanted[i]!.timestamp / 1000));
      assertSameBytes(sample.data, wanted[i]!.data);
    });
  }
}

/** The sink was treated as its contract says. */
export function assertTreatedWell(...sinks: TestSink[]): void {
  for (const sink of sinks) assertEquals(sink.violations, []);
}

/** The sink was let go of, once. */
export function assertReleasedOnce(sink: TestSink): void {
  assertEquals(sink.count("close") + sink.count("abort"), 1, "close and abort calls");
}

/** Turns of the event loop. */
export async function turns(count = 3): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setTimeout(resolve));
}

/** Whether a promise is settled by now. */
export async function stateOf(promise: Promise<unknown>): Promise<"pending" | "resolved" | "rejected"> {
  const pending = Symbol();
  try {
    return await Promise.race([promise, turns(2).then(() => pending)]) === pending ? "pending" : "resolved";
  } catch {
    return "rejected";
  }
}

/** Waits for a promise that does not reject, but no longer than so many turns of the event loop. */
export async function waitAtMost(promise: Promise<void>, count: number): Promise<void> {
  let isSettled = false;
  void promise.then(() => isSettled = true);
  await undefined;
  for (let i = 0; i < count && !isSettled; i++) await turns(1);
}

/** Longer than anything takes but what hangs, on any machine. */
export const HANG_MS = 60_000;

/** What a promise settles with; one that hangs rejects, and says what. */
export async function unlessItHangs<T>(promise: Promise<T>, what = "a call"): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const hangs = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Still waiting after ${HANG_MS} ms: ${what}`)), HANG_MS);
  });
  return await Promise.race([promise, hangs]).finally(() => clearTimeout(timer));
}

/** Runs it; a rejection that nobody handles is a failure, one that comes a little later too. */
export async function noUnhandled(run: () => Promise<void>): Promise<void> {
  const unhandled: unknown[] = [];
  const onUnhandled = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    unhandled.push(event.reason);
  };
  globalThis.addEventListener("unhandledrejection", onUnhandled);
  try {
    await run();
  } finally {
    await turns();
    globalThis.removeEventListener("unhandledrejection", onUnhandled);
  }
  assertEquals(unhandled, [], "unhandled rejections");
}

/** Runs it, and leaves neither a hang nor a rejection that nobody handles. */
export async function guarded(run: () => Promise<void>): Promise<void> {
  await noUnhandled(() => unlessItHangs(run(), "the test"));
}

/** What a promise rejects with. */
export async function reasonOf(promise: PromiseLike<unknown> | undefined): Promise<unknown> {
  try {
    await promise;
  } catch (reason) {
    return reason;
  }
  throw new Error("Expected a rejection");
}

/** Byte by byte: comparing large arrays by `assertEquals` takes minutes when they differ. */
export function assertSameBytes(actual: Uint8Array, expected: Uint8Array, what = "bytes"): void {
  assertEquals(actual.byteLength, expected.byteLength, `length of ${what}`);
  assertEquals(actual.findIndex((byte, i) => byte !== expected[i]), -1, `first difference of ${what}`);
}

/** `part` is where `whole` begins. */
export function assertPrefix(part: Uint8Array, whole: Uint8Array): void {
  assertGreater(whole.byteLength + 1, part.byteLength);
  assertEquals(part.findIndex((byte, i) => byte !== whole[i]), -1, "first difference from the good file");
}
