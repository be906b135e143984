/**
 * Where the core's module comes from: the embedded bytes, compiled while this module is evaluated, since some edge
 * runtimes compile at no other time; or a module that the host has compiled and hands to {@linkcode initCore}.
 *
 * @module
 */

import { MuxError } from "../errors.ts";
import { CORE_BASE64 } from "./core_bytes.ts";

/** The core's exports; `wasm/README.md` says what each one promises. */
export interface CoreExports {
  readonly memory: WebAssembly.Memory;
  configure(packetBytes: number, prerollMs: number, flags: number, blockPackets: number, blockCount: number): number;
  describeStream(slot: number, streamNumber: number, flags: number, bitsPerSecond: number): void;
  place(slot: number, bytes: number, storedMs: number, presentationTicks: number, isKey: number): number;
  plan(): number;
  pour(bytes: number): number;
  closePacket(): void;
  takeRange(partial: number): number;
  releaseRange(block: number): void;
  heldMs(): number;
  sendEndMs(): number;
  largestObjectBytes(slot: number): number;
  takeFacts(): number;
  fillIndex(): number;
}

let module: WebAssembly.Module | undefined;
let failure: unknown;
try {
  module = new WebAssembly.Module(Uint8Array.from(atob(CORE_BASE64), (char) => char.charCodeAt(0)));
} catch (cause) {
  failure = cause;
}

/** By brand: `instanceof` fails for a module of another realm. */
function isModule(value: unknown): value is WebAssembly.Module {
  return Object.prototype.toString.call(value) === "[object WebAssembly.Module]";
}

/**
 * Provides the core's code in a runtime that forbids compiling it from bytes. Sessions that exist already are not
 * affected.
 *
 * Where importing `core.wasm` gives a finished instance and not a module (Deno), there is nothing to take from it, since
 * each session needs an instance of its own; the embedded bytes, which such a runtime can compile, stay in use.
 *
 * @param source The compiled `core.wasm`, or the namespace of an import of it.
 * @throws {TypeError} If it is neither, or of another module.
 *
 * @example
 * ```ts
 * import { initCore } from "@muxwell/muxwell";
 * import * as core from "@muxwell/muxwell/core.wasm";
 *
 * initCore(core);
 * ```
 */
export function initCore(source: WebAssembly.Module | object): void {
  const found = isModule(source) ? source : (source as { default?: unknown } | null)?.default;
  if (isModule(found)) {
    if (!WebAssembly.Module.exports(found).some(({ name }) => name === "describeStream")) {
      throw new TypeError("Cannot use the module as the core: it is of something else");
    }
    module = found;
  } else if (module === undefined || typeof (source as Partial<CoreExports> | null)?.describeStream !== "function") {
    throw new TypeError(
      "Cannot use the value as the core: it is neither a WebAssembly module nor a namespace with one",
    );
  }
}

/**
 * An instance of its own for one session.
 *
 * @throws {MuxError} `core-unavailable` when there is no module.
 */
export function createInstance(): CoreExports {
  if (module === undefined) {
    throw new MuxError(
      "core-unavailable",
      "Cannot create the core: its code could not be compiled, and initCore was not called",
      {
        cause: failure,
      },
    );
  }
  return new WebAssembly.Instance(module).exports as unknown as CoreExports;
}
