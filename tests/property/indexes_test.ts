/** Any session with any indexes and payload extensions gives a file in which the validator finds nothing wrong with them. */

import { assertEquals } from "@std/assert";
import { asf, type AsfOptions, type IndexPoint, type StreamConfig, type StreamSample } from "../../mod.ts";
import { AsfReader, validate } from "../../src/inspect/mod.ts";
import { index, type IndexOptions } from "../../src/repair/mod.ts";
import { MemoryFile } from "../repair/support/editable.ts";
import fc from "../support/fast_check.ts";
import { type GeneratedSession, sessions } from "../support/generate.ts";
import { writeFinal } from "../support/write_all.ts";

const OWN = "12345678-9ABC-4DEF-8123-456789ABCDEF";
/** What is about indexes, extensions, and the packets that carry them. */
const CONCERNS = /^(I|X17|X18|T0|D0|D1[0-7]|D27)/;

const POINTS: IndexPoint[] = ["packet", "sample", "key"];
const options = fc.record({
  timeIndexMs: fc.constantFrom(undefined, 1000, 333, 40),
  sampleIndexInterval: fc.constantFrom(undefined, 1, 3, 50),
  timecodeIndex: fc.boolean(),
  indexPoints: fc.shuffledSubarray(POINTS, { minLength: 1 }),
});

/** Whether a stream gets extensions, and which: 2: of any size. */
type Kind = 0 | 1 | 2;

function kindOf(streamNumber: number): Kind {
  return streamNumber % 3 as Kind;
}

function declare<T extends StreamConfig & { streamNumber: number }>(stream: T): T {
  const kind = kindOf(stream.streamNumber);
  if (kind === 0) return stream;
  const own = { guid: OWN, size: "variable" as const };
  return { ...stream, payloadExtensions: kind === 1 ? ["timecode"] : [own, "timecode", "contentType"] };
}

function extend(sample: StreamSample, i: number): StreamSample {
  const kind = kindOf(sample.streamNumber);
  if (kind === 0) return sample;
  // Some come twice, and they go back and forth.
  const timecode = { hours: 0, minutes: i % 7, seconds: i % 60, frames: i % 5, range: Math.floor(i / 40) };
  return { ...sample, extensions: kind === 1 ? { timecode } : { timecode, own: { [OWN]: new Uint8Array(i % 14) } } };
}

function codedStreams(session: GeneratedSession): GeneratedSession["streams"] {
  return session.streams.filter(({ streamNumber }) => kindOf(streamNumber) > 0);
}

Deno.test("every index of any session leads where it should, and indexing its file makes the same", async () => {
  await fc.assert(
    fc.asyncProperty(sessions({ maxSamples: 30 }), options, async (session, chosen) => {
      const points = chosen.indexPoints;
      const timecodeIndex = chosen.timecodeIndex && codedStreams(session).length > 0 && points.join() !== "packet";
      const asked: AsfOptions & IndexOptions = { ...chosen, timecodeIndex };
      const bytes = await writeFinal({
        container: asf({ ...session.options, ...asked }),
        streams: session.streams.map(declare),
        samples: session.samples.map(extend),
      });
      const { issues } = await validate(bytes);
      assertEquals(issues.filter(({ severity, rule }) => severity !== "I" && CONCERNS.test(rule)), []);

      const file = new MemoryFile(bytes);
      await index(file, { ...asked, indexIntervalMs: session.options.indexIntervalMs });
      const wanted = await (await AsfReader.open(bytes)).indexes();
      const found = await (await AsfReader.open(file.bytes)).indexes();
      assertEquals(found.mediaObject, wanted.mediaObject);
      assertEquals(found.timecode, wanted.timecode);
      assertEquals(found.time.map(({ specifiers }) => specifiers), wanted.time.map(({ specifiers }) => specifiers));
    }),
    { numRuns: 60 },
  );
});
