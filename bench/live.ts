/**
 * What live streams take, over real sockets and in real time: `deno task bench:live [--seconds N] [--players N]` writes
 * LIVE.md. Wants Linux with two cores, `taskset`, FFmpeg, and as many open files as there are players.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { LATENCY_COLUMNS, measureLatency } from "./live_latency.ts";
import { LOAD_COLUMNS, measureLoad, measureStrangers, STRANGER_COLUMNS } from "./live_load.ts";
import { machine, table } from "./report.ts";

const { values } = parseArgs({
  options: { seconds: { type: "string", default: "60" }, players: { type: "string", default: "1000" } },
});
const seconds = Number(values.seconds);
const playerCount = Number(values.players);
const KBITS = 300;

const folder = await Deno.makeTempDir({ prefix: "muxwell_bench_" });
try {
  console.error("latency");
  const latency = await measureLatency(folder, seconds);
  console.error("load");
  const load: string[][] = [];
  for (const count of [playerCount / 10, playerCount]) load.push(await measureLoad(count, KBITS, seconds));
  console.error("strangers");
  const strangers: string[][] = [];
  for (const count of [0, playerCount]) strangers.push(await measureStrangers(playerCount, count, KBITS, seconds));
  const path = new URL("LIVE.md", import.meta.url).pathname;
  const text = [
    "# Live",
    `Written by \`deno task bench:live\` on ${new Date().toISOString().slice(0, 10)}: ${seconds} s of each.`,
    machine(),
    "## Sound held back",
    "From `writeSample` to a player's socket, through a push and a server, three encodings at once. What is held while the " +
    "session opens is left out. Bytes are those of the sockets, headers included: a push leaves paddings out, players " +
    "get them back.",
    table(LATENCY_COLUMNS, latency),
    "## Players",
    "The server has a core to itself; the processor's time is that of the server process, all of its threads. Memory is " +
    "the most that was resident in each third of the run; it goes up and down by what V8 has not cleared away. Every " +
    "player asks before the broadcast begins, so it is to get every byte of it.",
    table(LOAD_COLUMNS, load),
    "## Strangers",
    "As many connections again of peers that mean no good: silent, with half a request, set up for a push that never comes, " +
    "playing one stream of several, and playing without taking anything; who is let go of comes again. A newcomer comes " +
    "every second, and leaves with its first 16 KiB of media. The players dropped are those that take nothing.",
    table(STRANGER_COLUMNS, strangers),
  ];
  await Deno.writeTextFile(path, text.join("\n\n") + "\n");
  await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", path] }).output();
} finally {
  await Deno.remove(folder, { recursive: true });
}
