/**
 * A container made from what src/README.md says under "A new container", and from nothing else: it needs its end, leaves a
 * hole in front, states its order, and gives each sink units of its own. What holds for every container holds for it.
 *
 * ```text
 * "TINY" · hole (16): "size", unit count u32, data bytes f64 · "DATA"      zeros until the file is complete
 * unit:    stream u8 · key u8 · configuration u8 · 0 · sequence u32 · byteLength u32 · the sample
 * trailer: decode time f64 a unit, counted from the sink's zero
 * ```
 */

import { assert, assertEquals, assertGreater, assertRejects, assertThrows } from "@std/assert";
import { ByteWriter } from "../../src/bytes/byte_writer.ts";
import { Pieces } from "../../src/bytes/pieces.ts";
import { checkStreams } from "../../src/container/checks.ts";
import type {
  Container,
  Header,
  LocalCopy,
  Muxer,
  MuxSample,
  Opening,
  OutputFacts,
  Packetizer,
  Patches,
  Plan,
  StreamFacts,
} from "../../src/container/container.ts";
import { lostMetadata } from "../../src/container/losses.ts";
import { UnitBuffer } from "../../src/container/unit_buffer.ts";
import { MuxError } from "../../src/errors.ts";
import { Writer } from "../../src/facades/writer.ts";
import { bufferSink } from "../../src/sinks/buffer_sink.ts";
import { testContainer } from "../support/container_tests.ts";
import { CONTAINER_CASES } from "../support/containers.ts";
import { TestSink } from "../support/sinks.ts";
import { writeFinal, writeTo } from "../support/write_all.ts";

const HOLE_AT = 4;
const HOLE_BYTES = 16;
const UNIT_HEAD_BYTES = 12;

/** See the module's text. */
function tiny(): Container {
  return {
    name: "tiny",
    extensions: [".tiny"],
    mimeType: () => "application/x-tiny",
    check: (streams) => checkStreams(streams, () => []),
    losses: (_streams, metadata) => lostMetadata("tiny", metadata, () => false),
    needs: { patch: true, trailer: true },
    interleaving: { order: "decode", windowMs: 300 },
    createMuxer: () => new TinyMuxer(),
  };
}

class TinyMuxer implements Muxer {
  readonly #pieces = new Pieces();
  readonly #times: number[] = [];
  readonly #configurations: number[] = [];

  describe(): StreamFacts {
    return { reorderDepth: 0, bitrate: 0, sparse: false };
  }

  redescribe(): StreamFacts {
    return this.describe();
  }

  missing(): string {
    return "nothing is missing";
  }

  begin(): Packetizer {
    return new UnitBuffer({ log: this });
  }

  /** A sample is laid out. */
  add({ decodeTimestamp, configuration = 0 }: MuxSample): void {
    this.#times.push(decodeTimestamp);
    this.#configurations.push(configuration);
  }

  frame(stream: number, data: Uint8Array, isKey: boolean): Pieces {
    const w = new ByteWriter("little");
    for (const byte of [stream, Number(isKey), 0, 0]) w.u8(byte);
    w.u32(0);
    w.u32(data.byteLength);
    this.#pieces.clear();
    this.#pieces.add(w.toUint8Array());
    this.#pieces.add(data);
    return this.#pieces;
  }

  plan(): Plan {
    return { form: "final", trailer: "required", isLocal: true };
  }

  header(): Header {
    const text = (four: string) => new TextEncoder().encode(four);
    return [text("TINY"), { reserve: HOLE_BYTES }, text("DATA")];
  }

  localize(bytes: Uint8Array<ArrayBuffer>, { firstUnit }: { firstUnit: number }, copy: LocalCopy): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = 0, unit = firstUnit; at < bytes.byteLength; unit++) {
      view.setUint8(at + 2, this.#configurations[unit]!);
      view.setUint32(at + 4, unit - copy.firstUnit, true);
      at += UNIT_HEAD_BYTES + view.getUint32(at + 8, true);
    }
  }

  *trailer({ firstUnit, unitCount, timeBase }: OutputFacts): Generator<Uint8Array<ArrayBuffer>> {
    const piece = new Uint8Array(8); // the same memory each time: a piece is dead when the next one is asked for
    for (const time of this.#times.slice(firstUnit, firstUnit + unitCount)) {
      new DataView(piece.buffer).setFloat64(0, time - timeBase, true);
      yield piece;
    }
  }

  *patches({ unitCount, dataBytes }: OutputFacts): Patches {
    const size = new Uint8Array(HOLE_BYTES);
    const view = new DataView(size.buffer);
    view.setUint32(4, unitCount, true);
    view.setFloat64(8, dataBytes, true);
    yield { offset: HOLE_AT, bytes: size }; // nobody believes it yet
    yield "sync";
    yield { offset: HOLE_AT, bytes: new TextEncoder().encode("size") };
  }
}

interface TinyFile {
  units: { stream: number; configuration: number; sequence: number; data: Uint8Array; time: number }[];
}

/** Reads a file, and finds nothing in it that is not as drawn. */
function readTiny(bytes: Uint8Array<ArrayBuffer>): TinyFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = (at: number) => new TextDecoder().decode(bytes.subarray(at, at + 4));
  assertEquals([text(0), text(HOLE_AT), text(HOLE_AT + HOLE_BYTES)], ["TINY", "size", "DATA"]);
  const [unitCount, dataBytes] = [view.getUint32(HOLE_AT + 4, true), view.getFloat64(HOLE_AT + 8, true)];
  const end = HOLE_AT + HOLE_BYTES + 4 + dataBytes;
  const units: TinyFile["units"] = [];
  for (let at = end - dataBytes; at < end;) {
    const byteLength = view.getUint32(at + 8, true);
    units.push({
      stream: bytes[at]!,
      configuration: bytes[at + 2]!,
      sequence: view.getUint32(at + 4, true),
      data: bytes.subarray(at + UNIT_HEAD_BYTES, at + UNIT_HEAD_BYTES + byteLength),
      time: view.getFloat64(end + 8 * units.length, true),
    });
    at += UNIT_HEAD_BYTES + byteLength;
  }
  assertEquals([units.length, bytes.byteLength], [unitCount, end + 8 * unitCount]);
  assertEquals(units.map(({ sequence }) => sequence), units.map((_, i) => i));
  return { units };
}

const AV = CONTAINER_CASES.find(({ name }) => name === "asf: H.264, AAC")!;
const TINY = { ...AV, name: "tiny: H.264, AAC", create: tiny };

testContainer(TINY);

Deno.test("a new container's file is what it was drawn to be, in order of decode times", async () => {
  const samples = AV.samples(4);
  const { units } = readTiny(await writeFinal({ container: tiny(), streams: AV.streams, samples }));
  assertEquals(units.length, samples.length);
  for (const [i, { time }] of units.entries()) if (i > 0) assert(time >= units[i - 1]!.time, `unit ${i}`);
  for (const number of [1, 2]) {
    const [written, read] = [
      samples.filter(({ streamNumber }) => streamNumber === number).map(({ data }) => data),
      units.filter(({ stream }) => stream === number - 1).map(({ data }) => data),
    ];
    assertEquals(read, written);
  }
});

Deno.test("a late sink gets a file of its own: numbers, times and offsets count from its beginning", async () => {
  const [early, late] = [bufferSink(), bufferSink()];
  await using writer = new Writer({ container: tiny(), streams: AV.streams, sinks: [early] });
  await writer.beginWriting();
  for (const sample of AV.samples(4)) {
    if (sample.timestamp === 2_000_000) await writer.addSink(late);
    await writer.writeSample(sample.streamNumber, sample);
  }
  await writer.endWriting();
  const [all, part] = [readTiny(early.bytes).units, readTiny(late.bytes).units];
  assertGreater(all.length, part.length);
  assertEquals(part.map(({ data }) => data), all.slice(-part.length).map(({ data }) => data));
  const base = all.at(-1)!.time - part.at(-1)!.time;
  assertEquals(part.map(({ time }) => time), all.slice(-part.length).map(({ time }) => time - base));
  assertEquals(Math.min(...part.map(({ time }) => time)), 0);
});

Deno.test("holes are left in the header, and what is patched first is synced before the rest", async () => {
  const sink = new TestSink();
  await writeTo([sink], { container: tiny(), streams: AV.streams, samples: AV.samples(1) });
  const calls = sink.calls.map(({ operation, byteLength, offset }) => `${operation} ${offset ?? ""} ${byteLength}`);
  assertEquals(calls.slice(0, 4), ["open  0", "header  4", "reserve  16", "header  4"]);
  assertEquals(calls.slice(-4), [`patch 4 16`, "sync  0", "patch 4 4", "close  0"]);
  assertEquals(sink.violations, []);
  // Without `reserve` zeros are written; without `sync` nothing waits.
  const plain = new TestSink();
  Object.assign(plain, { reserve: undefined, sync: undefined });
  await writeTo([plain], { container: tiny(), streams: AV.streams, samples: AV.samples(1) });
  assertEquals(plain.calls.slice(0, 2).map(({ operation, byteLength }) => [operation, byteLength]), [
    ["open", 0],
    ["header", 24],
  ]);
  assertEquals(plain.bytes, sink.bytes);
});

Deno.test("a trailer that the file needs and that cannot be written is the end of the sink", async () => {
  const sink = new TestSink({ faults: [{ operation: "trailer", nth: 3, kind: "reject" }] });
  const error = await assertRejects(
    () => writeTo([sink], { container: tiny(), streams: AV.streams, samples: AV.samples(1) }),
    MuxError,
    "trailer 3 fails",
  );
  assertEquals([error.code, error.stage, error.action], ["sink-failed", "trailer", "write to the sink"]);
  assertEquals([sink.count("patch"), sink.count("abort"), sink.count("close")], [0, 1, 0]);
  assertEquals(error.report!.warnings, []);
});

Deno.test("a sink that cannot do what the container needs is told what it lacks", async () => {
  for (
    const [lack, says] of [
      [{ patch: undefined }, "cannot replace what was written (it has no `patch`)"],
      [{ trailer: undefined }, "takes nothing behind the data (it has no `trailer`)"],
      [{ whenSlow: "drop" }, 'skips what it is too slow for (its `whenSlow` is "drop")'],
    ] as const
  ) {
    const sink = Object.assign(new TestSink(), lack);
    const writer = new Writer({ container: tiny(), streams: AV.streams, sinks: [bufferSink(), sink] });
    const error = await assertRejects(() => writer.beginWriting(), MuxError);
    assertEquals(error.code, "unsupported");
    assertEquals(error.reason, `sink 2: tiny is completed at its end, and this sink ${says}`);
    assertEquals(sink.calls.map(({ operation }) => operation), ["open", "abort"]);
  }
});

Deno.test("where decode order is stated, a sample that comes too late is refused, latency or not", async () => {
  for (const maxLatencyMs of [undefined, 100]) {
    await using writer = new Writer({
      container: tiny(),
      streams: AV.streams,
      sinks: [bufferSink()],
      maxLatencyMs,
      onLag: "continue",
    });
    await writer.beginWriting();
    const [video, audio] = [1, 2].map((number) => AV.samples(30).filter(({ streamNumber }) => streamNumber === number));
    await writer.writeSample(2, audio![0]!);
    for (const sample of video!) await writer.writeSample(1, sample);
    const error = assertThrows(() => void writer.writeSample(2, audio![1]!), MuxError);
    assertEquals(error.code, "late-sample");
  }
});

Deno.test("a stream whose configuration changes says so at the sample from which on it has", async () => {
  const sink = bufferSink();
  await using writer = new Writer({ container: tiny(), streams: AV.streams, sinks: [sink] });
  await writer.beginWriting();
  const samples = AV.samples(2);
  const changed = samples.find(({ streamNumber, timestamp }) => streamNumber === 2 && timestamp > 1e6)!;
  for (const sample of samples) {
    const metadata = sample === changed ? { decoderConfig: { codec: "mp4a.40.2" } } : undefined;
    await writer.writeSample(sample.streamNumber, sample, metadata);
  }
  await writer.endWriting();
  const audio = readTiny(sink.bytes).units.filter(({ stream }) => stream === 1);
  const at = samples.filter(({ streamNumber }) => streamNumber === 2).indexOf(changed);
  assertEquals(audio.map(({ configuration }) => configuration), audio.map((_, i) => i < at ? 0 : 1));
});

Deno.test("a container learns at the opening what the sinks that are there can do", async () => {
  let sinks: unknown;
  const container: Container = {
    ...tiny(),
    needs: {},
    createMuxer: () =>
      Object.assign(new TinyMuxer(), {
        begin(this: TinyMuxer, opening: Opening) {
          sinks = opening.sinks;
          return TinyMuxer.prototype.begin.call(this);
        },
      }),
  };
  const pipe = { header() {}, data() {}, close() {}, abort() {}, whenSlow: "drop" as const, maxHeaderBytes: 99 };
  await using writer = new Writer({ container, streams: AV.streams, sinks: [new TestSink(), pipe], openWindowMs: 1 });
  await writer.beginWriting();
  for (const sample of AV.samples(1)) await writer.writeSample(sample.streamNumber, sample);
  assertEquals(sinks, [
    { canPatch: true, takesTrailer: true, canSync: true, skips: false, maxHeaderBytes: undefined },
    { canPatch: false, takesTrailer: false, canSync: false, skips: true, maxHeaderBytes: 99 },
  ]);
  await writer.abort();
});

Deno.test("what a container has no place for is in the report", async () => {
  const { losses } = await writeTo([bufferSink()], {
    container: tiny(),
    streams: AV.streams,
    samples: AV.samples(1),
    metadata: { title: "A title", year: "", attributes: {} },
  });
  assertEquals(losses, [{ field: "title", reason: "tiny has no place for that" }]);
});
