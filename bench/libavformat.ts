/**
 * libavformat's own ASF muxer, in C, given the same samples: compiled when it is first asked for, where there is a
 * compiler and the library's headers.
 *
 * @module
 */

import type { Finding } from "./measure.ts";
import { audioVideo, manySmall, type Scenario, VIDEO } from "./media.ts";

const SOURCE = new URL("libavformat.c", import.meta.url).pathname;
const SCENARIOS = { av60: () => audioVideo(60), small: manySmall } as const;

/** Compiles it; `undefined`, with a line on standard error, where that cannot be done. */
export async function compileLibavformat(folder: string): Promise<string | undefined> {
  const program = `${folder}/libavformat`;
  try {
    const { success, stdout } = await run("pkg-config", [
      "--cflags",
      "--libs",
      "libavformat",
      "libavcodec",
      "libavutil",
    ]);
    const flags = new TextDecoder().decode(stdout).split(/\s+/).filter(Boolean);
    if (success && (await run("cc", ["-O2", "-o", program, SOURCE, ...flags])).success) return program;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  console.error("without libavformat in C: a compiler, pkg-config and the headers of libavformat are needed");
  return undefined;
}

/** How frames are written: with their streams put in order, as a `Writer` does it, or as they come. */
export type WriteMode = "interleaved" | "direct";

/** One measurement of it. */
export async function runLibavformat(
  program: string,
  name: keyof typeof SCENARIOS,
  mode: WriteMode,
  folder: string,
): Promise<Finding> {
  const path = `${folder}/${name}.samples`;
  await Deno.writeFile(path, samplesFile(SCENARIOS[name]()));
  const { success, stdout, stderr } = await run(program, [path, mode]);
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

function run(command: string, args: string[]): Promise<Deno.CommandOutput> {
  return new Deno.Command(command, { args }).output();
}

/** As libavformat.c has it: each array once, and the samples by their place in these. */
function samplesFile({ samples }: Scenario): Uint8Array<ArrayBuffer> {
  const offsets = new Map<Uint8Array, number>();
  let poolBytes = 0;
  for (const { data } of samples) {
    if (offsets.has(data)) continue;
    offsets.set(data, poolBytes);
    poolBytes += data.byteLength;
  }
  const file = new Uint8Array(12 + poolBytes + 24 * samples.length);
  const view = new DataView(file.buffer);
  file.set(new TextEncoder().encode("SMPL"));
  view.setUint32(4, samples.length, true);
  view.setUint32(8, poolBytes, true);
  for (const [data, offset] of offsets) file.set(data, 12 + offset);
  for (const [i, { data, timestamp, duration, streamNumber, type }] of samples.entries()) {
    const at = 12 + poolBytes + 24 * i;
    view.setUint32(at, offsets.get(data)!, true);
    view.setUint32(at + 4, data.byteLength, true);
    view.setBigInt64(at + 8, BigInt(timestamp), true);
    view.setUint32(at + 16, duration, true);
    file[at + 20] = streamNumber === VIDEO ? 0 : 1;
    file[at + 21] = Number(type === "key");
  }
  return file;
}
