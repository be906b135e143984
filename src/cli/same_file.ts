/**
 * Two names for one file.
 *
 * @module
 */

import { UsageError } from "./arguments.ts";

/** The output must not be the input, by whatever name. @throws {UsageError} */
export async function refuseSameFile(input: string, output: string, name: string): Promise<void> {
  const [one, other] = await Promise.all([identity(input), identity(output)]);
  if (one !== undefined && one === other) throw new UsageError(`OUTPUT is the same file as ${name}: ${output}`);
}

async function identity(path: string): Promise<string | undefined> {
  try {
    const { dev, ino, isFile } = await Deno.stat(path);
    if (!isFile) return undefined;
    return ino ? `${dev}:${ino}` : await Deno.realPath(path);
  } catch {
    return undefined; // whoever opens it says why
  }
}
