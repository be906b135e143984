/** AC-3 and E-AC-3: sync frames back to back, each kind in a container of its own. */

import { assertEquals, assertRejects } from "@std/assert";
import { ac3 } from "../../src/ac3/mod.ts";
import { eac3 } from "../../src/eac3/mod.ts";
import { MuxError } from "../../src/errors.ts";
import type { StreamConfig } from "../../src/media/stream_config.ts";
import { CONTAINER_CASES } from "../support/containers.ts";
import { problemsOf } from "../support/problems.ts";
import { fixture } from "../support/temp.ts";
import { readAll, writeFinal, writeLive } from "../support/write_all.ts";

const cases = ["ac3: AC-3", "eac3: E-AC-3"].map((name) => CONTAINER_CASES.find((one) => one.name === name)!);

for (const [input, create] of [["ac3.mp4", ac3], ["eac3.mp4", eac3]] as const) {
  Deno.test(`${create.name}() writes the frames of ${input} back to back, whatever the sink`, async () => {
    const { streams, samples } = await readAll(fixture(input));
    const all = [...samples];
    const file = await writeFinal({ container: create(), streams, samples: all });
    assertEquals(file, new Uint8Array(await new Blob(all.map(({ data }) => data.slice())).arrayBuffer()));
    assertEquals(await writeLive({ container: create(), streams, samples: all }), file);
  });
}

Deno.test("the format tag of both is taken, and the first frame says which of the two it is", async () => {
  const [own, other] = cases;
  const streams = own!.streams.map((stream) => ({ ...stream, codec: 0x2000 })) as StreamConfig[];
  for (const create of [ac3, eac3]) assertEquals(problemsOf(create(), streams), []);
  await writeFinal({ container: ac3(), streams, samples: own!.samples(1) });
  const error = await assertRejects(
    () => writeFinal({ container: ac3(), streams, samples: other!.samples(1) }),
    MuxError,
    "AC-3 cannot hold E-AC-3",
  );
  assertEquals([error.code, error.streamNumber], ["unsupported", 1]);
});

Deno.test("AC-3 and E-AC-3 say what they hold", () => {
  assertEquals(problemsOf(ac3(), cases[1]!.streams), [
    'stream 1: AC-3 cannot hold audio codec "ec-3"; it holds AC-3 (ac-3, 0x2000)',
  ]);
  assertEquals(problemsOf(eac3(), cases[0]!.streams), [
    'stream 1: E-AC-3 cannot hold audio codec "ac-3"; it holds E-AC-3 (ec-3, 0x2000)',
  ]);
});
