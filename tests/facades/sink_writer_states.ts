/**
 * Sink writers in each of their states.
 *
 * @module
 */

import { assertRejects } from "@std/assert";
import { MuxError, SinkWriter, type SinkWriterOptions } from "../../mod.ts";
import { AUDIO, audioSample, testAsf } from "../support/sessions.ts";
import { TestSink } from "../support/sinks.ts";

/** Two seconds of sound. */
export const SAMPLES = Array.from({ length: 20 }, (_, i) => audioSample(i, 1));

/** A sink writer, its sink, and what onFinalize was told. */
export interface Stage {
  writer: SinkWriter;
  sink: TestSink;
  ends: unknown[];
}

/** A writer without a stream. */
export function make(sink = new TestSink(), options: Partial<SinkWriterOptions> = {}): Stage {
  const ends: unknown[] = [];
  const onFinalize = (error: unknown) => void ends.push(error);
  return { sink, ends, writer: new SinkWriter({ container: testAsf(), sinks: [sink], onFinalize, ...options }) };
}

/** A writer with a stream. */
export function configured(sink?: TestSink, options?: Partial<SinkWriterOptions>): Stage {
  const stage = make(sink, options);
  stage.writer.addStream(AUDIO);
  return stage;
}

/** A writer that has begun and got its samples. */
export async function written(sink?: TestSink, options?: Partial<SinkWriterOptions>): Promise<Stage> {
  const stage = configured(sink, options);
  await stage.writer.beginWriting();
  for (const sample of SAMPLES) await stage.writer.writeSample(0, sample);
  return stage;
}

/** Ways into each state; the first two are the original's M0 and M1, the third its M2, the last four M3 and M4. */
export const STATES: Record<string, () => Promise<Stage>> = {
  empty: () => Promise.resolve(make()),
  configuring: () => Promise.resolve(configured()),
  opening: () => {
    const stage = configured();
    stage.sink.isPaused = true;
    stage.writer.beginWriting().catch(() => {});
    return Promise.resolve(stage);
  },
  open: () => written(),
  finalizing: async () => {
    const stage = await written();
    stage.sink.isPaused = true;
    void stage.writer.finalize();
    return stage;
  },
  finalized: async () => {
    const stage = await written();
    await stage.writer.finalize();
    return stage;
  },
  failed: async () => {
    const stage = await written(new TestSink({ faults: [{ operation: "data", nth: 1, kind: "reject" }] }));
    await assertRejects(() => stage.writer.placeMarker(0), MuxError);
    return stage;
  },
  aborted: async () => {
    const stage = await written();
    await stage.writer.abort(new Error("enough"));
    return stage;
  },
};
