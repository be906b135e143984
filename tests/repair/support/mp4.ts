/** What MP4 files hold, and files of fragments as they are streamed. */

import { mp4, Writer } from "../../../mod.ts";
import { openMedia } from "../../../src/demux/mod.ts";
import { openInput } from "../../../src/inspect/byte_source.ts";
import { Mp4Reader } from "../../../src/inspect/mp4/reader.ts";
import { samplesInOrder } from "../../../src/inspect/mp4/stored_order.ts";
import { concat } from "../../core/harness.ts";
import { fixture } from "../../support/temp.ts";

/** A sample of a file. */
export interface StoredSample {
  /** Track, time from its first, key, and a sum of what it holds. */
  readonly what: string;
  /** Where it begins and ends. */
  readonly offset: number;
  readonly end: number;
}

/** All samples, those included of which something is missing, in the order of the file. */
export async function samplesOf(bytes: Uint8Array): Promise<StoredSample[]> {
  const reader = await Mp4Reader.open(openInput(bytes));
  const samples: StoredSample[] = [];
  const starts = new Map<number, number>();
  for (const order = samplesInOrder(reader);;) {
    const cursor = order.next() ?? await order.wait();
    if (cursor === undefined) return samples;
    const { track, offset, byteLength, decodeTime, compositionOffset, isKey } = cursor;
    const end = offset + byteLength;
    const start = starts.get(track.trackId) ?? decodeTime;
    starts.set(track.trackId, start);
    const sum = bytes.subarray(offset, end).reduce((sum, byte) => sum * 33 + byte | 0, 0);
    samples.push({
      what: `${track.trackId} ${decodeTime - start} ${compositionOffset} ${isKey} ${byteLength} ${sum}`,
      offset,
      end,
    });
  }
}

/** Just what they are. */
export async function whatOf(bytes: Uint8Array): Promise<string[]> {
  return (await samplesOf(bytes)).map(({ what }) => what);
}

/** A fixture in fragments, as a sink gets them that cannot be patched: no duration, no index. */
export async function streamed(name: string, fragmentDurationMs = 500): Promise<Uint8Array<ArrayBuffer>> {
  await using media = await openMedia(fixture(name));
  const parts: Uint8Array[] = [];
  const sink = new WritableStream<Uint8Array<ArrayBuffer>>({ write: (bytes) => void parts.push(bytes.slice()) });
  const container = mp4({ fragmentDurationMs, creationTime: new Date(0) });
  const writer = new Writer({ container, sinks: [sink], streams: media.streams });
  await writer.beginWriting();
  await media.samples.pipeTo(writer.writable);
  await writer.closed;
  return concat(parts);
}
