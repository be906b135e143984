/**
 * What is muxed: the same samples in every run, made before the clock starts.
 *
 * @module
 */

/** One sample; `data` holds NAL units behind their lengths (video), or a raw frame (audio). */
export interface BenchSample {
  readonly isVideo: boolean;
  readonly data: Uint8Array<ArrayBuffer>;
  /** Microseconds. */
  readonly timestamp: number;
  readonly duration: number;
  readonly isKey: boolean;
}

/** A presentation. */
export interface Scenario {
  readonly name: string;
  readonly samples: BenchSample[];
  readonly byteLength: number;
}

/** Size of the pictures that the parameter sets claim. */
export const WIDTH = 320;
export const HEIGHT = 180;
/** H.264 Baseline, no reordering. */
export const AVC_CODEC = "avc1.42c00d";
export const AVC_RECORD = fromHex("0142c00dffe10017 6742c00dd901419f9f011000003e90000ea600f142a480 010004 68ce3c80");
/** AAC LC, 48 kHz, stereo. */
export const AAC_CODEC = "mp4a.40.2";
export const AAC_CONFIG = fromHex("1190");
export const SAMPLE_RATE = 48_000;
export const CHANNELS = 2;

function fromHex(hex: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(hex.replaceAll(" ", "").match(/../g)!, (digits) => parseInt(digits, 16));
}

/** A fixed sequence, so that every run does the same work. */
function random(seed: number): () => number {
  return () => (seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) / 2 ** 32;
}

const POOL_BYTES = 8 << 20;

/** A piece of memory that is used over and over: what is measured is the muxer, not the caches' misses. */
class Pool {
  readonly #bytes = new Uint8Array(POOL_BYTES).map((_, i) => (i * 31 + (i >> 8)) | 1);
  #at = 0;

  /** Video begins with the length of its one slice, which the caller's memory must hold: such samples own theirs. */
  take(byteLength: number, isVideo: boolean, isKey: boolean): Uint8Array<ArrayBuffer> {
    if (this.#at + byteLength > POOL_BYTES) this.#at = 0;
    const data = this.#bytes.subarray(this.#at, this.#at += byteLength);
    if (!isVideo) return data;
    new DataView(data.buffer, data.byteOffset).setUint32(0, byteLength - 4);
    data[4] = isKey ? 0x65 : 0x41;
    return data;
  }
}

function scenario(name: string, samples: BenchSample[]): Scenario {
  samples.sort((a, b) => a.timestamp - b.timestamp);
  return { name, samples, byteLength: samples.reduce((sum, { data }) => sum + data.byteLength, 0) };
}

/** About 5 Mbit/s: 30 pictures a second with a key frame every 2 s, and AAC. */
export function audioVideo(seconds: number, ownMemory = false): Scenario {
  const next = random(1);
  const pool = new Pool();
  const samples: BenchSample[] = [];
  for (let i = 0; i < 30 * seconds; i++) {
    const isKey = i % 60 === 0;
    const byteLength = Math.floor(isKey ? 90_000 + next() * 60_000 : 8_000 + next() * 22_000);
    const data = pool.take(byteLength, true, isKey).slice();
    samples.push({ isVideo: true, data, timestamp: Math.round(i * 1e6 / 30), duration: 33_333, isKey });
  }
  for (let i = 0; i < Math.floor(seconds * SAMPLE_RATE / 1024); i++) {
    const data = pool.take(300 + Math.floor(next() * 100), false, true);
    const timestamp = Math.round(i * 1024e6 / SAMPLE_RATE);
    samples.push({ isVideo: false, data: ownMemory ? data.slice() : data, timestamp, duration: 21_333, isKey: true });
  }
  return scenario(`${seconds} s of audio and video`, samples);
}

/** 100 000 samples of video and as many of audio, 200 to 1500 bytes each. */
export function manySmall(): Scenario {
  const next = random(2);
  const pool = new Pool();
  const samples: BenchSample[] = [];
  for (let i = 0; i < 200_000; i++) {
    const isVideo = i % 2 === 0;
    const isKey = !isVideo || i % 120 === 0;
    const data = pool.take(200 + Math.floor(next() * 1300), isVideo, isKey);
    const own = isVideo ? data.slice() : data;
    samples.push({ isVideo, data: own, timestamp: Math.floor(i / 2) * 10_000, duration: 10_000, isKey });
  }
  return scenario("200 k samples of 200–1500 B", samples);
}
