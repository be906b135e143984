/** Heads of HTTP messages, written and read. */

import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  HeadError,
  type HeadField,
  latin1,
  parseHead,
  parseStatusLine,
  readHead,
  requestHead,
  responseHead,
} from "../../src/wire/http_head.ts";

const CONTROLS = [..."\r\n\0\t\x01\x0b\x1b\x1f\x7f\x85"];

function text(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}

/** Each maker of a head, with a control character at each place that a caller fills. */
const MAKERS: Record<string, (line: string, fields: readonly HeadField[]) => string> = {
  "requestHead()": (line, fields) => requestHead("GET", line, fields),
  "responseHead()": (line, fields) => responseHead(`200 ${line}`, fields),
};

for (const [name, make] of Object.entries(MAKERS)) {
  Deno.test(`${name} refuses control characters, and names the field`, () => {
    for (const control of CONTROLS) {
      const error = assertThrows(() => make("/", [["Host", "h"], ["Authorization", `a${control}b`]]), RangeError);
      assertEquals(error.message, "Cannot write an HTTP head: Authorization must hold no control characters");
      assertThrows(() => make(`/${control}`, []), RangeError, "the first line");
      assertThrows(() => make("/", [[`X${control}Y`, "z"]]), RangeError, "control characters");
    }
  });
}

Deno.test("requestHead() and responseHead() keep order and repetition, and leave out what has no value", () => {
  const fields: HeadField[] = [["Pragma", "a"], ["Host", undefined], ["Pragma", "b"], ["Content-Length", 0]];
  assertEquals(
    requestHead("POST", "/x?y", fields),
    "POST /x?y HTTP/1.1\r\nPragma: a\r\nPragma: b\r\nContent-Length: 0\r\n\r\n",
  );
  assertEquals(responseHead("204 No Content", [], "1.0"), "HTTP/1.0 204 No Content\r\n\r\n");
});

Deno.test("parseHead() refuses control characters, and reads all else as it was written", () => {
  for (const control of "\r\0\x01\x0b\x1b\x1f\x7f") {
    for (const text of [`GET /${control} HTTP/1.1\r\n\r\n`, `GET / HTTP/1.1\r\nX: a${control}b\r\n\r\n`]) {
      assertThrows(() => parseHead(latin1(text)), HeadError, "control characters");
    }
  }
  const { startLine, fields } = parseHead(latin1(requestHead("GET", "/", [["X", "Grüße"]])));
  assertEquals([startLine, fields.get("x")], ["GET / HTTP/1.1", ["Grüße"]]);
});

Deno.test("latin1() never makes a line end of another character", () => {
  for (const char of "\u010a\u010d\u{1f40a}") assertThrows(() => latin1(char), RangeError, "must be Latin-1");
});

/** Bytes as a connection gives them: in one piece of memory, dead at the next read. */
function pieces(text: string, most: number): () => Promise<Uint8Array | undefined> {
  const memory = new Uint8Array(most);
  let rest: Uint8Array = latin1(text);
  return () => {
    if (rest.length === 0) return Promise.resolve(undefined);
    memory.set(rest.subarray(0, most));
    const piece = memory.subarray(0, Math.min(most, rest.length));
    rest = rest.subarray(piece.length);
    return Promise.resolve(piece);
  };
}

Deno.test("readHead() gives the head and what came behind it, however many pieces they come in", async () => {
  const whole = "HTTP/1.1 200 OK\r\nX: y\r\n\r\nbody";
  for (let most = 1; most <= whole.length; most++) {
    const next = pieces(whole, most);
    const { head, rest } = await readHead(await next() ?? new Uint8Array(0), 64, next);
    assertEquals(parseHead(head!).fields.get("x"), ["y"], `pieces of ${most}`);
    assertEquals(text(rest), whole.slice(-4).slice(0, rest.length));
  }
});

Deno.test("readHead() gives what came instead of a whole head, and refuses one beyond its limit", async () => {
  const broken = await readHead(new Uint8Array(0), 64, pieces("HTTP/1.1 20", 3));
  assertEquals([broken.head, text(broken.rest)], [undefined, "HTTP/1.1 20"]);
  for (const most of [1, 200]) {
    const endless = pieces("X: y\r\n".repeat(30) + "\r\n", most);
    await assertRejects(() => readHead(new Uint8Array(0), 64, endless), HeadError, "more than 64 bytes");
  }
});

Deno.test("parseStatusLine() tells version, status and reason, and refuses all else", () => {
  assertEquals(parseStatusLine("HTTP/1.0 404 Not Found"), { minorVersion: 0, status: 404, reason: "Not Found" });
  assertEquals(parseStatusLine("HTTP/1.1 204"), { minorVersion: 1, status: 204, reason: "" });
  for (const line of ["", "HTTP/2 200", "HTTP/1.1 20", "HTTP/1.1 2000", "HTTP/1.1 099 x", "ICY 200 OK"]) {
    assertThrows(() => parseStatusLine(line), HeadError, "status line");
  }
});
