/**
 * RESULTS.md: every figure with its condition, losses like wins.
 *
 * @module
 */

import type { Sizes } from "./sizes.ts";

/** The median of one measurement. */
export interface Figure {
  readonly row: string;
  readonly name: string;
  readonly ms?: number;
  readonly peakBytes?: number;
  readonly byteLength?: number;
  readonly sampleCount?: number;
  readonly others?: Record<string, number>;
}

function cells(figure: Figure, first: Figure): string[] {
  const { ms, byteLength, sampleCount, peakBytes } = figure;
  const perSecond = (amount: number | undefined) =>
    ms === undefined || amount === undefined ? "" : Math.round(amount / ms * 1000).toLocaleString("en-US");
  return [
    figure.name,
    ms === undefined ? "" : ms.toFixed(ms < 100 ? 1 : 0),
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

function section(row: string, figures: Figure[]): string {
  const others = figures.flatMap(({ name, others = {} }) =>
    Object.entries(others).map(([what, value]) => [name, what, String(value)])
  );
  const timed = figures.filter(({ ms }) => ms !== undefined);
  const head = ["", "ms", "MB/s", "samples/s", "peak MiB", `time ÷ ${timed[0]?.name}`];
  return [
    `## ${row}`,
    timed.length > 0 ? table(head, timed.map((figure) => cells(figure, timed[0]!))) : "",
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
    "the machine, and to how busy it was. What goes into nothing or memory is measured warm, within the process; whole " +
    "processes from their start to their end. Peak memory is that of the process, with the runtime and the samples in it.",
    machine(),
    ...rows.map((row) => section(row, figures.filter((figure) => figure.row === row))),
    "## Size to load, minified and gzipped\n\n" + table(
      ["", "kB"],
      Object.entries(sizes).map(([name, bytes]) => [name, (bytes / 1000).toFixed(1)]),
    ),
  ];
  await Deno.writeTextFile(path, text.join("\n\n") + "\n");
  await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", path] }).output();
}
