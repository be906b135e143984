/**
 * What holds for every container, whatever it is: its sinks are slow, fail, fill up, come and go.
 *
 * @module
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { type FinalizeReport, MuxError } from "../../src/errors.ts";
import { MuxStream } from "../../src/facades/mux_stream.ts";
import { Writer } from "../../src/facades/writer.ts";
import { bufferSink } from "../../src/sinks/buffer_sink.ts";
import type { ContainerCase } from "./containers.ts";
import { assertReleasedOnce, assertTreatedWell } from "./sessions.ts";
import { type FaultKind, type SinkOperation, TestSink } from "./sinks.ts";
import { SmallDisk } from "./small_disk.ts";
import { writeFinal, writeLive, writeTo } from "./write_all.ts";

/** A sink that takes its time, and keeps what it got. */
function slowSink(failAt = Infinity) {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let calls = 0;
  const take = async (bytes: Uint8Array<ArrayBuffer>) => {
    for (let i = 0; i < calls % 7; i++) await Promise.resolve();
    if (++calls > failAt) throw new Error("the disk is full");
    pieces.push(bytes.slice());
  };
  return { header: take, data: take, close() {}, abort() {}, pieces };
}

const OPERATIONS: SinkOperation[] = ["open", "header", "reserve", "data", "trailer", "sync", "patch", "close"];

/** Registers the tests of one container. */
export function testContainer({ name, create, streams, samples }: ContainerCase): void {
  const { needs } = create();
  const isLive = needs?.patch !== true && needs?.trailer !== true;

  Deno.test(`${name}: a slow sink gets what a fast one gets`, async () => {
    const session = () => ({ container: create(), streams, samples: samples(20) });
    const slow = new TestSink({ pace: "microtask" });
    await writeTo([slow], session());
    assertEquals(slow.bytes, await writeFinal(session()));
    assertTreatedWell(slow);
    if (!isLive) return;
    const pipe = slowSink();
    await writeTo([pipe], session());
    assertEquals(new Uint8Array(await new Blob(pipe.pieces).arrayBuffer()), await writeLive(session()));
  });

  Deno.test(`${name}: MuxStream gives what a sink without patch gets`, async () => {
    const body = () => ReadableStream.from(samples(3)).pipeThrough(new MuxStream({ container: create(), streams }));
    if (!isLive) {
      assertEquals((await assertRejects(() => new Response(body()).bytes(), MuxError)).code, "unsupported");
    } else {
      assertEquals(
        await new Response(body()).bytes(),
        await writeLive({ container: create(), streams, samples: samples(3) }),
      );
    }
  });

  Deno.test(`${name}: a pipe gets what it can hold, or is refused before a byte is written, also late`, async () => {
    if (isLive) return;
    for (const isLate of [false, true]) {
      const [good, pipe] = [bufferSink(), new TestSink({ isFile: false })];
      await using writer = new Writer({ container: create(), streams, sinks: isLate ? [good] : [good, pipe] });
      const begun = writer.beginWriting();
      let error: MuxError;
      if (!isLate) error = await assertRejects(() => begun, MuxError);
      else {
        await begun;
        for (const sample of samples(1)) await writer.writeSample(sample.streamNumber, sample);
        error = await assertRejects(() => writer.addSink(pipe), MuxError);
        assertEquals((await writer.endWriting()).sinks.length, 1);
      }
      assertEquals(error.code, "unsupported");
      assert(error.reason.includes("this sink"), error.message);
      assertEquals(pipe.calls.map(({ operation }) => operation), ["open", "abort"]);
    }
  });

  Deno.test(`${name}: a sink that fails leaves the others their file`, async () => {
    const bad = isLive ? slowSink(2) : new TestSink({ faults: [{ operation: "data", nth: 2, kind: "reject" }] });
    const good = bufferSink();
    await using writer = new Writer({ container: create(), streams, sinks: [good] });
    await writer.addSink(bad, { optional: true });
    await writer.beginWriting();
    for (const sample of samples(5)) await writer.writeSample(sample.streamNumber, sample);
    await writer.flush();
    for (const sample of samples(1)) {
      const timestamp = sample.timestamp + 5_000_000;
      await writer.writeSample(sample.streamNumber, { ...sample, timestamp });
    }
    const report = await writer.endWriting();
    assertEquals(report.sinks.map(({ outcome }) => outcome).sort(), ["failed", "finished"]);
    assert(good.bytes.byteLength > 10_000);
  });

  Deno.test(`${name}: a sink that is removed, and one that joins, have files of their own`, async () => {
    const [first, second] = [bufferSink(), bufferSink()];
    await using writer = new Writer({ container: create(), streams, sinks: [first] });
    await writer.beginWriting();
    const all = samples(6);
    const [joins, leaves] = [2.4e6, 4.8e6].map((time) => all.find(({ timestamp }) => timestamp >= time));
    for (const sample of all) {
      if (sample === joins) await writer.addSink(second);
      if (sample === leaves) assertEquals((await writer.removeSink(first)).outcome, "finished");
      await writer.writeSample(sample.streamNumber, sample);
    }
    await writer.endWriting();
    assert(first.bytes.byteLength > 10_000 && second.bytes.byteLength > 10_000);
  });

  Deno.test(`${name}: a call that fails is the end of its sink, which is let go of once`, async () => {
    for (const operation of OPERATIONS) {
      for (const kind of ["throw", "reject"] as FaultKind[]) {
        const sink: TestSink = new TestSink({ faults: [{ operation, nth: 1, kind }] });
        const outcome = await writeTo([sink], { container: create(), streams, samples: samples(3) })
          .catch((error: MuxError) => error);
        assertTreatedWell(sink);
        const what = `${operation} ${kind}`;
        if (sink.count(operation) === 0) continue; // the container has no need of that call
        if (operation === "open") assertEquals(sink.count("close") + sink.count("abort"), 0, what);
        else assertReleasedOnce(sink);
        if (outcome instanceof MuxError) assertEquals(outcome.code, "sink-failed", what);
        else { // a trailer that can be done without
          assertEquals([operation, needs?.trailer ?? false], ["trailer", false]);
          assertEquals(outcome.warnings.map(({ stage }) => stage), ["trailer"]);
        }
      }
    }
  });

  Deno.test(`${name}: a full disk ends in an error, and a file that is finished or given up`, async () => {
    const session = () => ({ container: create(), streams, samples: samples(10), maxLatencyMs: 500 });
    const { byteLength } = await writeFinal(session());
    for (const share of [0.3, 0.7, 0.95, 0.999]) {
      const disk = new SmallDisk(Math.floor(byteLength * share), false);
      const error = await assertRejects(() => writeTo([disk], session()), MuxError);
      assertEquals(error.code, "sink-failed");
      const { outcome, bytes } = (error.report as FinalizeReport).sinks[0]!;
      assertEquals(outcome, "failed");
      if (disk.calls.at(-1) === "close") assertEquals(bytes, disk.bytes.byteLength);
      else assertEquals(disk.calls.at(-1), "abort");
    }
  });
}
