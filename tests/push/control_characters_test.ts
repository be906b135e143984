/** Control characters in what becomes a head: they would be fields, or requests, of a stranger's choosing. */

import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { type ConnectOptions, MuxError, PushSink } from "../../mod.ts";
import { answering, asking, type Request, withPeer } from "./peer.ts";

const CONTROLS = [..."\r\n\0\t\x01\x0b\x1b\x1f\x7f\x85"];

/** What a caller can let in, by the place it would come to. */
const WAYS_IN: Record<string, (url: string, text: string) => [url: string, options: ConnectOptions]> = {
  "the user in the URL": (url, text) => [url.replace("//", `//${encodeURIComponent(text)}:pw@`), {}],
  "the password in the URL": (url, text) => [url.replace("//", `//me:${encodeURIComponent(text)}@`), {}],
  "the user": (url, text) => [url, { credentials: { user: text, password: "pw" } }],
  "the password": (url, text) => [url, { credentials: { user: "me", password: text } }],
  "the path": (url, text) => [url + text + "x", {}],
  "the query": (url, text) => [`${url}?x=${text}y`, {}],
  "the user agent": (url, text) => [url, { userAgent: "WMEncoder/9.0" + text }],
  "the template": (url, text) => [url, { templateUrl: `/a${text}b` }],
};

for (const [place, way] of Object.entries(WAYS_IN)) {
  Deno.test(`PushSink.connect() refuses control characters in ${place} before anything is sent`, async () => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    for (const control of CONTROLS) {
      const args = way(`http://127.0.0.1:${port}/live`, `a${control}X: y`);
      const connecting = () => new PushSink().connect(args[0], { ...args[1], signal: AbortSignal.timeout(1_000) });
      await assertRejects(connecting, RangeError, "control characters", JSON.stringify(control));
    }
    // Nobody has connected before this one.
    using last = await Deno.connect({ hostname: "127.0.0.1", port });
    using first = await listener.accept();
    assertEquals(first.remoteAddr, last.localAddr);
  });
}

for (const place of ["path", "query", "template"] as const) {
  Deno.test(`PushSink.connect() refuses percent-encoded control characters in the ${place}`, async () => {
    for (const text of ["%0d%0aX:%20y", "%0A", "%00", "%7f"]) {
      const url = `http://127.0.0.1:1/live${place === "path" ? text : place === "query" ? `?x=${text}` : ""}`;
      const options = place === "template" ? { templateUrl: `/a${text}` } : {};
      await assertRejects(() => new PushSink().connect(url, options), RangeError, "control characters");
    }
  });
}

Deno.test("PushSink.connect() refuses credentials that are no text, or no UTF-8", async () => {
  const credentials = { user: "me", password: 7 as unknown as string };
  await assertRejects(() => new PushSink().connect("http://127.0.0.1:1/x", { credentials }), TypeError, "password");
  await assertRejects(() => new PushSink().connect("http://a%ff:b@127.0.0.1:1/x"), RangeError, "UTF-8");
});

for (const parameter of ["realm", "nonce", "opaque"]) {
  Deno.test(`a challenge with control characters in its ${parameter} is answered by nothing`, async () => {
    for (const control of ["\r", "\0", "\x1b", "\x7f"]) {
      const seen: Request[] = [];
      const parameters = { realm: "r", nonce: "n", opaque: "o", [parameter]: `a${control}X: y` };
      const pairs = Object.entries(parameters).map(([name, value]) => `${name}="${value}"`);
      await withPeer([answering(asking(`Digest ${pairs.join(", ")}`), seen)], async (url) => {
        const connecting = () => new PushSink().connect(url, { credentials: { user: "me", password: "s3cret" } });
        const error = await assertRejects(connecting, MuxError);
        assertEquals(error.code, "connection-failure");
        assertMatch(error.message, /control characters/);
      });
      assertEquals(seen.length, 1);
    }
  });
}
