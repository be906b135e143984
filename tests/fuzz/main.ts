/**
 * Longer runs than the tests': `deno task fuzz [--seconds N] [--seed N] [--case N]`. Half of the time goes to damaged
 * files, half to the properties. What is printed repeats a finding: a case by `--seed` and `--case`, a property by its
 * own seed and path.
 *
 * `deno task fuzz --files 1000000 --only mp4,mkv,webm` damages so many files of these names, and leaves the properties
 * out. A case of them is repeated with the same `--only`.
 *
 * `deno task fuzz --requests 100000` sends so many mutated requests to a server instead.
 *
 * @module
 */

import { parseArgs } from "node:util";
import fc from "../support/fast_check.ts";
import { PROPERTIES } from "../property/all.ts";
import { runCase } from "./cases.ts";
import { runRequests } from "./requests.ts";
import { runFiles } from "./run.ts";
import { seedFiles } from "./seeds.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: {
    seconds: { type: "string" },
    seed: { type: "string" },
    case: { type: "string" },
    files: { type: "string" },
    only: { type: "string" },
    requests: { type: "string" },
  },
});
const seconds = Number(values.seconds ?? 60);
const only = values.only?.split(",");
const seed = Number(values.seed ?? Date.now() % 2 ** 31);

if (values.case !== undefined) {
  console.log(await runCase(await seedFiles(only), seed, Number(values.case)));
} else if (values.requests !== undefined) {
  console.log(await runRequests({ seed, count: Number(values.requests) }));
} else if (values.files !== undefined) {
  console.log(`seed ${seed}`);
  if (!await fuzzFiles({ seconds: Infinity, most: Number(values.files), only })) Deno.exit(1);
} else {
  console.log(`seed ${seed}`);
  const isClean = await fuzzFiles({ seconds: seconds / 2, only }) && await fuzzProperties();
  if (!isClean) Deno.exit(1);
}

async function fuzzFiles(order: { seconds: number; most?: number; only?: string[] }): Promise<boolean> {
  try {
    const { count, outcomes, peakBytes, slowest } = await runFiles({ seed, from: 0, ...order });
    console.log(`${count} damaged files; memory grew by ${peakBytes >> 20} MiB at most`);
    console.log(`longest: case ${slowest.number}, ${Math.round(slowest.milliseconds)} ms`);
    for (const [outcome, times] of Object.entries(outcomes).sort()) console.log(`  ${outcome}: ${times}`);
    return true;
  } catch (error) {
    console.error((error as Error).message);
    return false;
  }
}

async function fuzzProperties(): Promise<boolean> {
  const share = seconds * 1000 / 2 / PROPERTIES.length;
  let isClean = true;
  for (const { name, property } of PROPERTIES) {
    const result = await fc.check(property, { seed, numRuns: 1e9, interruptAfterTimeLimit: share, timeout: 20_000 });
    console.log(`${result.numRuns} × ${name}`);
    if (!result.failed || result.counterexample === null) continue;
    console.error(fc.defaultReportMessage(result));
    isClean = false;
  }
  return isClean;
}
