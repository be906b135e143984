/**
 * Profiles: what a file is to hold, and how, as a plain value that can be kept as JSON.
 *
 * @module
 */

import { MAX_DWORD } from "../bytes/limits.ts";
import type {
  AudioStream,
  BinaryStream,
  FileStream,
  ImageStream,
  ScriptStream,
  StreamConfig,
  StreamDemand,
  StreamName,
  VideoStream,
} from "../media/stream_config.ts";
import type { OwnPayloadExtension, PayloadExtension } from "../media/payload_extension.ts";
import type { IndexPoint } from "./indexes/options.ts";
import { asObject, bytes, either, flag, list, number, object, oneOf, type Shape, text, toJson } from "./json_shape.ts";
import type { AsfOptions } from "./options.ts";
import type { BandwidthSharing, MutualExclusion, StreamPriority } from "./relations.ts";

/** Kinds of streams that ASF holds. */
type HeldKind = Exclude<StreamConfig["kind"], "text">;

const MAX_STREAMS = 127;
/** Stream Properties have 32 bits for the codec's private data; nobody has ever seen as much as this. */
const MAX_DESCRIPTION_BYTES = 0x10_0000;
const MAX_TEXT = 65_535;
const MAX_EXTENSIONS = 7;

/** Options of {@linkcode asf} that belong to a kind of file, not to one file. */
export type ProfileOptions = Pick<
  AsfOptions,
  | "packetBytes"
  | "prerollMs"
  | "indexIntervalMs"
  | "timeIndexMs"
  | "sampleIndexInterval"
  | "timecodeIndex"
  | "indexPoints"
  | "headerReserveBytes"
  | "compressedPayloads"
  | "mutualExclusions"
  | "priorities"
  | "bandwidthSharing"
>;

/** What files of one kind have in common: `new Writer({ container: asf(profile.asf), streams: profile.streams, … })`. */
export interface Profile {
  /** What it is called. */
  name?: string;
  /** What it is for. */
  description?: string;
  /** The streams. */
  streams: StreamConfig[];
  /** Packets, indexes, and how streams stand to each other. */
  asf?: ProfileOptions;
}

/** A {@linkcode Profile} as JSON has it. */
export interface ProfileJson {
  /** Version of this form. */
  version: 1;
  /** What it is called. */
  name?: string;
  /** What it is for. */
  description?: string;
  /** The streams as they are, but bytes as base64 text. */
  streams: Record<string, unknown>[];
  /** Packets, indexes, and how streams stand to each other. */
  asf?: ProfileOptions;
}

/** Made when it is asked for, so that an application without profiles does not load it. */
function profileShape(): Shape<Profile & Pick<ProfileJson, "version">> {
  const streamNumber = number(1, MAX_STREAMS);
  const streamNumbers = list(streamNumber, MAX_STREAMS);
  const dword = number(1, MAX_DWORD);
  const pixels = number(1, MAX_DWORD);

  const guid = text(36);

  const isText = (value: unknown) => typeof value === "string";
  const isNumber = (value: unknown) => typeof value === "number";

  const payloadExtension: Shape<PayloadExtension> = either(
    isText,
    oneOf("timecode", "sampleDuration", "fileName", "contentType", "pixelAspectRatio"),
    object<Pick<OwnPayloadExtension, "guid" | "size">, Pick<OwnPayloadExtension, "info">>({
      guid,
      size: either<number, "variable">(isNumber, number(1, 223), oneOf("variable")),
    }, { info: bytes(65_535) }),
  );

  const COMMON = {
    streamNumber,
    language: text(MAX_TEXT),
    names: list<StreamName>(object({ name: text(MAX_TEXT) }, { language: text(MAX_TEXT) }), MAX_TEXT),
    description: bytes(MAX_DESCRIPTION_BYTES),
    bitrate: number(0, MAX_DWORD, false),
    demand: object<StreamDemand, object>(
      { bufferMs: dword, peakBitrate: dword, peakBufferMs: dword, maxSampleBytes: dword },
      {},
    ),
    payloadExtensions: list(payloadExtension, MAX_EXTENSIONS),
  };

  const CODED = { ...COMMON, codecName: text(MAX_TEXT), codecDescription: text(MAX_TEXT) };

  const videoStream: Shape<VideoStream> = object({ kind: oneOf("video"), codec: text(MAX_TEXT) }, {
    ...CODED,
    codedWidth: pixels,
    codedHeight: pixels,
    reorders: flag,
    displayAspectWidth: pixels,
    displayAspectHeight: pixels,
    framerate: number(Number.MIN_VALUE, MAX_DWORD, false),
  });

  const audioStream: Shape<AudioStream> = object({
    kind: oneOf("audio"),
    codec: either(isNumber, number(0, 0xffff), text(MAX_TEXT)),
    sampleRate: number(1, MAX_DWORD),
    numberOfChannels: number(1, 0xffff),
  }, {
    ...CODED,
    bitsPerSample: number(0, 0xffff),
    blockBytes: number(1, 0xffff),
  });

  const TYPED = { ...COMMON, subtype: guid, formatType: guid, sampleBytes: dword, temporalCompression: flag };

  const scriptStream: Shape<ScriptStream> = object({ kind: oneOf("script") }, COMMON);
  const imageStream: Shape<ImageStream> = object(
    { kind: oneOf("image"), codedWidth: pixels, codedHeight: pixels },
    { ...COMMON, codec: oneOf<"jfif" | "degradable-jpeg">("jfif", "degradable-jpeg") },
  );
  const fileStream: Shape<FileStream> = object({ kind: oneOf("file") }, TYPED);
  const binaryStream: Shape<BinaryStream> = object({ kind: oneOf("binary") }, { ...TYPED, majorType: guid });

  const STREAMS: { readonly [K in HeldKind]: Shape<StreamConfig> } = {
    video: videoStream,
    audio: audioStream,
    script: scriptStream,
    image: imageStream,
    file: fileStream,
    binary: binaryStream,
  };
  const kind = oneOf<HeldKind>("video", "audio", "script", "image", "file", "binary");

  const stream: Shape<StreamConfig> = (value, path) =>
    STREAMS[kind(asObject(value, path).kind, `${path}.kind`)](value, path);

  const options: Shape<ProfileOptions> = object({}, {
    packetBytes: number(100, 65_535),
    prerollMs: number(0, MAX_DWORD),
    indexIntervalMs: number(1, MAX_DWORD),
    timeIndexMs: number(1, MAX_DWORD),
    sampleIndexInterval: number(1, MAX_DWORD),
    timecodeIndex: flag,
    indexPoints: list(oneOf<IndexPoint>("key", "packet", "sample"), 3),
    headerReserveBytes: number(0, MAX_DWORD),
    compressedPayloads: flag,
    mutualExclusions: list<MutualExclusion>(
      object({ by: oneOf("language", "bitrate", "other") }, {
        streams: streamNumbers,
        groups: list(streamNumbers, MAX_STREAMS),
      }),
      MAX_TEXT,
    ),
    priorities: list<StreamPriority>(object({ streamNumber }, { mandatory: flag }), MAX_STREAMS),
    bandwidthSharing: list<BandwidthSharing>(
      object<BandwidthSharing, object>({
        kind: oneOf("exclusive", "partial"),
        streams: streamNumbers,
        bitrate: number(0, MAX_DWORD),
        bufferMs: number(0, MAX_DWORD),
      }, {}),
      MAX_TEXT,
    ),
  });

  return object(
    { version: oneOf(1), streams: list(stream, MAX_STREAMS) },
    { name: text(MAX_TEXT), description: text(MAX_TEXT), asf: options },
  );
}

/**
 * A profile as a value for `JSON.stringify`, which {@linkcode loadProfile} takes back.
 *
 * @example
 * ```ts
 * import { asf, bufferSink, loadProfile, saveProfile, Writer } from "@muxwell/muxwell";
 *
 * const text = JSON.stringify(saveProfile({
 *   name: "Radio log",
 *   streams: [{ kind: "audio", codec: "pcm-s16", sampleRate: 8000, numberOfChannels: 1, language: "en" }],
 *   asf: { packetBytes: 1600, prerollMs: 500 },
 * }));
 *
 * const { streams, asf: options } = loadProfile(JSON.parse(text));
 * await using writer = new Writer({ container: asf(options), sinks: [bufferSink()], streams });
 * ```
 *
 * @throws {TypeError} For what {@linkcode loadProfile} would not take, naming the path.
 * @throws {RangeError} Likewise.
 */
export function saveProfile(profile: Profile): ProfileJson {
  const json = toJson({ version: 1, ...profile }) as ProfileJson;
  checked("save", json);
  return json;
}

/**
 * A profile out of JSON that may come from anybody: every field is looked at, and none is taken that is not known. Whether
 * the streams suit a file is left to `beginWriting()`.
 *
 * @param json As `JSON.parse` gives it.
 * @throws {TypeError} For a value of the wrong type, or one that is missing, naming its path, as in
 * `Cannot load profile: streams[1].sampleRate must be a number, got string`.
 * @throws {RangeError} For a wrong value, or a field that is not known, naming its path.
 *
 * @example
 * ```ts
 * import { loadProfile } from "@muxwell/muxwell";
 *
 * const profile = loadProfile({
 *   version: 1,
 *   streams: [{ kind: "video", codec: "WMV3", codedWidth: 640, codedHeight: 480, description: "TiG8AA==" }],
 *   asf: { packetBytes: 1400 },
 * });
 * console.log(profile.streams[0]!.description); // Uint8Array(4) [ 78, 33, 188, 0 ]
 * ```
 */
export function loadProfile(json: unknown): Profile {
  const { version: _, ...loaded } = checked("load", json);
  return loaded;
}

function checked(verb: string, json: unknown): Profile & Pick<ProfileJson, "version"> {
  try {
    return profileShape()(json, "");
  } catch (error) {
    const { message } = error as Error;
    const text = `Cannot ${verb} profile: ${message}`;
    throw error instanceof TypeError ? new TypeError(text) : new RangeError(text);
  }
}
