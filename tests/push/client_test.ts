import { assert, assertEquals, assertRejects } from "@std/assert";
import { MuxError } from "../../mod.ts";
import { PushClient, type PushTarget } from "../../src/push/client.ts";
import { turns } from "../support/sessions.ts";
import { type Packet, type PeerConnection, SERVER, withPeer } from "./peer.ts";

const HEADER = Uint8Array.from({ length: 60 }, (_, i) => i);
const PACKET_BYTES = 100;
const ENDLESS = 2_147_483_647;

function target(url: string, more: Partial<PushTarget> = {}): PushTarget {
  return { url: new URL(url), autoDestroy: true, userAgent: "WMEncoder/12.0.0.1", ...more };
}

/** Packets that say their number. */
function packets(first: number, count: number): Uint8Array {
  const bytes = new Uint8Array(count * PACKET_BYTES);
  for (let i = 0; i < count; i++) bytes[i * PACKET_BYTES] = first + i;
  return bytes;
}

function summary(packets: Packet[]): string {
  return packets.map(({ kind, reason, payload }) =>
    kind === "D" ? `D${payload[0]}` : kind === "E" ? `E${reason}` : kind
  )
    .join(" ");
}

/** Takes a push from setup to its end; answers what came. */
async function takeAll(peer: PeerConnection, ...fields: string[]): Promise<string> {
  await peer.request();
  await peer.accept(...fields);
  await peer.request();
  return summary(await peer.packets(ENDLESS));
}

Deno.test("PushClient asks for permission, streams, and ends, as encoders do", async () => {
  let setup, start, seen = "";
  await withPeer([async (peer) => {
    setup = await peer.request();
    await peer.accept("Set-Cookie: push-id=4124758405", "Pragma: no-cache, timeout=60000");
    start = await peer.request();
    seen = summary(await peer.packets(ENDLESS));
  }], async (url) => {
    const client = new PushClient();
    await client.connect(target(url, { templateUrl: "/pub" }));
    assertEquals(client.state, "connected");
    await client.header(HEADER);
    await client.data(packets(0, 3), PACKET_BYTES);
    assertEquals(client.state, "streaming");
    await client.end();
    assertEquals([client.state, client.byteCount], ["ended", 3 * 104 + 64]);
  });
  const { line, fields, body } = setup!;
  assertEquals(line, "POST /live HTTP/1.1");
  assertEquals(fields["content-type"], "application/x-wms-pushsetup");
  assertEquals(fields["cookie"], "push-id=0");
  assertEquals(fields["user-agent"], "WMEncoder/12.0.0.1");
  assertEquals(body, 'Template-URL: "/pub"\r\nAutoDestroy: 1\r\n');
  assertEquals(fields["content-length"], "38");
  const second = start! as typeof setup & object;
  assertEquals(second["fields"]["content-type"], "application/x-wms-pushstart");
  assertEquals(second["fields"]["cookie"], "push-id=4124758405");
  assertEquals(second["fields"]["content-length"], "2147483647");
  assertEquals(seen, "H D0 D1 D2 E0");
});

Deno.test("PushClient fills a body that runs out, waits for the answer, and goes on without a header", async () => {
  const bodies: Packet[][] = [];
  await withPeer([async (peer) => {
    await peer.request();
    await peer.accept("Set-Cookie: push-id=7");
    for (;;) {
      const request = await peer.request();
      if (!request) break;
      assertEquals(request.fields["cookie"], "push-id=7");
      bodies.push(await peer.packets(Number(request.fields["content-length"])));
      if (bodies.at(-1)!.at(-1)?.kind === "E") break;
      await peer.accept("Set-Cookie: push-id=7");
    }
  }], async (url) => {
    const client = new PushClient({ bodyBytes: 64 + 2 * 104 + 106 });
    await client.connect(target(url));
    await client.header(HEADER);
    await client.data(packets(0, 4), PACKET_BYTES);
    await client.data(packets(4, 3), PACKET_BYTES);
    await client.end();
  });
  assertEquals(bodies.map(summary), ["H D0 D1 F", "D2 D3 D4 F", "D5 D6 E0"]);
  // The third packet would have left 2 bytes.
  assertEquals(bodies[0]!.at(-1)!.payload.length, 106 - 4);
});

for (const [name, fields] of [["none", []], ["0", ["Set-Cookie: push-id=0"]]] as const) {
  Deno.test(`PushClient pushes to a server whose push id is ${name}`, async () => {
    let seen = "";
    await withPeer([async (peer) => void (seen = await takeAll(peer, ...fields))], async (url) => {
      const client = new PushClient();
      await client.connect(target(url));
      await client.header(HEADER);
      await client.data(packets(0, 1), PACKET_BYTES);
      await client.end();
    });
    assertEquals(seen, "H D0 E0");
  });
}

Deno.test("PushClient.disconnect() and connect() resume the session where the server confirms it", async () => {
  const seen: string[] = [];
  let cookie = "";
  const script = async (peer: PeerConnection) => {
    cookie = (await peer.request())!.fields["cookie"]!;
    await peer.accept("Set-Cookie: push-id=5");
    await peer.request();
    seen.push(summary(await peer.packets(ENDLESS)));
  };
  await withPeer([script, script], async (url) => {
    const client = new PushClient();
    await client.connect(target(url));
    await client.header(HEADER);
    await client.data(packets(0, 2), PACKET_BYTES);
    await client.disconnect();
    assertEquals(client.state, "detached");
    const waiting = client.data(packets(2, 2), PACKET_BYTES);
    await client.connect(target(url));
    await waiting;
    await client.end();
  });
  assertEquals([...seen, cookie], ["H D0 D1", "D2 D3 E0", "push-id=5"]);
});

Deno.test("PushClient.connect() begins anew, with the header, where the server has forgotten the session", async () => {
  const seen: string[] = [];
  await withPeer([
    async (peer) => void seen.push(await takeAll(peer, "Set-Cookie: push-id=5")),
    async (peer) => {
      assertEquals((await peer.request())!.fields["cookie"], "push-id=5");
      await peer.send(`HTTP/1.1 404 Unknown push-id\n${SERVER}\nContent-Length: 0\n\n`);
    },
    async (peer) => void seen.push(await takeAll(peer, "Set-Cookie: push-id=6")),
  ], async (url) => {
    const client = new PushClient();
    await client.connect(target(url));
    await client.header(HEADER);
    await client.data(packets(0, 1), PACKET_BYTES);
    await client.disconnect();
    await client.connect(target(url));
    await client.data(packets(1, 1), PACKET_BYTES);
    await client.end();
  });
  assertEquals(seen, ["H D0", "H D1 E0"]);
});

Deno.test("PushClient mends a link that breaks in mid-body, by itself", async () => {
  const seen: string[] = [];
  await withPeer([
    async (peer) => {
      await peer.request();
      await peer.accept("Set-Cookie: push-id=5");
      await peer.request();
      seen.push(summary(await peer.packets(ENDLESS, 3)));
    },
    async (peer) => void seen.push(await takeAll(peer, "Set-Cookie: push-id=5")),
  ], async (url) => {
    const client = new PushClient();
    await client.connect(target(url));
    await client.header(HEADER);
    await client.data(packets(0, 2), PACKET_BYTES);
    // The peer closes now. What the system takes before it knows is lost; then the link is another.
    for (let i = 2; i < 200 && seen.length < 1; i++) await new Promise((resolve) => setTimeout(resolve, 5));
    await client.data(packets(2, 1), PACKET_BYTES);
    await client.data(packets(3, 1), PACKET_BYTES);
    await client.data(packets(4, 1), PACKET_BYTES);
    await client.end();
  });
  assertEquals(seen[0], "H D0 D1");
  assert(/^(D2 )?(D3 )?D4 E0$/.test(seen[1]!), seen[1]);
});

Deno.test("PushClient gives up mending when the server must have forgotten it", async () => {
  await withPeer([async (peer) => {
    await peer.request();
    await peer.accept();
    await peer.request();
    await peer.packets(ENDLESS, 1);
  }], async (url) => {
    const client = new PushClient({ resumeMs: () => 300 });
    await client.connect(target(url));
    await client.header(HEADER);
    const error = await assertRejects(async () => {
      for (;;) await client.data(packets(0, 1), PACKET_BYTES);
    }, MuxError);
    assertEquals(error.code, "connection-failure");
    assert(error.message.endsWith("; no connection lasted within 0.3 s"), error.message);
    assertEquals(client.state, "detached");
  });
});

Deno.test("PushClient.data() tells a refusal in mid-body, and does not try again", async () => {
  await withPeer([async (peer) => {
    await peer.request();
    await peer.accept();
    await peer.request();
    await peer.packets(ENDLESS, 1);
    await peer.send(`HTTP/1.1 403 Not You\n${SERVER}\nContent-Length: 0\n\n`);
    await peer.ended();
  }], async (url) => {
    const client = new PushClient();
    await client.connect(target(url));
    await client.header(HEADER);
    const error = await assertRejects(async () => {
      for (;;) {
        await client.data(packets(0, 1), PACKET_BYTES);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    }, MuxError);
    assertEquals(error.code, "refused-by-server");
    assert(error.message.includes("403 Not You"));
  });
});

Deno.test("PushClient.end() waits until a slow server has taken everything, to the byte", async () => {
  let seen: Packet[] = [];
  const count = 200;
  await withPeer([async (peer) => {
    await peer.request();
    await peer.accept();
    await peer.request();
    await new Promise((resolve) => setTimeout(resolve, 300));
    seen = await peer.packets(ENDLESS);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }], async (url) => {
    const client = new PushClient();
    await client.connect(target(url));
    await client.header(HEADER);
    await client.data(packets(0, count), PACKET_BYTES);
    await client.end();
    assertEquals(summary(seen).split(" ").length, count + 2);
    assertEquals(seen.at(-1)!.kind, "E");
  });
});

Deno.test("PushClient.abandon() ends what waits for a silent server", async () => {
  const { promise: abandoned, resolve: onAbandoned } = Promise.withResolvers<void>();
  await withPeer([async (peer) => {
    await peer.request();
    await peer.accept();
    await abandoned; // without reading
  }], async (url) => {
    const client = new PushClient();
    await client.connect(target(url));
    await client.header(HEADER);
    const pushing = client.data(new Uint8Array(50_000_000), PACKET_BYTES);
    await turns(10);
    client.abandon();
    onAbandoned();
    assertEquals((await assertRejects(() => pushing, MuxError)).code, "connection-failure");
    assertEquals(client.state, "detached");
  });
});

Deno.test("PushClient without a connection says so, with the original's value", async () => {
  const client = new PushClient();
  for (
    const call of [() => client.end(), () => client.data(packets(0, 1), PACKET_BYTES), () => client.header(HEADER)]
  ) {
    const error = await assertRejects(call, MuxError);
    assertEquals([error.code, error.hresult], ["no-connection", 0xC00D0005]);
  }
  await client.disconnect();
});
