/** Where the core's code comes from. */

import { assertEquals, assertInstanceOf, assertStrictEquals, assertThrows } from "@std/assert";
import { CORE_HEX } from "../../src/core/core_bytes.ts";
import { createInstance, initCore } from "../../src/core/loader.ts";
import { MuxError } from "../../src/errors.ts";

const bytes = Uint8Array.fromHex(CORE_HEX);

Deno.test("The embedded core is wasm/core.wasm, and imports nothing", async () => {
  assertEquals(await Deno.readFile(new URL("../../wasm/core.wasm", import.meta.url)), bytes);
  const module = new WebAssembly.Module(bytes);
  assertEquals(WebAssembly.Module.imports(module), []);
});

Deno.test("createInstance() gives each session an instance of its own", () => {
  const [a, b] = [createInstance(), createInstance()];
  assertEquals(a.memory === b.memory, false);
});

Deno.test("initCore() takes a module, or a namespace with one", () => {
  const module = new WebAssembly.Module(bytes);
  initCore(module);
  initCore({ default: module });
  assertInstanceOf(createInstance().memory, WebAssembly.Memory);
});

Deno.test("initCore() keeps the embedded module when it is given an instance's exports", async () => {
  const namespace = await import("../../wasm/core.wasm");
  initCore(namespace);
  assertEquals(createInstance().memory === (namespace.memory as unknown), false);
});

Deno.test("initCore() refuses what is not the core", () => {
  const empty = new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
  for (const source of [empty, { default: empty }, {}, { default: bytes }, bytes, () => {}]) {
    assertThrows(() => initCore(source), TypeError);
  }
  for (const source of [null, undefined, 1, "core.wasm"]) {
    assertThrows(() => initCore(source as unknown as object), TypeError);
  }
});

Deno.test("The embedded core is decoded where Uint8Array has no fromHex", async () => {
  const { fromHex } = Uint8Array;
  let loader: typeof import("../../src/core/loader.ts");
  try {
    Reflect.deleteProperty(Uint8Array, "fromHex");
    loader = await import(`../../src/core/loader.ts?${"plain"}`);
  } finally {
    Uint8Array.fromHex = fromHex;
  }
  assertInstanceOf(loader.createInstance().memory, WebAssembly.Memory);
});

Deno.test("Without compiling there is no core until initCore() brings one", async () => {
  const module = new WebAssembly.Module(bytes);
  const exports = new WebAssembly.Instance(module).exports;
  const refusal = new WebAssembly.CompileError("Wasm code generation disallowed by embedder");
  const Module = WebAssembly.Module;
  let loader: typeof import("../../src/core/loader.ts");
  try {
    WebAssembly.Module = function () {
      throw refusal;
    } as unknown as typeof Module;
    // Evaluated anew, as on a host that forbids compiling.
    loader = await import(`../../src/core/loader.ts?${"forbidden"}`);
  } finally {
    WebAssembly.Module = Module;
  }
  const error = assertThrows(() => loader.createInstance(), MuxError, "initCore");
  assertEquals(error.code, "core-unavailable");
  assertStrictEquals(error.cause, refusal);
  assertThrows(() => loader.initCore(exports), TypeError);
  loader.initCore({ default: module });
  assertInstanceOf(loader.createInstance().memory, WebAssembly.Memory);
});
