/**
 * Which network a peer is in: what limits for each peer count by.
 *
 * @module
 */

/** Groups of an IPv6 address that its provider gives a customer; the other four the customer fills as it likes. */
const PREFIX_GROUPS = 4;

/**
 * The network of an IP address, such that whoever has one address of it has all: the first 64 bits in IPv6 (RFC 4291
 * 2.5.1, RFC 6177), the whole address in IPv4, however it is written.
 */
export function networkOf(address: string): string {
  const mapped = address.match(/^(?:::|(?:0+:){5})ffff:([\d.]+)$/i);
  if (mapped) return mapped[1]!;
  if (!address.includes(":")) return address;
  const [head = "", tail] = address.split("%")[0]!.split("::");
  const groups = head === "" ? [] : head.split(":");
  const behind = tail === undefined || tail === "" ? 0 : tail.split(":").length + Number(tail.includes("."));
  if (tail !== undefined) {
    const zeros = 8 - groups.length - behind;
    for (let i = 0; i < zeros; i++) groups.push("0");
    groups.push(...tail.split(":"));
  }
  const prefix = groups.slice(0, PREFIX_GROUPS).map((group) => parseInt(group, 16).toString(16));
  return `${prefix.join(":")}::/64`;
}
