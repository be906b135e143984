/**
 * Folders that go away with their test.
 *
 * @module
 */

/** A new folder for the length of `fn`. */
export async function withTempDir<T>(fn: (folder: string) => Promise<T>): Promise<T> {
  const folder = await Deno.makeTempDir({ prefix: "muxwell_" });
  try {
    return await fn(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Resolves when a file that something writes has more bytes than that. */
export async function grownTo(path: string, byteCount: number): Promise<void> {
  const size = () => Deno.stat(path).then(({ size }) => size, () => 0);
  while (await size() <= byteCount) await new Promise((resolve) => setTimeout(resolve, 20));
}

const FIXTURES = new URL("../fixtures/", import.meta.url);

/** The path of a file in tests/fixtures. */
export function fixture(name: string): string {
  return decodeURIComponent(new URL(name, FIXTURES).pathname);
}
