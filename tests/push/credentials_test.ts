/** Whom the credentials are told, and how: the server that the caller names, and nobody else. */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { MuxError, PushSink } from "../../mod.ts";
import { redactUrl } from "../../src/wire/url.ts";
import { answering, asking, type PeerConnection, pointing, type Request, withPeer } from "./peer.ts";

const CREDENTIALS = { user: "me", password: "s3cret" };
const DIGEST = 'Digest realm="r", nonce="n", qop="auth"';

/** Fields of the requests that tell something about who pushes. */
function told(requests: readonly Request[]): (string | undefined)[] {
  return requests.flatMap(({ fields }) => [fields["authorization"], fields["proxy-authorization"]]).filter(Boolean);
}

for (const scheme of [DIGEST, "NTLM", 'Basic realm="r"']) {
  for (const status of [301, 302, 303, 305]) {
    for (const refusal of [401, 407]) {
      const name = scheme.split(" ")[0];
      Deno.test(`credentials follow no ${status} to another origin that asks for ${name} with ${refusal}`, async () => {
        const first: Request[] = [];
        const other: Request[] = [];
        await withPeer(new Array(3).fill(answering(asking(scheme, refusal), other)), async (elsewhere) => {
          const ask = asking(DIGEST, refusal).replace("Content", "Set-Cookie: push-id=77\nContent");
          await withPeer([
            async (peer) => {
              first.push((await peer.request())!);
              await peer.send(ask);
            },
            answering(pointing(elsewhere, status), first),
          ], async (url) => {
            const push = new PushSink();
            const connecting = push.connect(url, { credentials: CREDENTIALS, allowBasic: true });
            const error = await assertRejects(() => connecting, MuxError);
            assertEquals(error.code, "access-denied");
            const { origin } = new URL(elsewhere);
            assert(error.message.includes(`the credentials are ${status === 305 ? "not" : ""}`), error.message);
            assert(error.message.includes(origin), error.message);
          });
        });
        assertEquals(told(first).length, 1);
        assertEquals([told(other), other.length], [[], 1]);
        // The session's name is a secret of those two as well.
        assertEquals([first[1]!.fields["cookie"], other[0]!.fields["cookie"]], ["push-id=77", "push-id=0"]);
      });
    }
  }
}

Deno.test("credentials in a Location are nobody's", async () => {
  const seen: Request[] = [];
  await withPeer([answering(asking('Basic realm="r"'), seen)], async (elsewhere) => {
    const location = elsewhere.replace("//", "//them:theirs@");
    await withPeer([answering(pointing(location))], async (url) => {
      const error = await assertRejects(() => new PushSink().connect(url, { allowBasic: true }), MuxError);
      assertEquals([error.code, error.message.includes("theirs")], ["access-denied", false]);
    });
  });
  assertEquals([told(seen), seen.length], [[], 1]);
});

Deno.test("credentials follow a redirection within their origin", async () => {
  const seen: Request[] = [];
  await withPeer([
    answering(pointing("/elsewhere")),
    async (peer) => {
      seen.push((await peer.request())!);
      await peer.send(asking(DIGEST));
    },
    async (peer) => {
      seen.push((await peer.request())!);
      await peer.accept();
    },
  ], async (url) => {
    const push = new PushSink();
    await push.connect(url, { credentials: CREDENTIALS });
    await push.disconnect();
  });
  assertEquals(told(seen).length, 1);
});

Deno.test("Basic is answered where it is allowed, and nowhere else", async () => {
  const basic = asking('Basic realm="r"');
  const seen: Request[] = [];
  await withPeer([answering(basic, seen)], async (url) => {
    const error = await assertRejects(() => new PushSink().connect(url, { credentials: CREDENTIALS }), MuxError);
    assertEquals([error.code, error.hresult], ["access-denied", 0xC00D2EFB]);
    assertMatch(error.message, /asks for Basic.*: set allowBasic/);
  });
  assertEquals(told(seen), []);
  assertEquals(seen[0]!.fields["x-accept-authentication"], "NTLM, Digest");
  await withPeer([answering(basic), async (peer) => {
    seen.push((await peer.request())!);
    await peer.accept();
  }], async (url) => {
    const push = new PushSink();
    await push.connect(url, { credentials: CREDENTIALS, allowBasic: true });
    await push.disconnect();
  });
  assertEquals(told(seen), [`Basic ${btoa("me:s3cret")}`]);
});

for (const scheme of [DIGEST, "NTLM"]) {
  Deno.test(`who asked for ${scheme.split(" ")[0]} gets no Basic, though it be allowed`, async () => {
    const seen: Request[] = [];
    const script = async (peer: PeerConnection) => {
      for (let request; (request = await peer.request()) !== undefined;) {
        seen.push(request);
        await peer.send(asking(seen.length === 1 ? scheme : 'Basic realm="r"'));
      }
    };
    await withPeer([script, script, script], async (url) => {
      const connecting = () => new PushSink().connect(url, { credentials: CREDENTIALS, allowBasic: true });
      const error = await assertRejects(connecting, MuxError);
      assertEquals(error.code, "access-denied");
      assertMatch(error.message, /asks for Basic where it asked for better before/);
    });
    assertEquals(told(seen).filter((value) => value!.startsWith("Basic")), []);
  });
}

Deno.test("who got a Digest gets no Basic when the push comes back", async () => {
  const seen: Request[] = [];
  await withPeer([
    answering(asking(DIGEST), seen),
    async (peer) => {
      seen.push((await peer.request())!);
      await peer.accept("Set-Cookie: push-id=5");
      await peer.ended();
    },
    answering(asking('Basic realm="r"'), seen),
  ], async (url) => {
    const push = new PushSink();
    const options = { credentials: CREDENTIALS, allowBasic: true };
    await push.connect(url, options);
    await push.disconnect();
    const error = await assertRejects(() => push.connect(url, options), MuxError);
    assertMatch(error.message, /asks for Basic where it asked for better before/);
  });
  assertEquals(told(seen).map((value) => value!.split(" ")[0]), ["Digest"]);
});

for (
  const [location, says] of [
    ["file:///etc/passwd", /points to file:/],
    ["ftp://127.0.0.1/", /points to ftp:/],
    ["https://127.0.0.1/live", /points to https:/],
    ["javascript:alert(1)", /points to javascript:/],
    ["http://them:theirs@[/", /points to what is no URL/],
    ["/live%0d%0aX:%20y", /points to a URL with control characters/],
  ] as const
) {
  for (const status of [302, 305]) {
    Deno.test(`a ${status} to ${location} is refused by name`, async () => {
      await withPeer([answering(pointing(location, status))], async (url) => {
        const error = await assertRejects(() => new PushSink().connect(url, { credentials: CREDENTIALS }), MuxError);
        assertEquals([error.code, error.message.includes("theirs")], ["refused-by-server", false]);
        assertMatch(error.message, says);
      });
    });
  }
}

Deno.test("PushSink.connect() gives up a receiver that calls every nonce old", async () => {
  let count = 0;
  const script = async (peer: PeerConnection) => {
    await peer.request();
    await peer.send(asking(`Digest realm="r", nonce="n${count++}", stale=true`));
  };
  await withPeer(new Array(10).fill(script), async (url) => {
    const connecting = () => new PushSink().connect(url, { credentials: CREDENTIALS });
    const error = await assertRejects(connecting, MuxError);
    assertEquals(error.code, "access-denied");
    assertMatch(error.message, /asks for credentials more than 4 times/);
  });
  assertEquals(count, 5);
});

Deno.test("who asked for Digest gets no Basic by way of another server", async () => {
  const seen: Request[] = [];
  let back = "";
  await withPeer([async (peer) => {
    await peer.request();
    await peer.send(pointing(back));
  }], async (elsewhere) => {
    await withPeer([
      answering(asking(DIGEST), seen),
      answering(pointing(elsewhere), seen),
      answering(asking('Basic realm="r"'), seen),
    ], async (url) => {
      back = url;
      const connecting = () => new PushSink().connect(url, { credentials: CREDENTIALS, allowBasic: true });
      const error = await assertRejects(connecting, MuxError);
      assertMatch(error.message, /asks for Basic where it asked for better before/);
    });
  });
  assertEquals(told(seen).map((value) => value!.split(" ")[0]), ["Digest"]);
});

Deno.test("no message of a bad URL holds its password", async () => {
  const urls = [
    "http://me:s3cret@host:99999/x",
    "http://me:s3cret@[::1/x",
    "http://me:s3/cret@host:99999/x",
    "http://me:s3@cret@[/x",
    "rtsp://me:s3cret@host/x",
    "//me:s3cret@host/x",
    "http://me:s3cret@host/\nx",
  ];
  for (const url of urls) {
    const error = await assertRejects(() => new PushSink().connect(url), RangeError);
    assert(!/s3|cret/.test(error.message), error.message);
  }
  assertEquals(redactUrl("http://me:pw@host/x"), "http://***@host/x");
  assertEquals(redactUrl("http://host/x"), "http://host/x");
});
