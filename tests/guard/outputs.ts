/**
 * Every fixture in every container that takes it, in every form that a sink can get: hashes that hold while the code
 * around them moves.
 *
 * @module
 */

import { FakeTime } from "@std/testing/time";
import { ac3 } from "../../src/ac3/mod.ts";
import { adts } from "../../src/adts/mod.ts";
import { asf } from "../../src/asf/mod.ts";
import type { Container } from "../../src/container/container.ts";
import { eac3 } from "../../src/eac3/mod.ts";
import { flac } from "../../src/flac/mod.ts";
import { Writer, type WriterOptions } from "../../src/facades/writer.ts";
import type { StreamSample } from "../../src/media/sample.ts";
import type { StreamConfig } from "../../src/media/stream_config.ts";
import { matroska, webm } from "../../src/matroska/mod.ts";
import { mp3 } from "../../src/mp3/mod.ts";
import { mp4 } from "../../src/mp4/mod.ts";
import { mpegts } from "../../src/mpegts/mod.ts";
import { ogg } from "../../src/ogg/mod.ts";
import { bufferSink } from "../../src/sinks/buffer_sink.ts";
import { segmentSink } from "../../src/sinks/segment_sink.ts";
import type { Sink } from "../../src/sinks/sink.ts";
import { wave } from "../../src/wave/mod.ts";
import { SmallDisk } from "../support/small_disk.ts";
import { readAll, type Session } from "../support/write_all.ts";

const EPOCH = new Date(Date.UTC(2020, 0, 1));

/** With everything fixed that differs from run to run. */
const CONTAINERS: Readonly<Record<string, () => Container>> = {
  asf: () => asf({ fileId: "00112233-4455-6677-8899-aabbccddeeff", creationTime: EPOCH }),
  "asf with indexes": () =>
    asf({
      fileId: "00112233-4455-6677-8899-aabbccddeeff",
      creationTime: EPOCH,
      packetBytes: 1500,
      timeIndexMs: 300,
      compressedPayloads: true,
    }),
  mp4: () => mp4({ creationTime: EPOCH }),
  matroska: () => matroska({ creationTime: EPOCH }),
  webm: () => webm({ creationTime: EPOCH, cues: "front", clusterChecksums: true }),
  "plain mp4": () => mp4({ layout: "plain", creationTime: EPOCH }),
  "fragmented mp4": () => mp4({ layout: "fragmented", creationTime: EPOCH }),
  wave,
  adts,
  mp3,
  mpegts,
  flac,
  ogg: () => ogg({ serialNumber: 7 }),
  ac3,
  eac3,
};

/** A session's parts, and how long its samples last. */
interface Source extends Session {
  readonly samples: readonly StreamSample[];
  readonly first: number;
  readonly span: number;
}

/** Writes a source, with something done before each sample. */
async function write(
  { samples, first: _first, span: _span, ...session }: Source,
  options: Partial<WriterOptions>,
  before?: (writer: Writer, index: number) => void | Promise<void>,
): Promise<void> {
  const writer = new Writer({ ...session, ...options } as WriterOptions);
  await writer.beginWriting();
  try {
    for (const [index, sample] of samples.entries()) {
      await before?.(writer, index);
      await writer.writeSample(sample.streamNumber, sample);
    }
    await writer.endWriting();
  } catch (error) {
    await writer.closed.catch(() => {});
    throw error;
  }
}

/** Keeps what comes, one line a call; what it cannot do is absent. */
class LoggedSink implements Sink {
  readonly pieces: (Uint8Array<ArrayBuffer> | string)[] = [];
  readonly durable?: boolean;
  patch?: Sink["patch"];

  constructor(durable: boolean) {
    if (!durable) return;
    this.durable = true;
    this.patch = (offset, bytes) => void this.pieces.push(`patch ${offset}`, bytes.slice());
  }

  header(bytes: Uint8Array<ArrayBuffer>): void {
    this.pieces.push("header", bytes.slice());
  }

  data(bytes: Uint8Array<ArrayBuffer>): void {
    this.pieces.push("data", bytes.slice());
  }

  close(): void {}

  abort(): void {}
}

type Form = (source: Source) => Promise<(Uint8Array<ArrayBuffer> | string)[]>;

/** What becomes of a source, by form. */
const FORMS: Readonly<Record<string, Form>> = {
  async final(source) {
    const sink = bufferSink();
    await write(source, { sinks: [sink] });
    return [sink.bytes];
  },
  async live(source) {
    const sink = new LoggedSink(false);
    await write(source, { sinks: [sink] });
    return sink.pieces.filter((piece) => typeof piece !== "string");
  },
  async "live within 100 ms"(source) {
    const sink = new LoggedSink(false);
    await withClock(source, 10_000, async (before) => {
      await write(source, { sinks: [sink], maxLatencyMs: 100 }, before);
    });
    return sink.pieces.filter((piece) => typeof piece !== "string");
  },
  async "late sinks"(source) {
    const [early, late, live] = [bufferSink(), bufferSink(), new LoggedSink(false)];
    const at = source.samples.length >> 1;
    const joined: Promise<void>[] = [];
    await write(source, { sinks: [early] }, (writer, index) => {
      if (index !== at) return;
      joined.push(writer.addSink(late));
      if (source.container.needs === undefined) joined.push(writer.addSink(live));
    });
    await Promise.all(joined);
    return [early.bytes, late.bytes, ...live.pieces.filter((piece) => typeof piece !== "string")];
  },
  async segments(source) {
    const sinks: ReturnType<typeof bufferSink>[] = [];
    const make = () => {
      sinks.push(bufferSink());
      return sinks.at(-1)!;
    };
    await write(source, { sinks: [segmentSink(make, { everyMs: Math.max(100, source.span / 3000) })] });
    return sinks.map(({ bytes }, index) => [`file ${index}`, bytes]).flat();
  },
  async checkpoints(source) {
    const sink = new LoggedSink(true);
    await withClock(source, 100_000, async (before) => {
      await write(source, { sinks: [sink] }, before);
    });
    return sink.pieces;
  },
  async "full disk"(source) {
    const roomy = new SmallDisk(Infinity, false);
    await write(source, { sinks: [roomy] });
    const disk = new SmallDisk(Math.floor(roomy.bytes.byteLength * 0.7), false);
    const error = await write(source, { sinks: [disk] }).catch((error) => error);
    return [disk.bytes, disk.calls.at(-1)!, `${error.code}`];
  },
};

/**
 * A clock that goes on by the samples' time, at least by `microseconds` a sample, while `run` writes them; in whole
 * milliseconds, as timers do.
 */
async function withClock(
  { samples }: Source,
  microseconds: number,
  run: (before: (writer: Writer, index: number) => void) => Promise<void>,
): Promise<void> {
  using time = new FakeTime();
  const { now } = performance;
  performance.now = () => time.now;
  let sinceStart = 0;
  try {
    await run((_writer, index) => {
      const step = index === 0 ? 0 : samples[index]!.timestamp - samples[index - 1]!.timestamp;
      sinceStart += Math.max(step, microseconds);
      time.now = time.start + Math.floor(sinceStart / 1000);
    });
  } finally {
    performance.now = now;
  }
}

/** One form of one fixture in one container. */
export interface GuardedOutput {
  readonly name: string;
  hash(): Promise<string>;
}

/** All of them, for one fixture. */
export async function guardedOutputs(fixture: string, path: string): Promise<GuardedOutput[]> {
  const { streams, samples, metadata } = await readAll(path);
  const all = [...samples];
  return Object.entries(CONTAINERS).flatMap(([container, create]) => {
    const held = heldStreams(create, streams);
    if (held.length === 0) return [];
    const numbers = held.map((stream) => stream.streamNumber);
    const taken = all.filter(({ streamNumber }) => numbers.includes(streamNumber));
    const times = taken.map(({ timestamp }) => timestamp);
    const first = Math.min(...times);
    const span = Math.max(...times) - first;
    return Object.entries(FORMS).map(([form, run]) => ({
      name: `${fixture} | ${container} | ${form}`,
      hash: async () =>
        await run({ container: create(), streams: held, samples: taken, metadata, first, span })
          .then(digest, (error) => `refused: ${error.code ?? error.name}`),
    }));
  });
}

/** The streams that the container takes together: of an audio container the first that it takes. */
function heldStreams(create: () => Container, streams: readonly StreamConfig[]): StreamConfig[] {
  const alone = streams.filter((stream) => create().check([stream]).length === 0);
  return create().check(alone).length === 0 ? alone : alone.slice(0, 1);
}

async function digest(pieces: readonly (Uint8Array<ArrayBuffer> | string)[]): Promise<string> {
  const bytes = await new Blob(pieces.slice()).bytes();
  return `${bytes.byteLength} ${new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex()}`;
}
