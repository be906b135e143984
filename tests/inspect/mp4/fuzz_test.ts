import { assert } from "@std/assert";
import { openMedia } from "../../../src/demux/mod.ts";
import { MuxError } from "../../../src/errors.ts";
import { formatTree, inspectTree, validate } from "../../../src/inspect/mod.ts";
import fc from "../../support/fast_check.ts";
import { fixture } from "../../support/temp.ts";
import { write } from "./write_fragments.ts";
import { find, patch } from "./boxes.ts";

/** One bad number, a run of bad bytes, or a lost end. */
const mutation = fc.record({
  at: fc.nat(),
  bytes: fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 8 }),
    fc.constantFrom(Uint8Array.of(0xFF, 0xFF, 0xFF, 0xFF), new Uint8Array(8), Uint8Array.of(0, 0, 0, 1)),
  ),
  isInTables: fc.boolean(),
});

/** Whatever is done to a file, it ends in a tree, a verdict, and samples or a typed error. */
async function survives(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const tree = await inspectTree(bytes, { packets: true }).catch(typed);
  if (tree !== undefined) assert(formatTree(tree).length > 0);
  await validate(bytes);
  const half = bytes.byteLength >> 1;
  for (const source of [bytes, new Blob([bytes.slice(0, half), bytes.slice(half)]).stream()]) {
    try {
      await using media = await openMedia(source);
      let byteLength = 0;
      for await (const { timestamp, data } of media.samples) {
        assert(Number.isSafeInteger(timestamp), `a time of ${timestamp}`);
        byteLength += data.byteLength;
      }
      assert(byteLength <= 4 * bytes.byteLength + (1 << 24) + 10_000, `${byteLength} bytes out of ${bytes.byteLength}`);
    } catch (error) {
      typed(error);
    }
  }
}

function typed(error: unknown): undefined {
  if (!(error instanceof MuxError)) throw error;
}

for (const [name, source] of [["clip.mp4", () => Deno.readFile(fixture("clip.mp4"))], ["fragments", write]] as const) {
  Deno.test(`an MP4 survives whatever is done to it (${name})`, async () => {
    const whole = await source();
    const tables = find(whole, "moov").end;
    await fc.assert(
      fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 6 }), fc.nat(), async (mutations, cut) => {
        const bytes = whole.slice(0, cut % 5 === 0 ? cut % whole.byteLength : undefined);
        for (const { at, bytes: bad, isInTables } of mutations) {
          const room = Math.min(bytes.byteLength, isInTables ? tables : Infinity) - bad.byteLength;
          if (room > 0) bytes.set(bad, at % room);
        }
        await survives(bytes);
      }),
      { numRuns: 150 },
    );
  });
}

Deno.test("tables that promise the same bytes over and over end in time that grows with the file", async () => {
  const bytes = await Deno.readFile(fixture("clip.mp4"));
  const stbl = "moov/trak/mdia/minf/stbl";
  // Every sample 60 kB from the first chunk on; and a billion samples of one byte, all in each chunk.
  let large = patch(bytes, `${stbl}/stsz`, 4, 60_000);
  large = patch(large, `${stbl}/stsc`, 12, 1 << 30);
  let many = patch(bytes, `${stbl}/stsz`, 4, 1);
  many = patch(many, `${stbl}/stsz`, 8, 1 << 30);
  for (const hostile of [large, many]) await survives(hostile.slice());
});
