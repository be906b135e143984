/**
 * Writers in each of their states.
 *
 * @module
 */

import { assertRejects } from "@std/assert";
import { MuxError } from "../../src/errors.ts";
import { Writer } from "../../src/facades/writer.ts";
import { audioOptions, audioSample, writeAll } from "../support/sessions.ts";
import { TestSink } from "../support/sinks.ts";

/** Two seconds of sound. */
export const SAMPLES = Array.from({ length: 20 }, (_, i) => audioSample(i, 1));

/** A writer and the sink it writes to. */
export interface Stage {
  writer: Writer;
  sink: TestSink;
}

/** A writer that has begun. */
export async function openWriter(sink = new TestSink()): Promise<Stage> {
  const writer = new Writer(audioOptions([sink]));
  await writer.beginWriting();
  return { writer, sink };
}

/** Ways into each state. */
export const STATES: Record<string, () => Promise<Stage>> = {
  configuring: () => {
    const sink = new TestSink();
    return Promise.resolve({ sink, writer: new Writer(audioOptions([sink])) });
  },
  opening: () => {
    const sink = new TestSink();
    sink.isPaused = true;
    const writer = new Writer(audioOptions([sink]));
    writer.beginWriting().catch(() => {});
    return Promise.resolve({ sink, writer });
  },
  open: async () => {
    const stage = await openWriter();
    await writeAll(stage.writer, SAMPLES);
    return stage;
  },
  finalizing: async () => {
    const stage = await openWriter();
    await writeAll(stage.writer, SAMPLES);
    stage.sink.isPaused = true;
    void stage.writer.endWriting();
    return stage;
  },
  finalized: async () => {
    const stage = await openWriter();
    await writeAll(stage.writer, SAMPLES);
    await stage.writer.endWriting();
    return stage;
  },
  failed: async () => {
    const stage = await openWriter(new TestSink({ faults: [{ operation: "data", nth: 1, kind: "reject" }] }));
    await writeAll(stage.writer, SAMPLES);
    await assertRejects(() => stage.writer.flush(), MuxError);
    return stage;
  },
  aborted: async () => {
    const stage = await openWriter();
    await writeAll(stage.writer, SAMPLES);
    await stage.writer.abort(new Error("enough"));
    return stage;
  },
};
