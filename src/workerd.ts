/**
 * The entry for hosts that forbid compiling WebAssembly from bytes, such as Cloudflare Workers with an old compatibility
 * date: the core comes in as a module of its own.
 *
 * @example
 * ```ts
 * import { asf } from "@muxwell/muxwell/workerd";
 *
 * console.log(asf().name);
 * ```
 *
 * @module
 */

import * as core from "../wasm/core.wasm";
import { initCore } from "../mod.ts";

initCore(core);

export * from "../mod.ts";
