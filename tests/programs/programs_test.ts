/** What people will write on day one, run. */

import { assert, assertEquals, assertGreater } from "@std/assert";
import type { ChunkMetadata, EncodedChunk, StreamSample } from "../../mod.ts";
import { type Media, openMedia } from "../../src/demux/mod.ts";
import { AsfReader } from "../../src/inspect/mod.ts";
import { PublishingServer } from "../../src/server/mod.ts";
import { equalBytes } from "../support/oracle.ts";
import { fixture, withTempDir } from "../support/temp.ts";
import type { VideoFrame } from "./browser_types.ts";
import edge from "./edge_function.ts";
import { encodeToFile } from "./encode_to_file.ts";
import { type Camera, pushAndRecord } from "./push_and_record.ts";
import { songToWma } from "./song_to_wma.ts";

async function read(bytes: Uint8Array): Promise<{ reader: AsfReader; samples: StreamSample[] }> {
  const reader = await AsfReader.open(bytes);
  const samples: StreamSample[] = [];
  for await (const { streamNumber, data, presentationMs } of reader.samples()) {
    samples.push({ streamNumber, data: data.slice(), timestamp: presentationMs * 1000 });
  }
  await reader.indexes();
  assertEquals(reader.problems, []);
  return { reader, samples };
}

/** The program's own words do not belong among the tests'. */
async function quietly<T>(action: () => Promise<T>): Promise<T> {
  const { log } = console;
  console.log = () => {};
  try {
    return await action();
  } finally {
    console.log = log;
  }
}

/** What an encoder gives out: the samples of a file, their codec data with the first of them. */
async function chunksOf(name: string, kind: "video" | "audio"): Promise<[EncodedChunk, ChunkMetadata?][]> {
  await using media = await openMedia(fixture(name));
  const stream = media.streams.find((one) => one.kind === kind)!;
  const chunks: [EncodedChunk, ChunkMetadata?][] = [];
  for await (const { streamNumber, data, timestamp, duration = null, type = "key" } of media.samples) {
    if (streamNumber !== stream.streamNumber) continue;
    const chunk: EncodedChunk = {
      type,
      timestamp,
      duration,
      byteLength: data.byteLength,
      copyTo: (destination) => destination.set(data),
    };
    const { description } = stream;
    chunks.push(chunks.length === 0 ? [chunk, { decoderConfig: { codec: `${stream.codec}`, description } }] : [chunk]);
  }
  return chunks;
}

/**
 * An encoder that has been at work before, and gives a chunk for each frame some time later.
 *
 * @param started What it needs to begin.
 */
function makeEncoder(chunks: [EncodedChunk, ChunkMetadata?][], started: Promise<void> = Promise.resolve()) {
  return class {
    readonly #output: (chunk: EncodedChunk, metadata?: ChunkMetadata) => void;
    #pending = started;
    #next = 0;

    constructor({ output }: { output(chunk: EncodedChunk, metadata?: ChunkMetadata): void }) {
      this.#output = output;
    }

    configure(): void {}

    encode(): void {
      const [chunk, metadata] = chunks[this.#next++]!;
      this.#pending = this.#pending.then(() => this.#output(chunk, metadata));
    }

    async flush(): Promise<void> {
      await this.#pending;
    }
  };
}

/** A file as File System Access gives it. */
class MemoryFile {
  bytes = new Uint8Array(0);
  isClosed = false;

  createWritable(): Promise<WritableStream<Uint8Array<ArrayBuffer>>> {
    const stream = new WritableStream<unknown>({
      write: (chunk) => {
        if (chunk instanceof Uint8Array) this.#put(this.bytes.byteLength, chunk);
        else this.#put((chunk as { position: number }).position, (chunk as { data: Uint8Array }).data);
      },
      close: () => {
        this.isClosed = true;
      },
    });
    return Promise.resolve(Object.assign(stream, { seek: () => Promise.resolve() }));
  }

  #put(position: number, data: Uint8Array): void {
    const longer = new Uint8Array(Math.max(this.bytes.byteLength, position + data.byteLength));
    longer.set(this.bytes);
    longer.set(data, position);
    this.bytes = longer;
  }
}

Deno.test("program 1: a browser or worker encodes, a file comes out", async () => {
  const video = await chunksOf("two_videos.mp4", "video");
  const audio = await chunksOf("two_videos.mp4", "audio");
  const file = new MemoryFile();
  let closed = 0;
  const frames = ReadableStream.from<VideoFrame>(video.map(() => ({ close: () => closed++ })));
  await quietly(() => encodeToFile(makeEncoder(video), file, frames, ReadableStream.from(audio)));
  assert(file.isClosed);
  assertEquals(closed, video.length);
  const { reader, samples } = await read(file.bytes);
  assertEquals(reader.header.fileProperties!.isSeekable, true);
  assertEquals(reader.header.streams.map(({ kind }) => kind), ["video", "audio"]);
  assertEquals(samples.filter(({ streamNumber }) => streamNumber === 1).length, video.length);
  assertEquals(samples.filter(({ streamNumber }) => streamNumber === 2).length, audio.length);
});

Deno.test("program 1, with a video encoder so slow that all of the sound comes first: nothing is lost", async () => {
  const video = await chunksOf("two_videos.mp4", "video");
  const audio = await chunksOf("two_videos.mp4", "audio");
  const file = new MemoryFile();
  const { promise: heard, resolve: onHeard } = Promise.withResolvers<void>();
  async function* sound() {
    yield* audio;
    onHeard();
  }
  const frames = ReadableStream.from<VideoFrame>(video.map(() => ({ close() {} })));
  await quietly(() => encodeToFile(makeEncoder(video, heard), file, frames, sound()));
  const { reader, samples } = await read(file.bytes);
  assertEquals(reader.header.streams.map(({ kind }) => kind), ["video", "audio"]);
  assertEquals(samples.filter(({ streamNumber }) => streamNumber === 1).length, video.length);
  assertEquals(samples.filter(({ streamNumber }) => streamNumber === 2).length, audio.length);
});

Deno.test("program 2: an MP3 becomes a .wma with its tags and cover", async () => {
  await withTempDir(async (folder) => {
    const path = `${folder}/song.wma`;
    await quietly(() => songToWma(fixture("tone.mp3"), path));
    const { reader, samples } = await read(await Deno.readFile(path));
    await using song = await openMedia(fixture("tone.mp3"));
    assertEquals(reader.header.contentDescription!.title, song.metadata.title);
    assertGreater(song.metadata.pictures!.length, 0);
    const cover = reader.header.attributes.find(({ name }) => name === "WM/Picture")!.value as Uint8Array;
    const picture = song.metadata.pictures![0]!.data;
    assert(equalBytes(cover.subarray(-picture.byteLength), picture));
    let at = 0;
    for await (const { data } of song.samples) assert(equalBytes(samples[at++]!.data, data));
    assertEquals(samples.length, at);
  });
});

Deno.test("program 4: an edge function answers with a container", async () => {
  const response = edge.fetch(new Request("http://radio.example/live"));
  assertEquals(response.headers.get("content-type"), "video/x-ms-asf");
  const { reader, samples } = await read(await response.bytes());
  assertEquals(reader.header.fileProperties!.isBroadcast, true);
  assertEquals(samples.map(({ data }) => data[0]), Array.from({ length: 20 }, (_, i) => i));
  assertEquals(samples.map(({ timestamp }) => timestamp), Array.from({ length: 20 }, (_, i) => 50_000 * i));
});

Deno.test("program 4: a listener who leaves ends the session", async () => {
  const response = edge.fetch(new Request("http://radio.example/live"));
  const reader = response.body!.getReader();
  const { value } = await reader.read();
  assertGreater(value!.byteLength, 0);
  await reader.cancel("has left");
});

/** A fixture as a camera gives it, somewhat faster; `onSample` is told of each before it comes. */
function camera(media: Media, onSample: (count: number) => void | Promise<void>): Camera {
  return {
    streams: media.streams,
    samples: (async function* () {
      let count = 0;
      for await (const sample of media.samples) {
        await onSample(count++);
        yield sample;
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    })(),
  };
}

Deno.test("program 3: pushes live and records at once, with a password, until Ctrl-C", async () => {
  await withTempDir(async (folder) => {
    const credentials = { user: "me", password: "secret" };
    await using server = PublishingServer.listen({ pushCredentials: credentials, recordFolder: folder });
    await using media = await openMedia(fixture("clip.mp4"));
    const stop = new AbortController();
    const path = `${folder}/show.wmv`;
    const source = camera(media, (count) => {
      if (count === 200) stop.abort();
    });
    const { sinks, streams } = await quietly(() => pushAndRecord(source, server.url + "live", path, stop, credentials));
    assertEquals(sinks.map(({ outcome }) => outcome), ["finished", "finished"]);
    const count = streams.reduce((sum, { samplesProcessed }) => sum + samplesProcessed, 0);
    assertEquals(count, 200);
    await server.close();
    const { reader, samples } = await read(await Deno.readFile(path));
    assertEquals(reader.header.fileProperties!.isSeekable, true);
    assertEquals(samples.length, count);
    const [received] = [...Deno.readDirSync(folder)].filter(({ name }) => name.endsWith(".asf"));
    assertEquals((await read(await Deno.readFile(`${folder}/${received!.name}`))).samples.length, count);
  });
});

Deno.test("program 3: the recording outlives the server", async () => {
  await withTempDir(async (folder) => {
    await using server = PublishingServer.listen();
    await using media = await openMedia(fixture("clip.mp4"));
    const path = `${folder}/show.wmv`;
    const source = camera(media, async (count) => {
      if (count === 150) await server.close();
    });
    const { sinks, total } = await quietly(() =>
      pushAndRecord(source, server.url + "live", path, new AbortController())
    );
    assertEquals(sinks.map(({ outcome }) => outcome), ["finished", "failed"]);
    assertEquals((await read(await Deno.readFile(path))).samples.length, total.samplesProcessed);
  });
});
