/**
 * Promises, where runtimes and sinks differ.
 *
 * @module
 */

/** `Promise.withResolvers`, which Node 20 lacks. */
export function withResolvers<T>(): PromiseWithResolvers<T> {
  let resolve!: (value: T | PromiseLike<T>) => void;
  let reject!: (reason?: unknown) => void;
  const promise = new Promise<T>((res, rej) => {
    resolve = res;
    reject = rej;
  });
  return { promise, resolve, reject };
}

/** Whether a call has still to settle. */
export function isPending(result: void | Promise<void>): result is Promise<void> {
  return result !== undefined && typeof result?.then === "function";
}
