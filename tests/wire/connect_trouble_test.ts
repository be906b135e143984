import { assertEquals } from "@std/assert";
import { connectReason, connectTrouble } from "../../src/wire/connect_trouble.ts";

Deno.test("connectTrouble() knows what Deno and Node say of hosts that are not there", () => {
  const errors = [
    new Error("failed to lookup address information: Name or service not known"),
    Object.assign(new Error("getaddrinfo ENOTFOUND nowhere.invalid"), { code: "ENOTFOUND" }),
    Object.assign(new Error("getaddrinfo EAI_AGAIN nowhere.invalid"), { code: "EAI_AGAIN" }),
    Object.assign(new Error("Connection refused (os error 111)"), { code: "ECONNREFUSED" }),
    new Error("Network is unreachable (os error 101)"),
  ];
  assertEquals(errors.map(connectTrouble), ["no-host", "no-host", "no-host", "refused", undefined]);
  const url = new URL("http://nowhere.invalid:8080/live");
  assertEquals(errors.map((error) => connectReason(error, url)).slice(2), [
    "there is no host nowhere.invalid",
    "nobody listens at nowhere.invalid:8080",
    "Network is unreachable (os error 101)",
  ]);
});
