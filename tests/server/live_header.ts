/**
 * The smallest live stream.
 *
 * @module
 */

import { broadcast } from "./live.ts";

let made: Promise<{ bytes: Uint8Array<ArrayBuffer>; packet: Uint8Array<ArrayBuffer> }> | undefined;

/** A header of one sound stream, and its first packet; made once. */
export function liveHeader(): Promise<{ bytes: Uint8Array<ArrayBuffer>; packet: Uint8Array<ArrayBuffer> }> {
  return made ??= make();
}

async function make(): Promise<{ bytes: Uint8Array<ArrayBuffer>; packet: Uint8Array<ArrayBuffer> }> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let header = new Uint8Array(0);
  await broadcast({
    input: "tone.mp3",
    sinks: [[{
      header: (bytes) => void (header = bytes.slice()),
      data: (bytes, { unitBytes }) => void pieces.push(bytes.slice(0, unitBytes)),
      close() {},
      abort() {},
    }]],
  });
  return { bytes: header, packet: pieces[0]! };
}
