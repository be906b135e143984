/** LAME's tag: field by field, and whether readers begin and end where it says. */

import { assertEquals } from "@std/assert";
import { Writer } from "../../src/facades/writer.ts";
import type { StreamSample } from "../../src/media/sample.ts";
import type { StreamConfig } from "../../src/media/stream_config.ts";
import { mp3 } from "../../src/mp3/mod.ts";
import { bufferSink } from "../../src/sinks/buffer_sink.ts";
import { readerTest } from "../support/readers.ts";
import { runOk } from "../support/run.ts";
import { fixture, withTempDir } from "../support/temp.ts";
import { readAll, writeFinal } from "../support/write_all.ts";

const RATE = 44_100;
/** An encoder's 576 samples, and the 529 of a decoder. */
const START = 576 + 529;
const END = 700;
const US = 1e6 / RATE;

async function session(): Promise<{ streams: readonly StreamConfig[]; samples: StreamSample[] }> {
  const { streams, samples } = await readAll(fixture("tone.mp3"));
  const all = [...samples];
  return {
    streams,
    samples: all.map((sample, i): StreamSample => ({
      ...sample,
      timestamp: i * 1152 * US,
      duration: 1152 * US,
      trimStart: i === 0 ? START * US : 0,
      trimEnd: i === all.length - 1 ? END * US : 0,
    })),
  };
}

const bare = () => mp3({ headerReserveBytes: 0 });

/** Bit by bit, from zero on. */
function crc(bytes: Uint8Array): number {
  let register = 0;
  for (const byte of bytes) {
    register ^= byte;
    for (let bit = 0; bit < 8; bit++) register = (register & 1) !== 0 ? register >> 1 ^ 0xA001 : register >> 1;
  }
  return register;
}

/** Behind header, side information, and the table of a frame of MPEG-1. */
function readTag(file: Uint8Array<ArrayBuffer>, sideBytes: number, frameBytes: number) {
  const at = 4 + sideBytes + 120;
  const view = new DataView(file.buffer, file.byteOffset + at);
  return {
    flags: new DataView(file.buffer, file.byteOffset + 4 + sideBytes).getUint32(4),
    encoder: new TextDecoder().decode(file.subarray(at, at + 9)),
    delay: view.getUint16(21) >> 4,
    padding: view.getUint16(22) & 0xFFF,
    bytes: view.getUint32(28),
    musicCrc: view.getUint16(32),
    isWhole: view.getUint16(34) === crc(file.subarray(0, at + 34)),
    frames: file.subarray(frameBytes),
  };
}

Deno.test("mp3() says in LAME's tag what is not to be heard, and checksums", async () => {
  const { streams, samples } = await session();
  const file = await writeFinal({ container: bare(), streams, samples });
  const isMono = file[3]! >> 6 === 3;
  const mediaBytes = samples.reduce((sum, { data }) => sum + data.byteLength, 0);
  const tag = readTag(file, isMono ? 17 : 32, file.byteLength - mediaBytes);
  assertEquals([tag.flags, tag.encoder, tag.delay, tag.padding], [15, "LAMEMuxwl", 576, END + 529]);
  assertEquals([tag.bytes, tag.isWhole, tag.musicCrc], [file.byteLength, true, crc(tag.frames)]);
});

Deno.test("mp3() has no tag where nothing is said, nor where that is less than a decoder adds", async () => {
  const { streams, samples } = await session();
  for (const trimStart of [0, 528 * US]) {
    const cut = samples.map((sample, i) => ({ ...sample, trimStart: i === 0 ? trimStart : 0 }));
    const file = await writeFinal({ container: bare(), streams, samples: cut });
    assertEquals(readTag(file, file[3]! >> 6 === 3 ? 17 : 32, 0).flags, 7);
  }
});

Deno.test("a sink that joins late has no tag, one that leaves keeps its end", async () => {
  const { streams, samples } = await session();
  const [leaving, late] = [bufferSink(), bufferSink()];
  await using writer = new Writer({ container: bare(), streams, sinks: [bufferSink(), leaving] });
  await writer.beginWriting();
  for (const [i, sample] of samples.entries()) {
    if (i === 40) await writer.addSink(late);
    if (i === 80) await writer.removeSink(leaving);
    await writer.writeSample(1, sample);
  }
  await writer.endWriting();
  assertEquals(readTag(late.bytes, late.bytes[3]! >> 6 === 3 ? 17 : 32, 0).flags, 7);
  const written = samples.slice(0, 80).reduce((sum, { data }) => sum + data.byteLength, 0);
  const frameBytes = leaving.bytes.byteLength - written;
  const tag = readTag(leaving.bytes, leaving.bytes[3]! >> 6 === 3 ? 17 : 32, frameBytes);
  assertEquals([tag.delay, tag.padding, tag.musicCrc, tag.isWhole], [576, 529, crc(tag.frames), true]);
});

readerTest("FFmpeg hears as much as there is between", ["ffmpeg"], async () => {
  await withTempDir(async (folder) => {
    const { streams, samples } = await session();
    const path = `${folder}/gapless.mp3`;
    await Deno.writeFile(path, await writeFinal({ container: mp3(), streams, samples }));
    const raw = `${folder}/heard.s16`;
    await runOk("ffmpeg", ["-v", "error", "-nostdin", "-i", path, "-f", "s16le", raw]);
    const channels = (streams[0] as { numberOfChannels: number }).numberOfChannels;
    const heard = (await Deno.stat(raw)).size / 2 / channels;
    assertEquals(heard, samples.length * 1152 - START - END);
  });
});
