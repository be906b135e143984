/** Limits for each peer count networks, not addresses of which a peer has as many as it likes. */

import { assertEquals } from "@std/assert";
import { networkOf } from "../../src/wire/network.ts";

const CASES: [address: string, network: string][] = [
  ["127.0.0.1", "127.0.0.1"],
  ["192.0.2.7", "192.0.2.7"],
  ["::ffff:192.0.2.7", "192.0.2.7"],
  ["0:0:0:0:0:FFFF:192.0.2.7", "192.0.2.7"],
  ["::1", "0:0:0:0::/64"],
  ["::", "0:0:0:0::/64"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:db8:1:2:ffff:4:5:7", "2001:db8:1:2::/64"],
  ["2001:DB8:0001:2::9", "2001:db8:1:2::/64"],
  ["2001:db8::9", "2001:db8:0:0::/64"],
  ["2001:db8:0:1::", "2001:db8:0:1::/64"],
  ["fe80::1%eth0", "fe80:0:0:0::/64"],
  ["64:ff9b::192.0.2.7", "64:ff9b:0:0::/64"],
];

Deno.test("a network is an address of IPv4, and 64 bits of one of IPv6", () => {
  assertEquals(CASES.map(([address]) => networkOf(address)), CASES.map(([, network]) => network));
});
