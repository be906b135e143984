import { TICKS_PER_MS } from "./ticks.ts";

/** FILETIME of 1970-01-01. */
const UNIX_EPOCH_TICKS = 116_444_736_000_000_000n;

/** FILETIME, ticks of 100 ns since 1601-01-01 UTC, of milliseconds since 1970. */
export function toFileTime(unixMs: number): bigint {
  return BigInt(unixMs) * BigInt(TICKS_PER_MS) + UNIX_EPOCH_TICKS;
}
