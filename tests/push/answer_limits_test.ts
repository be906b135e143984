/** Receivers whose answers have no end: memory stays flat, and the error names the limit. */

import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { MuxError } from "../../mod.ts";
import { PushClient, type PushTarget } from "../../src/push/client.ts";
import { type PeerConnection, withPeer } from "./peer.ts";

const INTERIM = "HTTP/1.1 100 Continue\n\n";

function target(url: string, more: Partial<PushTarget> = {}): PushTarget {
  return { url: new URL(url), autoDestroy: true, userAgent: "WMEncoder/12.0.0.1", ...more };
}

/** Writes interim answers until nobody takes them, or far more than anybody should. */
async function flood(peer: PeerConnection): Promise<void> {
  const many = INTERIM.repeat(1000);
  try {
    for (let i = 0; i < 20_000; i++) await peer.send(many);
  } catch {
    // the other side has had enough
  }
}

Deno.test("PushClient.connect() gives up a receiver whose interim answers have no end", async () => {
  await withPeer([async (peer) => {
    await peer.request();
    await flood(peer);
  }], async (url) => {
    const error = await assertRejects(() => new PushClient({ setupMs: 2_000 }).connect(target(url)), MuxError);
    assertEquals(error.code, "connection-failure");
    assertMatch(error.message, /more than 100 interim answers/);
  });
});

Deno.test("PushClient.data() gives up a receiver whose interim answers have no end, and does not come back", async () => {
  let isFlooding = true;
  await withPeer([async (peer) => {
    await peer.request();
    await peer.accept("Set-Cookie: push-id=5");
    await peer.request();
    await flood(peer);
    isFlooding = false;
  }], async (url) => {
    const client = new PushClient({ resumeMs: () => 500 });
    await client.connect(target(url));
    await client.header(new Uint8Array(60));
    const error = await assertRejects(async () => {
      while (isFlooding) {
        await client.data(new Uint8Array(100), 100);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    }, MuxError);
    assertEquals(error.code, "connection-failure");
    assertMatch(error.message, /more than 100 interim answers/);
    assertEquals(client.state, "detached");
  });
});

Deno.test("PushClient takes a few interim answers before the answer, and while a body runs", async () => {
  let seen = "";
  await withPeer([async (peer) => {
    await peer.request();
    await peer.send(INTERIM.repeat(100));
    await peer.accept();
    await peer.request();
    await peer.send(INTERIM.repeat(100));
    seen = (await peer.packets(2_147_483_647)).map(({ kind }) => kind).join("");
  }], async (url) => {
    const client = new PushClient();
    await client.connect(target(url));
    await client.header(new Uint8Array(60));
    await client.data(new Uint8Array(100), 100);
    await client.end();
  });
  assertEquals(seen, "HDE");
});
