/**
 * Two builds beside each other: `deno task bench:compare OLD [NEW] [--pairs N] [--seconds N] [--only TEXT] [--output
 * PATH]`. OLD and NEW are revisions or folders; without NEW it is this one. Each row is measured in pairs, old and new in
 * turn, each in a process of its own; what counts is processor time, so that it may run on a machine that has other things
 * to do. The ratio old ÷ new stands with its 95 % interval: above 1 the new build is faster.
 *
 * @module
 */

import { parseArgs } from "node:util";
import type { Finding } from "./measure.ts";
import { makeSources, type Sources, timedProcess } from "./processes.ts";

const ROOT = new URL("../", import.meta.url).pathname;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    pairs: { type: "string", default: "15" },
    seconds: { type: "string", default: "120" },
    only: { type: "string", default: "" },
    output: { type: "string" },
  },
});
const PAIRS = Number(values.pairs);
const DENO = [Deno.execPath(), "run", "--quiet", "--allow-all"];

/** What is measured, in the build that stands in `tree`. */
interface Row {
  readonly name: string;
  run(tree: string): Promise<Finding>;
}

const folder = await Deno.makeTempDir({ prefix: "muxwell_compare_" });

function inProcess(name: string, ...args: string[]): Row {
  return {
    name,
    async run(tree) {
      const [command, ...rest] = [...DENO, "--config", `${tree}/deno.json`, `${tree}/bench/cases.ts`, name, ...args];
      const { success, stdout, stderr } = await new Deno.Command(command!, { args: rest }).output();
      if (!success) throw new Error(`${name} failed in ${tree}: ${new TextDecoder().decode(stderr)}`);
      return JSON.parse(new TextDecoder().decode(stdout));
    },
  };
}

function command(name: string, ...args: string[]): Row {
  return {
    name,
    run: (tree) => timedProcess([...DENO, "--config", `${tree}/deno.json`, `${tree}/src/cli/mod.ts`, ...args]),
  };
}

function rowsOf({ paths }: Sources): Row[] {
  const file = `${folder}/out.asf`;
  return [
    ...["av60", "small"].flatMap((key) => ["sync", "awaited", "mp4"].map((how) => inProcess(`${key} muxwell ${how}`))),
    inProcess("av60 buffer"),
    inProcess("av60 stream"),
    inProcess("av60 file", file),
    inProcess("api file", file),
    inProcess("memory muxwell nothing", "600"),
    ...["repair", "index", "punched"].map((how) => inProcess(`mend ${how}`, file)),
    inProcess("latency"),
    ...(["mkv", "mp4", "asf"] as const).map((kind) => command(`mux ${kind} to ASF`, "mux", paths[kind], "-o", file)),
    command("mux MKV to MP4", "mux", paths.mkv, "-o", `${folder}/out.mp4`),
    command("--help", "--help"),
  ].filter(({ name }) => name.includes(values.only));
}

/** A folder with the build. */
async function treeOf(build: string, name: string): Promise<string> {
  const isFolder = await Deno.stat(`${build}/deno.json`).then(() => true, () => false);
  if (isFolder) return await Deno.realPath(build);
  const tree = `${folder}/${name}`;
  await git("worktree", "add", "--detach", tree, build);
  trees.push(tree);
  return tree;
}

async function git(...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("git", { args: ["-C", ROOT, ...args] }).output();
  if (!success) throw new Error(`git ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
}

/** Processor time where the case tells it, else the time of the clock; memory. */
interface Ratio {
  readonly name: string;
  readonly median: number;
  readonly interval: readonly [number, number];
  readonly oldMs: number;
  readonly newMs: number;
  readonly memory: number;
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;

/** The 95 % interval of the median, by the binomial distribution of ranks. */
function medianInterval(values: readonly number[]): [number, number] {
  const sorted = values.toSorted((a, b) => a - b);
  const reach = 1.96 * Math.sqrt(sorted.length) / 2;
  const low = Math.max(0, Math.floor(sorted.length / 2 - reach));
  return [sorted[low]!, sorted[sorted.length - 1 - low]!];
}

function ratioOf(name: string, pairs: readonly (readonly [Finding, Finding])[]): Ratio {
  const time = ({ processorMs, ms }: Finding) => processorMs ?? ms ?? NaN;
  const ratios = pairs.map(([old, now]) => time(old) / time(now));
  return {
    name,
    median: median(ratios),
    interval: medianInterval(ratios),
    oldMs: median(pairs.map(([old]) => time(old))),
    newMs: median(pairs.map(([, now]) => time(now))),
    memory: median(pairs.map(([old, now]) => (now.peakBytes ?? NaN) / (old.peakBytes ?? NaN))),
  };
}

function table(ratios: readonly Ratio[]): string {
  const cell = (value: number, digits: number) => Number.isFinite(value) ? value.toFixed(digits) : "–";
  return [
    `| ${PAIRS} pairs | old ms | new ms | old ÷ new | 95 % | memory new ÷ old |`,
    "|---|---|---|---|---|---|",
    ...ratios.map(({ name, median, interval, oldMs, newMs, memory }) =>
      `| ${name} | ${cell(oldMs, 1)} | ${cell(newMs, 1)} | ${cell(median, 3)} | ` +
      `${interval.map((end) => cell(end, 3)).join("–")} | ${cell(memory, 2)} |`
    ),
  ].join("\n");
}

const trees: string[] = [];
try {
  const [oldBuild, newBuild = ROOT] = positionals;
  if (oldBuild === undefined) throw new Error("Usage: deno task bench:compare OLD [NEW]");
  const [old, now] = [await treeOf(oldBuild, "old"), await treeOf(newBuild, "new")];
  const rows = rowsOf(await makeSources(folder, Number(values.seconds)));
  const pairs = new Map(rows.map((row): [Row, [Finding, Finding][]] => [row, []]));
  for (const row of rows) {
    for (const tree of [old, now]) await row.run(tree); // the caches of both are warm from here on
  }
  for (let pair = 0; pair < PAIRS; pair++) {
    for (const row of rows) {
      console.error(`pair ${pair + 1} of ${PAIRS}: ${row.name}`);
      const isOldFirst = pair % 2 === 0;
      const first = await row.run(isOldFirst ? old : now);
      const second = await row.run(isOldFirst ? now : old);
      pairs.get(row)!.push(isOldFirst ? [first, second] : [second, first]);
    }
  }
  const text = table(rows.map((row) => ratioOf(row.name, pairs.get(row)!)));
  if (values.output) await Deno.writeTextFile(values.output, `${text}\n`);
  console.log(text);
} finally {
  for (const tree of trees) await git("worktree", "remove", "--force", tree);
  await Deno.remove(folder, { recursive: true });
}
