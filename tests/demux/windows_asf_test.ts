/**
 * What Windows' own writers do in ASF, made small: what they knew better than the packets tell is left alone by `mux`,
 * `repair` and `index`, and no error to `validate`.
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { asf, bufferSink, MuxError, Writer } from "../../mod.ts";
import { openMedia } from "../../src/demux/mod.ts";
import { AsfReader } from "../../src/inspect/mod.ts";
import { repair } from "../../src/repair/mod.ts";
import {
  counting,
  data,
  extendedStream,
  fileProperties,
  header,
  headerExtension,
  join,
  object,
  packet,
  streamProperties,
  u32,
  videoStream,
} from "../inspect/support/bytes.ts";
import { brokenRules } from "../support/valid.ts";

const PREROLL_MS = 1000;
const AUDIO = "F8699E40-5B4D-11CF-A8FD-00805F5C442B";
const SAMPLE_DURATION = "C6BD9450-867F-4907-83A3-C77921B733AD";
const PLAY_DURATION_AT = 64;
/** From the beginning of an Extended Stream Properties Object. */
const FRAME_TICKS_AT = 76;

/** Windows Media Audio 2, 8 kHz mono, 1000 bytes/s, superframes of 50 bytes. */
const wma = (streamNumber: number) =>
  streamProperties(AUDIO, streamNumber, join("6101 0100 401f0000 e8030000 3200 1000 0a00", new Uint8Array(10)));

interface Said {
  playMs: number;
  streams: Uint8Array[];
  extra?: Uint8Array[];
  inExtension?: Uint8Array[];
}

function file({ playMs, streams, extra = [], inExtension = [] }: Said, packets: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const properties = fileProperties({ packetCount: packets.length, prerollMs: PREROLL_MS }).slice();
  new DataView(properties.buffer).setBigUint64(PLAY_DURATION_AT, BigInt(10_000 * (PREROLL_MS + playMs)), true);
  return join(header(properties, headerExtension(...inExtension), ...streams, ...extra), data(packets));
}

/** Length of what `mux` makes of it, ms, and its samples by stream. */
async function muxed(bytes: Uint8Array): Promise<{ durationMs: number; counts: number[]; warnings: string[] }> {
  await using media = await openMedia(bytes);
  const sink = bufferSink();
  const writer = new Writer({ container: asf(), sinks: [sink], streams: media.streams });
  await writer.beginWriting();
  for await (const sample of media.samples) await writer.writeSample(sample.streamNumber, sample);
  const { duration, streams, warnings } = await writer.endWriting();
  const counts = streams.map(({ samplesProcessed }) => samplesProcessed);
  return { durationMs: duration / 1000, counts, warnings: warnings.map(({ message }) => message) };
}

/** Length of what `repair` makes of it, ms. */
async function repaired(bytes: Uint8Array<ArrayBuffer>): Promise<number> {
  const output = bufferSink();
  const { durationMs } = await repair(new Blob([bytes]), { output });
  const { playDurationTicks } = (await AsfReader.open(output.bytes)).header.fileProperties!;
  assertEquals(Math.round(playDurationTicks / 10_000), durationMs + PREROLL_MS);
  return durationMs;
}

const key = (time: number, more = {}) => ({
  stream: 1,
  key: true,
  object: 0,
  time: PREROLL_MS + time,
  data: counting(30),
  ...more,
});

Deno.test("a picture that is complete after sound that begins later begins the file (late key frame)", async () => {
  for (const count of [2, 3, 16]) {
    const packets = Array.from({ length: count }, (_, i) =>
      packet([
        { stream: 2, key: true, object: i, time: PREROLL_MS + 387 + 250 * i, data: counting(4) },
        { stream: 1, key: true, object: 0, offset: 30 * i, size: 30 * count, time: PREROLL_MS, data: counting(30) },
      ], { sendTimeMs: 200 * i }));
    const last = packet([{ stream: 1, key: false, object: 1, time: PREROLL_MS + 33, data: counting(30) }], {
      sendTimeMs: 200 * count,
    });
    const { counts } = await muxed(
      file({ playMs: 387 + 250 * count, streams: [videoStream(1, "MP43"), wma(2)] }, [...packets, last]),
    );
    assertEquals(counts, [2, count]);
  }
});

Deno.test("of one object of sound the header knows the length, and nonsense in its time of a frame means nothing", async () => {
  const extended = extendedStream(1, []).slice();
  new DataView(extended.buffer).setBigUint64(FRAME_TICKS_AT, 2n ** 64n - 15_790_000n, true);
  const bytes = file({ playMs: 139, streams: [wma(1)], inExtension: [extended] }, [packet([key(0)])]);
  assertEquals([(await muxed(bytes)).durationMs, await repaired(bytes)], [139, 139]);
  const silent = file({ playMs: -PREROLL_MS, streams: [wma(1)], inExtension: [extended] }, [packet([key(0)])]);
  assertEquals(await repaired(silent), 30, "30 bytes at 1000 a second");
});

Deno.test("a still tail is kept: pictures that are equal are not sent", async () => {
  const packets = [0, 67, 134].map((time, object) => packet([key(time, { object })], { sendTimeMs: time }));
  const bytes = file({ playMs: 2019, streams: [videoStream(1, "WMV2", "7854fc80")] }, packets);
  assertEquals([(await muxed(bytes)).durationMs, await repaired(bytes)], [2019, 2019]);
  assertEquals((await brokenRules(bytes)).filter((rule) => /F08/.test(rule)), ["I F08"]);
  const wrong = file({ playMs: 3_600_000, streams: [videoStream(1, "WMV2", "7854fc80")] }, packets);
  assertEquals([(await muxed(wrong)).durationMs, await repaired(wrong)], [201, 201], "an hour is no tail");
});

Deno.test("sound that goes on behind the last picture is part of the file", async () => {
  const packets = [0, 1, 2].map((object) =>
    packet([
      key(33 * object, { object }),
      { stream: 2, key: true, object, time: PREROLL_MS + 45 * object, data: counting(30) },
    ], { sendTimeMs: 33 * object })
  );
  const bytes = file({ playMs: -PREROLL_MS, streams: [videoStream(1, "WMV2", "7854fc80"), wma(2)] }, packets);
  assertEquals([(await muxed(bytes)).durationMs, await repaired(bytes)], [135, 135]);
  const right = await brokenRules(
    file({ playMs: 135, streams: [videoStream(1, "WMV2", "7854fc80"), wma(2)] }, packets),
  );
  assertEquals(right.filter((rule) => /F08/.test(rule)), []);
});

Deno.test("protected files are refused by name, and repaired with what protects them", async () => {
  const protection = object(
    "2211B3FB-BD23-11D2-B4B7-00A0C955FC6E",
    u32(1),
    "aa",
    u32(4),
    "44524d00",
    u32(1),
    "6b",
    u32(1),
    "75",
  );
  const bytes = file({ playMs: 371, streams: [wma(1)], extra: [protection] }, [packet([key(0)])]);
  const error = await assertRejects(() => openMedia(bytes), MuxError, "protected by DRM");
  assertEquals(error.code, "unsupported");
  const output = bufferSink();
  await repair(new Blob([bytes]), { output });
  const { header: after } = await AsfReader.open(output.bytes);
  assert(after.object.children.some(({ name }) => name === "Content Encryption Object"));
});

Deno.test("durations of samples: that of the last fragment, and never the 1 ms that Windows Media Format 9 writes", async () => {
  const extended = extendedStream(1, [{ system: SAMPLE_DURATION, dataBytes: 2 }]).slice();
  new DataView(extended.buffer).setBigUint64(FRAME_TICKS_AT, 333_333n, true);
  const packets = [
    packet([key(0, { extension: "2100" }), key(33, { object: 1, size: 50, data: counting(20), extension: "0100" })]),
    packet([
      key(33, { object: 1, size: 50, offset: 20, extension: "2200" }),
      key(67, { object: 2, data: counting(10), extension: "0100" }),
    ]),
  ];
  const bytes = file({ playMs: 100, streams: [videoStream(1, "WMV2", "7854fc80")], inExtension: [extended] }, packets);
  await using media = await openMedia(bytes, { payloadExtensions: true });
  const durations = (await Array.fromAsync(media.samples)).map(({ duration }) => duration);
  assertEquals(durations, [33_000, 34_000, 33_000]);
  assert(!(await brokenRules(bytes)).some((rule) => /D15/.test(rule)));
});

Deno.test("validate() takes objects of sound that are as large as Audio Spread says, several blocks each", async () => {
  const spread = { type: "BFC3CD50-618F-11CF-8BB2-00AA00B4E220", data: "01 3c00 3c00 0100 00" };
  const format = join("6101 0100 401f0000 e8030000 1400 1000 0a00", new Uint8Array(10));
  const rulesFor = (size: number) =>
    brokenRules(
      file({ playMs: 60, streams: [streamProperties(AUDIO, 1, format, spread)] }, [
        packet([key(0, { data: counting(size) })]),
      ]),
    );
  const found = await Promise.all([20, 60, 40].map(async (size) => (await rulesFor(size)).includes("W D24")));
  assertEquals(found, [false, false, true]);
});
