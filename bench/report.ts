/**
 * RESULTS.md: every figure with its condition, losses like wins.
 *
 * @module
 */

import type { Figure } from "./figure.ts";
import type { Sizes } from "./sizes.ts";
import { judge, type Verdict } from "./targets.ts";

function cells(figure: Figure, first: Figure): string[] {
  const { ms, processorMs, byteLength, sampleCount, peakBytes } = figure;
  const perSecond = (amount: number | undefined) =>
    ms === undefined || amount === undefined ? "" : Math.round(amount / ms * 1000).toLocaleString("en-US");
  return [
    figure.name,
    ms === undefined ? "" : ms.toFixed(ms < 100 ? 1 : 0),
    processorMs === undefined ? "" : processorMs.toFixed(0),
    perSecond(byteLength === undefined ? undefined : byteLength / 1e6),
    perSecond(sampleCount),
    peakBytes === undefined ? "" : String(Math.round(peakBytes / 2 ** 20)),
    ms === undefined || first.ms === undefined ? "" : (ms / first.ms).toFixed(2),
  ];
}

/** A table in Markdown: the first column is text. */
export function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, i) => i === 0 ? "---" : "---:")), ...rows.map(line)].join("\n");
}

/** A table without the columns that say nothing. */
function filled(head: string[], rows: string[][]): string {
  const isFilled = head.map((_, column) => column === 0 || rows.some((row) => row[column] !== ""));
  const keep = (cells: string[]) => cells.filter((_, column) => isFilled[column]);
  return table(keep(head), rows.map(keep));
}

/** Losses like wins. */
function verdicts(list: readonly Verdict[]): string {
  const rows = list.map(({ what, target, found = "not measured", isMet }) => {
    return [what, target, found, isMet === undefined ? "" : isMet ? "met" : "**missed**"];
  });
  return table(["", "target", "found", ""], rows);
}

function section(row: string, figures: Figure[]): string {
  const others = figures.flatMap(({ name, others = {} }) =>
    Object.entries(others).map(([what, value]) => [name, what, String(value)])
  );
  const timed = figures.filter(({ others }) => others === undefined);
  const head = ["", "ms", "processor ms", "MB/s", "samples/s", "peak MiB", `time ÷ ${timed[0]?.name}`];
  return [
    `## ${row}`,
    timed.length > 0 ? filled(head, timed.map((figure) => cells(figure, timed[0]!))) : "",
    others.length > 0 ? table(["", "what", "value"], others) : "",
  ].filter(Boolean).join("\n\n");
}

/** What it ran on. */
export function machine(): string {
  const info = Deno.build;
  const processor = read("/proc/cpuinfo").match(/model name\s*: (.+)/)?.[1] ?? info.arch;
  const memory = Number(read("/proc/meminfo").match(/MemTotal:\s+(\d+)/)?.[1] ?? 0);
  const load = Deno.loadavg().map((value) => value.toFixed(1)).join(", ");
  return [
    `${navigator.hardwareConcurrency} × ${processor.trim()}, ${Math.round(memory / 2 ** 20)} GiB, ${info.os}`,
    `Deno ${Deno.version.deno}, V8 ${Deno.version.v8}`,
    `load when the run ended (1, 5, 15 minutes): ${load}`,
  ].map((line) => `- ${line}`).join("\n");
}

function read(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}

/** Writes the report. */
export async function writeResults(path: string, figures: Figure[], sizes: Sizes, rounds: number): Promise<void> {
  const rows = [...new Set(figures.map(({ row }) => row))];
  const text = [
    "# Results",
    `Written by \`deno task bench\` on ${
      new Date().toISOString().slice(0, 10)
    }: medians of ${rounds} rounds, every one a ` +
    "process of its own, all measurements in turn. Ratios within one table mean something; absolute figures belong to " +
    "the machine, and to how busy it was. Peak memory is that of the process, with the runtime and the samples in it.",
    "Every contestant of a row does the same work in the same run, given its samples in the form that it takes, made " +
    "before the clock runs. *Warm*: the same is run over and over for at least a second before the times of at least " +
    "0.7 s of further runs are looked at; *first run*: the first one in its process, compilers and all. The arrays of " +
    "the samples are used over and over, about 1 MB of them, as an encoder's output is in the processor's caches, too; " +
    "only *samples in memory to a file* uses each once. Whole processes are timed from their start to their end, " +
    "all files being in the page cache, and what was written before being on the disk; what is started for the sake of " +
    "its start has been so just before.",
    machine(),
    "## Targets\n\n" + verdicts(judge(figures, sizes)),
    ...rows.map((row) => section(row, figures.filter((figure) => figure.row === row))),
    "## Size to load, minified and gzipped\n\n" + table(
      ["", "kB"],
      Object.entries(sizes).map(([name, bytes]) => [name, (bytes / 1000).toFixed(1)]),
    ),
  ];
  await Deno.writeTextFile(path, text.join("\n\n") + "\n");
  await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", path] }).output();
}
