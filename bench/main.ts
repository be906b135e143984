/**
 * Measures and writes RESULTS.md: `deno task bench [--rounds N] [--seconds N] [--only TEXT] [--output PATH]`. Every
 * measurement is a process of its own; the rounds of all of them are interleaved, and medians are taken. It wants a quiet
 * machine, FFmpeg, GNU time, and 3 GB in the temporary folder; three rounds take about five minutes.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { compileLibavformat, runLibavformat } from "./libavformat.ts";
import type { Finding } from "./measure.ts";
import { bundleSizes } from "./sizes.ts";
import { makeSources, type Sources, timedProcess } from "./processes.ts";
import type { Figure } from "./figure.ts";
import { writeResults } from "./report.ts";
import { NAMES, ROWS } from "./targets.ts";

const HERE = new URL("./", import.meta.url).pathname;
const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "600" },
    only: { type: "string", default: "" },
    output: { type: "string", default: new URL("RESULTS.md", import.meta.url).pathname },
  },
});
const ROUNDS = Number(values.rounds);

/** One measurement; each call is one round. */
interface Measurement {
  readonly row: string;
  readonly name: string;
  run(): Promise<Finding>;
}

const folder = await Deno.makeTempDir({ prefix: "muxwell_bench_" });
// The kernel's files, which tell the memory of a process, take all permissions.
const DENO = [Deno.execPath(), "run", "--quiet", "--allow-all"];

function inProcess(row: string, name: string, ...args: string[]): Measurement {
  return {
    row,
    name,
    async run() {
      const [command, ...rest] = [...DENO, `${HERE}cases.ts`, ...args];
      const { success, stdout } = await new Deno.Command(command!, { args: rest, stderr: "inherit" }).output();
      if (!success) throw new Error(`${args[0]} failed`);
      return JSON.parse(new TextDecoder().decode(stdout));
    },
  };
}

function wholeProcess(row: string, name: string, byteLength: number, ...command: string[]): Measurement {
  return { row, name, run: async () => ({ ...await timedProcess(command), byteLength }) };
}

async function memoryMeasurements(): Promise<Measurement[]> {
  const program = await compileLibavformat(folder);
  const peers = [
    "mediabunny mp4",
    "mediabunny fmp4",
    "mp4-muxer mp4",
    "mp4-muxer fmp4",
    "muxwell ts",
    "mediabunny ts",
    "muxwell mkv",
    "mediabunny mkv",
  ];
  return (["av60", "small"] as const).flatMap((key) => [
    inProcess(ROWS[key], NAMES.sync, `${key} muxwell sync`),
    inProcess(ROWS[key], NAMES.awaited, `${key} muxwell awaited`),
    ...peers.map((peer) => inProcess(ROWS[key], peer, `${key} ${peer}`)),
    ...program === undefined ? [] : (["interleaved", "direct"] as const).map((mode): Measurement => ({
      row: ROWS[key],
      name: NAMES[mode],
      run: () => runLibavformat(program, key, mode, folder),
    })),
    inProcess(ROWS[key], "bare copy", `${key} copy`),
  ]);
}

function sinkMeasurements(): Measurement[] {
  return [
    inProcess(ROWS.sinks, "nothing", "av60 muxwell awaited"),
    inProcess(ROWS.sinks, "bufferSink()", "av60 buffer"),
    inProcess(ROWS.sinks, "WritableStream", "av60 stream"),
    inProcess(ROWS.sinks, "fileSink()", "av60 file", `${folder}/sink.asf`),
  ];
}

function fileMeasurements(sources: Sources): Measurement[] {
  const ffmpeg = (input: string) => [
    ...["ffmpeg", "-v", "error", "-nostdin", "-y", "-i", input, "-c", "copy", "-f", "asf", `${folder}/ffmpeg.asf`],
  ];
  const muxwell = (input: string) => [...DENO, `${HERE}../src/cli/mod.ts`, "mux", input, "-o", `${folder}/ours.asf`];
  const floor = (input: string) => [...DENO, `${HERE}cases.ts`, "demux copy", input, `${folder}/floor.bin`];
  const { paths, byteLength } = sources;
  return [
    inProcess(ROWS.api, NAMES.muxwell, "api file", `${folder}/ours.asf`),
    inProcess(ROWS.api, "bare copy", "api copy", `${folder}/floor.bin`),
    wholeProcess(ROWS.api, NAMES.ffmpegMkv, byteLength.mkv, ...ffmpeg(paths.mkv)),
    ...(["mkv", "mp4", "asf"] as const).flatMap((kind) => [
      wholeProcess(ROWS[kind], NAMES.command, byteLength[kind], ...muxwell(paths[kind])),
      wholeProcess(ROWS[kind], NAMES.floor, byteLength[kind], ...floor(paths[kind])),
      wholeProcess(ROWS[kind], NAMES.ffmpeg, byteLength[kind], ...ffmpeg(paths[kind])),
    ]),
  ];
}

function peakMeasurements(): Measurement[] {
  return [
    ...[60, 600].flatMap((seconds) => [
      inProcess(ROWS.memory, `Muxwell, ${seconds} s`, "memory muxwell", `${folder}/ours.asf`, `${seconds}`),
      inProcess(ROWS.memory, `bare copy, ${seconds} s`, "memory copy", `${folder}/floor.bin`, `${seconds}`),
    ]),
    inProcess(ROWS.memory, "Muxwell, 6000 s into nothing", "memory muxwell nothing", "6000"),
  ];
}

function mendMeasurements(): Measurement[] {
  return [
    inProcess(ROWS.mend, NAMES.repair, "mend repair", `${folder}/ours.asf`),
    inProcess(ROWS.mend, NAMES.index, "mend index", `${folder}/ours.asf`),
    inProcess(ROWS.mend, "repair(), 100 kB overwritten in the middle", "mend punched", `${folder}/ours.asf`),
  ];
}

async function startMeasurements(clip: string): Promise<Measurement[]> {
  const empty = `${folder}/empty.js`;
  await Deno.writeTextFile(empty, "");
  const run = (path: string) => [Deno.execPath(), "run", "--quiet", "--no-config", path];
  const byEntries = (name: string, container: string): Measurement => ({
    row: ROWS.startEntries,
    name,
    async run() {
      const args = [...run(`${HERE}start_entries.ts`).slice(1), container];
      const { stdout } = await new Deno.Command(Deno.execPath(), { args }).output();
      return JSON.parse(new TextDecoder().decode(stdout));
    },
  });
  const { size } = await Deno.stat(clip);
  const tool = [...DENO, `${HERE}../src/cli/mod.ts`, "mux", clip, "-o", `${folder}/ours.asf`];
  const outputOf = (path: string) => new Deno.Command(Deno.execPath(), { args: run(path).slice(1) }).output();
  const asProcess = (name: string, path: string): Measurement => {
    const timed = () => outputOf(path).then(() => timedProcess(run(path)));
    return { row: ROWS.startProcess, name, run: timed };
  };
  const bundled = await Promise.all(["muxwell", "mediabunny"].map(async (name): Promise<Measurement[]> => {
    const bundle = `${folder}/start_${name}.js`;
    const args = ["bundle", "--quiet", "--output", bundle, `${HERE}start_${name}.ts`];
    await new Deno.Command(Deno.execPath(), { args }).output();
    const inProcess = async () => {
      await outputOf(bundle); // what the measurement before left in the caches is nobody's fault
      const { stdout } = await outputOf(bundle);
      return JSON.parse(new TextDecoder().decode(stdout));
    };
    return [{ row: ROWS.start, name, run: inProcess }, asProcess(name, bundle)];
  }));
  return [
    ...bundled.flat(),
    asProcess(NAMES.empty, empty),
    byEntries(NAMES.waveEntry, "wave"),
    byEntries(NAMES.asfEntry, "asf"),
    wholeProcess(ROWS.clip, NAMES.command, size, ...tool),
    { ...asProcess(NAMES.empty, empty), row: ROWS.clip },
  ];
}

function median(values: (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined).sort((a, b) => a - b);
  return known[known.length >> 1];
}

/** The same measurement's first run in its process, where the row has a row for that. */
function firstRun({ row, name }: Measurement, rounds: Finding[]): Figure | undefined {
  const firstRow = row === ROWS.av60 ? ROWS.av60First : row === ROWS.small ? ROWS.smallFirst : undefined;
  if (firstRow === undefined) return undefined;
  const { byteLength, sampleCount } = rounds.at(-1)!;
  return { row: firstRow, name, ms: median(rounds.map(({ firstMs }) => firstMs)), byteLength, sampleCount };
}

function summarize({ row, name }: Measurement, rounds: Finding[]): Figure {
  const last = rounds.at(-1)!;
  return {
    row,
    name,
    ms: median(rounds.map(({ ms }) => ms)),
    processorMs: median(rounds.map(({ processorMs }) => processorMs)),
    peakBytes: median(rounds.map(({ peakBytes }) => peakBytes)),
    byteLength: last.byteLength,
    sampleCount: last.sampleCount,
    others: last.figures,
  };
}

try {
  const sources = await makeSources(folder, Number(values.seconds));
  const all = [
    ...await memoryMeasurements(),
    ...sinkMeasurements(),
    ...fileMeasurements(sources),
    ...peakMeasurements(),
    ...mendMeasurements(),
    inProcess(ROWS.live, NAMES.live, "latency"),
    ...await startMeasurements(sources.clip),
  ].filter(({ row, name }) => `${row} ${name}`.includes(values.only));
  const found = all.map((): Finding[] => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, measurement] of all.entries()) {
      console.error(`round ${round + 1} of ${ROUNDS}: ${measurement.row}: ${measurement.name}`);
      await new Deno.Command("sync").output(); // what the one before has written is not to be paid by this one
      found[i]!.push(await measurement.run());
    }
  }
  const warm = all.map((measurement, i) => summarize(measurement, found[i]!));
  const first = all.map((measurement, i) => firstRun(measurement, found[i]!)).filter((figure) => figure !== undefined);
  const order = Object.values(ROWS);
  const figures = [...warm, ...first].sort((a, b) => order.indexOf(a.row) - order.indexOf(b.row));
  await writeResults(values.output, figures, await bundleSizes(folder), ROUNDS);
} finally {
  await Deno.remove(folder, { recursive: true });
}
