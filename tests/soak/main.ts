/**
 * What takes too long for the tests: `deno task soak kills [COUNT]` (1000), `deno task soak mp4-kills [COUNT]` (500), `deno
 * task soak edits [COUNT]` (500), `deno task soak day [HOURS]` (24).
 *
 * @module
 */

import { writeHours } from "./day.ts";
import { soakEdits, soakKills } from "./kills.ts";

const MIB = 2 ** 20;
/** An index holds 6 bytes for each of its places, what is known of a stream's rate 16 bytes a second. */
const MAX_GROWN_BYTES_PER_HOUR = MIB / 2;

async function soakDay(count: number): Promise<boolean> {
  let number = 0;
  const { hours, indexBytes, report } = await writeHours(count, ({ samples, heldBytes, rssBytes }) => {
    const held = `${(heldBytes / MIB).toFixed(1)} MiB held, ${(rssBytes / MIB).toFixed(0)} MiB resident`;
    console.log(`hour ${++number}: ${samples} samples, ${held}`);
  });
  const grownBytes = hours.at(-1)!.heldBytes - hours[0]!.heldBytes;
  const size = (report.sinks[0]!.bytes / 1e9).toFixed(2);
  console.log(`${size} GB, ${indexBytes} bytes of index; grown by ${(grownBytes / MIB).toFixed(2)} MiB`);
  return grownBytes < MAX_GROWN_BYTES_PER_HOUR * count;
}

const SOAKS: Record<string, (count?: number) => Promise<boolean>> = {
  kills: (count = 1000) => soakKills(count),
  "mp4-kills": (count = 500) => soakKills(count, "mp4"),
  edits: (count = 500) => soakEdits(count),
  day: (count = 24) => soakDay(count),
};

const [name = "", count] = Deno.args;
const soak = SOAKS[name];
if (soak === undefined || (count !== undefined && !(Number(count) >= 1))) {
  console.error(`Say one of ${Object.keys(SOAKS).join(", ")}, and how many`);
  Deno.exit(2);
}
if (!await soak(count === undefined ? undefined : Number(count))) Deno.exit(1);
