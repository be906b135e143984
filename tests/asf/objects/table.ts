/** A table of objects: what each is given, and the bytes it must be. */

import { assertEquals } from "@std/assert";
import { encodeObject, type ObjectSpec } from "../../../src/asf/object.ts";
import { dump, hex } from "../hex.ts";

/** What is written, by whatever writes it. */
export interface Case {
  readonly name: string;
  readonly encode: () => Uint8Array;
  readonly bytes: string;
}

/** An object with its value. */
export function row<T>(name: string, spec: ObjectSpec<T>, value: T, bytes: string): Case {
  return { name, encode: () => encodeObject(spec, value), bytes };
}

/** A test for each. */
export function testTable(cases: readonly Case[]): void {
  for (const { name, encode, bytes } of cases) {
    Deno.test(`encodeObject() writes ${name}`, () => assertEquals(dump(encode()), dump(hex(bytes))));
  }
}
