/**
 * Streams of an ASF file as {@linkcode StreamConfig}.
 *
 * @module
 */

import type { AsfHeader, AsfStream } from "../inspect/asf/header.ts";
import type {
  AudioStream,
  BinaryStream,
  CodedStreamBase,
  FileStream,
  ImageStream,
  StreamBase,
  StreamConfig,
  VideoStream,
} from "../media/stream_config.ts";
import { displayAspect } from "./aspect.ts";

const NO_GUID = "00000000-0000-0000-0000-000000000000";
const NO_BYTES = new Uint8Array();

/** What a writer takes of texts, in UTF-16 code units. */
const MAX_NAME_LENGTH = 32_766;
const MAX_CODEC_TEXT_LENGTH = 65_534;
const CODEC_TYPES = { video: 1, audio: 2 } as const;

/** Where interchange data begins in the type data of degradable JPEG, behind its size ([ASF] 9.4.2). */
const INTERCHANGE_AT = 16;

/** Describes a stream; a string says why it cannot be carried. */
export function asfStreamConfig(stream: AsfStream, header: AsfHeader): StreamConfig | string {
  if (stream.isEncrypted) return "it is encrypted";
  if (stream.timeOffsetTicks !== 0) return `its times are shifted by ${stream.timeOffsetTicks / 10_000} ms`;
  if (stream.audio !== undefined) return audioConfig(stream, header);
  if (stream.video !== undefined) return videoConfig(stream, header);
  switch (stream.kind) {
    case "command":
      return { ...common(stream, header, NO_BYTES), ...rate(stream), kind: "script" };
    case "jfif":
    case "degradable-jpeg":
      return imageConfig(stream, header, stream.kind);
    case "file-transfer":
    case "binary":
      return typedConfig(stream, header, stream.kind === "binary" ? "binary" : "file");
    default:
      return "its type is not known";
  }
}

function imageConfig(stream: AsfStream, header: AsfHeader, codec: "jfif" | "degradable-jpeg"): ImageStream {
  const { width, height } = stream.image!;
  const { typeData } = stream;
  const size = typeData.byteLength > INTERCHANGE_AT ? typeData[14]! | typeData[15]! << 8 : 0;
  const interchange = codec === "jfif" ? NO_BYTES : typeData.subarray(INTERCHANGE_AT, INTERCHANGE_AT + size);
  return {
    ...common(stream, header, interchange),
    ...rate(stream),
    kind: "image",
    codec,
    codedWidth: width,
    codedHeight: height,
  };
}

function typedConfig(stream: AsfStream, header: AsfHeader, kind: "file" | "binary"): FileStream | BinaryStream {
  const { majorType, subtype, formatType, fixedSizeSamples, sampleBytes, temporalCompression, formatData } = stream
    .mediaType!;
  const fields = {
    ...common(stream, header, formatData),
    ...rate(stream),
    ...known({ subtype, formatType }),
    ...fixedSizeSamples && sampleBytes > 0 ? { sampleBytes } : {},
    ...temporalCompression ? { temporalCompression } : {},
  };
  return kind === "file" ? { ...fields, kind } : { ...fields, ...known({ majorType }), kind };
}

/** GUIDs that say something. */
function known<T extends Record<string, string>>(guids: T): Partial<T> {
  return Object.fromEntries(Object.entries(guids).filter(([, guid]) => guid !== NO_GUID)) as Partial<T>;
}

function rate(stream: AsfStream): Pick<StreamBase, "bitrate"> {
  const bitrate = stream.extended?.bitsPerSecond || stream.bitsPerSecond;
  return bitrate > 0 ? { bitrate } : {};
}

function audioConfig(stream: AsfStream, header: AsfHeader): AudioStream {
  const { formatTag, sampleRate, channelCount, bitsPerSample, blockBytes, bytesPerSecond, codecData } = stream.audio!;
  const config: AudioStream = {
    ...common(stream, header, codecData),
    ...codecTexts(stream, header),
    kind: "audio",
    codec: formatTag,
    sampleRate,
    numberOfChannels: channelCount,
  };
  if (bitsPerSample > 0) config.bitsPerSample = bitsPerSample;
  if (blockBytes > 0) config.blockBytes = blockBytes;
  if (bytesPerSecond > 0) config.bitrate = 8 * bytesPerSecond;
  return config;
}

function videoConfig(stream: AsfStream, header: AsfHeader): VideoStream {
  const { width, height, infoWidth, infoHeight, fourCC, codecData } = stream.video!;
  const codedWidth = infoWidth || width;
  const codedHeight = Math.abs(infoHeight) || height;
  const config: VideoStream = {
    ...common(stream, header, codecData),
    ...codecTexts(stream, header),
    kind: "video",
    codec: fourCC,
    codedWidth,
    codedHeight,
  };
  Object.assign(config, rate(stream));
  const frameTicks = stream.extended?.frameTicks ?? 0;
  if (frameTicks > 0) config.framerate = 1e7 / frameTicks;
  const x = pixelAspect(header, stream.streamNumber, "AspectRatioX");
  const y = pixelAspect(header, stream.streamNumber, "AspectRatioY");
  return Object.assign(config, displayAspect(codedWidth, codedHeight, x, y));
}

function common(
  stream: AsfStream,
  { languages }: AsfHeader,
  codecData: Uint8Array,
): Pick<StreamBase, "streamNumber" | "description" | "language" | "names"> {
  const fields: ReturnType<typeof common> = { streamNumber: stream.streamNumber };
  if (codecData.byteLength > 0) fields.description = codecData.slice();
  if (stream.language) fields.language = stream.language;
  const names = (stream.extended?.names ?? []).filter(({ name }) => name !== "");
  if (names.length > 0) {
    fields.names = names.map(({ name, languageIndex }) => ({
      name: name.slice(0, MAX_NAME_LENGTH),
      ...languages[languageIndex] && { language: languages[languageIndex] },
    }));
  }
  return fields;
}

/** What the Codec List says. Nothing but type and order links its entries to streams. */
function codecTexts(stream: AsfStream, header: AsfHeader): Pick<CodedStreamBase, "codecName" | "codecDescription"> {
  const key = keyOf(stream);
  const entries = header.codecs.filter(({ type, info }) => `${type} ${latin1(info)}` === key);
  const alike = header.streams.filter((one) => keyOf(one) === key);
  const entry = entries.length === alike.length ? entries[alike.indexOf(stream)] : entries[0];
  const [codecName, codecDescription] = [entry?.name, entry?.description].map((text) =>
    text?.slice(0, MAX_CODEC_TEXT_LENGTH)
  );
  return { ...codecName && { codecName }, ...codecDescription && { codecDescription } };
}

/** Type and information that its entry of the Codec List should have. */
function keyOf({ audio, video }: AsfStream): string {
  if (video !== undefined) return `${CODEC_TYPES.video} ${video.fourCC}`;
  if (audio === undefined) return "";
  return `${CODEC_TYPES.audio} ${String.fromCharCode(audio.formatTag & 0xff, audio.formatTag >> 8)}`;
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.subarray(0, 4));
}

/** Said of the stream, or of the file ([ASF] 4.7). */
function pixelAspect(header: AsfHeader, streamNumber: number, name: string): number {
  const found = header.attributes.filter((attribute) => attribute.name === name && typeof attribute.value === "number");
  const attribute = found.find((one) => one.streamNumber === streamNumber) ??
    found.find((one) => one.streamNumber === 0);
  return (attribute?.value as number | undefined) ?? 0;
}
