/** Every index of finished files, judged by the validator and by a naive search among the samples that a reader finds. */

import { assert, assertEquals } from "@std/assert";
import { asf, type AsfOptions, bufferSink, type Sample, type StreamConfig, Writer } from "../../mod.ts";
import { openMedia } from "../../src/demux/mod.ts";
import { AsfReader, type AsfSample, type BlockIndex, validate } from "../../src/inspect/mod.ts";
import { fixture } from "../support/temp.ts";
import { problemsOf } from "../support/problems.ts";

const ALL: AsfOptions = {
  timeIndexMs: 250,
  sampleIndexInterval: 3,
  timecodeIndex: true,
  indexPoints: ["key", "packet", "sample"],
};
const NOWHERE = 0xffff_ffff;

/** Video gets time codes; in decode order they go back and forth as pictures do. */
function coded(stream: StreamConfig): StreamConfig {
  return stream.kind === "video" ? { ...stream, payloadExtensions: ["timecode", "sampleDuration"] } : stream;
}

function withCode(sample: Sample, isVideo: boolean): Sample {
  if (!isVideo) return sample;
  const frame = Math.round(sample.timestamp / 20_000);
  const timecode = {
    hours: 10,
    minutes: 0,
    seconds: Math.floor(frame / 50),
    frames: frame % 50,
    range: frame < 40 ? 3 : 4,
  };
  return { ...sample, duration: sample.duration ?? 20_000, extensions: { timecode } };
}

async function mux(source: string, options: AsfOptions): Promise<Uint8Array> {
  await using media = await openMedia(fixture(source));
  const videos = new Set(media.streams.flatMap(({ kind, streamNumber }) => kind === "video" ? [streamNumber] : []));
  const sink = bufferSink();
  const writer = new Writer({ container: asf(options), sinks: [sink], streams: media.streams.map(coded) });
  await writer.beginWriting();
  for await (const sample of media.samples) {
    const { streamNumber, ...plain } = withCode(sample, videos.has(sample.streamNumber)) as typeof sample;
    await writer.writeSample(streamNumber, plain);
  }
  await writer.endWriting();
  return sink.bytes;
}

interface Found extends Pick<AsfSample, "streamNumber" | "packetNumber" | "isKey" | "extensions"> {
  timeMs: number;
  lastPacket: number;
}

/** The samples with the packets that their last fragments are in. */
async function samplesOf(bytes: Uint8Array): Promise<Found[]> {
  const ends = new Map<number, number[]>();
  const reader = await AsfReader.open(bytes);
  for await (const { number, payloads } of reader.packets()) {
    for (const { streamNumber, offset, data, objectSize } of payloads) {
      if (offset + data.byteLength < objectSize!) continue;
      ends.set(streamNumber, [...ends.get(streamNumber) ?? [], number]);
    }
  }
  const { prerollMs } = reader.header.fileProperties!;
  const found: Found[] = [];
  for await (const { streamNumber, packetNumber, isKey, presentationMs, extensions } of reader.samples()) {
    const lastPacket = ends.get(streamNumber)!.shift()!;
    found.push({ streamNumber, packetNumber, isKey, extensions, lastPacket, timeMs: presentationMs + prerollMs });
  }
  return found;
}

/** Packets of one column; undefined: nowhere. */
function column({ blocks, specifiers }: BlockIndex, at: number, packetBytes: number): (number | undefined)[] {
  return blocks.flatMap(({ offsets, positions }) =>
    Array.from(offsets).filter((_, i) => i % specifiers.length === at)
      .map((offset) => offset === NOWHERE ? undefined : (positions[at]! + offset) / packetBytes)
  );
}

function targetOf(sample: Found | undefined, type: number): number | undefined {
  return type === 1 ? sample?.lastPacket : sample?.packetNumber;
}

for (const source of ["clip.mp4", "hevc.mkv", "two_videos.mp4", "wmv2_wma2.wmv"]) {
  for (const packetBytes of [400, 3200]) {
    Deno.test(`every index of ${source} leads where it should, in packets of ${packetBytes}`, async () => {
      const bytes = await mux(source, { ...ALL, packetBytes });
      const { issues } = await validate(bytes);
      assertEquals(issues.filter(({ severity }) => severity !== "I"), []);
      const all = await samplesOf(bytes);
      const { time: [time], mediaObject: [object], timecode: [timecode] } = await (await AsfReader.open(bytes))
        .indexes();
      time!.specifiers.forEach(({ streamNumber, type }, at) => {
        const samples = all.filter((one) => one.streamNumber === streamNumber && (type !== 3 || one.isKey));
        column(time!, at, packetBytes).forEach((packet, entry) => {
          const past = samples.filter(({ timeMs }) => Math.round(timeMs) <= entry * 250);
          const wanted = past.sort((a, b) => a.timeMs - b.timeMs).at(-1);
          if (wanted !== undefined) assertEquals(packet, targetOf(wanted, type), `${type} at ${entry * 250} ms`);
        });
      });
      object!.specifiers.forEach(({ streamNumber, type }, at) => {
        const samples = all.filter((one) => one.streamNumber === streamNumber);
        const packets = column(object!, at, packetBytes);
        assert(packets.length >= samples.length / 3);
        packets.forEach((packet, entry) => {
          const wanted = samples.slice(0, entry * 3 + 1).filter(({ isKey }) => type !== 3 || isKey).at(-1);
          if (entry * 3 < samples.length) {
            assertEquals(packet, targetOf(wanted, type), `${type} of object ${entry * 3}`);
          } else assertEquals(packet, undefined);
        });
      });
      assertEquals(timecode!.specifiers.map(({ type }) => type).includes(1), false);
      assertEquals(timecode!.blocks.map(({ timecodeRange }) => timecodeRange), [3, 4]);
      for (const [at, { streamNumber, type }] of timecode!.specifiers.entries()) {
        const samples = all.filter((one) => one.streamNumber === streamNumber);
        const packets = column(timecode!, at, packetBytes);
        const codes = timecode!.blocks.flatMap(({ timecodes, timecodeRange }) =>
          Array.from(timecodes!, (code) => `${timecodeRange} ${code}`)
        );
        for (const [i, { extensions }] of samples.entries()) {
          const { range, bcd } = extensions!.timecode!;
          const wanted = samples.slice(0, i + 1).filter(({ isKey }) => type !== 3 || isKey).at(-1);
          assertEquals(packets[codes.indexOf(`${range} ${bcd}`)], wanted?.packetNumber, `${type} of object ${i}`);
        }
      }
    });
  }
}

Deno.test("a sink that joined later gets an Index Object of its own packets, and no Media Object Index", async () => {
  const [first, late] = [bufferSink(), bufferSink()];
  const pcm: StreamConfig = { kind: "audio", codec: "pcm-s16", sampleRate: 8000, numberOfChannels: 1 };
  const container = asf({ timeIndexMs: 100, sampleIndexInterval: 1, packetBytes: 400, indexPoints: ["sample"] });
  const writer = new Writer({ container, sinks: [first], streams: [pcm] });
  await writer.beginWriting();
  for (let i = 0; i < 100; i++) {
    if (i === 37) await writer.addSink(late);
    await writer.writeSample(1, { data: new Uint8Array(640).fill(i), timestamp: i * 40_000 });
  }
  await writer.endWriting();
  for (const [sink, objects] of [[first, 1], [late, 0]] as const) {
    const { issues } = await validate(sink.bytes);
    assertEquals(issues.filter(({ severity }) => severity === "E"), []);
    const { time, mediaObject } = await (await AsfReader.open(sink.bytes)).indexes();
    assertEquals([time.length, mediaObject.length], [1, objects]);
  }
});

Deno.test("of a stream of data, key entries lead to samples that are keys; files carry their names", async () => {
  const sink = bufferSink();
  const { timecodeIndex: _, ...options } = ALL;
  const writer = new Writer({
    container: asf({ ...options, timeIndexMs: 100, sampleIndexInterval: 1, packetBytes: 400 }),
    sinks: [sink],
    streams: [
      { kind: "audio", codec: "pcm-s16", sampleRate: 8000, numberOfChannels: 1 },
      { kind: "file", payloadExtensions: ["fileName"] },
      { kind: "binary", temporalCompression: true },
    ],
  });
  await writer.beginWriting();
  for (let i = 0; i < 60; i++) {
    const timestamp = i * 40_000;
    await writer.writeSample(1, { data: new Uint8Array(640), timestamp });
    if (i % 7 === 3) {
      await writer.writeSample(2, { data: new Uint8Array(500), timestamp, extensions: { fileName: `${i}` } });
    }
    if (i % 3 === 1) {
      await writer.writeSample(3, { data: new Uint8Array(50), timestamp, type: i % 12 === 1 ? "key" : "delta" });
    }
  }
  await writer.endWriting();
  const { issues } = await validate(sink.bytes);
  assertEquals(issues.filter(({ severity, rule }) => severity !== "I" && rule !== "S14"), []);
  const names = (await samplesOf(sink.bytes)).flatMap(({ extensions }) => extensions?.fileName ?? []);
  assertEquals(names.slice(0, 3), ["3", "10", "17"]);
});

Deno.test("asf() refuses indexes that cannot be", () => {
  const stream: StreamConfig = { kind: "audio", codec: "pcm-s16", sampleRate: 8000, numberOfChannels: 1 };
  assertEquals(problemsOf(asf({ timecodeIndex: true }), [stream]), [
    'timecodeIndex: no stream declares the payload extension "timecode"',
  ]);
  const wrong: [AsfOptions, string][] = [
    [{ sampleIndexInterval: 0 }, "RangeError"],
    [{ sampleIndexInterval: "1" as unknown as number }, "TypeError"],
    [{ indexPoints: [] }, "RangeError"],
    [{ indexPoints: ["key", "key"] }, "RangeError"],
    [{ indexPoints: ["frame" as "key"] }, "RangeError"],
    [{ indexPoints: "key" as unknown as [] }, "TypeError"],
    [{ timecodeIndex: true, indexPoints: ["packet"] }, "RangeError"],
    [{ timecodeIndex: 1 as unknown as boolean }, "TypeError"],
  ];
  for (const [options, name] of wrong) {
    let error: unknown;
    try {
      asf(options);
    } catch (thrown) {
      error = thrown;
    }
    assertEquals((error as Error)?.name, name, JSON.stringify(options));
  }
});
