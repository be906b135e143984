/**
 * Whole sessions, generated: streams, samples in the order in which a caller hands them over, and what the container is
 * told. Everything is drawn from plain records, so that a failing session shrinks to a small one.
 *
 * @module
 */

import fc from "./fast_check.ts";
import type { AsfOptions, AudioStream, Metadata, SessionOptions, StreamSample, VideoStream } from "../../mod.ts";

/** A stream whose number is settled. */
export type GeneratedStream = (VideoStream | AudioStream) & { streamNumber: number };

/** What goes into a session. */
export interface GeneratedSession {
  /** What the container is told; file ID and creation time are fixed. */
  options: AsfOptions & { packetBytes: number; prerollMs: number; indexIntervalMs: number };
  startTime: NonNullable<SessionOptions["startTime"]>;
  streams: GeneratedStream[];
  metadata: Metadata;
  /** In the order in which they are written; decode order within a stream. */
  samples: StreamSample[];
}

/** Limits of what is generated. */
export interface GenerateOptions {
  /** Samples a stream at most; default 40. */
  maxSamples?: number;
  /** Packets that a sample may fill, each as likely as the other; default mostly below one, some up to six. */
  packets?: readonly number[];
  /** Whether streams may give decode times; default true. */
  decodeTimes?: boolean;
}

/** Reproducible files. */
export const FIXED: Required<Pick<AsfOptions, "fileId" | "creationTime">> = {
  fileId: "12345678-9ABC-4DEF-8123-456789ABCDEF",
  creationTime: new Date("2022-06-18T04:26:40Z"),
};

/** Any session that a writer must take without a complaint. */
export function sessions(limits: GenerateOptions = {}): fc.Arbitrary<GeneratedSession> {
  return fc.record({
    container,
    startTime: fc.constantFrom("rebase-all", "rebase-all", "keep", "rebase-each"),
    /** Of all streams, µs: cameras count from whenever they were switched on. */
    epochUs: fc.constantFrom(0, 0, 1, 40_000, 86_400_000_000),
    streams: fc.uniqueArray(stream(limits), {
      minLength: 1,
      maxLength: 5,
      selector: ({ streamNumber }) => streamNumber,
    }),
    metadata,
  }).map(assemble);
}

// ── What is drawn ──

const container = fc.record({
  packetBytes: fc.oneof(
    fc.constantFrom(100, 101, 285, 286, 287, 288, 289, 300, 1450, 2048, 2049, 3200, 3200, 3200, 65_535),
    fc.integer({ min: 100, max: 6000 }),
  ),
  prerollMs: fc.oneof(fc.constantFrom(0, 1, 3000, 5000), fc.nat(5000)),
  indexIntervalMs: fc.oneof(fc.constantFrom(1, 7, 200, 200, 1000, 5000), fc.integer({ min: 1, max: 5000 })),
  headerReserveBytes: fc.constantFrom(0, 1, 24, 2048),
});

/** Words in several scripts, an astral one among them. */
const text = fc.array(fc.constantFrom("a", "Zoë", "Ω", "漢字", "🎬", " ", "&<>\"'", "x".repeat(300)), { maxLength: 4 })
  .map((parts) => parts.join(""));

const attribute = fc.oneof(
  text,
  fc.nat(0xffff_ffff),
  fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn }),
  fc.boolean(),
  fc.uint8Array({ maxLength: 60 }),
);

const metadata: fc.Arbitrary<Metadata> = fc.record({
  title: text,
  author: text,
  copyright: text,
  description: text,
  albumTitle: text,
  genre: text,
  year: text,
  trackNumber: fc.integer({ min: 1, max: 99 }),
  pictures: fc.array(
    fc.record({
      data: fc.constantFrom(1, 50, 5000).map((length) => noise(length, length)),
      mimeType: fc.constantFrom("image/jpeg", "image/png"),
    }),
    { maxLength: 2 },
  ),
  attributes: fc.dictionary(fc.constantFrom("WM/Publisher", "WM/Mood", "Ünïcode", "x", "__proto"), attribute),
}, { requiredKeys: [] });

/** How large a sample is: so many packets and so many bytes, or a few bytes. */
interface SizePlan {
  packets: number;
  off: number;
}

interface SamplePlan {
  size: SizePlan;
  /** Step to the next sample in presentation order, in steps of the stream's rhythm. */
  steps: number;
  jitterUs: number;
  isKey: boolean;
  duration: "none" | "null" | "step" | "zero";
}

interface StreamPlan {
  streamNumber: number;
  codec: "WMV1" | "WMV2" | "MP42" | "pcm-u8" | "pcm-s16" | "opaque";
  /** B-frames between two others; 0: the stream does not reorder. */
  bFrames: number;
  /** Whether decode times are given. */
  givesDecodeTimes: boolean;
  rhythmUs: number;
  startUs: number;
  /** How much later than its decode time the caller hands a sample over, against the other streams. */
  lagUs: number;
  language: string | undefined;
  bitrate: number | undefined;
  framerate: number | undefined;
  aspect: boolean;
  samples: SamplePlan[];
}

/** Most samples are smaller than a packet. */
const USUAL_PACKETS = [0, 0, 0, 0, 0, 1, 1, 1, 2, 6];

function stream({ maxSamples = 40, packets = USUAL_PACKETS, decodeTimes = true }: GenerateOptions) {
  const sample: fc.Arbitrary<SamplePlan> = fc.record({
    size: fc.oneof(
      fc.record({ packets: fc.constantFrom(...packets), off: fc.integer({ min: -3, max: 3 }) }),
      fc.record({ packets: fc.constantFrom(...packets), off: fc.integer({ min: -70, max: 1000 }) }),
    ),
    steps: fc.oneof(
      { weight: 12, arbitrary: fc.constant(1) },
      { weight: 1, arbitrary: fc.constantFrom(0, 2, 3) },
      { weight: 1, arbitrary: fc.constantFrom(0, 25, 200) },
    ),
    jitterUs: fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(9999) }),
    isKey: fc.integer({ min: 0, max: 7 }).map((n) => n === 0),
    duration: fc.constantFrom("none", "null", "step", "step", "zero"),
  });
  return fc.record<StreamPlan>({
    streamNumber: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 127 })),
    codec: fc.constantFrom("WMV1", "WMV2", "MP42", "pcm-u8", "pcm-s16", "opaque"),
    bFrames: fc.constantFrom(0, 0, 1, 2, 3),
    givesDecodeTimes: decodeTimes ? fc.boolean() : fc.constant(false),
    rhythmUs: fc.constantFrom(40_000, 33_366.666666666668, 1e6 / 24, 21_333, 500, 1, 250_000),
    startUs: fc.oneof(fc.constant(0), fc.constantFrom(1, 499, 500, 23_220, 1_276_000, 7_000_000)),
    lagUs: fc.oneof(fc.constant(0), fc.nat(400_000)),
    language: fc.constantFrom(undefined, undefined, "en-US", "de"),
    bitrate: fc.constantFrom(undefined, undefined, 1000, 64_000, 8_000_000),
    framerate: fc.constantFrom(undefined, 25, 29.97),
    aspect: fc.boolean(),
    samples: fc.array(sample, { minLength: 1, maxLength: maxSamples, size: "max" }),
  });
}

// ── From the draw to the session ──

type Draw = {
  container: GeneratedSession["options"];
  startTime: GeneratedSession["startTime"];
  epochUs: number;
  streams: StreamPlan[];
  metadata: Metadata;
};

function assemble(draw: Draw): GeneratedSession {
  const options = { ...draw.container, ...FIXED };
  const hasTiming = draw.streams.some((plan) => isVideo(plan) && plan.bFrames > 0);
  const capacity = options.packetBytes - 26 - (hasTiming ? 16 : 0);
  // Times that are kept must not be negative; a day before the first sample would only be a large index.
  const epochUs = draw.startTime === "keep" ? Math.min(draw.epochUs, 40_000) : draw.epochUs;
  const made = draw.streams.map((plan, i) => makeSamples(plan, epochUs, capacity, 1000 * i));
  const earliest = Math.min(...made.flat().map(({ sample }) => sample.decodeTimestamp ?? sample.timestamp));
  if (draw.startTime === "keep" && earliest < 0) {
    for (const { sample } of made.flat()) {
      sample.timestamp -= earliest;
      if (sample.decodeTimestamp !== undefined) sample.decodeTimestamp -= earliest;
    }
  }
  // Handed over by decode time and lag; a stable sort keeps each stream in its own order.
  const arrivals = made.flat().sort((a, b) => a.arrivalUs - b.arrivalUs);
  return shownShort({
    options,
    startTime: draw.startTime,
    streams: draw.streams.map(configure),
    metadata: draw.metadata,
    samples: arrivals.map(({ sample }) => sample),
  });
}

/** The same session, but a failure report shows it without its bytes. */
function shownShort(session: GeneratedSession): GeneratedSession {
  const lines = () => [
    JSON.stringify({ ...session.options, startTime: session.startTime }),
    ...session.streams.map((one) => JSON.stringify(one)),
    `metadata: ${Object.keys(session.metadata).join()}`,
    ...session.samples.map(({ streamNumber, data, type = "key", timestamp, decodeTimestamp, duration }) =>
      `${streamNumber} ${type} ${timestamp} µs, decode ${decodeTimestamp}, duration ${duration}: ${data.byteLength} bytes`
    ),
  ];
  return Object.defineProperty(session, fc.toStringMethod, { value: () => lines().join("\n") });
}

function isVideo({ codec }: StreamPlan): boolean {
  return codec === "WMV1" || codec === "WMV2" || codec === "MP42";
}

function configure(plan: StreamPlan): GeneratedStream {
  const { streamNumber, language, bitrate, codec } = plan;
  const common = { streamNumber, language, bitrate };
  switch (codec) {
    case "pcm-u8":
      return { ...common, kind: "audio", codec, sampleRate: 8000, numberOfChannels: 1 };
    case "pcm-s16":
      return { ...common, kind: "audio", codec, sampleRate: 44_100, numberOfChannels: 2 };
    case "opaque":
      return { ...common, kind: "audio", codec: 0x2001, sampleRate: 48_000, numberOfChannels: 6, blockBytes: 1 };
    default:
      return {
        ...common,
        kind: "video",
        codec,
        codedWidth: 320,
        codedHeight: 240,
        description: codec === "WMV2" ? new Uint8Array([1, 2, 3, 4]) : undefined,
        reorders: plan.bFrames > 0,
        framerate: plan.framerate,
        ...(plan.aspect ? { displayAspectWidth: 16, displayAspectHeight: 9 } : {}),
      };
  }
}

interface Arrival {
  sample: StreamSample;
  arrivalUs: number;
}

function makeSamples(plan: StreamPlan, epochUs: number, capacity: number, seed: number): Arrival[] {
  const isVideoStream = isVideo(plan);
  const blockBytes = plan.codec === "pcm-s16" ? 4 : 1;
  const start = epochUs + plan.startUs;
  // Decode times are differences: with whole numbers no rounding puts one behind its presentation time.
  const rhythmUs = plan.givesDecodeTimes ? Math.round(plan.rhythmUs) : plan.rhythmUs;
  let elapsed = 0;
  const shown = plan.samples.map((one, i) => {
    const stepUs = one.steps === 0 ? 0 : one.steps * rhythmUs + one.jitterUs;
    const bytes = Math.min(MAX_SAMPLE_BYTES, Math.max(1, one.size.packets * capacity + one.size.off));
    const sample: StreamSample = {
      streamNumber: plan.streamNumber,
      data: noise(Math.ceil(bytes / blockBytes) * blockBytes, seed + i),
      // In sixteenths: no fraction is rounded up to a tick, and that tick to a millisecond.
      timestamp: Math.round((start + elapsed) * 16) / 16,
    };
    if (isVideoStream) sample.type = i === 0 || one.isKey ? "key" : "delta";
    if (one.duration === "null") sample.duration = null;
    else if (one.duration === "step") sample.duration = stepUs;
    else if (one.duration === "zero") sample.duration = 0;
    elapsed += stepUs;
    return sample;
  });
  const reorders = isVideoStream && plan.bFrames > 0;
  const decoded = reorders ? reorder(shown, plan.bFrames) : shown;
  const times = plan.givesDecodeTimes || !reorders ? decodeTimes(decoded) : smallestOfLatest(decoded);
  return decoded.map((sample, i) => {
    if (plan.givesDecodeTimes) sample.decodeTimestamp = times[i]!;
    return { sample, arrivalUs: times[i]! + plan.lagUs };
  });
}

/** Decode order with so many B-frames between two others; with three, the middle one is a reference. */
function reorder(shown: readonly StreamSample[], bFrames: number): StreamSample[] {
  const decoded: StreamSample[] = [];
  for (let at = 0; at < shown.length;) {
    const left = shown.length - at;
    if (shown[at]!.type === "key" || left === 1) {
      decoded.push(shown[at++]!);
      continue;
    }
    // The group ends before the next key frame: nothing decoded behind a key frame is shown before it.
    const group = shown.slice(at, at + Math.min(left, bFrames + 1));
    const key = group.findIndex(({ type }) => type === "key");
    if (key >= 0) group.length = key;
    at += group.length;
    const last = group.pop()!;
    decoded.push(last, ...(group.length === 3 ? [group[1]!, group[0]!, group[2]!] : group));
  }
  return decoded;
}

/** Regular decode times: presentation times in ascending order, all shifted back by what the worst one needs. */
function decodeTimes(decoded: readonly StreamSample[]): number[] {
  const times = decoded.map(({ timestamp }) => timestamp).sort((a, b) => a - b);
  const shift = Math.max(0, ...decoded.map(({ timestamp }, i) => times[i]! - timestamp));
  return times.map((time) => time - shift);
}

/** Decode times as they can be told without looking ahead: no more than two samples overtake one. */
function smallestOfLatest(decoded: readonly StreamSample[]): number[] {
  let latest: number[] = [];
  return decoded.map(({ timestamp }) => {
    latest = [...latest, timestamp].sort((a, b) => a - b).slice(-3);
    return latest[0]!;
  });
}

/** Above the core's block size. */
const MAX_SAMPLE_BYTES = 400_000;

const NOISE = makeNoise(1 << 21);

function makeNoise(length: number): Uint8Array {
  const words = new Uint32Array(length / 4);
  let state = 0x9e37_79b9;
  for (let i = 0; i < words.length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[i] = state;
  }
  return new Uint8Array(words.buffer);
}

/** Bytes that differ from those of other seeds; a view of memory that all share and nobody writes to. */
export function noise(length: number, seed: number): Uint8Array {
  const room = NOISE.length - length;
  if (room <= 0) throw new RangeError(`Cannot make ${length} bytes: at most ${NOISE.length - 1} are there`);
  const start = Math.imul(seed + 1, 7919) >>> 0;
  return NOISE.subarray(start % room, start % room + length);
}
