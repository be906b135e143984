/** What is in Matroska and WebM files, element by element, as the independent reader finds it. */

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { matroska, type MatroskaOptions, webm } from "../../mod.ts";
import type { Container } from "../../src/container/container.ts";
import { MuxError } from "../../src/errors.ts";
import { Writer } from "../../src/facades/writer.ts";
import { type InspectNode, inspectTree, validate } from "../../src/inspect/mod.ts";
import type { Metadata } from "../../src/media/metadata.ts";
import type { StreamSample } from "../../src/media/sample.ts";
import type { AudioStream, StreamConfig, TextStream, VideoStream } from "../../src/media/stream_config.ts";
import { bufferSink } from "../../src/sinks/buffer_sink.ts";
import { segmentSink } from "../../src/sinks/segment_sink.ts";
import { SmallDisk } from "../support/small_disk.ts";
import { type Session, writeFinal, writeLive, writeTo } from "../support/write_all.ts";

const VIDEO: VideoStream = { kind: "video", codec: "vp8", codedWidth: 64, codedHeight: 48, framerate: 25 };
const OPUS_HEAD = Uint8Array.of(...new TextEncoder().encode("OpusHead"), 1, 2, 0x38, 1, 0x80, 0xBB, 0, 0, 0, 0, 0);
const OPUS: AudioStream = {
  kind: "audio",
  codec: "opus",
  sampleRate: 48_000,
  numberOfChannels: 2,
  description: OPUS_HEAD, // 312 samples of pre-skip
};
const AAC: AudioStream = {
  kind: "audio",
  codec: "mp4a.40.2",
  sampleRate: 48_000,
  numberOfChannels: 2,
  description: Uint8Array.of(0x11, 0x90),
};

interface Line {
  readonly bytes?: number;
  readonly step: number;
  readonly keyInterval?: number;
  readonly from?: number;
}

function samplesOf(streamNumber: number, count: number, { bytes = 100, step, keyInterval = 1, from = 0 }: Line) {
  return Array.from({ length: count }, (_, i): StreamSample => ({
    streamNumber,
    data: new Uint8Array(bytes).fill(i + streamNumber),
    timestamp: from + Math.round(i * step),
    duration: Math.round((i + 1) * step) - Math.round(i * step),
    type: i % keyInterval === 0 ? "key" : "delta",
  }));
}

const byTime = (...lists: StreamSample[][]) => lists.flat().sort((a, b) => a.timestamp - b.timestamp);

async function noComplaints(bytes: Uint8Array): Promise<void> {
  const { issues } = await validate(bytes);
  assertEquals(issues.filter(({ severity }) => severity !== "I").map(({ rule, message }) => `${rule} ${message}`), []);
}

/** The Segment, once nothing is wrong with it. */
async function segmentOf(bytes: Uint8Array): Promise<InspectNode> {
  await noComplaints(bytes);
  return (await inspectTree(bytes, { packets: true })).children[1]!;
}

function all(node: InspectNode, name: string): InspectNode[] {
  return [...node.name === name ? [node] : [], ...node.children.flatMap((child) => all(child, name))];
}

interface Block {
  readonly trackNumber: number;
  readonly timestamp: number;
  readonly isKey?: boolean;
  readonly discardPadding?: number;
  readonly duration?: number;
}

function blocksOf(segment: InspectNode): Block[] {
  return segment.children.filter(({ name }) => name === "Cluster").flatMap(({ children }) =>
    children.filter(({ name }) => /Block/.test(name)).map(({ fields }) => fields as unknown as Block)
  );
}

const fieldsOf = (segment: InspectNode, name: string) => all(segment, name).map(({ fields }) => fields);
const AUDIO_20 = { step: 20_000 };

Deno.test("a Matroska file states times in ticks of 100 µs, sizes, Duration and where everything is", async () => {
  const samples = byTime(
    samplesOf(1, 100, { step: 40_000, keyInterval: 25 }),
    samplesOf(2, 200, { step: 1024e6 / 48_000 }),
  );
  const bytes = await writeFinal({ container: matroska(), streams: [VIDEO, AAC], samples });
  const segment = await segmentOf(bytes);
  assertEquals(segment.children.map(({ name }) => name).filter((name) => name !== "Cluster"), [
    ...["SeekHead", "Void", "Info", "Tracks", "Void", "Cues"],
  ]);
  const [info] = fieldsOf(segment, "Info");
  assertEquals([info!.timestampScale, info!.duration], [100_000, 42_666.67]);
  const blocks = blocksOf(segment);
  assertEquals(
    blocks.map(({ timestamp }) => timestamp),
    samples.map(({ timestamp }) => Math.round(timestamp / 100)),
  );
  assertEquals(fieldsOf(segment, "TrackEntry").map(({ defaultDuration }) => defaultDuration), [40_000_000, 21_333_333]);
  assert(all(segment, "SeekHead").concat(all(segment, "Cues")).every(({ fields }) => "crc32" in fields));
});

Deno.test("the live form has a Segment of unknown size, no index and nothing left open", async () => {
  const samples = samplesOf(1, 50, { step: 40_000, keyInterval: 25 });
  const bytes = await writeLive({ container: webm(), streams: [VIDEO], samples });
  const segment = await segmentOf(bytes);
  assertEquals(segment.children.map(({ name }) => name).filter((name) => name !== "Cluster"), [
    ...["SeekHead", "Info", "Tracks"],
  ]);
  assertEquals(fieldsOf(segment, "Info")[0]!.duration, undefined);
});

Deno.test("a file cut off anywhere before its end has every whole Cluster", async () => {
  const samples = samplesOf(1, 500, { step: 40_000, keyInterval: 25 });
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  const take = (bytes: Uint8Array<ArrayBuffer>) => void pieces.push(bytes.slice());
  const sink = { header: take, data: take, trailer: () => {}, patch: () => {}, close: () => {}, abort: () => {} };
  await writeTo([sink], { container: matroska(), streams: [VIDEO], samples });
  const whole = new Uint8Array(await new Blob(pieces).arrayBuffer());
  const found: number[] = [];
  for (const share of [0.3, 0.62, 0.99, 1]) {
    const tree = await inspectTree(whole.subarray(0, Math.floor(whole.byteLength * share)), { packets: true });
    found.push(blocksOf(tree.children[1]!).length / 500);
  }
  assertEquals(found[3], 1);
  [0.3, 0.62, 0.99].forEach((share, i) =>
    assert(found[i]! > share - 0.12 && found[i]! <= share, `${found[i]} of ${share}`)
  );
});

Deno.test("Clusters begin with key frames a second apart or more, and are 2 s long at most, 2 MiB, and what a sink takes", async () => {
  const write = (keyInterval: number, bytes: number, options: MatroskaOptions = {}) =>
    writeFinal({
      container: matroska(options),
      streams: [VIDEO],
      samples: samplesOf(1, 200, { step: 40_000, keyInterval, bytes }),
    });
  const counts = async (bytes: Uint8Array) =>
    (await segmentOf(bytes)).children.filter(({ name }) => name === "Cluster").map(({ children }) =>
      children.filter(({ name }) => name === "SimpleBlock").length
    );
  assertEquals(await counts(await write(25, 10)), Array(8).fill(25));
  assertEquals(await counts(await write(10, 10)), [...Array(6).fill(30), 20]);
  assertEquals(await counts(await write(75, 10)), [50, 25, 50, 25, 50]);
  assertEquals(await counts(await write(1000, 300_000)), [...Array(33).fill(6), 2]);
  assertEquals(await counts(await write(25, 10, { clusterChecksums: true })), Array(8).fill(25));
});

Deno.test("B-frames: a Cluster's time is the earliest of its blocks, which keep the order of decoding", async () => {
  const times = [0, 120, 40, 80, 240, 160, 200, 360, 280, 320];
  const samples = times.map((ms, i): StreamSample => ({
    streamNumber: 1,
    data: Uint8Array.of(i, 1, 2),
    timestamp: (ms + 80) * 1000,
    decodeTimestamp: i * 40_000,
    type: i % 4 === 0 ? "key" : "delta",
  }));
  const session: Session = { container: matroska(), streams: [{ ...VIDEO, reorders: true }], samples };
  const segment = await segmentOf(await writeFinal({ ...session, maxLatencyMs: 100 }));
  assertEquals(blocksOf(segment).map(({ timestamp }) => timestamp), times.map((ms) => (ms + 80) * 10));
});

Deno.test("WebM has its blocks in the order of their times, Matroska as they came", async () => {
  const video = samplesOf(1, 50, { step: 40_000, keyInterval: 25 });
  const samples = byTime(video, samplesOf(2, 100, AUDIO_20));
  const times = async (container: Container) =>
    blocksOf(await segmentOf(await writeFinal({ container, streams: [VIDEO, OPUS], samples })))
      .map(({ timestamp }) => timestamp);
  const [sorted, asTheyCame] = [await times(webm({ clusterChecksums: true })), await times(matroska())];
  assertEquals(sorted, sorted.toSorted((a, b) => a - b));
  assertEquals(
    asTheyCame,
    samples.map(({ streamNumber, timestamp }) => timestamp / 100 + (streamNumber === 2 ? 65 : 0)),
  );
});

// ── What is not to be heard ──

Deno.test("priming and padding: CodecDelay, SeekPreRoll and DiscardPadding; blocks are later by the delay", async () => {
  const opus = samplesOf(1, 50, { ...AUDIO_20, from: -6500 });
  opus[0] = { ...opus[0]!, trimStart: 6500 };
  opus[49] = { ...opus[49]!, trimEnd: 13_500 };
  const segment = await segmentOf(await writeFinal({ container: webm(), streams: [OPUS], samples: opus }));
  const [track] = fieldsOf(segment, "TrackEntry");
  assertEquals([track!.codecDelay, track!.seekPreRoll], [6_500_000, 80_000_000]);
  const blocks = blocksOf(segment);
  assertEquals([blocks[0]!.timestamp, blocks[49]!.timestamp], [0, 9800]);
  assertEquals(blocks.map(({ discardPadding = 0 }) => discardPadding).filter((ns) => ns !== 0), [13_500_000]);
  assertEquals(fieldsOf(segment, "Info")[0]!.duration, 9865);

  const aac = samplesOf(1, 50, { step: 1024e6 / 48_000, from: -21_333 });
  aac[0] = { ...aac[0]!, trimStart: 21_333 };
  const other = await segmentOf(await writeFinal({ container: matroska(), streams: [AAC], samples: aac }));
  assertEquals(fieldsOf(other, "TrackEntry")[0]!.codecDelay, 21_333_333);
  assertEquals(blocksOf(other).slice(0, 2).map(({ timestamp }) => timestamp), [0, 213]);
});

Deno.test("sound before zero is not to be heard, whether its samples say so or not; pictures stay where they are", async () => {
  const samples = byTime(
    samplesOf(1, 10, { step: 40_000, keyInterval: 5 }),
    samplesOf(2, 20, { step: 1024e6 / 48_000, from: -42_667 }),
  );
  const segment = await segmentOf(await writeFinal({ container: matroska(), streams: [VIDEO, AAC], samples }));
  assertEquals(fieldsOf(segment, "TrackEntry")[1]!.codecDelay, 42_666_667);
  const blocks = blocksOf(segment);
  const first = (track: number) => blocks.find(({ trackNumber }) => trackNumber === track)!.timestamp;
  assertEquals([first(1), first(2)], [0, 0]);
});

Deno.test("pictures before zero are shown, and all else is as much later", async () => {
  const samples = byTime(
    samplesOf(1, 10, { step: 40_000, keyInterval: 5, from: -80_000 }),
    samplesOf(2, 20, AUDIO_20),
  );
  const streams = [VIDEO, { ...OPUS, description: undefined }];
  const metadata: Metadata = { markers: [{ timestamp: 100_000, name: "One" }] };
  const segment = await segmentOf(await writeFinal({ container: matroska(), streams, samples, metadata }));
  const blocks = blocksOf(segment);
  const first = (track: number) => blocks.find(({ trackNumber }) => trackNumber === track)!.timestamp;
  assertEquals([first(1), first(2)], [0, 800]);
  assertEquals(fieldsOf(segment, "ChapterAtom")[0]!.chapterTimeStart, 180_000_000);
});

Deno.test("what is not to be heard of Opus beyond its pre-skip is a negative DiscardPadding, over several blocks", async () => {
  const samples = samplesOf(1, 10, AUDIO_20);
  samples[0] = { ...samples[0]!, trimStart: 36_500 };
  const segment = await segmentOf(await writeFinal({ container: webm(), streams: [OPUS], samples }));
  const paddings = blocksOf(segment).map(({ discardPadding = 0 }) => discardPadding);
  assertEquals(paddings.slice(0, 3), [-20_000_000, -10_000_000, 0]);
});

Deno.test("a stream that begins late, behind the opening, has its times", async () => {
  const samples = byTime(
    samplesOf(1, 250, { step: 40_000, keyInterval: 25 }),
    samplesOf(2, 50, { ...AUDIO_20, from: 8e6 }),
  );
  const segment = await segmentOf(await writeFinal({ container: webm(), streams: [VIDEO, OPUS], samples }));
  const first = blocksOf(segment).find(({ trackNumber }) => trackNumber === 2)!;
  assertEquals(first.timestamp, 80_065);
});

// ── Index ──

Deno.test("Cues tell of every key frame of video, and of every Cluster of sound alone, in front too", async () => {
  const video = samplesOf(1, 250, { step: 40_000, keyInterval: 10 });
  const sound = samplesOf(1, 1000, AUDIO_20);
  for (const cues of ["back", "front"] as const) {
    for (const [streams, samples, expected] of [[[VIDEO], video, 25], [[OPUS], sound, 10]] as const) {
      const segment = await segmentOf(await writeFinal({ container: webm({ cues }), streams, samples }));
      const names = segment.children.map(({ name }) => name);
      assertEquals(names.indexOf("Cues") < names.indexOf("Cluster"), cues === "front");
      assertEquals(all(segment, "CuePoint").length, expected);
    }
  }
});

Deno.test("Cues of a day are thinned, not dropped: in front to what has room, behind to 65 536", async () => {
  const dayOf = function* (step: number): Generator<StreamSample> {
    const data = Uint8Array.of(1, 2, 3);
    for (let at = 0; at < 86_400e6; at += step) yield { streamNumber: 1, data, timestamp: at, duration: step };
  };
  const streams = [VIDEO];
  for (const [cues, least, most] of [["front", 1000, 4000], ["back", 43_000, 65_536]] as const) {
    const cueTimes: number[] = [];
    let headerBytes = 0;
    const take = (bytes: Uint8Array) => void parse(bytes);
    const parse = (bytes: Uint8Array) => {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      for (let at = 0; at + 4 < bytes.byteLength; at++) {
        if (view.getUint32(at) !== 0x1C53BB6B) continue;
        for (let point = at + 14; bytes[point] === 0xBB; point += 2 + (bytes[point + 1]! & 0x7F)) {
          const count = bytes[point + 3]! & 0x7F;
          let time = 0;
          for (let i = 0; i < count; i++) time = time * 256 + bytes[point + 4 + i]!;
          cueTimes.push(time);
        }
      }
    };
    const sink = {
      header: (bytes: Uint8Array) => void (headerBytes += bytes.byteLength),
      data: () => {},
      trailer: take,
      patch: (_offset: number, bytes: Uint8Array) => take(bytes),
      close: () => {},
      abort: () => {},
    };
    await writeTo([sink], { container: matroska({ cues }), streams, samples: dayOf(500_000) });
    assert(cueTimes.length >= least && cueTimes.length <= most, `${cueTimes.length} cues`);
    const step = cueTimes[1]! - cueTimes[0]!;
    assertEquals(cueTimes.slice(1).filter((time, i) => time - cueTimes[i]! > 2 * step), []);
    assert(cueTimes.at(-1)! > 864_000_000 - 2 * step);
    assert(headerBytes < 80_000);
  }
});

Deno.test("a sink that joins late has times from zero, and an index of its own that leads to its blocks", async () => {
  const samples = byTime(samplesOf(1, 500, { step: 40_000, keyInterval: 25 }), samplesOf(2, 1000, AUDIO_20));
  for (const container of [matroska({ clusterChecksums: true }), webm({ cues: "front" })]) {
    const [early, late] = [bufferSink(), bufferSink()];
    await using writer = new Writer({ container, streams: [VIDEO, OPUS], sinks: [early] });
    await writer.beginWriting();
    for (const [i, sample] of samples.entries()) {
      if (i === 700) await writer.addSink(late);
      await writer.writeSample(sample.streamNumber, sample);
    }
    await writer.endWriting();
    const segment = await segmentOf(late.bytes); // its rules look at what Cues lead to
    const { timestamp, isKey } = blocksOf(segment).find(({ trackNumber }) => trackNumber === 1)!;
    assertEquals([timestamp, isKey], [0, true]);
    assert(all(segment, "CuePoint").length > 5);
    const [info] = fieldsOf(segment, "Info");
    assert((info!.duration as number) > 100_000 && (info!.duration as number) < 160_000);
  }
});

Deno.test("files of a recording, and what a full disk holds, are whole: sizes, times, indexes, checksums", async () => {
  const samples = byTime(samplesOf(1, 500, { step: 40_000, keyInterval: 25 }), samplesOf(2, 1000, AUDIO_20));
  for (const create of [matroska, webm]) {
    const container = () => create({ clusterChecksums: true });
    const sinks: ReturnType<typeof bufferSink>[] = [];
    const open = () => sinks[sinks.push(bufferSink()) - 1]!;
    const recording = segmentSink(open, { everyMs: 3000 });
    await using writer = new Writer({ container: container(), streams: [VIDEO, OPUS], sinks: [recording] });
    await writer.beginWriting();
    for (const sample of samples) await writer.writeSample(sample.streamNumber, sample);
    await writer.endWriting();
    assertEquals(sinks.length, 7);
    for (const { bytes } of sinks) assert(all(await segmentOf(bytes), "CuePoint").length >= 2);

    const session = () => ({ container: container(), streams: [VIDEO, OPUS], samples, maxLatencyMs: 300 });
    const { byteLength } = await writeFinal(session());
    for (const share of [0.3, 0.7, 0.95, 0.999]) {
      const disk = new SmallDisk(Math.floor(byteLength * share), false);
      await assertRejects(() => writeTo([disk], session()), MuxError);
      assert(all(await segmentOf(disk.bytes), "CuePoint").length > 0);
    }
  }
});

// ── Text and what is said about a file ──

Deno.test("text: a cue a block with its duration; in WebM behind two lines", async () => {
  const cues = ["Guten Tag", "", "Auf <b>Wiedersehen</b>"].map((text, i): StreamSample => ({
    streamNumber: 2,
    data: new TextEncoder().encode(text),
    timestamp: i * 700_000,
    duration: 500_000,
  }));
  const samples = byTime(samplesOf(1, 50, { step: 40_000, keyInterval: 25 }), cues);
  const header = new TextEncoder().encode("WEBVTT");
  const cases: [Container, TextStream["codec"], string, number][] = [
    [matroska(), "srt", "S_TEXT/UTF8", 0],
    [matroska(), "ass", "S_TEXT/ASS", 0],
    [matroska(), "webvtt", "S_TEXT/WEBVTT", 0],
    [webm(), "webvtt", "D_WEBVTT/SUBTITLES", 2],
  ];
  for (const [container, codec, id, extra] of cases) {
    const text: StreamConfig = { kind: "text", codec, language: "de", description: header };
    const segment = await segmentOf(await writeFinal({ container, streams: [VIDEO, text], samples }));
    const [, track] = fieldsOf(segment, "TrackEntry");
    assertEquals([track!.codecId, track!.trackType, track!.language], [id, 17, "ger"]);
    const blocks = blocksOf(segment).filter(({ trackNumber }) => trackNumber === 2);
    assertEquals(blocks.map(({ timestamp, duration }) => [timestamp, duration]), [[0, 5000], [7000, 5000], [
      14_000,
      5000,
    ]]);
    const sizes = blocks.map((block) => (block as unknown as { frameSizes: number[] }).frameSizes[0]);
    assertEquals(sizes, cues.map(({ data }) => data.byteLength + extra));
  }
  assertEquals(webm().check([{ kind: "text", codec: "srt" }])[0]!.reason, 'WebM holds WebVTT as text, got "srt"');
});

Deno.test("languages are three letters of libraries, in full beside them in Matroska alone; none is undetermined", async () => {
  const written = async (container: Container, language?: string) => {
    const samples = samplesOf(1, 2, AUDIO_20);
    const segment = await segmentOf(await writeFinal({ container, streams: [{ ...OPUS, language }], samples }));
    const { language: letters, languageBcp47: full } = fieldsOf(segment, "TrackEntry")[0]!;
    return [letters, full];
  };
  assertEquals(await written(matroska(), "fr-CA"), ["fre", "fr-CA"]);
  assertEquals(await written(matroska()), ["und", undefined]);
  assertEquals(await written(webm(), "zh-Hant"), ["chi", undefined]);
});

Deno.test("chapters, tags by what they are about, and pictures; late metadata have the room that was kept", async () => {
  const metadata: Metadata = {
    title: "Lied",
    author: "Sängerin",
    albumTitle: "Platte",
    albumArtist: "Gruppe",
    trackNumber: 3,
    partOfSet: "1/2",
    year: "1979",
    composer: ["A", "B"],
    markers: [{ timestamp: 500_000, name: "Mitte" }, { timestamp: 0, name: "Anfang" }],
    pictures: [{ data: Uint8Array.of(1, 2, 3), mimeType: "image/jpeg", description: "Vorne" }],
    records: [{ name: "WM/Mood", value: "still", streamNumber: 1, language: "de" }],
  };
  const sink = bufferSink();
  await using writer = new Writer({ container: matroska(), streams: [OPUS], sinks: [sink] });
  await writer.beginWriting();
  for (const sample of samplesOf(1, 50, AUDIO_20)) await writer.writeSample(1, sample);
  await writer.flush();
  writer.setMetadata(metadata);
  const cover = { data: new Uint8Array(5000), mimeType: "image/png" };
  assertThrows(() => writer.setMetadata({ pictures: [cover] }), MuxError, "header has room");
  await writer.endWriting();
  const segment = await segmentOf(sink.bytes);
  assertEquals(fieldsOf(segment, "Info")[0]!.title, "Lied");
  assertEquals(fieldsOf(segment, "ChapterAtom").map(({ chapterTimeStart }) => chapterTimeStart), [0, 500_000_000]);
  assertEquals(fieldsOf(segment, "ChapterDisplay").map(({ chapString }) => chapString), ["Anfang", "Mitte"]);
  const tags = all(segment, "Tag").map((tag) => [
    ...Object.values(fieldsOf(tag, "Targets")[0]!),
    ...fieldsOf(tag, "SimpleTag").map(({ tagName, tagString }) => `${tagName}=${tagString}`),
  ]);
  assertEquals(tags, [
    [
      30,
      ...["ARTIST=Sängerin", "ALBUM=Platte", "ALBUM_ARTIST=Gruppe", "DATE_RELEASED=1979", "PART_NUMBER=3"],
      ...["DISC=1/2", "COMPOSER=A", "COMPOSER=B"],
    ],
    [50, 1, "MOOD=still"],
  ]);
  const [file] = fieldsOf(segment, "AttachedFile");
  assertEquals([file!.fileName, file!.fileMediaType, file!.fileDescription], ["cover.jpg", "image/jpeg", "Vorne"]);
});

Deno.test("what has no place is named", () => {
  const metadata: Metadata = {
    scripts: [{ timestamp: 0, type: "URL", text: "a" }],
    pictures: [{ data: Uint8Array.of(1), mimeType: "image/png" }],
  };
  const fields = (container: Container) => container.losses!([], metadata).map(({ field }) => field);
  assertEquals(fields(matroska()), ["scripts"]);
  assertEquals(fields(webm()), ["scripts", "pictures"]);
});

Deno.test("a decoder with another configuration is refused where CodecPrivate alone says it", async () => {
  const sink = bufferSink();
  await using writer = new Writer({
    container: matroska(),
    streams: [{ ...AAC, description: undefined }],
    sinks: [sink],
  });
  await writer.beginWriting();
  const metadata = (...description: number[]) => ({
    decoderConfig: { codec: "mp4a.40.2", description: Uint8Array.from(description) },
  });
  const samples = samplesOf(1, 4, { step: 21_333 });
  await writer.writeSample(1, samples[0]!, metadata(0x11, 0x90));
  await writer.writeSample(1, samples[1]!, metadata(0x11, 0x90));
  const error = await assertRejects(
    async () => await writer.writeSample(1, samples[2]!, metadata(0x12, 0x10)),
    MuxError,
  );
  assertEquals([error.code, error.streamNumber], ["unsupported", 1]);
  await writer.writeSample(1, samples[3]!);
  await writer.endWriting();
  assertEquals(blocksOf(await segmentOf(sink.bytes)).length, 3);
});

Deno.test("options are checked", () => {
  // deno-lint-ignore no-explicit-any
  const make = (options: any) => () => matroska(options);
  assertThrows(make({ cues: "middle" }), RangeError, 'cues must be "front" or "back", got middle');
  assertThrows(make({ clusterChecksums: 1 }), TypeError, "clusterChecksums must be a boolean, got number");
  assertThrows(make({ headerReserveBytes: -1 }), RangeError, "headerReserveBytes");
  assertThrows(make({ creationTime: "today" }), TypeError, "creationTime must be a Date");
  assertThrows(make({ creationTime: new Date(NaN) }), RangeError, "creationTime must be a valid date");
});

Deno.test("what neither holds is refused, and named", () => {
  const reason = (container: Container, stream: StreamConfig) => container.check([stream])[0]?.reason ?? "";
  assert(reason(webm(), AAC).startsWith('WebM cannot hold audio codec "mp4a.40.2"'));
  assert(reason(matroska(), { kind: "script" }).includes("got a stream of kind script"));
  assert(reason(matroska(), { ...VIDEO, rotation: 45 }).includes("rotation must be 0, 90, 180 or 270"));
});

Deno.test("track numbers up to 127, of which the last takes two bytes", async () => {
  const streams = Array.from({ length: 127 }, () => ({ ...OPUS }));
  const samples = streams.map((_, i) => samplesOf(i + 1, 2, AUDIO_20)).flat().sort((a, b) => a.timestamp - b.timestamp);
  const segment = await segmentOf(await writeFinal({ container: webm(), streams, samples }));
  assertEquals(new Set(blocksOf(segment).map(({ trackNumber }) => trackNumber)).size, 127);
});
