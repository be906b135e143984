/** Ordinary files: what their tables say of any samples, where they lie, and how a file of fragments becomes one. */

import { assert, assertEquals, assertGreater, assertGreaterOrEqual, assertRejects, assertThrows } from "@std/assert";
import fc from "../support/fast_check.ts";
import { openMedia } from "../../src/demux/mod.ts";
import { type FinalizeReport, MuxError } from "../../src/errors.ts";
import { Writer } from "../../src/facades/writer.ts";
import type { StreamSample } from "../../src/media/sample.ts";
import type { AudioStream, StreamConfig, VideoStream } from "../../src/media/stream_config.ts";
import { mov, mp4, type Mp4Layout, type Mp4Options } from "../../src/mp4/mod.ts";
import { toTicks } from "../../src/mp4/time_base.ts";
import { bufferSink } from "../../src/sinks/buffer_sink.ts";
import { CONTAINER_CASES } from "../support/containers.ts";
import { readerTest } from "../support/readers.ts";
import { runOk } from "../support/run.ts";
import { fixture, withTempDir } from "../support/temp.ts";
import { validate } from "../../src/inspect/mod.ts";
import { readAll, writeFinal, writeTo } from "../support/write_all.ts";
import { find, readBoxes, readMovie } from "./boxes.ts";

const AV = CONTAINER_CASES.find(({ name }) => name === "mp4 crash-safe: H.264, AAC")!;
const VIDEO: StreamConfig = { kind: "video", codec: "vp09.00.10.08", codedWidth: 64, codedHeight: 48, framerate: 25 };
const AUDIO: StreamConfig = { kind: "audio", codec: "opus", sampleRate: 48_000, numberOfChannels: 1 };
const LAYOUTS: Mp4Layout[] = ["crash-safe", "plain"];

/** Pictures that are decoded up to three steps before they are shown, sound, either beginning late or with gaps. */
const sessions = fc.record({
  video: fc.array(
    fc.record({
      step: fc.oneof(fc.constant(40_000), fc.integer({ min: 1, max: 90_000 })),
      lead: fc.oneof(fc.constant(0), fc.constant(40_000), fc.integer({ min: 0, max: 120_000 })),
      size: fc.oneof(fc.constant(700), fc.integer({ min: 1, max: 3000 })),
      isKey: fc.boolean(),
      hasDuration: fc.boolean(),
    }),
    { minLength: 1, maxLength: 120 },
  ),
  audio: fc.array(
    fc.record({
      step: fc.oneof(fc.constant(20_000), fc.integer({ min: 1, max: 90_000 })),
      size: fc.oneof(fc.constant(80), fc.integer({ min: 1, max: 500 })),
    }),
    { minLength: 1, maxLength: 120 },
  ),
  audioStart: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 2_000_000 })),
  fragmentDurationMs: fc.integer({ min: 1, max: 3000 }),
}).map(({ video, audio, audioStart, fragmentDurationMs }) => {
  let [at, audioAt] = [0, audioStart];
  const samples = [
    ...video.map(({ step, lead, size, isKey, hasDuration }, i) => ({
      streamNumber: 1,
      decodeTimestamp: (at += step) - step,
      timestamp: at - step + lead,
      duration: hasDuration ? step : null,
      type: isKey || i === 0 ? "key" as const : "delta" as const,
      data: new Uint8Array(size).fill(i),
    })),
    ...audio.map(({ step, size }, i) => ({
      streamNumber: 2,
      decodeTimestamp: (audioAt += step) - step,
      timestamp: audioAt - step,
      data: new Uint8Array(size).fill(255 - i),
    })),
  ];
  return {
    samples: samples.sort((a, b) => a.decodeTimestamp - b.decodeTimestamp) satisfies StreamSample[],
    fragmentDurationMs,
  };
});

/** When a sample is shown, ticks of its track: as its edits say. */
function shownAt(
  { edits, timeScale }: { edits: { duration: number; mediaTime: number }[]; timeScale: number },
  movieScale: number,
) {
  const pause = edits[0]?.mediaTime === -1 ? edits[0].duration * timeScale / movieScale : 0;
  const mediaTime = edits.at(-1)?.mediaTime ?? 0;
  return (presentationTime: number) => presentationTime - mediaTime + pause;
}

for (const layout of LAYOUTS) {
  Deno.test(`mp4(${layout}) lists every byte, time and key frame of any samples`, async () => {
    await fc.assert(
      fc.asyncProperty(sessions, async ({ samples, fragmentDurationMs }) => {
        const container = mp4({ layout, fragmentDurationMs });
        const file = await writeFinal({ container, streams: [{ ...VIDEO, reorders: true }, AUDIO], samples });
        const { timeScale, tracks, duration } = readMovie(file);
        let end = 0;
        for (const [id, track] of tracks) {
          const expected = samples.filter(({ streamNumber }) => streamNumber === id);
          assertEquals(track.samples.map(({ data }) => data), expected.map(({ data }) => data));
          assertEquals(
            track.samples.map(({ isKey }) => isKey),
            expected.map((s) => "type" in s ? s.type !== "delta" : true),
          );
          const zero = Math.min(...samples.map(({ timestamp }) => timestamp));
          const shown = track.samples.map(({ presentationTime }) => shownAt(track, timeScale)(presentationTime));
          const times = expected.map(({ timestamp }) =>
            toTicks(timestamp, track.timeScale) - toTicks(zero, track.timeScale)
          );
          assertEquals(shown, times);
          assertEquals(track.duration, track.samples.reduce((sum, { duration }) => sum + duration, 0));
          end = Math.max(
            end,
            ...track.edits.length > 0
              ? [track.edits.reduce((sum, { duration }) => sum + duration, 0)]
              : [track.duration * timeScale / track.timeScale],
          );
        }
        assertEquals(duration, end);
        // Of a few pictures all may be shown later than the last one is decoded: that is where the edit begins.
        const isShort = (message: string) => message.startsWith("elst box: an edit must begin inside");
        const { issues } = await validate(file);
        assertEquals(issues.filter(({ severity, message }) => severity !== "I" && !isShort(message)), []);
      }),
      { numRuns: 60 },
    );
  });

  Deno.test(`mp4(${layout}) gives each sink the tables of what it has`, async () => {
    const [first, late, early] = [bufferSink(), bufferSink(), bufferSink()];
    const samples = AV.samples(6);
    await using writer = new Writer({ container: mp4({ layout }), sinks: [first, early], streams: AV.streams });
    await writer.beginWriting();
    for (const sample of samples) {
      if (sample.streamNumber === 1 && sample.timestamp === 1_880_000) await writer.addSink(late);
      if (sample.streamNumber === 1 && sample.timestamp === 3_880_000) await writer.removeSink(early);
      await writer.writeSample(sample.streamNumber, sample);
    }
    await writer.endWriting();
    const whole = readMovie(first.bytes);
    for (const { bytes } of [early, late]) {
      const part = readMovie(bytes);
      for (const [id, { samples, edits, timeScale, duration }] of part.tracks) {
        const all = whole.tracks.get(id)!.samples.map(({ data }) => data);
        const own = samples.map(({ data }) => data);
        assertEquals(own, bytes === early.bytes ? all.slice(0, own.length) : all.slice(-own.length));
        assertEquals(samples[0]!.isKey, true);
        assertGreater(own.length, 50);
        // Sound of a late sink begins up to a frame behind its first picture.
        const pause = edits[0]?.mediaTime === -1 ? edits[0].duration / part.timeScale : 0;
        assertGreaterOrEqual(0.045, pause);
        assertEquals(duration, samples.reduce((sum, { duration }) => sum + duration, 0));
        assert(timeScale > 0);
      }
      assertEquals((await validate(bytes)).issues.filter(({ severity }) => severity !== "I"), []);
    }
  });
}

Deno.test("mp4(plain) keeps chunks of half a second, and says nothing twice", async () => {
  const file = await writeFinal({ container: mp4({ layout: "plain" }), streams: AV.streams, samples: AV.samples(10) });
  const boxes = readBoxes(file);
  assertEquals(boxes.map(({ type }) => type), ["ftyp", "mdat", "moov"]);
  const [video, audio] = find(boxes, "moov").children.filter(({ type }) => type === "trak")
    .map(({ children }) => find(children, "mdia/minf/stbl").children);
  const countOf = (table: typeof video, type: string) => table!.find((box) => box.type === type)?.body.getUint32(4);
  assertEquals([countOf(video, "stts"), countOf(video, "stss"), countOf(video, "ctts")], [1, 10, undefined]);
  assertEquals([countOf(audio, "stts"), countOf(audio, "stss")], [1, undefined]);
  assertEquals(countOf(video, "stco"), 20);
  // Each sample has the same size: that is said once.
  assertEquals(video!.find(({ type }) => type === "stsz")!.size, 20);
});

/** What a sink is asked for, in order. */
type Call = { at: number; bytes: Uint8Array<ArrayBuffer> } | "sync";

/** The calls of a session that is finished, as a file gets them, and where those of the finish begin. */
async function callsOf(options: Mp4Options, seconds: number): Promise<{ calls: Call[]; finishAt: number }> {
  const calls: Call[] = [];
  let end = 0;
  let finishAt = 0;
  const append = (bytes: Uint8Array<ArrayBuffer>) => {
    calls.push({ at: end, bytes: bytes.slice() });
    end += bytes.byteLength;
  };
  const sink = {
    header: append,
    data(bytes: Uint8Array<ArrayBuffer>) {
      append(bytes);
      finishAt = calls.length;
    },
    trailer: append,
    patch: (at: number, bytes: Uint8Array<ArrayBuffer>) => void calls.push({ at, bytes: bytes.slice() }),
    sync: () => void calls.push("sync"),
    close() {},
    abort() {},
  };
  // Sizes of sound differ, so that they have to be listed.
  const samples = AV.samples(seconds).map((sample, i) =>
    sample.streamNumber === 1 ? sample : { ...sample, data: sample.data.subarray(0, 200 + i % 100) }
  );
  await writeTo([sink], { container: mp4(options), streams: AV.streams, samples });
  return { calls, finishAt };
}

/** Every file that a medium may hold while calls are made: what was synced is there, of the rest any part. */
function* statesOf(calls: readonly Call[], from: number): Generator<Uint8Array<ArrayBuffer>> {
  const apply = (some: readonly Call[]) => {
    const writes = some.filter((call) => call !== "sync");
    const file = new Uint8Array(Math.max(...writes.map(({ at, bytes }) => at + bytes.byteLength)));
    for (const { at, bytes } of writes) file.set(bytes, at);
    return file;
  };
  const before = calls.slice(0, from);
  let pending: Call[] = [];
  for (const call of [...calls.slice(from), "sync" as const]) {
    if (call !== "sync") {
      pending.push(call);
      continue;
    }
    for (let chosen = 0; chosen < 1 << pending.length; chosen++) {
      yield apply([...before, ...pending.filter((_, i) => chosen >> i & 1)]);
    }
    before.push(...pending);
    pending = [];
  }
}

/** How many samples our own reader finds, who says afterwards that something behind them is damaged. */
async function countSamples(path: string): Promise<number> {
  await using media = await openMedia(path);
  let count = 0;
  try {
    for await (const _ of media.samples) count++;
  } catch (error) {
    assertEquals((error as MuxError).code, "bad-media");
  }
  return count;
}

for (const moov of ["end", { reserveBytes: 200_000 }] as const) {
  const where = moov === "end" ? "behind" : "in front";
  const name =
    `fragments become an ordinary file by one write, with tables ${where}: it plays whatever the medium holds`;
  readerTest(name, ["ffmpeg"], () =>
    withTempDir(async (folder) => {
      const seconds = 400; // tables of several pieces
      const { calls, finishAt } = await callsOf({ moov }, seconds);
      const syncAt = calls.indexOf("sync");
      assertGreaterOrEqual(calls.slice(finishAt, syncAt).length, 2);
      const [reveal] = calls.slice(syncAt + 1).filter((call) => call !== "sync");
      assertEquals(reveal!.bytes.byteLength, moov === "end" ? 16 : 8);
      const paths: string[] = [];
      for (const state of statesOf(calls, finishAt)) {
        const path = `${folder}/${paths.length}.mp4`;
        await Deno.writeFile(path, state);
        paths.push(path);
      }
      assertGreaterOrEqual(paths.length, 8);
      const counts = [25 * seconds, Math.ceil(seconds * 48_000 / 1024)];
      for (const path of paths) {
        const { stdout } = await runOk("ffprobe", [
          ...["-v", "error", "-count_packets", "-show_entries", "stream=nb_read_packets", "-of", "csv=p=0", path],
        ]);
        assertEquals(stdout.trim().split("\n").map(Number), counts);
        assertEquals(await countSamples(path), counts[0]! + counts[1]!);
      }
      assertEquals(
        readBoxes(await Deno.readFile(paths.at(-1)!)).map(({ type }) => type),
        moov === "end" ? ["ftyp", "mdat", "moov"] : ["ftyp", "moov", "free", "mdat"],
      );
    }));
}

Deno.test("an mp4() file whose tables cannot be written keeps its fragments, and the report says so", async () => {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  const sink = {
    header: (bytes: Uint8Array<ArrayBuffer>) => void pieces.push(bytes.slice()),
    data: (bytes: Uint8Array<ArrayBuffer>) => void pieces.push(bytes.slice()),
    trailer: () => Promise.reject(new Error("no")),
    patch(at: number, bytes: Uint8Array<ArrayBuffer>) {
      // Behind the name and the room, which stay as they are.
      assertEquals([at, bytes.byteLength], [24 + 16, pieces[0]!.byteLength - at]);
      pieces[0]!.set(bytes, at);
    },
    close() {},
    abort() {},
  };
  const session = { container: mp4(), streams: AV.streams, samples: AV.samples(3) };
  const report: FinalizeReport = await writeTo([sink], session);
  assertEquals(report.warnings.map(({ stage }) => stage), ["trailer"]);
  assertEquals(report.sinks[0]!.trailerBytes, 0);
  const file = new Uint8Array(await new Blob(pieces).arrayBuffer());
  assertEquals((await validate(file)).issues, []);
  assertEquals(Number(find(readBoxes(file), "moov/mvex/mehd").body.getBigUint64(4)), 3_008_000);
});

Deno.test("mp4(plain) refuses sinks that cannot be patched, and what no table can say", async () => {
  const container = mp4({ layout: "plain" });
  const pipe = new WritableStream<Uint8Array<ArrayBuffer>>();
  const error = await assertRejects(() => writeTo([pipe], { container, streams: [VIDEO], samples: [] }), MuxError);
  assertEquals(error.code, "unsupported");
});

Deno.test("mp4() says places beyond 4 GiB", () => {
  const muxer = mp4({ layout: "plain" }).createMuxer([{ ...AUDIO, streamNumber: 1 }]);
  muxer.describe(0);
  const packetizer = muxer.begin({ metadata: {}, bitrates: [0], present: [true] });
  const plan = muxer.plan({ canPatch: true, takesTrailer: true });
  const facts = { plan, firstUnit: 0, timeBase: 0, trailerBytes: 0, metadata: {} };
  const header = muxer.header({ ...facts, unitCount: 0, headerBytes: 0, dataBytes: 0 }) as Uint8Array;
  const data = new Uint8Array(1 << 20);
  let dataBytes = 0;
  for (let i = 0; i < 4200; i++) {
    packetizer.write({
      stream: 0,
      pieces: muxer.frame(0, data, true),
      timestamp: i * 1e6,
      decodeTimestamp: i * 1e6,
      duration: 1e6,
      isKey: true,
    });
    for (let chunk; (chunk = packetizer.nextChunk(true)) !== undefined; chunk.release()) {
      dataBytes += chunk.bytes.byteLength;
    }
  }
  packetizer.finish();
  for (let chunk; (chunk = packetizer.nextChunk(true)) !== undefined; chunk.release()) {
    dataBytes += chunk.bytes.byteLength;
  }
  assertEquals(dataBytes, 4200 << 20 >>> 0 === dataBytes ? dataBytes : 4200 * (1 << 20));
  const output = { ...facts, unitCount: packetizer.unitCount, headerBytes: header.byteLength, dataBytes };
  const pieces = [...muxer.trailer!(output)].map((piece) => piece.slice());
  const movie = pieces[0]!;
  const table = find(readBoxes(movie), "moov/trak/mdia/minf/stbl/co64").body;
  assertEquals(table.getUint32(4), 4200);
  assertEquals(Number(table.getBigUint64(8 + 8 * 4199)), header.byteLength + 4199 * (1 << 20));
  const trailerBytes = pieces.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const [sync, head] = [...muxer.patches!({ ...output, trailerBytes })];
  assertEquals(sync, "sync");
  assert(head !== "sync" && head !== undefined);
  assertEquals(Number(new DataView(head.bytes.buffer).getBigUint64(8)), 16 + dataBytes);
});

Deno.test("a clip keeps when its sound begins and ends", async () => {
  const source = await readAll(fixture("clip.mp4"));
  const file = await writeFinal({ ...source, container: mp4() });
  const { tracks, timeScale } = readMovie(file);
  const sound = [...tracks.values()].at(-1)!;
  assertEquals(sound.edits.length, 1);
  // 1024 samples of priming are decoded before it begins.
  assertEquals(sound.edits[0]!.mediaTime, 1024);
  assertEquals(timeScale % sound.timeScale, 0);
});

Deno.test("mp4() says what of the first and the last sample of sound is heard", async () => {
  for (const layout of LAYOUTS) {
    // Priming of 1.5 frames that lies before zero, and 400 samples of padding.
    const [frame, priming, padding] = [1024, 1536, 400].map((count) => count * 1e6 / 48_000) as [
      number,
      number,
      number,
    ];
    const samples = Array.from({ length: 100 }, (_, i): StreamSample => ({
      streamNumber: 2,
      timestamp: Math.round(i * frame - priming),
      duration: Math.round(frame),
      data: new Uint8Array(100).fill(i),
      ...i === 0 && { trimStart: Math.round(priming) },
      ...i === 99 && { trimEnd: Math.round(padding) },
    }));
    const file = await writeFinal({
      container: mp4({ layout }),
      streams: [{ ...AV.streams[1]!, streamNumber: 2 }],
      samples,
    });
    const { tracks, timeScale, duration } = readMovie(file);
    const { edits, samples: listed, duration: mediaDuration } = tracks.get(2)!;
    assertEquals([timeScale, listed.length, mediaDuration], [48_000, 100, 102_400]);
    assertEquals(edits, [{ duration: 102_400 - 1536 - 400, mediaTime: 1536 }]);
    assertEquals(duration, edits[0]!.duration);
  }
});

readerTest(
  "readers find the chapters of MP4, and what its tracks are called",
  ["ffmpeg"],
  () =>
    withTempDir(async (folder) => {
      const markers = [{ timestamp: 1_500_000, name: "Zweites, länger" }, { timestamp: 0, name: "Erstes" }];
      const names = [{ name: "Kommentar – テスト" }];
      for (const create of [mp4, mov]) {
        const streams = AV.streams.map((stream) => stream.kind === "audio" ? { ...stream, names } : stream);
        const metadata = { title: "Zwei Kapitel", markers };
        const path = `${folder}/${create.name}.${create.name}`;
        await Deno.writeFile(
          path,
          await writeFinal({ container: create(), streams, samples: AV.samples(3), metadata }),
        );
        const { stdout } = await runOk("ffprobe", [
          ...["-v", "error", "-show_chapters", "-show_entries", "stream_tags=handler_name", "-of", "json", path],
        ]);
        const { chapters, streams: told } = JSON.parse(stdout);
        assertEquals(
          chapters.map((chapter: { start_time: string; tags: { title: string } }) => [
            Number(chapter.start_time),
            chapter.tags.title,
          ]),
          [[0, "Erstes"], [1.5, "Zweites, länger"]],
        );
        assertEquals(told[1].tags.handler_name, "Kommentar – テスト");
        await using media = await openMedia(path);
        assertEquals(media.metadata.markers?.map(({ name }) => name), ["Erstes", "Zweites, länger"]);
      }
      const many = Array.from({ length: 300 }, (_, i) => ({ timestamp: i * 1000, name: `${i}` }));
      assertEquals(mp4().losses!([], { markers: many }).map(({ field }) => field), ["markers"]);
    }),
);

for (const layout of LAYOUTS) {
  Deno.test(`mp4(${layout}) puts the tables in front where there is room, else behind`, async () => {
    const seconds = 60;
    const session = {
      streams: AV.streams,
      samples: AV.samples(seconds).map((sample, i) => (
        sample.streamNumber === 1 ? sample : { ...sample, data: sample.data.subarray(0, 200 + i % 100) }
      )),
    };
    const typesOf = (file: Uint8Array) => readBoxes(file).map(({ type }) => type);
    const plainly = await writeFinal({ ...session, container: mp4({ layout }) });
    const needed = find(readBoxes(plainly), "moov").size;
    for (const reserveBytes of [needed, needed + 8, needed + 100_000]) {
      const file = await writeFinal({ ...session, container: mp4({ layout, moov: { reserveBytes } }) });
      assertEquals(typesOf(file), ["ftyp", "moov", ...reserveBytes > needed ? ["free"] : [], "mdat"]);
      const [front, back] = [readMovie(file), readMovie(plainly)];
      assertEquals(front.tracks, back.tracks);
      assertEquals((await validate(file)).issues, []);
    }
    for (const reserveBytes of [8, needed - 1, needed + 7]) {
      const sink = bufferSink();
      const { sinks } = await writeTo([sink], { ...session, container: mp4({ layout, moov: { reserveBytes } }) });
      assertEquals(typesOf(sink.bytes).filter((type) => type !== "free"), ["ftyp", "mdat", "moov"]);
      assertEquals(sinks[0]!.trailerBytes, needed);
      assertEquals(readMovie(sink.bytes).tracks, readMovie(plainly).tracks);
      assertEquals((await validate(sink.bytes)).issues.filter(({ severity }) => severity !== "I"), []);
    }
    const predicted = await writeFinal({
      ...session,
      container: mp4({ layout, moov: { durationMs: seconds * 1000 } }),
    });
    assertEquals(typesOf(predicted), ["ftyp", "moov", "free", "mdat"]);
    const room = find(readBoxes(predicted), "moov").size + find(readBoxes(predicted), "free").size;
    assertGreaterOrEqual(2 * needed, room);
  });
}

Deno.test("mp4() refuses a place for its tables that is none", () => {
  assertThrows(() => mp4({ moov: { reserveBytes: 1 } }), RangeError, "moov.reserveBytes must be whole and within");
  assertThrows(() => mp4({ moov: { durationMs: NaN } }), RangeError, "moov.durationMs");
  assertThrows(() => mp4({ moov: "front" as "end" }), TypeError, "moov must be");
  assertThrows(() => mp4({ layout: "hybrid" as Mp4Layout }), RangeError, "layout must be");
});

Deno.test("mp4() refuses a sample whose decoder has another description, and goes on without it", async () => {
  const [h264, aac] = AV.streams as [VideoStream, AudioStream];
  const description = h264.description as Uint8Array;
  const other = description.with(3, 0x0B); // another level
  await using writer = new Writer({ container: mp4(), sinks: [bufferSink()], streams: [h264, aac] });
  await writer.beginWriting();
  for (const sample of AV.samples(2)) {
    const metadata = { decoderConfig: { codec: h264.codec, description } };
    await writer.writeSample(sample.streamNumber, sample, sample.streamNumber === 1 ? metadata : undefined);
  }
  const late = AV.samples(4).find(({ streamNumber, timestamp, type }) =>
    streamNumber === 1 && timestamp > 2e6 && type === "key"
  )!;
  const error = await assertRejects(
    async () => await writer.writeSample(1, late, { decoderConfig: { codec: h264.codec, description: other } }),
    MuxError,
  );
  assertEquals([error.code, error.streamNumber], ["unsupported", 1]);
  assertEquals((await writer.endWriting()).sinks[0]!.outcome, "finished");
});

Deno.test("mp4() says what tables can of long pauses: plain refuses others, fragments stay where they were", async () => {
  const data = Uint8Array.of(1, 2, 3);
  const write = async (layout: Mp4Layout, seconds: number, duration?: number) => {
    const sink = bufferSink();
    await using writer = new Writer({ container: mp4({ layout }), sinks: [sink], streams: [AUDIO], openWindowMs: 0 });
    await writer.beginWriting();
    await writer.writeSample(1, { data, timestamp: 0, duration: 20_000 });
    await writer.flush();
    await writer.writeSample(1, { data, timestamp: seconds * 1e6, duration });
    const { warnings } = await writer.endWriting();
    return { warnings: warnings.map(({ code, stage }) => [code, stage]), bytes: sink.bytes };
  };
  const most = Math.floor((2 ** 32 - 1) / 48_000);
  for (const layout of LAYOUTS) {
    const { tracks } = readMovie((await write(layout, most, 1000)).bytes);
    assertEquals(tracks.get(1)!.samples.map(({ duration }) => duration), [most * 48_000, 48]);
  }
  const error = await assertRejects(() => write("plain", most + 1), MuxError);
  assertEquals([error.code, error.streamNumber], ["too-large", 1]);
  const { warnings, bytes } = await write("crash-safe", most + 1);
  assertEquals(warnings, [["sink-failed", "trailer"]]);
  assert(readBoxes(bytes).some(({ type }) => type === "moof"));
});
