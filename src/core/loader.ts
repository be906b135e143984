/**
 * Where the core's module comes from: the embedded bytes, compiled while this module is evaluated, since some edge
 * runtimes compile at no other time; or a module that the host has compiled and hands to {@linkcode initCore}.
 *
 * @module
 */

import { MuxError } from "../errors.ts";
import { CORE_HEX } from "./core_bytes.ts";

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

/** The code, or why there is none. */
interface Compiled {
  readonly module?: WebAssembly.Module;
  readonly failure?: unknown;
}

// A call without side effects, for bundlers: an application that never asks for an instance does not carry the code.
let compiled: Compiled = /* @__PURE__ */ compile();

function compile(): Compiled {
  try {
    return { module: new WebAssembly.Module(fromHex(CORE_HEX)) };
  } catch (failure) {
    return { failure };
  }
}

/** By `Uint8Array.fromHex` where there is one: compiling waits for this, and a loop that is not warm yet takes longer. */
function fromHex(hex: string): Uint8Array<ArrayBuffer> {
  if (typeof Uint8Array.fromHex === "function") return Uint8Array.fromHex(hex);
  return Uint8Array.from({ length: hex.length / 2 }, (_, i) => parseInt(hex.slice(2 * i, 2 * i + 2), 16));
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
 * @param source The compiled `core.wasm` (a `WebAssembly.Module`), or the namespace of an import of it.
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
export function initCore(source: object): void {
  const found = isModule(source) ? source : (source as { default?: unknown } | null)?.default;
  if (isModule(found)) {
    if (!WebAssembly.Module.exports(found).some(({ name }) => name === "describeStream")) {
      throw new TypeError("Cannot use the module as the core: it is of something else");
    }
    compiled = { module: found };
  } else if (
    compiled.module === undefined || typeof (source as Partial<CoreExports> | null)?.describeStream !== "function"
  ) {
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
  const { module, failure } = compiled;
  if (module === undefined) {
    const text = { action: "create the core", reason: "its code could not be compiled, and initCore was not called" };
    throw new MuxError("core-unavailable", text, { cause: failure });
  }
  // As an object of the same shape for every instance: the exports object has one of its own each time, to which compiled
  // code would have to be adapted again and again.
  return { ...new WebAssembly.Instance(module).exports } as unknown as CoreExports;
}
