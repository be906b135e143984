/**
 * What is muxed: the same samples in every run, made before the clock starts.
 *
 * @module
 */

/** The streams' numbers. */
export const VIDEO = 1;
export const AUDIO = 2;

/** One sample; `data` holds NAL units behind their lengths (video), or a raw frame (audio). */
export interface BenchSample {
  readonly streamNumber: typeof VIDEO | typeof AUDIO;
  readonly data: Uint8Array<ArrayBuffer>;
  /** Microseconds. */
  readonly timestamp: number;
  readonly duration: number;
  readonly type: "key" | "delta";
}

/** A presentation. */
export interface Scenario {
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

/** Arrays that are handed over again and again. With `isFresh` each is handed over once. */
class Payloads {
  readonly #isFresh: boolean;
  readonly #made = new Map<number, Uint8Array<ArrayBuffer>>();

  constructor(isFresh: boolean) {
    this.#isFresh = isFresh;
  }

  /** Number `index`; a picture begins with the length of its one slice. */
  take(index: number, isVideo: boolean, isKey: boolean, chooseSize: () => number): Uint8Array<ArrayBuffer> {
    const made = this.#made.get(index);
    if (made) return made;
    const byteLength = Math.floor(chooseSize());
    const data = new Uint8Array(byteLength).fill(0x5B);
    if (isVideo) {
      new DataView(data.buffer).setUint32(0, byteLength - 4);
      data[4] = isKey ? 0x65 : 0x41;
    }
    if (!this.#isFresh) this.#made.set(index, data);
    return data;
  }
}

function scenario(samples: BenchSample[]): Scenario {
  return { samples, byteLength: samples.reduce((sum, { data }) => sum + data.byteLength, 0) };
}

/** Pictures from one key frame to the next, and audio frames that differ. */
const GROUP_PICTURES = 60;
const AUDIO_FRAMES = 94;
const FRAME_US = 1024e6 / SAMPLE_RATE;

/**
 * About 5 Mbit/s: 30 pictures a second with a key frame every 2 s, and AAC. The arrays of 2 s, 1.3 MB, are used over and
 * over, so they are in the processor's caches as what an encoder has just made is; with `isFresh` each is used once.
 */
export function* audioVideoSamples(seconds: number, isFresh = false): Generator<BenchSample, void, undefined> {
  const next = random(1);
  const pictures = new Payloads(isFresh);
  const frames = new Payloads(isFresh);
  const pictureCount = 30 * seconds;
  const frameCount = Math.floor(seconds * SAMPLE_RATE / 1024);
  for (let picture = 0, frame = 0; picture < pictureCount || frame < frameCount;) {
    const pictureTime = Math.round(picture * 1e6 / 30);
    if (picture < pictureCount && (pictureTime <= frame * FRAME_US || frame === frameCount)) {
      const isKey = picture % GROUP_PICTURES === 0;
      const chooseSize = () => isKey ? 90_000 + next() * 60_000 : 8_000 + next() * 22_000;
      const data = pictures.take(picture++ % GROUP_PICTURES, true, isKey, chooseSize);
      const type = isKey ? "key" : "delta";
      yield { streamNumber: VIDEO, data, timestamp: pictureTime, duration: 33_333, type };
    } else {
      const data = frames.take(frame % AUDIO_FRAMES, false, true, () => 300 + next() * 100);
      const timestamp = Math.round(frame++ * FRAME_US);
      yield { streamNumber: AUDIO, data, timestamp, duration: 21_333, type: "key" };
    }
  }
}

/** All of {@linkcode audioVideoSamples}. */
export function audioVideo(seconds: number, isFresh = false): Scenario {
  return scenario([...audioVideoSamples(seconds, isFresh)]);
}

/** Of these every 120th is a key frame. */
const SMALL_ARRAYS = 960;

/** 100 000 samples of video and as many of audio, 200 to 1500 bytes each; 960 arrays, 0.8 MB, are used over and over. */
export function manySmall(): Scenario {
  const next = random(2);
  const payloads = new Payloads(false);
  const samples: BenchSample[] = [];
  for (let i = 0; i < 200_000; i++) {
    const isVideo = i % 2 === 0;
    const isKey = i % 120 === 0;
    samples.push({
      streamNumber: isVideo ? VIDEO : AUDIO,
      data: payloads.take(i % SMALL_ARRAYS, isVideo, isKey, () => 200 + next() * 1300),
      timestamp: Math.floor(i / 2) * 10_000,
      duration: 10_000,
      type: isVideo && !isKey ? "delta" : "key",
    });
  }
  return scenario(samples);
}
