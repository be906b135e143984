/** Every public call of a PushSink in every state, and what happens when ends of a push meet. */

import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { asf, bufferSink, MuxError, PushSink, Writer } from "../../mod.ts";
import { PublishingServer } from "../../src/server/mod.ts";
import { type PeerConnection, SERVER, withPeer } from "../push/peer.ts";
import { liveHeader } from "../server/live_header.ts";
import { testLifecycle } from "../support/lifecycle.ts";
import { assertReleasedOnce, AUDIO, audioSample, guarded, reasonOf, turns } from "../support/sessions.ts";
import { TestSink } from "../support/sinks.ts";

const NS_E_NOCONNECTION = 0xC00D0005;
const NS_E_ALREADY_CONNECTED = 0xC00D0010;
const NS_E_CONNECTION_FAILURE = 0xC00D0029;

interface Stage {
  push: PushSink;
  server: PublishingServer;
  /** The session it takes part in. */
  writer?: Writer;
}

const LIVE = await liveHeader();

const header = ({ push }: Stage) => push.header(LIVE.bytes);
const data = ({ push }: Stage) => push.data(LIVE.packet, { unitBytes: LIVE.packet.byteLength, unitCount: 1 });
const connect = ({ push, server }: Stage) => push.connect(`${server.url}live`, { autoDestroy: true });

function idle(): Stage {
  return { push: new PushSink(), server: PublishingServer.listen() };
}

async function connected(): Promise<Stage> {
  const stage = idle();
  await connect(stage);
  return stage;
}

async function streaming(): Promise<Stage> {
  const stage = await connected();
  await header(stage);
  await data(stage);
  return stage;
}

/** In a session, beside a sink in memory. */
async function writing(): Promise<Stage & { writer: Writer; file: TestSink }> {
  const stage = await connected();
  const file = new TestSink();
  const writer = new Writer({ container: asf(), sinks: [file, stage.push], streams: [AUDIO] });
  await writer.beginWriting();
  for (let i = 0; i < 10; i++) await writer.writeSample(1, audioSample(i));
  await writer.flush();
  return { ...stage, writer, file };
}

/** The original's P0 to P4, and P2 in the hands of a session. */
const STATES: Record<string, () => Promise<Stage>> = {
  idle: () => Promise.resolve(idle()),
  connected,
  streaming,
  detached: async () => {
    const stage = await streaming();
    await stage.push.disconnect();
    return stage;
  },
  ended: async () => {
    const stage = await streaming();
    await stage.push.endSession();
    return stage;
  },
  writing,
};

const CALLS: Record<string, (stage: Stage) => unknown> = {
  connect,
  disconnect: ({ push }) => push.disconnect(),
  endSession: ({ push }) => push.endSession(),
  open: ({ push }) => push.open(),
  header,
  data,
  close: ({ push }) => push.close(),
  abort: ({ push }) => push.abort(),
  dispose: ({ push }) => push[Symbol.asyncDispose](),
};

/** N: there is no connection. C: there is one already. Nothing: the header is missing. */
const OUTCOMES: Record<string, string> = {
  //             idle connected streaming detached ended writing
  "connect": "   ok   xC        xC        ok       ok    xC",
  "disconnect": "ok   ok        ok        ok       ok    ok",
  "endSession": "xN   ok        ok        xN       ok    ok",
  "open": "      !N   -         -         -        !N    -",
  "header": "    xN   ok        ok        ok       xN    ok",
  "data": "      xN   x         ok        ok       xN    ok",
  "close": "     xN   ok        ok        xN       ok    ok",
  "abort": "     -    -         -         -        -     -",
  "dispose": "   ok   ok        ok        ok       ok    ok",
};

testLifecycle<Stage>({
  facade: "PushSink",
  prototype: PushSink.prototype,
  telling: ["state"],
  states: STATES,
  calls: CALLS,
  outcomes: OUTCOMES,
  isRemote: true,
  stateOf: ({ push }) => push.state,
  aliases: { writing: "streaming" },
  judge(error, call, state) {
    assert(error instanceof MuxError, `${call} while ${state}: ${error}`);
    if (error.code === "invalid-state") return "";
    const [letter, hresult] = error.code === "no-connection" ? ["N", NS_E_NOCONNECTION] : ["C", NS_E_ALREADY_CONNECTED];
    assertEquals([error.code, error.hresult], [letter === "N" ? "no-connection" : "already-connected", hresult]);
    assertEquals(error.state, state === "writing" ? "streaming" : state);
    assertEquals(error.allowed, letter === "N" ? ["connected", "streaming"] : ["idle", "detached", "ended"]);
    return letter!;
  },
  // What is detached on purpose waits for a connection, which somebody makes: unless that is the call, whose place the
  // second one would take.
  proceed: (stage, call) =>
    void (call !== "connect" && stage.push.state === "detached" && connect(stage).catch(() => {})),
  async leave({ push, server, writer }) {
    await writer?.[Symbol.asyncDispose]();
    await push[Symbol.asyncDispose]();
    await server.close();
  },
});

// ── One end ──

/** A peer that counts what ends a push. */
async function counting(peer: PeerConnection, ends: number[]): Promise<void> {
  await peer.request();
  await peer.accept();
  await peer.request();
  const packets = await peer.packets(2_147_483_647);
  ends.push(packets.filter(({ kind }) => kind === "E").length);
}

async function openSession(url: string, more: TestSink[] = []): Promise<{ push: PushSink; writer: Writer }> {
  const push = new PushSink();
  await push.connect(url);
  const writer = new Writer({ container: asf(), sinks: [...more, push], streams: [AUDIO] });
  await writer.beginWriting();
  for (let i = 0; i < 10; i++) await writer.writeSample(1, audioSample(i));
  return { push, writer };
}

Deno.test("PushSink.endSession() has one outcome, whoever asks and how often, and ends the push once", () =>
  guarded(async () => {
    const ends: number[] = [];
    await withPeer([(peer) => counting(peer, ends)], async (url) => {
      const { push, writer } = await openSession(url);
      const [a, b] = await Promise.all([push.endSession(), push.endSession()]);
      const removed = await writer.removeSink(push).catch((error) => error);
      assertEquals([a.outcome, a.bytes > 0], ["finished", true]);
      assertEquals(b, a);
      assert(removed instanceof MuxError || removed.outcome === "finished");
      assertEquals((await push.endSession()).outcome, "finished");
      const { sinks } = await writer.endWriting();
      assertEquals(sinks.map(({ outcome }) => outcome), ["finished"]);
      await push[Symbol.asyncDispose]();
    });
    assertEquals(ends, [1]);
  }));

Deno.test("PushSink.endSession() while the session finishes waits for that, and tells the same", () =>
  guarded(async () => {
    const ends: number[] = [];
    await withPeer([(peer) => counting(peer, ends)], async (url) => {
      const { push, writer } = await openSession(url);
      const finish = writer.endWriting();
      const ended = push.endSession();
      const report = await finish;
      const outcome = await ended;
      assertEquals([outcome.outcome, report.sinks[0]!.outcome], ["finished", "finished"]);
      assertEquals(outcome.bytes >= report.sinks[0]!.bytes, true, "with the heads of packets");
    });
    assertEquals(ends, [1]);
  }));

Deno.test("PushSink.endSession() from inside another sink's call ends the push, and the file goes on", () =>
  guarded(async () => {
    const ends: number[] = [];
    await withPeer([(peer) => counting(peer, ends)], async (url) => {
      const later: { end?(): Promise<unknown> } = {};
      let ended: Promise<unknown> | undefined;
      const file: TestSink = new TestSink({
        onCall: (operation) => void (operation === "data" && (ended ??= later.end?.())),
      });
      const { push, writer } = await openSession(url, [file]);
      later.end = () => push.endSession();
      await writer.writeSample(1, audioSample(10));
      await writer.flush();
      assert(ended);
      await ended;
      assertEquals([push.state, writer.state], ["ended", "open"]);
      await writer.writeSample(1, audioSample(11));
      const { sinks } = await writer.endWriting();
      assertEquals(sinks.map(({ outcome }) => outcome), ["finished", "finished"]);
      assertReleasedOnce(file);
    });
    assertEquals(ends, [1]);
  }));

/** Takes the beginning of a push, and then no more. */
async function refusing(peer: PeerConnection): Promise<void> {
  await peer.request();
  await peer.accept();
  await peer.request();
  await peer.packets(2_147_483_647, 1);
  await peer.send(`HTTP/1.1 403 Enough\n${SERVER}\nContent-Length: 0\n\n`);
  await peer.ended();
}

Deno.test("PushSink.endSession() of a push that has failed tells the first error, and so does everybody else", () =>
  guarded(async () => {
    await withPeer([refusing], async (url) => {
      const { push, writer } = await openSession(url);
      for (let i = 10; writer.state === "open"; i++) {
        await writer.writeSample(1, audioSample(i));
        await writer.flush().catch(() => {});
      }
      const error = await reasonOf(writer.endWriting());
      assert(error instanceof MuxError);
      assertEquals([error.code, error.report!.sinks[0]!.outcome], ["sink-failed", "failed"]);
      assertStrictEquals(await reasonOf(writer.closed), error);
      const again = await reasonOf(push.endSession()) as MuxError;
      assertEquals([again.code, again.hresult], ["no-connection", NS_E_NOCONNECTION]);
      assertEquals(push.state, "detached");
      await push[Symbol.asyncDispose]();
    });
  }));

// ── Cancelled ──

/** Takes the push, and never confirms its end. */
async function silent(peer: PeerConnection): Promise<void> {
  await peer.request();
  await peer.accept();
  await peer.ended();
}

/** Takes everything, answers nothing, and does not hang up before `left`. */
async function deaf(peer: PeerConnection, left: Promise<unknown>): Promise<void> {
  await peer.request();
  await peer.accept();
  await peer.request();
  await peer.packets(2_147_483_647);
  await left;
}

Deno.test("PushSink.endSession() with a signal: before, during, after", async (t) => {
  const enough = new Error("enough");
  await t.step("before", () =>
    guarded(() =>
      withPeer([silent], async (url) => {
        const push = new PushSink();
        await push.connect(url);
        assertStrictEquals(await reasonOf(push.endSession({ signal: AbortSignal.abort(enough) })), enough);
        assertEquals(push.state, "connected", "nothing has happened");
        await push[Symbol.asyncDispose]();
      })
    ));
  await t.step("during", () =>
    guarded(() => {
      const { promise: left, resolve: leave } = Promise.withResolvers<void>();
      return withPeer([(peer) => deaf(peer, left)], async (url) => {
        const push = new PushSink();
        await push.connect(url);
        await push.header(LIVE.bytes);
        const controller = new AbortController();
        const [first, second] = [push.endSession({ signal: controller.signal }), push.endSession()];
        await turns();
        controller.abort(enough);
        assertStrictEquals(await reasonOf(first), enough);
        assertStrictEquals(await reasonOf(second), enough);
        assertEquals(push.state, "detached");
        await push[Symbol.asyncDispose]();
        leave();
      });
    }));
  await t.step("during, in a session: the file goes on", () =>
    guarded(() => {
      const { promise: left, resolve: leave } = Promise.withResolvers<void>();
      return withPeer([(peer) => deaf(peer, left)], async (url) => {
        const file = new TestSink();
        const { push, writer } = await openSession(url, [file]);
        await writer.flush();
        const controller = new AbortController();
        const ended = push.endSession({ signal: controller.signal });
        await turns();
        controller.abort(enough);
        assertStrictEquals(await reasonOf(ended), enough);
        assertEquals(writer.state, "open");
        assertEquals((await writer.endWriting()).sinks[0]!.outcome, "finished");
        assertReleasedOnce(file);
        await push[Symbol.asyncDispose]();
        leave();
      });
    }));
  await t.step("after", () =>
    guarded(() =>
      withPeer([(peer) => counting(peer, [])], async (url) => {
        const push = new PushSink();
        await push.connect(url);
        await push.header(LIVE.bytes);
        const controller = new AbortController();
        const report = await push.endSession({ signal: controller.signal });
        controller.abort(enough);
        assertEquals(await push.endSession({ signal: controller.signal }), report);
        assertEquals(push.state, "ended");
      })
    ));
});

Deno.test("PushSink: await using disconnects on every exit, and the server keeps the session", () =>
  guarded(async () => {
    await using server = PublishingServer.listen();
    const url = `${server.url}live`;
    { // never connected
      await using _ = new PushSink();
    }
    const states: string[] = [];
    let left: PushSink;
    { // left in the middle
      await using push = left = new PushSink();
      await push.connect(url);
      await push.header(LIVE.bytes);
    }
    states.push(left.state);
    await left.connect(url);
    await left.endSession();
    await assertRejects(
      async () => { // thrown out of
        await using push = left = new PushSink();
        await push.connect(url);
        throw new Error("of its own");
      },
      Error,
      "of its own",
    );
    states.push(left.state);
    { // ended
      await using push = left = new PushSink();
      await push.connect(`${server.url}other`);
      await push.header(LIVE.bytes);
      await push.endSession();
    }
    states.push(left.state);
    { // in a session that was not finished
      await using push = left = new PushSink();
      await push.connect(`${server.url}third`);
      await using writer = new Writer({ container: asf(), sinks: [bufferSink(), push], streams: [AUDIO] });
      await writer.beginWriting();
      await writer.writeSample(1, audioSample(0));
    }
    states.push(left.state);
    assertEquals(states, ["detached", "detached", "ended", "detached"]);
  }));

Deno.test("PushSink: a link that breaks while the push ends is NS_E_CONNECTION_FAILURE", () =>
  guarded(async () => {
    await withPeer([async (peer) => {
      await peer.request();
      await peer.accept();
      await peer.request();
      await peer.packets(2_147_483_647, 1); // the header; then it hangs up
    }], async (url) => {
      const push = new PushSink();
      await push.connect(url);
      await push.header(LIVE.bytes);
      await turns(20);
      const error = await assertRejects(() => push.endSession(), MuxError);
      assertEquals([error.code, error.hresult], ["connection-failure", NS_E_CONNECTION_FAILURE]);
      assertEquals(push.state, "detached");
    });
  }));
