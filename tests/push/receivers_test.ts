/** Receivers as they were captured, and worse ones: what a push makes of what they say before it streams. */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { MuxError, PushSink } from "../../mod.ts";
import { PushClient, type PushTarget } from "../../src/push/client.ts";
import { liveHeader } from "../server/live_header.ts";
import { type PeerConnection, type Request, SERVER, withPeer } from "./peer.ts";

const ENDLESS = 2_147_483_647;

function target(url: string, more: Partial<PushTarget> = {}): PushTarget {
  return { url: new URL(url), autoDestroy: true, userAgent: "WMEncoder/12.0.0.1", ...more };
}

const REFUSALS: { name: string; answer: string; code: string; hresult: number; text: RegExp }[] = [
  {
    name: "503",
    answer: `HTTP/1.1 503 Busy\n${SERVER}\n\n`,
    code: "refused-by-server",
    hresult: 0xC00D2EE7,
    text: /answered 503 Busy/,
  },
  {
    name: "401, without credentials",
    answer: "HTTP/1.1 401 No\nWWW-Authenticate: Digest\n\n",
    code: "access-denied",
    hresult: 0xC00D2EFB,
    text: /the server asks for credentials/,
  },
  {
    name: "407, without credentials",
    answer: "HTTP/1.1 407 No\nProxy-Authenticate: Digest\n\n",
    code: "access-denied",
    hresult: 0xC00D2EF6,
    text: /the proxy asks for credentials/,
  },
  {
    name: "success as an ordinary web server",
    answer: "HTTP/1.1 204 OK\nServer: nginx\n\n",
    code: "refused-by-server",
    hresult: 0xC00D2F0C,
    text: /it is nginx/,
  },
  {
    name: "success without a name",
    answer: "HTTP/1.1 204 OK\n\n",
    code: "refused-by-server",
    hresult: 0xC00D2F0C,
    text: /does not say what it is/,
  },
  {
    name: "nothing, and closes",
    answer: "",
    code: "connection-failure",
    hresult: 0xC00D0029,
    text: /closed the connection/,
  },
  {
    name: "half an answer",
    answer: "HTTP/1.1 204 No",
    code: "connection-failure",
    hresult: 0xC00D0029,
    text: /breaks off/,
  },
  {
    name: "in another protocol",
    answer: "SSH-2.0-x\n\n",
    code: "connection-failure",
    hresult: 0xC00D0029,
    text: /not HTTP/,
  },
  {
    name: "with an endless head",
    answer: "HTTP/1.1 204 OK\n" + "X: y\n".repeat(9000),
    code: "connection-failure",
    hresult: 0xC00D0029,
    text: /too long/,
  },
  {
    name: "with a length that is none",
    answer: "HTTP/1.1 200 OK\nContent-Length: -5\n\n",
    code: "connection-failure",
    hresult: 0xC00D0029,
    text: /not HTTP/,
  },
  {
    name: "a redirection to nowhere",
    answer: "HTTP/1.1 302 Found\n\n",
    code: "refused-by-server",
    hresult: 0xC00D2EE7,
    text: /points to nowhere/,
  },
  {
    name: "a redirection into another scheme",
    answer: "HTTP/1.1 302 Found\nLocation: https://127.0.0.1/live\n\n",
    code: "refused-by-server",
    hresult: 0xC00D2EE7,
    text: /points to https:/,
  },
  {
    name: "a proxy to use, which is none",
    answer: "HTTP/1.1 305 Use Proxy\nLocation: ftp://127.0.0.1/\n\n",
    code: "refused-by-server",
    hresult: 0xC00D2EE7,
    text: /points to ftp:/,
  },
];

for (const { name, answer, code, hresult, text } of REFUSALS) {
  Deno.test(`PushSink.connect() rejects where the receiver answers ${name}`, async () => {
    await withPeer([async (peer) => {
      await peer.request();
      await peer.send(answer).catch(() => {});
    }], async (url) => {
      const push = new PushSink();
      const error = await assertRejects(() => push.connect(url), MuxError);
      assertEquals([error.code, error.hresult], [code, hresult]);
      assertMatch(error.message, text);
      assertEquals(push.state, "idle");
    });
  });
}

Deno.test("PushClient.connect() gives up a receiver that stays silent, in time or when the signal says so", async () => {
  await withPeer([(peer) => peer.ended(), (peer) => peer.ended()], async (url) => {
    const client = new PushClient({ setupMs: 50 });
    const error = await assertRejects(() => client.connect(target(url)), MuxError);
    assertEquals([error.code, error.hresult], ["cannot-connect", 0xC00D2F06]);
    assertMatch(error.message, /the server was silent for 0.05 s/);
    const reason = new Error("enough");
    const controller = new AbortController();
    setTimeout(() => controller.abort(reason), 50);
    assertEquals(await assertRejects(() => new PushClient().connect(target(url), controller.signal), Error), reason);
  });
});

Deno.test("PushClient.connect() says that nobody listens", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  listener.close();
  const url = `http://127.0.0.1:${listener.addr.port}/live`;
  const refused = await assertRejects(() => new PushClient().connect(target(url)), MuxError);
  assertEquals([refused.code, refused.hresult], ["cannot-connect", 0xC00D0006]);
  assertMatch(refused.message, /: nobody listens at 127\.0\.0\.1:\d+$/);
});

Deno.test("PushClient.data() rejects after a close in mid-body where it must not wait for another connection", async () => {
  const cutOff = async (peer: PeerConnection) => {
    await peer.request();
    await peer.accept("Set-Cookie: push-id=5");
    await peer.request();
    await peer.packets(ENDLESS, 2);
  };
  await withPeer([cutOff], async (url) => {
    const client = new PushClient({ resumeMs: () => 0 });
    await client.connect(target(url));
    await client.header(new Uint8Array(60));
    const error = await assertRejects(async () => {
      for (;;) await client.data(new Uint8Array(100), 100);
    }, MuxError);
    assertEquals([error.code, error.hresult, client.state], ["connection-failure", 0xC00D0029, "detached"]);
  });
});

Deno.test("PushClient.data() gives up a receiver that takes nothing for a minute", async () => {
  const realTimeout = setTimeout;
  const pause = () => new Promise((resolve) => realTimeout(resolve, 20));
  let letGo!: () => void;
  const isOver = new Promise<void>((resolve) => letGo = resolve);
  await withPeer([async (peer) => {
    await peer.request();
    await peer.accept();
    await isOver; // without reading
  }], async (url) => {
    const client = new PushClient({ resumeMs: () => 0 });
    await client.connect(target(url));
    await client.header(new Uint8Array(60));
    using time = new FakeTime();
    let error: unknown;
    const pushing = client.data(new Uint8Array(50_000_000), 1000).catch((reason) => error = reason);
    let taken = -1;
    while (taken !== client.byteCount) { // until its buffers are full
      taken = client.byteCount;
      await pause();
    }
    time.tick(59_000);
    await pause();
    assertEquals(error, undefined);
    for (let i = 0; i < 100 && error === undefined; i++) { // the last words are waited for too
      time.tick(2_000);
      await pause();
    }
    await pushing;
    assert(error instanceof MuxError);
    assertEquals([error.code, error.hresult], ["connection-failure", 0xC00D0029]);
    assertMatch(error.message, /the server took nothing for 60 s/);
    letGo();
  });
});

Deno.test("PushClient.connect() gives up a redirection that never ends", async () => {
  let count = 0;
  const script = async (peer: PeerConnection) => {
    await peer.request();
    count++;
    await peer.send("HTTP/1.1 301 Moved\nLocation: /live\nContent-Length: 0\n\n");
  };
  await withPeer(new Array(10).fill(script), async (url) => {
    const error = await assertRejects(() => new PushClient().connect(target(url)), MuxError);
    assertEquals([error.code, error.hresult], ["refused-by-server", 0xC00D2EE7]);
    assertMatch(error.message, /more than 5 redirections/);
  });
  assertEquals(count, 6);
});

for (const status of [300, 301, 302, 303, 304]) {
  Deno.test(`PushClient.connect() follows a redirection with ${status}`, async () => {
    let line = "";
    await withPeer([
      async (peer) => {
        await peer.request();
        await peer.send(`HTTP/1.1 ${status} Elsewhere\nLocation: /elsewhere\nContent-Length: 0\n\n`);
      },
      async (peer) => {
        line = (await peer.request())!.line;
        await peer.accept();
        await peer.ended();
      },
    ], async (url) => {
      const client = new PushClient();
      await client.connect(target(url));
      await client.disconnect();
    });
    assertEquals(line, "POST /elsewhere HTTP/1.1");
  });
}

Deno.test("PushClient tells another server nothing of what it has told the first", async () => {
  const seen: (string | undefined)[] = [];
  const credentials = { user: "me", password: "secret" };
  await withPeer([async (peer) => {
    seen.push((await peer.request())!.fields["authorization"]);
    await peer.accept();
    await peer.ended();
  }], async (other) => {
    await withPeer([
      async (peer) => {
        await peer.request();
        await peer.send('HTTP/1.1 401 No\nWWW-Authenticate: Basic realm="r"\nContent-Length: 0\n\n');
      },
      async (peer) => {
        seen.unshift((await peer.request())!.fields["authorization"]);
        await peer.send(`HTTP/1.1 302 Found\nLocation: ${other}\nContent-Length: 0\n\n`);
      },
    ], async (url) => {
      const client = new PushClient();
      await client.connect(target(url, { credentials, allowBasic: true }));
      await client.disconnect();
    });
  });
  assertEquals(seen, [`Basic ${btoa("me:secret")}`, undefined]);
});

Deno.test("PushClient goes through the proxy it is told to use, and keeps bodies short for it", async () => {
  const { bytes: header, packet } = await liveHeader();
  const requests: Request[] = [];
  let seen: string[] = [];
  await withPeer([
    async (peer) => {
      requests.push((await peer.request())!);
      await peer.accept("Via: 1.1 proxy", "Set-Cookie: push-id=9");
      requests.push((await peer.request())!);
      seen = (await peer.packets(ENDLESS)).map(({ kind }) => kind);
    },
  ], async (proxy) => {
    await withPeer([async (peer) => {
      requests.push((await peer.request())!);
      await peer.send(`HTTP/1.1 305 Use Proxy\nLocation: ${new URL("/", proxy)}\nContent-Length: 0\n\n`);
    }], async (url) => {
      const push = new PushSink();
      await push.connect(url, { credentials: { user: "me", password: "secret" } });
      await push.header(header);
      await push.data(packet, { unitCount: 1 });
      await push.endSession();
      assertEquals(requests.map(({ line }) => line), [
        "POST /live HTTP/1.1",
        ...new Array(2).fill(`POST ${url} HTTP/1.1`),
      ]);
      assertEquals(requests.map(({ fields }) => fields["host"]), new Array(3).fill(new URL(url).host));
    });
  });
  assertEquals(seen, ["H", "D", "E"]);
  // A minute of what the header promises: its maximum bit rate is behind the packet sizes.
  const properties = Uint8Array.of(0xa1, 0xdc, 0xab, 0x8c, 0x47, 0xa9, 0xcf, 0x11);
  const at = header.findIndex((_, at) => properties.every((byte, i) => header[at + i] === byte));
  const bitRate = new DataView(header.buffer).getUint32(at + 100, true);
  assert(bitRate > 30_000);
  assertEquals(Number(requests[2]!.fields["content-length"]), Math.ceil(bitRate / 8) * 60);
});

Deno.test("PushClient keeps bodies short where a proxy shows itself, and never too short for a packet", async () => {
  let length = "";
  await withPeer([async (peer) => {
    await peer.request();
    await peer.accept("Via: 1.0 cache");
    length = (await peer.request())!.fields["content-length"]!;
    await peer.packets(ENDLESS);
  }], async (url) => {
    const client = new PushClient();
    await client.connect(target(url));
    await client.header(new Uint8Array(60));
    await client.end();
  });
  assertEquals(Number(length), 3 * 65_535);
});

Deno.test("PushClient comes back on another connection where the receiver closes the first", async () => {
  let line = "";
  await withPeer([
    async (peer) => {
      await peer.request();
      await peer.accept("Set-Cookie: push-id=4", "Connection: close");
    },
    async (peer) => {
      const { fields } = (await peer.request())!;
      line = `${fields["content-type"]} ${fields["cookie"]}`;
      await peer.packets(ENDLESS);
    },
  ], async (url) => {
    const client = new PushClient();
    await client.connect(target(url));
    await client.header(new Uint8Array(60));
    await client.end();
  });
  assertEquals(line, "application/x-wms-pushstart push-id=4");
});
