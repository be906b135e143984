/**
 * A day of tiny samples in MP4: what its tables cost, when they are kept and when they are written.
 *
 * @module
 */

import process from "node:process";
import { mp4, type Mp4Layout, type StreamSample, Writer } from "../mod.ts";
import type { Finding } from "./measure.ts";
import { nullFile, STREAMS } from "./session.ts";

const PICTURES_A_SECOND = 60;
const SAMPLE_RATE = 48_000;
const FRAME_SAMPLES = 1024;
/** Where pictures overtake each other: how much later than they are decoded they are shown, µs. */
const LEADS = [33_333, 66_667, 16_667];
const JITTER = 3000;

/** Pictures and sound in turn, from two arrays and one object that are used again and again. */
function* samplesOf(hours: number, isHard: boolean): Generator<StreamSample> {
  const [picture, frame] = [new Uint8Array(40), new Uint8Array(16).fill(0x21)];
  const sample = { streamNumber: 1, data: picture, timestamp: 0 } as StreamSample;
  const seconds = hours * 3600;
  const pictureCount = seconds * PICTURES_A_SECOND;
  const frameCount = Math.floor(seconds * SAMPLE_RATE / FRAME_SAMPLES);
  let seed = 1;
  for (let pictures = 0, frames = 0; pictures < pictureCount || frames < frameCount;) {
    const isPicture = pictures / PICTURES_A_SECOND <= frames * FRAME_SAMPLES / SAMPLE_RATE || frames === frameCount;
    if (isPicture && pictures < pictureCount) {
      seed = Math.imul(seed, 1103515245) + 12345 >>> 0;
      const [number, byteLength] = [pictures++, 8 + (seed >>> 28)];
      const isKey = number % PICTURES_A_SECOND === 0;
      picture[3] = byteLength; // the unit's length, then its type
      picture[4] = isKey ? 0x65 : 0x41;
      const time = Math.round(number * 1e6 / PICTURES_A_SECOND) + (isHard ? (seed >>> 16) % JITTER : 0);
      sample.streamNumber = 1;
      sample.data = picture.subarray(0, 4 + byteLength);
      sample.type = isKey ? "key" : "delta";
      sample.decodeTimestamp = isHard ? time : undefined;
      sample.timestamp = isHard ? time + LEADS[isKey ? 0 : 1 + number % 2]! : time;
    } else {
      sample.streamNumber = 2;
      sample.data = frame.subarray(0, 6 + frames % 10);
      sample.type = "key";
      sample.decodeTimestamp = undefined;
      sample.timestamp = Math.round(frames++ * FRAME_SAMPLES * 1e6 / SAMPLE_RATE);
    }
    yield sample;
  }
}

/** Writes them into nothing. With `isHard` times are jittered and pictures overtake each other. */
export async function mp4Day(layout: Mp4Layout, isHard: boolean, hours: number): Promise<Finding> {
  let byteLength = 0;
  const count = (bytes: Uint8Array) => void (byteLength += bytes.byteLength);
  const sink = { ...nullFile(), header: count, data: count, trailer: count };
  const [video, audio] = STREAMS;
  const streams = [{ ...video!, framerate: PICTURES_A_SECOND, reorders: isHard }, audio!];
  const writer = new Writer({ container: mp4({ layout }), sinks: [sink], streams: streams as typeof STREAMS });
  await writer.beginWriting();
  let [sampleCount, mediaBytes] = [0, 0];
  for (const sample of samplesOf(hours, isHard)) {
    sampleCount++;
    mediaBytes += sample.data.byteLength;
    await writer.writeSample(sample.streamNumber, sample);
  }
  const used = process.cpuUsage();
  await writer.endWriting();
  const { user, system } = process.cpuUsage(used);
  return {
    sampleCount,
    figures: {
      "finish, ms": Math.round((user + system) / 1000),
      "bytes a sample": Math.round(100 * (byteLength - mediaBytes) / sampleCount) / 100,
    },
  };
}
