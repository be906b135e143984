/** Connections are taken whatever happens: one "too many open files" once ended that for good. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { Acceptor } from "../../src/server/acceptor.ts";
import { get, until } from "./live.ts";

// ── What the system says, one answer after the other ──

/** Hands out what it is told to; waits when it has nothing more to say. */
class Script {
  acceptCount = 0;
  readonly #answers: (number | Error)[];
  #onClose: ((reason: Error) => void) | undefined;

  constructor(answers: (number | Error)[]) {
    this.#answers = answers;
  }

  accept(): Promise<number> {
    this.acceptCount++;
    const answer = this.#answers.shift();
    if (answer === undefined) return new Promise((_, reject) => this.#onClose = reject);
    return typeof answer === "number" ? Promise.resolve(answer) : Promise.reject(answer);
  }

  close(): void {
    this.#onClose?.(new Deno.errors.BadResource("Listener has been closed"));
  }
}

/** Lets time pass step by step, so that what waits can begin to wait again. */
async function pass(time: FakeTime, ms: number, stepMs: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += stepMs) await time.tickAsync(stepMs);
  await time.runMicrotasks();
}

const failing = (code: string) => Object.assign(new Error(code), { code });

const ERRORS = [
  new Deno.errors.ConnectionAborted("Software caused connection abort (os error 103)"),
  new Deno.errors.ConnectionReset("Connection reset by peer (os error 104)"),
  new Deno.errors.Interrupted("Interrupted system call (os error 4)"),
  new Deno.errors.PermissionDenied("Operation not permitted (os error 1)"),
  ...["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM", "EPROTO", "ENETDOWN", "EHOSTUNREACH"].map(failing),
];

for (const error of ERRORS) {
  Deno.test(`Acceptor takes connections behind ${error.message}`, async () => {
    using time = new FakeTime();
    const script = new Script([1, error, 2, error, error, 3]);
    const taken: number[] = [];
    const told: unknown[] = [];
    const acceptor = new Acceptor(script, (conn) => taken.push(conn), (error) => told.push(error));
    await pass(time, 100, 5);
    assertEquals([taken, told], [[1, 2, 3], [error, error, error]]);
    await acceptor.close();
  });
}

Deno.test("Acceptor waits longer and longer while nothing can be taken, and not at all behind a success", async () => {
  using time = new FakeTime();
  const script = new Script([...Array<Error>(100).fill(failing("EMFILE")), 1, failing("EMFILE"), 2]);
  const acceptor = new Acceptor(script, () => {}, () => {});
  await time.runMicrotasks();
  assertEquals(script.acceptCount, 1);
  await pass(time, 1_000, 5);
  assert(script.acceptCount < 12, `${script.acceptCount} attempts in the first second`);
  const before = script.acceptCount;
  await pass(time, 10_000, 100);
  const perSecond = (script.acceptCount - before) / 10;
  assert(perSecond >= 0.9 && perSecond <= 2, `${perSecond} attempts a second`);
  await pass(time, 120_000, 500);
  assertEquals(script.acceptCount, 104);
  await acceptor.close();
});

Deno.test("Acceptor.close() ends a wait for the next attempt at once", async () => {
  using time = new FakeTime();
  const script = new Script(Array(100).fill(failing("EMFILE")));
  const acceptor = new Acceptor(script, () => {}, () => {});
  await pass(time, 5_000, 50);
  const before = script.acceptCount;
  await Promise.all([acceptor.close(), acceptor.close()]); // no tick: a wait that went on would never end
  await pass(time, 5_000, 50);
  assertEquals(script.acceptCount, before);
});

// ── A process that has hardly any descriptors ──

const CLI = decodeURIComponent(new URL("../../src/cli/mod.ts", import.meta.url).pathname);
const DESCRIPTORS = 100;

const hasPrlimit = await new Deno.Command("prlimit", { args: ["--version"], stdout: "null", stderr: "null" })
  .output().then(({ success }) => success, () => false);

/** A server that may open few files, and what it says. */
async function withPoorServer(
  fn: (url: string, said: () => string, stop: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const permissions = ["--allow-read", "--allow-write", "--allow-net=127.0.0.1", "--allow-env"];
  const child = new Deno.Command("prlimit", {
    args: [
      ...[`--nofile=${DESCRIPTORS}:${DESCRIPTORS}`, "--", Deno.execPath(), "run", "--quiet", "--no-prompt"],
      ...[...permissions, CLI, "serve", "--listen", "127.0.0.1:0"],
    ],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let said = "";
  const reading = (async () => {
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) said += text;
  })();
  try {
    const url = () => said.match(/http:\S+/)?.[0] ?? "";
    await until(() => url() !== "", "the server to listen");
    let stopping: Promise<void> | undefined;
    const stop = () =>
      stopping ??= (async () => {
        child.kill("SIGTERM");
        assertEquals((await child.status).code, 0, said);
      })();
    await fn(url(), () => said, stop);
    await stop();
  } finally {
    try {
      child.kill("SIGKILL");
    } catch {
      // it has ended
    }
    await Promise.all([child.status, reading]);
  }
}

/** Connects more often than the server has descriptors, says something each time, and lets go of all in the end. */
async function withCrowd(url: string, greeting: string, fn: () => Promise<void>): Promise<void> {
  const { hostname, port } = new URL(url);
  const crowd: Deno.Conn[] = [];
  try {
    for (let i = 0; i < DESCRIPTORS + 50; i++) {
      const conn = await Deno.connect({ hostname, port: Number(port) });
      crowd.push(conn);
      await conn.write(new TextEncoder().encode(greeting)).catch(() => {});
    }
    await fn();
  } finally {
    for (const conn of crowd) conn.close();
  }
}

/** Who has begun to say something is not sent away for others. */
const HALF = "POST /live HTTP/1.0\r\nContent-Length: 9\r\n\r\nhalf";

async function statusOf(url: string): Promise<{ acceptFailureCount: number; lastAcceptFailure?: string }> {
  const { head, body } = await get(url + "status.json");
  assertMatch(head, /^HTTP\/1\.1 200 /);
  return JSON.parse(new TextDecoder().decode(body));
}

/** Registers a test that takes descriptors away: without the program for that it is skipped, but never in CI. */
function descriptorTest(name: string, fn: () => Promise<void>): void {
  const isMissing = !hasPrlimit && Deno.build.os === "linux";
  Deno.test({
    name: hasPrlimit ? name : `${name} (without prlimit)`,
    ignore: Deno.build.os !== "linux" || (isMissing && !Deno.env.get("CI")),
    fn,
  });
}

descriptorTest("a server whose descriptors have run out says so, and takes connections again behind that", async () => {
  await withPoorServer(async (url, said) => {
    await withCrowd(url, HALF, async () => {
      await until(() => said().includes("muxwell: cannot take connections: Too many open files"), "the report");
    });
    for (let i = 0; i < 3; i++) {
      const { acceptFailureCount, lastAcceptFailure = "" } = await statusOf(url);
      assert(acceptFailureCount > 0);
      assertMatch(lastAcceptFailure, /^Too many open files/);
    }
    assertEquals(said().match(/cannot take connections/g)?.length, 1);
    const { body } = await get(url + "metrics");
    assertMatch(new TextDecoder().decode(body), /^muxwell_accept_failures_total [1-9]\d*$/m);
  });
});

descriptorTest("a server whose descriptors have run out closes as any other", async () => {
  await withPoorServer(async (url, said, stop) => {
    await withCrowd(url, HALF, async () => {
      await until(() => said().includes("cannot take connections"), "the report");
      await stop();
    });
    assertMatch(said(), /^Closed after /m);
  });
});

descriptorTest("connections that say nothing hold all descriptors, and keep nobody out", async () => {
  await withPoorServer(async (url) => {
    await withCrowd(url, "", async () => {
      for (let i = 0; i < 3; i++) assert((await statusOf(url)).acceptFailureCount > 0);
    });
    await statusOf(url);
  });
});
