/**
 * A file of fragments, of our own making.
 *
 * @module
 */

import { bufferSink, mp4, Writer } from "../../../mod.ts";
import { openMedia } from "../../../src/demux/mod.ts";
import { fixture } from "../../support/temp.ts";

/** clip.mp4 in fragments of half a second. */
export async function write(): Promise<Uint8Array<ArrayBuffer>> {
  await using media = await openMedia(fixture("clip.mp4"));
  const sink = bufferSink();
  const writer = new Writer({ container: mp4({ fragmentDurationMs: 500 }), sinks: [sink], streams: media.streams });
  await writer.beginWriting();
  await media.samples.pipeTo(writer.writable);
  await writer.closed;
  return sink.bytes.slice();
}
