/** Calls to a session that come from within a callback of one of its sinks. */

import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { MuxError } from "../../src/errors.ts";
import { SinkWriter } from "../../src/facades/sink_writer.ts";
import { Writer } from "../../src/facades/writer.ts";
import { bufferSink } from "../../src/sinks/buffer_sink.ts";
import type { MediaSink } from "../../src/sinks/media_sink.ts";
import { AUDIO, audioOptions, audioSample, guarded, testAsf } from "../support/sessions.ts";
import { type SinkOperation, TestSink } from "../support/sinks.ts";

/** What is called, once, at the first call of an operation; what came of it is looked at in the end. */
class Caller {
  readonly answers: Promise<unknown>[] = [];
  #call: (() => unknown) | undefined;

  arm(call: () => unknown): void {
    this.#call = call;
  }

  fire(): void {
    const call = this.#call;
    this.#call = undefined;
    if (call === undefined) return;
    try {
      const answer = Promise.resolve(call());
      answer.catch(() => {});
      this.answers.push(answer);
    } catch (error) {
      this.answers.push(Promise.reject(error));
      this.answers.at(-1)!.catch(() => {});
    }
  }

  /** Everything settles; what was refused says why. */
  async assertAnswered(what: string): Promise<void> {
    assertEquals(this.answers.length, 1, `${what}: it was never called`);
    for (const answer of await Promise.allSettled(this.answers)) {
      if (answer.status === "rejected") assertTold(answer.reason, what);
    }
  }
}

/** An error of the session, or the reason of an abort; never nothing, never a fault of ours. */
function assertTold(reason: unknown, what: string): void {
  assert(reason instanceof MuxError || reason instanceof DOMException, `${what}: ${reason}`);
}

const OPERATIONS = ["open", "header", "data", "trailer", "patch", "close", "abort"] as const;

type Facade = Writer | SinkWriter;

const CALLS: Record<string, (session: Facade, sink: TestSink) => unknown> = {
  "beginWriting": (session) => session.beginWriting(),
  "writeSample": (session) => session.writeSample(session instanceof Writer ? 1 : 0, audioSample(50, 1)),
  "flush": (session) => session instanceof Writer ? session.flush() : session.placeMarker(0),
  "addSink": (session) => session instanceof Writer && session.addSink(bufferSink()),
  "removeSink": (session, sink) => session instanceof Writer && session.removeSink(sink),
  "addStream": (session) => session instanceof SinkWriter && session.addStream(AUDIO),
  "setMetadata": (session) => session instanceof Writer && session.setMetadata({ title: "t" }),
  "sendStreamTick": (session) => session instanceof SinkWriter && session.sendStreamTick(0, 6_000_000),
  "notifyEndOfSegment": (session) => session instanceof SinkWriter && session.notifyEndOfSegment(0),
  "discardQueued": (session) => session instanceof SinkWriter && session.discardQueued(),
  "getStatistics": (session) => session.getStatistics(),
  "ready": (session) => session.ready,
  "the finish": (session) => finish(session),
  "abort": (session) => session.abort(),
  "dispose": (session) => session[Symbol.asyncDispose](),
};

function finish(session: Facade): Promise<unknown> {
  return session instanceof Writer ? session.endWriting() : session.finalize();
}

async function run(session: Facade, aborts: boolean): Promise<void> {
  await session.beginWriting();
  const number = session instanceof Writer ? 1 : 0;
  for (let i = 0; i < 20; i++) {
    try {
      await session.writeSample(number, audioSample(i, 1));
    } catch (error) { // behind the sample that was written from within, or behind the session's end
      assertTold(error, "writeSample");
    }
  }
  if (aborts) await session.abort();
  else await finish(session);
}

const FACADES: Record<string, (sinks: TestSink[]) => Facade> = {
  "Writer": (sinks) => new Writer(audioOptions(sinks, { container: testAsf({ packetBytes: 1000, timeIndexMs: 500 }) })),
  "SinkWriter": (sinks) => {
    const writer = new SinkWriter({ container: testAsf({ packetBytes: 1000, timeIndexMs: 500 }), sinks });
    writer.addStream(AUDIO);
    return writer;
  },
};

for (const [facade, create] of Object.entries(FACADES)) {
  for (const operation of OPERATIONS) {
    Deno.test(`${facade}: every call from within a sink's ${operation}() is answered, and the session ends`, () =>
      guarded(async () => {
        for (const [name, call] of Object.entries(CALLS)) {
          const what = `${name} in ${operation}`;
          const caller = new Caller();
          const sink = new TestSink({ onCall: (now: SinkOperation) => now === operation && caller.fire() });
          Object.assign(sink, { durable: true });
          const other = new TestSink();
          const session = create([sink, other]);
          caller.arm(() => call(session, sink));
          const [outcome] = await Promise.allSettled([run(session, operation === "abort")]);
          if (outcome.status === "rejected") assertTold(outcome.reason, what);
          await session.closed.catch((reason) => assertTold(reason, what));
          await caller.assertAnswered(what);
          for (const one of [sink, other]) {
            const opened = one.count("open"); // none where the session was given up before its turn
            assert(opened === 1 || one !== sink && name !== "beginWriting" && opened === 0, what);
            assertEquals(one.count("close") + one.count("abort"), opened, `${what}: close and abort calls`);
          }
          // An abort may come while a call is under way.
          assertEquals(sink.violations.filter((text) => !text.includes("abort")), [], what);
        }
      }));
  }
}

const MEDIA_OPERATIONS = ["open", "write", "tick", "marker", "finish", "close", "abort"] as const;

for (const operation of MEDIA_OPERATIONS) {
  Deno.test(`SinkWriter: every call from within a media sink's ${operation}() is answered, and the session ends`, () =>
    guarded(async () => {
      for (const [name, call] of Object.entries(CALLS)) {
        const what = `${name} in ${operation}`;
        const caller = new Caller();
        const calls: string[] = [];
        const note = (now: string) => () => {
          calls.push(now);
          if (now === operation) caller.fire();
        };
        const mediaSink = Object.fromEntries(MEDIA_OPERATIONS.map((now) => [now, note(now)])) as unknown as MediaSink;
        const session = new SinkWriter({ mediaSink });
        session.addStream(AUDIO);
        caller.arm(() => call(session, undefined as unknown as TestSink));
        const [outcome] = await Promise.allSettled([(async () => {
          await session.beginWriting();
          await session.writeSample(0, audioSample(0, 1));
          session.sendStreamTick(0, 1_000_000);
          await session.placeMarker(0);
          if (operation === "abort") await session.abort();
          else await session.finalize();
        })()]);
        if (outcome.status === "rejected") assertTold(outcome.reason, what);
        await session.closed.catch((reason) => assertTold(reason, what));
        await caller.assertAnswered(what);
        assertEquals(calls.filter((one) => one === "open").length, 1, what);
        assertEquals(calls.filter((one) => one === "close" || one === "abort").length, 1, what);
      }
    }));
}

Deno.test("beginWriting() from within open(): the inner call is refused, the outer one begins", () =>
  guarded(async () => {
    const caller = new Caller();
    const sink = new TestSink({ onCall: (operation) => operation === "open" && caller.fire() });
    const writer = new Writer(audioOptions([sink, bufferSink()]));
    caller.arm(() => writer.beginWriting());
    await writer.beginWriting();
    assertEquals(writer.state, "open");
    const [inner] = await Promise.allSettled(caller.answers);
    assertInstanceOf((inner as PromiseRejectedResult).reason, MuxError, "the session has begun");
    await writer.abort();
  }));

Deno.test("an encoder's factory that begins writing once more makes nothing twice", () =>
  guarded(async () => {
    const caller = new Caller();
    let made = 0;
    const writer = new SinkWriter({ container: testAsf(), sinks: [bufferSink()] });
    writer.addStream(AUDIO, {
      encoder: () => {
        made++;
        caller.fire();
        return {
          state: "configured",
          encodeQueueSize: 0,
          encode() {},
          flush: () => Promise.resolve(),
          close() {},
        } as never;
      },
    });
    caller.arm(() => writer.beginWriting());
    await writer.beginWriting();
    await caller.assertAnswered("beginWriting in an encoder's factory");
    assertEquals([made, writer.state], [1, "open"]);
    await writer.abort();
  }));
