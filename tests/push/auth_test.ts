import { assert, assertEquals, assertRejects } from "@std/assert";
import { MuxError, PushSink } from "../../mod.ts";
import { Authenticator } from "../../src/push/auth.ts";
import { PushClient } from "../../src/push/client.ts";
import { digestResponse, parseAuth } from "../../src/wire/digest.ts";
import { md4 } from "../../src/push/md4.ts";
import { ntlmAnswers, ntlmAuthenticate, ntlmKey, ntlmNegotiate } from "../../src/push/ntlm.ts";
import { PublishingServer } from "../../src/server/mod.ts";
import { PushAuth } from "../../src/server/push_auth.ts";
import { type PeerConnection, SERVER, withPeer } from "./peer.ts";

// RFC 1320, appendix A.5.
for (
  const [text, digest] of [
    ["", "31d6cfe0d16ae931b73c59d7e0c089c0"],
    ["a", "bde52cb31de33e46245e05fbdbd6fb24"],
    ["abc", "a448017aaf21d8525fc10ae87aa6729d"],
    ["message digest", "d9130a8164549fe818874806e1c7014b"],
    ["abcdefghijklmnopqrstuvwxyz", "d79e1c308aa5bbcdeea8ed63df412da9"],
    ["ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", "043f8582f241db351ce627e153e7f0e4"],
    ["1234567890".repeat(8), "e33b4ddc9c38f2199c3e7b164fcc0536"],
  ] as const
) {
  Deno.test(`md4() of ${JSON.stringify(text).slice(0, 20)}`, () => {
    assertEquals(md4(new TextEncoder().encode(text)).toHex(), digest);
  });
}

Deno.test("NTLM version 2 answers as in [MS-NLMP] 4.2.4", () => {
  const key = ntlmKey("User", "Domain", "Password");
  assertEquals(key.toHex(), "0c868a403bfd7a93a3001ef22ef02e3f");
  const info = Uint8Array.fromHex(
    "02000c0044006f006d00610069006e0001000c0053006500720076006500720000000000",
  );
  const chance = { clientChallenge: Uint8Array.fromHex("aaaaaaaaaaaaaaaa"), timeTicks: 0n };
  const { nt, lm } = ntlmAnswers(key, Uint8Array.fromHex("0123456789abcdef"), info, chance);
  assertEquals(nt.subarray(0, 16).toHex(), "68cd0ab851e51c96aabc927bebef6a1c");
  assertEquals(lm.toHex(), "86c35097ac9cec102554764a57cccc19" + "aaaaaaaaaaaaaaaa");
});

Deno.test("digestResponse() answers as the example of RFC 2617, 3.5", () => {
  const response = digestResponse({
    user: "Mufasa",
    password: "Circle Of Life",
    realm: "testrealm@host.com",
    method: "GET",
    uri: "/dir/index.html",
    nonce: "dcd98b7102dd2f0e8b11d0f600bfb0c093",
    qop: "auth",
    nc: "00000001",
    cnonce: "0a4f113b",
  });
  assertEquals(response, "6629fae49393a05397450978507c4ef1");
});

Deno.test("parseAuth() takes lists of challenges apart", () => {
  const found = parseAuth('NTLM, Digest realm="a, \\"b\\"", qop="auth,auth-int", nonce=x, Basic realm="c"');
  assertEquals(found.map(({ scheme }) => scheme), ["ntlm", "digest", "basic"]);
  assertEquals([...found[1]!.parameters], [["realm", 'a, "b"'], ["qop", "auth,auth-int"], ["nonce", "x"]]);
  assertEquals(parseAuth("NTLM TlRMTVNTUAABAAAA==")[0]!.token, "TlRMTVNTUAABAAAA==");
});

Deno.test("Authenticator prefers Digest to NTLM to Basic, and gives up when it is refused", () => {
  const credentials = { user: "me", password: "secret" };
  const allowed = { isAllowed: true, isDowngrade: false };
  const all = new Authenticator(credentials, allowed);
  assertEquals(all.challenge(["NTLM", 'Digest realm="r", nonce="n"', 'Basic realm="r"']), "answered");
  assert(all.header("POST", "/")!.startsWith("Digest "));
  assertEquals(all.challenge(['Digest realm="r", nonce="m"']), "refused");
  const strange = new Authenticator(credentials, allowed);
  assertEquals(strange.challenge(['Digest realm="r", nonce="n", algorithm=SHA-256', 'Basic realm="r"']), "answered");
  assertEquals(strange.header("POST", "/"), "Basic bWU6c2VjcmV0");
  assertEquals(strange.challenge(['Basic realm="r"']), "refused");
  assertEquals(new Authenticator(credentials, allowed).challenge(["Negotiate"]), "refused");
});

Deno.test("PushAuth takes each right answer once, and none that is wrong or old", () => {
  let now = 1_000_000;
  const server = new PushAuth({ user: "me", password: "secret" }, () => now);
  const answer = (password: string, challenge = server.challenge()) => {
    const client = new Authenticator({ user: "me", password }, { isAllowed: false, isDowngrade: false });
    client.challenge([challenge]);
    return client.header("POST", "/live")!;
  };
  const right = answer("secret");
  assertEquals(server.check("POST", "/live", right), "ok");
  assertEquals(server.check("POST", "/live", right), "stale");
  assertEquals(server.check("POST", "/other", answer("secret")), "wrong");
  assertEquals(server.check("GET", "/live", answer("secret")), "wrong");
  assertEquals(server.check("POST", "/live", answer("Secret")), "wrong");
  assertEquals(server.check("POST", "/live", undefined), "wrong");
  assertEquals(server.check("POST", "/live", "Basic bWU6c2VjcmV0"), "wrong");
  const forged = answer("secret", 'Digest realm="muxwell", nonce="zzzz-salt-proof", qop="auth"');
  assertEquals(server.check("POST", "/live", forged), "stale");
  const early = answer("secret");
  now += 600_000;
  assertEquals(server.check("POST", "/live", early), "stale");
});

Deno.test("names and passwords that are not English are the same at both ends", async () => {
  const credentials = { user: 'Jürgen Ж "x"', password: 'пароль "\\ü' };
  await using server = PublishingServer.listen({ pushCredentials: credentials });
  const push = new PushSink();
  await push.connect(server.url + "live", { credentials });
  assertEquals(push.state, "connected");
  await push.disconnect();
  const other = push.connect(server.url + "live", { credentials: { ...credentials, user: "Jurgen" } });
  assertEquals((await assertRejects(() => other, MuxError)).code, "access-denied");
});

const TARGET = { autoDestroy: false, userAgent: "WMEncoder/12.0", credentials: { user: "D\\me", password: "secret" } };

Deno.test("PushClient answers a Digest challenge on a new connection, and signs the PushStart too", async () => {
  const seen: string[] = [];
  await withPeer([
    async (peer) => {
      assertEquals((await peer.request())!.fields["authorization"], undefined);
      await peer.send(
        `HTTP/1.1 401 Unauthorized\n${SERVER}\nWWW-Authenticate: Digest realm="r", nonce="n", qop="auth"\n` +
          "Set-Cookie: push-id=77\nContent-Length: 0\n\n",
      );
      await peer.ended();
    },
    async (peer) => {
      const request = (await peer.request())!;
      seen.push(request.fields["authorization"]!, request.fields["cookie"]!);
      await peer.accept("Set-Cookie: push-id=77");
      seen.push((await peer.request())!.fields["authorization"]!);
      await peer.packets(1000);
    },
  ], async (url) => {
    const client = new PushClient();
    await client.connect({ url: new URL(url), ...TARGET });
    await client.header(new Uint8Array(50));
    await client.end();
  });
  const [setup, cookie, start] = seen;
  assertEquals(cookie, "push-id=77");
  assert(/username="D\\\\me".*nc=00000001/.test(setup!), setup);
  assert(/uri="\/live".*nc=00000002/.test(start!), start);
});

Deno.test("PushClient goes through NTLM on one connection", async () => {
  const challenge = new Uint8Array(56);
  challenge.set(ntlmNegotiate().subarray(0, 8));
  challenge[8] = 2;
  challenge.set([1, 2, 3, 4, 5, 6, 7, 8], 24);
  challenge.set([4, 0, 4, 0, 52, 0, 0, 0], 40);
  const messages: string[] = [];
  await withPeer([async (peer: PeerConnection) => {
    const ask = (value: string) =>
      peer.send(`HTTP/1.1 401 Unauthorized\n${SERVER}\nWWW-Authenticate: ${value}\nContent-Length: 3\n\nno!`);
    await peer.request();
    await ask("NTLM");
    messages.push((await peer.request())!.fields["authorization"]!);
    await ask(`NTLM ${btoa(String.fromCharCode(...challenge))}`);
    messages.push((await peer.request())!.fields["authorization"]!);
    await peer.accept("Set-Cookie: push-id=1");
    messages.push((await peer.request())!.fields["authorization"] ?? "none");
    await peer.packets(1000);
  }], async (url) => {
    const client = new PushClient();
    await client.connect({ url: new URL(url), ...TARGET });
    await client.end();
  });
  const [negotiate, authenticate, start] = messages.map((value) => value.replace("NTLM ", ""));
  assertEquals(atob(negotiate!).slice(0, 9), "NTLMSSP\0\x01");
  const bytes = Uint8Array.from(atob(authenticate!), (char) => char.charCodeAt(0));
  assertEquals(new TextDecoder("utf-16le").decode(bytes.subarray(64 + 24, 64 + 24)), "");
  assertEquals([bytes[8], start], [3, "none"]);
  assert(new TextDecoder("utf-16le").decode(bytes.subarray(64)).includes("Dme"));
});

Deno.test("ntlmAuthenticate() refuses what is no challenge", () => {
  for (const bytes of [new Uint8Array(0), new Uint8Array(47), new Uint8Array(60)]) {
    let error: unknown;
    try {
      ntlmAuthenticate(bytes, { user: "a", password: "b" });
    } catch (caught) {
      error = caught;
    }
    assert(error instanceof RangeError);
  }
});

Deno.test("PushClient.connect() says that the credentials are refused", async () => {
  const refuse = async (peer: PeerConnection) => {
    await peer.request();
    await peer.send(`HTTP/1.1 401 Unauthorized\n${SERVER}\nWWW-Authenticate: Basic realm="r"\nContent-Length: 0\n\n`);
  };
  await withPeer([refuse, refuse], async (url) => {
    const error = await assertRejects(
      () => new PushClient().connect({ url: new URL(url), ...TARGET, allowBasic: true }),
      MuxError,
    );
    assertEquals([error.code, error.hresult], ["access-denied", 0xC00D2EFB]);
  });
});
