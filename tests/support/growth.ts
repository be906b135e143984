/**
 * How the time that something takes grows with its input, as ratios: whether the machine is fast or busy does not matter.
 *
 * @module
 */

import process from "node:process";

/** Work on an input of a size; what `prepare` does is not measured. */
export interface Work<Input> {
  /** Makes an input of `size` bytes. */
  prepare(size: number): Input;
  /** What is measured. */
  run(input: Input): unknown;
}

const FIRST_SIZE = 64;
/** Below this a clock says nothing, µs. */
const FLOOR_US = 200;
const MAX_REPEATS = 1 << 16;
const MAX_ROUNDS = 8;
/**
 * For twice the input, on an average of two doublings: 2 is linear, 4 quadratic. One doubling alone may lie where an input
 * leaves the processor's cache.
 */
const LIMIT = 3.2;

/** Processor time of this process, µs: nothing that others do is in it. */
function clock(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

async function measure<Input>({ run }: Work<Input>, input: Input, repeats: number): Promise<number> {
  const before = clock();
  for (let i = 0; i < repeats; i++) {
    const running = run(input);
    if (running instanceof Promise) await running;
  }
  return clock() - before;
}

/**
 * What is wrong with the growth between N, 2 N and 4 N bytes, of which N is the first that takes long enough to be
 * measured, or a quarter of `most`; `undefined`: it is clearly below quadratic.
 *
 * Each is run until the least times say so: what else the process does at times only makes a time longer. What is found is
 * looked for a second time with the double: a step, where a larger input is read to its end and a smaller one is refused,
 * does not come again.
 *
 * @param least The smallest N: copying shows late.
 */
export async function superlinear<Input>(
  work: Work<Input>,
  most: number,
  least = FIRST_SIZE,
): Promise<string | undefined> {
  let size = least;
  for (; 8 * size <= most; size *= 2) {
    const input = work.prepare(size);
    if (Math.min(await measure(work, input, 1), await measure(work, input, 1)) >= FLOOR_US) break;
  }
  if (await growth(work, size) === undefined) return undefined;
  return await growth(work, 8 * size <= most ? 2 * size : size);
}

async function growth<Input>(work: Work<Input>, size: number): Promise<string | undefined> {
  const sizes = [size, 2 * size, 4 * size];
  const inputs = sizes.map((one) => work.prepare(one));
  // What is compiled by now may take a fraction of the first time.
  let repeats = 1;
  while (repeats < MAX_REPEATS && await measure(work, inputs[0]!, repeats) < FLOOR_US) repeats *= 2;
  const least = [Infinity, Infinity, Infinity];
  for (let round = 0; round < MAX_ROUNDS; round++) {
    for (const [i, input] of inputs.entries()) least[i] = Math.min(least[i]!, await measure(work, input, repeats));
    const [first, , last] = least;
    if (round > 0 && last! <= LIMIT ** 2 * first!) return undefined;
  }
  const ratios = [least[1]! / least[0]!, least[2]! / least[1]!].map((ratio) => ratio.toFixed(1));
  return `from ${sizes.join(" to ")} bytes the time grows ${ratios.join(" and ")} times`;
}
