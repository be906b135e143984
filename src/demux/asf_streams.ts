/**
 * Streams of an ASF file as {@linkcode StreamConfig}.
 *
 * @module
 */

import type { AsfHeader, AsfStream } from "../inspect/header.ts";
import type { AudioStream, StreamConfig, VideoStream } from "../media/stream_config.ts";
import { displayAspect } from "./aspect.ts";

const NAMES: Readonly<Record<string, string>> = {
  "command": "script commands are not carried over",
  "jfif": "still pictures are not carried over",
  "degradable-jpeg": "still pictures are not carried over",
  "file-transfer": "files are not carried over",
  "binary": "binary data is not carried over",
};

/** Describes a stream; a string says why it cannot be carried. */
export function asfStreamConfig(stream: AsfStream, header: AsfHeader): StreamConfig | string {
  if (stream.isEncrypted) return "it is encrypted";
  if (stream.timeOffsetTicks !== 0) return `its times are shifted by ${stream.timeOffsetTicks / 10_000} ms`;
  if (stream.audio !== undefined) return audioConfig(stream);
  if (stream.video !== undefined) return videoConfig(stream, header);
  return NAMES[stream.kind] ?? "it is neither audio nor video";
}

function audioConfig(stream: AsfStream): AudioStream {
  const { formatTag, sampleRate, channelCount, bitsPerSample, blockBytes, bytesPerSecond, codecData } = stream.audio!;
  const config: AudioStream = {
    ...common(stream, codecData),
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
  const config: VideoStream = { ...common(stream, codecData), kind: "video", codec: fourCC, codedWidth, codedHeight };
  const bitrate = stream.extended?.bitsPerSecond || stream.bitsPerSecond;
  if (bitrate > 0) config.bitrate = bitrate;
  const frameTicks = stream.extended?.frameTicks ?? 0;
  if (frameTicks > 0) config.framerate = 1e7 / frameTicks;
  const x = pixelAspect(header, stream.streamNumber, "AspectRatioX");
  const y = pixelAspect(header, stream.streamNumber, "AspectRatioY");
  return Object.assign(config, displayAspect(codedWidth, codedHeight, x, y));
}

function common(
  stream: AsfStream,
  codecData: Uint8Array,
): Pick<StreamConfig, "streamNumber" | "description" | "language"> {
  const fields: Pick<StreamConfig, "streamNumber" | "description" | "language"> = { streamNumber: stream.streamNumber };
  if (codecData.byteLength > 0) fields.description = codecData.slice();
  if (stream.language) fields.language = stream.language;
  return fields;
}

/** Said of the stream, or of the file ([ASF] 4.7). */
function pixelAspect(header: AsfHeader, streamNumber: number, name: string): number {
  const found = header.attributes.filter((attribute) => attribute.name === name && typeof attribute.value === "number");
  const attribute = found.find((one) => one.streamNumber === streamNumber) ??
    found.find((one) => one.streamNumber === 0);
  return (attribute?.value as number | undefined) ?? 0;
}
