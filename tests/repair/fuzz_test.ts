import { assert, assertEquals } from "@std/assert";
import fc from "../support/fast_check.ts";
import { MuxError } from "../../src/errors.ts";
import { AsfReader, validate } from "../../src/inspect/mod.ts";
import { index, repair, tag } from "../../src/repair/mod.ts";
import { errorsIn } from "../support/valid.ts";
import { MemoryFile } from "./support/editable.ts";
import { record } from "./support/recording.ts";

const WHOLE = await record("final");
const DATA_START = (await AsfReader.open(WHOLE)).data!.offset + 50;

const change = fc.record({ at: fc.nat(), byte: fc.nat(255), length: fc.constantFrom(1, 1, 1, 4, 16) });

function mutate(from: number, to: number, changes: { at: number; byte: number; length: number }[]) {
  const bytes = WHOLE.slice();
  for (const { at, byte, length } of changes) {
    const start = from + at % (to - from);
    bytes.fill(byte, start, Math.min(to, start + length));
  }
  return bytes;
}

async function survives(job: () => Promise<unknown>): Promise<boolean> {
  try {
    await job();
    return true;
  } catch (error) {
    assert(error instanceof MuxError, `not a MuxError: ${error instanceof Error ? error.stack : error}`);
    return false;
  }
}

Deno.test("repair() makes a valid file whatever happened to its packets", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 30 }), async (changes) => {
      const file = new MemoryFile(mutate(DATA_START - 50, WHOLE.byteLength, changes));
      await repair(file);
      assertEquals(await errorsIn(file.bytes), []);
    }),
    { numRuns: 300 },
  );
});

Deno.test("a header with bad bytes is judged, repaired, indexed and tagged, or refused with a MuxError", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 6 }), fc.option(fc.nat()), async (changes, length) => {
      let bytes = mutate(16, DATA_START + 1000, changes);
      if (length !== null) bytes = bytes.slice(0, length % bytes.byteLength);
      await validate(bytes);
      for (
        const job of [
          (file: MemoryFile) => repair(file),
          (file: MemoryFile) => index(file),
          (file: MemoryFile) => tag(file, { set: { title: "x", attributes: { a: "b" } }, remove: ["WM/Year"] }),
        ]
      ) {
        const file = new MemoryFile(bytes);
        if (await survives(() => job(file))) await validate(file.bytes);
      }
    }),
    { numRuns: 400 },
  );
});
