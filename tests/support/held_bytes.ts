/**
 * What an isolate holds.
 *
 * @module
 */

/** Heap and buffers in use, of this isolate alone: what other tests of the process hold is theirs. */
export function heldBytes(): number {
  const { heapUsed, external } = Deno.memoryUsage();
  return heapUsed + external;
}
