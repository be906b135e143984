import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { MuxError } from "../../src/errors.ts";
import { AsfReader, validate } from "../../src/inspect/mod.ts";
import { repair, tag } from "../../src/repair/mod.ts";
import { FeedSink } from "../../src/server/feed_sink.ts";
import { PublishingServer } from "../../src/server/mod.ts";
import { PublishingPoint } from "../../src/server/publishing_point.ts";
import { Recordings } from "../../src/server/recordings.ts";
import { fileSink } from "../../src/sinks/file_sink.ts";
import type { Sink } from "../../src/sinks/sink.ts";
import { ffprobe } from "../support/readers/ffmpeg.ts";
import { readerTest } from "../support/readers.ts";
import { withTempDir } from "../support/temp.ts";
import { broadcast, samplesOf } from "./live.ts";
import { RawPush, take } from "./raw_push.ts";

const NAMES = [
  { name: "live", file: "live" },
  { name: "sports/live", file: "sports_live" },
  { name: "../../etc/passwd", file: "_etc_passwd" },
  { name: "Größe", file: "Größe" },
  { name: "学校放送", file: "学校放送" },
  { name: "हिन्दी", file: "हिन्दी" },
  { name: "con.x", file: "con_x" },
  { name: 'a:b*c?"<>|\\', file: "a_b_c_" },
  { name: "😀".repeat(100), file: "_" },
  { name: "𝒜".repeat(100), file: "𝒜".repeat(50) },
];

Deno.test("recordings are named after their points, as any file system takes it", async () => {
  await withTempDir(async (folder) => {
    const server = PublishingServer.listen({ recordFolder: folder });
    await broadcast({ input: "tone.mp3", sinks: NAMES.map(({ name }) => [server.feed(name)]) });
    await server.close();
    assertEquals(server.status().recordingFailures, []);
    const files = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name.normalize("NFC"));
    const got = files.map((file) => file.replace(/-\d{8}T\d{6}Z-\d+\.asf$/, ""));
    const expected = NAMES.map(({ file }) => file);
    assertEquals(got.sort(), expected.sort());
  });
});

/** A file on a medium with room for so many bytes. */
function fullAt(room: number, path: string): Sink {
  const file = fileSink(path);
  let taken = 0;
  const append = async (bytes: Uint8Array<ArrayBuffer>, write: (bytes: Uint8Array<ArrayBuffer>) => unknown) => {
    const fits = bytes.subarray(0, room - taken);
    taken += fits.byteLength;
    await write(fits);
    if (fits.byteLength < bytes.byteLength) throw new Error(`${path}: No space left on device (os error 28)`);
  };
  return {
    open: () => file.open!(),
    header: (bytes) => append(bytes, (fits) => file.header(fits)),
    data: (bytes, info) => append(bytes, (fits) => file.data(fits, info)),
    trailer: (bytes) => append(bytes, (fits) => file.trailer!(fits)),
    patch: (offset, bytes) => file.patch!(offset, bytes),
    truncate: (length) => file.truncate!(length),
    close: () => file.close(),
    abort: (reason) => file.abort(reason),
  };
}

/** Records a fixture on a medium that is too small. */
async function recordFull(folder: string, input: string, room: number) {
  const recordings = new Recordings(folder, (path) => fullAt(room, path));
  const point = new PublishingPoint("live", recordings.begin, () => {});
  let recording: string | undefined = "";
  await broadcast({
    input,
    sinks: [[new FeedSink(() => point)]],
    eachSample: (timestamp) => {
      if (timestamp > 4_000_000) ({ recording } = point.facts);
    },
  });
  await recordings.settled();
  const [{ name }] = await Array.fromAsync(Deno.readDir(folder)) as [Deno.DirEntry];
  return { recordings, recording, path: `${folder}/${name}` };
}

for (
  const { full, input, room, whole } of [
    { full: "in mid-packet", input: "clip.mp4", room: 50_000, whole: false },
    { full: "in mid-packet of sound", input: "tone.mp3", room: 20_000, whole: false },
    { full: "in its index", input: "clip.mp4", room: NaN, whole: true },
  ]
) {
  Deno.test(`a recording whose disk is full ${full} is finished there, and that is told once`, async () => {
    await withTempDir(async (folder) => {
      await Deno.mkdir(`${folder}/all`);
      const all = await recordFull(`${folder}/all`, input, Infinity);
      assertEquals(all.recordings.failures, []);
      const indexBytes = indexSize(await Deno.readFile(all.path));
      const size = whole ? (await Deno.stat(all.path)).size - indexBytes + 20 : room;
      await Deno.mkdir(`${folder}/cut`);
      const { recordings, recording, path } = await recordFull(`${folder}/cut`, input, size);
      assertEquals(recordings.failures, [`${path}: No space left on device (os error 28)`]);
      assertEquals(recordings.failureCount, 1);
      assertEquals(recording, whole ? path : undefined);
      const bytes = await Deno.readFile(path);
      const reader = await AsfReader.open(bytes);
      const { fileSize, packetCount, playTicks, flags } = properties(bytes);
      assertEquals(fileSize, bytes.byteLength);
      assertEquals(packetCount, (await Array.fromAsync(reader.packets())).length);
      const samples = await samplesOf(bytes);
      const lastMs = Math.max(...samples.map((sample) => Number(sample.split(" ").at(-1))));
      const PREROLL_MS = 3000;
      const beyondMs = playTicks / 10_000 - PREROLL_MS - lastMs; // the sample that was cut
      assert(whole ? Math.abs(beyondMs) < 1 : beyondMs > -1 && beyondMs < 150, `${beyondMs}`);
      assertEquals(flags, input === "tone.mp3" ? 2 : 0);
      const before = await samplesOf(await Deno.readFile(all.path));
      assertEquals(samples, before.slice(0, samples.length));
      if (whole) assertEquals(samples.length, before.length);
    });
  });
}

Deno.test("a recording that goes on is not edited, which loses nothing; when it is over it is", async () => {
  await withTempDir(async (folder) => {
    const server = PublishingServer.listen({ recordFolder: folder });
    const refusals: string[] = [];
    let path = "";
    const broadcasting = broadcast({
      input: "tone.mp3",
      sinks: [[server.feed("live")]],
      eachSample: async (timestamp) => {
        if (timestamp < 2_000_000 || refusals.length > 0) return;
        const [{ name }] = await Array.fromAsync(Deno.readDir(folder)) as [Deno.DirEntry];
        path = `${folder}/${name}`;
        for (const edit of [() => tag(path, { set: { description: "z".repeat(9000) } }), () => repair(path)]) {
          refusals.push((await assertRejects(edit, MuxError)).code);
        }
      },
    });
    await broadcasting;
    await server.close();
    assertEquals(refusals, ["in-use", "in-use"]);
    assertEquals(server.status().recordingFailures, []);
    const before = await samplesOf(await Deno.readFile(path));
    await tag(path, { set: { description: "z".repeat(9000) } });
    const bytes = await Deno.readFile(path);
    assertEquals(await samplesOf(bytes), before);
    assertEquals((await validate(bytes)).errorCount, 0);
  });
});

/** Fields of the File Properties Object ([ASF] 3.2). */
function properties(bytes: Uint8Array) {
  const guid = "a1dcab8c47a9cf118ee400c00c205365";
  const hex = Array.from(bytes.subarray(0, 4096), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const view = new DataView(bytes.buffer, hex.indexOf(guid) / 2);
  return {
    fileSize: Number(view.getBigUint64(40, true)),
    packetCount: Number(view.getBigUint64(56, true)),
    playTicks: Number(view.getBigUint64(64, true)),
    flags: view.getUint32(88, true),
  };
}

/** Bytes behind the Data Object. */
function indexSize(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer);
  const headerBytes = Number(view.getBigUint64(16, true));
  return bytes.byteLength - headerBytes - Number(view.getBigUint64(headerBytes + 16, true));
}

for (const input of ["clip.mp4", "two_videos.mp4", "hevc.mkv", "vfr.mp4", "wmv2_wma2.wmv", "tone.flac"]) {
  Deno.test(`a recording of ${input} is a whole file: times, index and counts are as they should be`, async () => {
    await withTempDir(async (folder) => {
      const server = PublishingServer.listen({ recordFolder: folder });
      await broadcast({ input, sinks: [[server.feed("live")]] });
      await server.close();
      const [{ name }] = await Array.fromAsync(Deno.readDir(folder)) as [Deno.DirEntry];
      const { issues } = await validate(await Deno.readFile(`${folder}/${name}`));
      const own = issues.filter(({ severity, rule }) => severity !== "I" && /^[FI]/.test(rule)); // not the packets
      assertEquals(own.map(({ message }) => message), []);
    });
  });
}

for (const input of ["clip.mp4", "wmv2_wma2.wmv", "wma2.wma", "tone.mp3"]) {
  readerTest(`${input}, joined in its middle, is recorded from its first sample`, ["ffmpeg"], async () => {
    await withTempDir(async (folder) => {
      const server = PublishingServer.listen({ recordFolder: folder });
      const { header, packets } = await take(input);
      const push = await RawPush.open(server.url + "live");
      await push.header(header);
      const rest = packets.slice(packets.length >> 1);
      await push.data(rest);
      await push.end(0);
      await push.closed();
      await server.close();
      const [{ name }] = await Array.fromAsync(Deno.readDir(folder)) as [Deno.DirEntry];
      const path = `${folder}/${name}`;

      const got = await samplesOf(await Deno.readFile(path));
      const wanted = await samplesOf(Uint8Array.from([header, ...rest].flatMap((bytes) => [...bytes])));
      const shifts = new Set(got.map((sample, i) => Math.round(timeOf(wanted[i]!) - timeOf(sample))));
      assertEquals([got.length, shifts.size], [wanted.length, 1]);
      assertEquals(got.map(withoutTime), wanted.map(withoutTime));
      const times = got.map(timeOf);
      assert(Math.min(...times) > -500 && Math.min(...times) < 200, `${Math.min(...times)}`);

      const { durationMs, packets: found } = await ffprobe(path);
      assert(Math.abs(durationMs - Math.max(...times)) < 500, `${durationMs}`); // FFmpeg adds what the sound begins later
      assertEquals(found.length, got.length);
      const { issues } = await validate(await Deno.readFile(path));
      assertEquals(
        issues.filter(({ rule, severity }) => severity !== "I" && /^([FI]|D25)/.test(rule)).map(({ message }) =>
          message
        ),
        [],
      );
    });
  });
}

function timeOf(sample: string): number {
  return Number(sample.split(" ").at(-1));
}

function withoutTime(sample: string): string {
  return sample.replace(/ \S+$/, "");
}

for (const input of ["clip.mp4", "tone.mp3"]) {
  Deno.test(`a recording of ${input} tells at any time what is in it, should the server be killed`, async () => {
    await withTempDir(async (folder) => {
      const server = PublishingServer.listen({ recordFolder: folder });
      let copied: Uint8Array<ArrayBuffer> | undefined;
      await broadcast({
        input,
        sinks: [[server.feed("live")]],
        eachSample(timestamp) {
          const { recording } = server.status().points[0]!;
          if (timestamp > 3_500_000) copied ??= Deno.readFileSync(recording!);
        },
      });
      await server.close();
      const { fileSize, packetCount, playTicks, flags } = properties(copied!);
      const reader = await AsfReader.open(copied!);
      const there = (await Array.fromAsync(reader.packets())).length;
      assertEquals(flags, input === "tone.mp3" ? 2 : 0);
      assert(packetCount > 0 && packetCount <= there && there - packetCount < 20, `${packetCount} of ${there}`);
      assertEquals(fileSize, copied!.byteLength - (there - packetCount) * reader.header.fileProperties!.maxPacketBytes);
      assert(playTicks / 10_000 - 3000 > 1500, `${playTicks}`);
    });
  });
}

Deno.test("a recording that cannot be opened fails alone", async () => {
  await withTempDir(async (folder) => {
    const server = PublishingServer.listen({ recordFolder: `${folder}/missing` });
    await broadcast({ input: "tone.mp3", sinks: [[server.feed("live")]] });
    const { recordingFailures, recordingFailureCount } = server.status();
    assertEquals(recordingFailureCount, 1);
    assertMatch(recordingFailures[0]!, /missing\/live-\d{8}T\d{6}Z-1\.asf: No such file or directory \(os error 2\)$/);
    await server.close();
  });
});
