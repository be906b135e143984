/**
 * Any calls to a PushSink in any order, to servers that refuse, hang up, or say nothing: each is answered as the table of
 * states says, or by what went wrong with the link, and nothing hangs or is left unhandled.
 */

import { assert, assertEquals } from "@std/assert";
import fc from "../support/fast_check.ts";
import { MuxError, type MuxErrorCode, PushSink } from "../../mod.ts";
import { type PeerConnection, SERVER, withPeer } from "../push/peer.ts";
import { noUnhandled, turns, unlessItHangs } from "../support/sessions.ts";
import type { NamedProperty } from "./all.ts";

const ENDLESS = 2_147_483_647;
const HEADERS = [Uint8Array.of(1, 2, 3, 4), Uint8Array.of(5, 6, 7)];
const PACKET = new Uint8Array(64);

// ── What is drawn ──

/** What a server does with one connection; with those that come later, nothing. */
type Conduct = "takes all" | "refuses" | "hangs up" | "hangs up later" | "refuses later" | "confirms nothing";
const CONDUCTS: readonly Conduct[] = [
  ...["takes all", "takes all", "takes all", "refuses", "hangs up", "hangs up later", "refuses later"] as const,
  "confirms nothing",
];

const CALLS = ["connect", "disconnect", "header", "data", "open", "endSession", "close", "abort", "dispose"] as const;
type Call = { do: typeof CALLS[number]; awaits: boolean; header: number; signal: "none" | "aborted" | "later" };

const plan = fc.record({
  conducts: fc.array(fc.constantFrom(...CONDUCTS), { minLength: 1, maxLength: 4 }),
  connectsFirst: fc.boolean(),
  calls: fc.array(
    fc.record<Call>({
      do: fc.constantFrom(...CALLS, "connect", "header", "data", "data", "data"),
      awaits: fc.boolean(),
      header: fc.constantFrom(0, 0, 0, 1),
      signal: fc.constantFrom("none", "none", "aborted", "later"),
    }),
    { maxLength: 12 },
  ),
});
type Plan = typeof plan extends fc.Arbitrary<infer T> ? T : never;

// ── What servers do ──

async function behave(peer: PeerConnection, conduct: Conduct, left: Promise<void>): Promise<void> {
  if (conduct === "hangs up") return;
  if (await peer.request() === undefined) return;
  if (conduct === "refuses") return await peer.send(`HTTP/1.1 404 Not here\n${SERVER}\nContent-Length: 0\n\n`);
  await peer.accept("Set-Cookie: push-id=5");
  if (await peer.request() === undefined) return;
  if (conduct === "takes all") return void await peer.packets(ENDLESS);
  if (conduct === "confirms nothing") return await left;
  await peer.packets(ENDLESS, 2);
  if (conduct === "hangs up later") return;
  await peer.send(`HTTP/1.1 403 Enough\n${SERVER}\nContent-Length: 0\n\n`);
  await peer.ended();
}

// ── What must hold ──

/** Errors of the link, which may come at any time. */
const LINK: readonly MuxErrorCode[] = ["connection-failure", "refused-by-server", "cannot-connect", "access-denied"];
/** Errors of calls, by the states in which each is the only answer when nothing else is under way. */
const REFUSED_IN: Readonly<Partial<Record<Call["do"], Partial<Record<MuxErrorCode, readonly string[]>>>>> = {
  connect: { "already-connected": ["connected", "streaming"] },
  header: { "no-connection": ["idle", "ended"] },
  data: { "no-connection": ["idle", "ended"] },
  open: { "no-connection": ["idle", "ended"] },
  // Another header ends the server's session too; what was ended by these very calls is told again.
  endSession: { "no-connection": ["idle", "detached", "ended"] },
  close: { "no-connection": ["idle", "detached", "ended"] },
};

class Run {
  readonly #push = new PushSink();
  readonly #url: string;
  readonly #pending = new Set<Promise<void>>();
  readonly #reasons: unknown[] = [];
  /** The end of a push that had one already is told again. */
  #hasEnded = false;

  constructor(url: string) {
    this.#url = url;
  }

  async play({ connectsFirst, calls }: Plan): Promise<void> {
    if (connectsFirst) await this.#do({ do: "connect", awaits: true, header: 0, signal: "none" });
    for (const call of calls) {
      const settled = this.#do(call);
      if (call.awaits) await Promise.race([settled, turns(10)]);
    }
    this.#push.abort();
    await this.#push[Symbol.asyncDispose]();
    await unlessItHangs(Promise.all(this.#pending), `${this.#pending.size} calls`);
    await this.#push[Symbol.asyncDispose](); // a connection that came late
    assert(["idle", "detached", "ended"].includes(this.#push.state), this.#push.state);
  }

  #do(call: Call): Promise<void> {
    const isAlone = this.#pending.size === 0;
    const { state } = this.#push;
    const settled = this.#call(call).then(
      () => this.#check(call, state, isAlone, undefined),
      (error) => this.#check(call, state, isAlone, error),
    );
    this.#pending.add(settled);
    const forget = () => void this.#pending.delete(settled);
    settled.then(forget, () => {}); // one that failed its check stays, and is told at the end
    return settled.catch(() => {});
  }

  async #call({ do: name, header, signal }: Call): Promise<void> {
    const push = this.#push;
    switch (name) {
      case "connect":
        return await push.connect(this.#url, { signal: this.#signal(signal) });
      case "header":
        return await push.header(HEADERS[header]!.slice());
      case "data":
        return await push.data(PACKET.slice(), { unitBytes: PACKET.byteLength, unitCount: 1 });
      case "endSession":
        assertEquals((await push.endSession({ signal: this.#signal(signal) })).outcome, "finished");
        this.#hasEnded = true;
        return;
      case "close":
        await push.close();
        this.#hasEnded = true;
        return;
      case "dispose":
        return await push[Symbol.asyncDispose]();
      default:
        return push[name]() as void;
    }
  }

  #signal(kind: Call["signal"]): AbortSignal | undefined {
    if (kind === "none") return undefined;
    const controller = new AbortController();
    const reason = new Error("given up on purpose");
    this.#reasons.push(reason);
    if (kind === "aborted") controller.abort(reason);
    else void turns(2).then(() => controller.abort(reason));
    return controller.signal;
  }

  #check({ do: name }: Call, state: string, isAlone: boolean, error: unknown): void {
    const told = `${name} while ${state}: ${error}`;
    if (error === undefined) {
      const never = Object.entries(REFUSED_IN[name] ?? {}).find(([, states]) => states.includes(state));
      const isRepeated = this.#hasEnded && (name === "endSession" || name === "close");
      assert(!isAlone || never === undefined || isRepeated, `${told}, expected ${never?.[0]}`);
      return;
    }
    if (this.#reasons.includes(error)) return;
    assert(error instanceof MuxError, told);
    const isOfLink = LINK.includes(error.code);
    const refusedIn = REFUSED_IN[name]?.[error.code];
    const needsHeader = name === "data" && error.code === "invalid-state";
    assert(isOfLink || refusedIn || needsHeader, told);
    // Another call, or the link, may have changed the state on the way.
    if (isAlone && refusedIn && name !== "header" && name !== "data") {
      assert(refusedIn.includes(state) || state === "streaming" || state === "connected", told);
    }
  }
}

export const pushSinkCalls: NamedProperty[] = [{
  name: "PushSink answers each call by its table or by what the link did, and nothing hangs, whatever servers do",
  numRuns: 60,
  property: fc.asyncProperty(plan, (plan) =>
    noUnhandled(async () => {
      const { promise: left, resolve: leave } = Promise.withResolvers<void>();
      const scripts = plan.conducts.map((conduct) => (peer: PeerConnection) => behave(peer, conduct, left));
      await withPeer(scripts, (url) => new Run(url).play(plan).finally(leave));
    })),
}];
