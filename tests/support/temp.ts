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

const FIXTURES = new URL("../fixtures/", import.meta.url);

/** The path of a file in tests/fixtures. */
export function fixture(name: string): string {
  return decodeURIComponent(new URL(name, FIXTURES).pathname);
}
