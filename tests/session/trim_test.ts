/** What is not shown of samples: priming and padding reach the container, or are named where it has no place for them. */

import { assertEquals } from "@std/assert";
import { Pieces } from "../../src/bytes/pieces.ts";
import type { Container, MuxSample, Opening } from "../../src/container/container.ts";
import { UnitBuffer } from "../../src/container/unit_buffer.ts";
import { asf } from "../../src/asf/mod.ts";
import { SinkWriter } from "../../src/facades/sink_writer.ts";
import type { StreamSample } from "../../src/media/sample.ts";
import { bufferSink } from "../../src/sinks/buffer_sink.ts";
import { TestMediaSink } from "../support/media_sinks.ts";
import { AUDIO } from "../support/sessions.ts";
import { writeTo } from "../support/write_all.ts";

const SECOND = { ...AUDIO, streamNumber: 2 };
const STREAMS = [{ ...AUDIO, streamNumber: 1 }, SECOND];

/** 6.5 ms of priming in the first stream, 12 ms of padding at its end; the second is shown whole. */
const SAMPLES: StreamSample[] = [0, 20_000, 40_000].flatMap((timestamp) => {
  const sample = { data: new Uint8Array(160), timestamp, duration: 20_000 };
  const trims = timestamp === 0 ? { trimStart: 6500 } : timestamp === 40_000 ? { trimEnd: 12_000 } : {};
  return [{ ...sample, streamNumber: 1, ...trims }, { ...sample, streamNumber: 2 }];
});

/** Takes note of what reaches it. */
function noting(log: { opening?: Opening; samples: MuxSample[] }): Container {
  const pieces = new Pieces();
  return {
    name: "noting",
    extensions: [],
    trims: true,
    mimeType: () => "application/x-noting",
    check: () => [],
    createMuxer: () => ({
      describe: () => ({ reorderDepth: 0, bitrate: 0, sparse: false }),
      missing: () => "nothing",
      begin(opening) {
        log.opening = opening;
        return new UnitBuffer({ log: { add: (sample) => void log.samples.push({ ...sample }) } });
      },
      plan: () => ({ form: "live", trailer: "none" }),
      header: () => new Uint8Array(4),
      frame(_stream, data) {
        pieces.clear();
        pieces.add(data);
        return pieces;
      },
    }),
  };
}

Deno.test("trims reach the container: what precedes a stream before its header, the rest with each sample", async () => {
  const log: { opening?: Opening; samples: MuxSample[] } = { samples: [] };
  const report = await writeTo([bufferSink()], { container: noting(log), streams: STREAMS, samples: SAMPLES });
  assertEquals(log.opening?.trimStarts, [6500, 0]);
  const first = log.samples.filter(({ stream }) => stream === 0);
  assertEquals(first.map(({ trimStart, trimEnd }) => [trimStart, trimEnd]), [[6500, 0], [0, 0], [0, 12_000]]);
  assertEquals(log.samples.filter(({ stream, trimStart, trimEnd }) => stream === 1 && (trimStart || trimEnd)), []);
  assertEquals(report.losses, []);
});

Deno.test("a container that cannot say trims has them named among the losses", async () => {
  const report = await writeTo([bufferSink()], { container: asf(), streams: STREAMS, samples: SAMPLES });
  assertEquals(report.losses.map(({ stream, field }) => [stream, field]), [[1, "trimStart"], [1, "trimEnd"]]);
});

Deno.test("a media sink gets the trims that were given, and no others", async () => {
  const sink = new TestMediaSink();
  await using writer = new SinkWriter({ mediaSink: sink });
  const stream = writer.addStream(AUDIO);
  await writer.beginWriting();
  for (const { streamNumber, ...sample } of SAMPLES) if (streamNumber === 1) await writer.writeSample(stream, sample);
  await writer.finalize();
  const trims = sink.samples.map(({ sample: { trimStart, trimEnd } }) => [trimStart, trimEnd]);
  assertEquals(trims, [[6500, undefined], [undefined, undefined], [undefined, 12_000]]);
});
