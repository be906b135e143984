/**
 * Rules about Stream Properties (S…). The reader itself tells S02.
 *
 * @module
 */

import { u16At, u32At } from "../../cursor.ts";
import type { Findings } from "../../findings.ts";
import { GUID, guidValueName } from "../guid.ts";
import type { AsfHeader, AsfStream } from "../header.ts";
import type { VideoFormat, WaveFormat } from "../objects/media_formats.ts";
import type { StreamProperties } from "../objects/stream_properties.ts";
import { type AsfObject, flatten } from "../objects/walk.ts";

const NO_ERROR_CORRECTION = "20FB5700-5B55-11CF-A8FD-00805F5C442B";
const ENCRYPTION: ReadonlySet<string> = new Set([
  GUID.contentEncryption,
  GUID.extendedContentEncryption,
  GUID.advancedContentEncryption,
]);

/** Layout of Stream Properties ([ASF] 3.3) from the start of the object. */
const TYPE_LENGTH_AT = 64;
const CORRECTION_LENGTH_AT = 68;
const RESERVED_AT = 74;
const TYPE_DATA_AT = 78;

const PCM = 0x0001;
const FLOAT = 0x0003;
const RAW_AAC = 0x00ff;

/** Whether a format tag is one of Windows Media Audio's, whose objects are blocks of one size. */
export function isWindowsMediaAudio(formatTag: number): boolean {
  return formatTag === 0x000a || formatTag >= 0x0160 && formatTag <= 0x0163;
}

/** Checks every Stream Properties Object. `bytes` is the header. */
export function checkStreams(header: AsfHeader, bytes: Uint8Array, findings: Findings): void {
  const all = flatten(header.object);
  const hasEncryption = all.some(({ guid }) => ENCRYPTION.has(guid));
  for (const object of all) {
    if (object.guid !== GUID.streamProperties) continue;
    const stream = object.fields as StreamProperties;
    checkLayout(object, stream, bytes, findings);
    if (stream.isEncrypted && !hasEncryption) {
      findings.warn("S04", object.offset + 72, `${nameOf(stream)}: is encrypted, and no object says how`);
    }
    if (stream.kind === "audio") checkAudio(object, stream, findings);
    else checkOther(object, stream, findings);
  }
  checkOffsets(header.streams, header.object.offset, findings);
}

function nameOf({ streamNumber }: StreamProperties): string {
  return `Stream ${streamNumber}`;
}

function checkLayout(object: AsfObject, stream: StreamProperties, bytes: Uint8Array, findings: Findings): void {
  const { offset, size } = object;
  const wanted = TYPE_DATA_AT + u32At(bytes, offset + TYPE_LENGTH_AT) + u32At(bytes, offset + CORRECTION_LENGTH_AT);
  if (size !== wanted) findings.error("S01", offset, `${nameOf(stream)}: object must be ${wanted} bytes, got ${size}`);
  if ((stream.flags & 0x7f80) !== 0) {
    findings.warn("S03", offset + 72, `${nameOf(stream)}: flag bits 7 to 14 should be 0`);
  }
  if (u32At(bytes, offset + RESERVED_AT) !== 0) {
    findings.advise("S03", offset + RESERVED_AT, `${nameOf(stream)}: reserved bytes should be 0`);
  }
}

function checkOffsets(streams: readonly AsfStream[], offset: number, findings: Findings): void {
  const offsets = new Set(streams.map(({ timeOffsetTicks }) => timeOffsetTicks));
  if (offsets.size > 1) findings.warn("S05", offset, `Streams: time offsets differ: ${[...offsets].join(", ")}`);
}

function checkAudio({ offset }: AsfObject, stream: StreamProperties, findings: Findings): void {
  const { audio, typeData } = stream;
  const name = nameOf(stream);
  const typeBytes = typeData.byteLength;
  if (stream.streamType === GUID.audioMedia) {
    if (typeBytes < 16) {
      findings.error("S06", offset, `${name}: audio format must be 18 bytes or more, got ${typeBytes}`);
    } else if (typeBytes < 18) findings.warn("S06", offset, `${name}: audio format without codec data size`);
    else checkWaveSize(offset, name, typeData, findings);
  }
  if (audio === undefined) return;
  checkWave(offset, name, audio, findings);
  checkSpread(offset, stream, audio, findings);
}

/** FFmpeg makes an odd size even, which no reader minds. */
function checkWaveSize(offset: number, name: string, typeData: Uint8Array, findings: Findings): void {
  const wanted = 18 + u16At(typeData, 16);
  const extra = typeData.byteLength - wanted;
  if (extra === 0) return;
  const message = `${name}: audio format must be ${wanted} bytes, got ${typeData.byteLength}`;
  findings.add("S06", offset, message, extra === 1 ? "W" : "E");
}

function checkWave(offset: number, name: string, audio: WaveFormat, findings: Findings): void {
  const { formatTag, channelCount, sampleRate, blockBytes, bytesPerSecond, bitsPerSample } = audio;
  for (const [what, value] of [["channels", channelCount], ["sample rate", sampleRate], ["block size", blockBytes]]) {
    if (value === 0) findings.error("S07", offset, `${name}: ${what} must not be 0`);
  }
  if (bytesPerSecond === 0) findings.warn("S07", offset, `${name}: byte rate should not be 0`);
  if (formatTag === PCM || formatTag === FLOAT) {
    const block = channelCount * Math.ceil(bitsPerSample / 8);
    if (blockBytes !== block) {
      findings.warn("S08", offset, `${name}: block should be ${block} bytes, got ${blockBytes}`);
    }
    const rate = sampleRate * blockBytes;
    if (bytesPerSecond !== rate) {
      findings.warn("S08", offset, `${name}: byte rate should be ${rate}, got ${bytesPerSecond}`);
    }
  }
  if (formatTag === RAW_AAC && audio.codecData.byteLength < 2) {
    findings.error("S13", offset, `${name}: raw AAC needs its AudioSpecificConfig as codec data`);
  }
}

function checkSpread(offset: number, stream: StreamProperties, audio: WaveFormat, findings: Findings): void {
  if (stream.errorCorrectionType !== GUID.audioSpread) return;
  const { errorCorrectionData: data, spread } = stream;
  const name = nameOf(stream);
  const silence = data.byteLength >= 7 ? u16At(data, 5) : 0;
  if (data.byteLength !== 7 + silence) {
    findings.warn("S09", offset, `${name}: audio spread data should be ${7 + silence} bytes, got ${data.byteLength}`);
  }
  if (spread !== undefined) {
    const { span, packetBytes, chunkBytes } = spread;
    const isImpossible = span === 0 || span > 1 && (chunkBytes === 0 || packetBytes % chunkBytes !== 0);
    if (isImpossible) {
      findings.warn("S09", offset, `${name}: audio spread of ${span} × ${packetBytes} in ${chunkBytes} is impossible`);
    }
  }
  if (!isWindowsMediaAudio(audio.formatTag)) {
    findings.warn("S10", offset, `${name}: audio spread is for Windows Media Audio only`);
  }
}

function checkOther({ offset }: AsfObject, stream: StreamProperties, findings: Findings): void {
  const name = nameOf(stream);
  if (stream.errorCorrectionType !== NO_ERROR_CORRECTION) {
    findings.warn("S15", offset, `${name}: should have no error correction`);
  }
  if (stream.kind === "file-transfer" || stream.kind === "degradable-jpeg" || stream.kind === "unknown") {
    const type = guidValueName(stream.streamType) ?? stream.streamType;
    findings.warn("S14", offset, `${name}: FFmpeg does not open files with a stream of type ${type}`);
  }
  if (stream.video !== undefined) checkVideo(offset, name, stream.video, stream.typeData.byteLength, findings);
}

function checkVideo(offset: number, name: string, video: VideoFormat, typeBytes: number, findings: Findings): void {
  const { formatBytes, infoBytes, fourCC, codecData } = video;
  const wrong = [
    [infoBytes < 40, `bitmap info must be 40 bytes or more, got ${infoBytes}`],
    [typeBytes !== 11 + formatBytes, `format must be ${11 + formatBytes} bytes, got ${typeBytes}`],
    [formatBytes !== infoBytes, `format of ${formatBytes} bytes holds a bitmap info of ${infoBytes}`],
  ] as const;
  for (const [isWrong, what] of wrong) if (isWrong) findings.error("S11", offset, `${name}: ${what}`);
  const odd = [
    [video.reservedFlags !== 2, `reserved flags should be 2, got ${video.reservedFlags}`],
    [video.planeCount !== 1, `planes should be 1, got ${video.planeCount}`],
    [
      video.width !== video.infoWidth || video.height !== Math.abs(video.infoHeight),
      `${video.width}×${video.height} and ${video.infoWidth}×${video.infoHeight} differ`,
    ],
  ] as const;
  for (const [isOdd, what] of odd) if (isOdd) findings.warn("S12", offset, `${name}: ${what}`);
  if (fourCC === "\\x00\\x00\\x00\\x00" && ![1, 4, 8, 16, 24, 32].includes(video.bitsPerPixel)) {
    findings.error("S13", offset, `${name}: uncompressed video of ${video.bitsPerPixel} bits is undefined`);
  }
  if ((fourCC === "WMV3" || fourCC === "WVC1") && codecData.byteLength === 0) {
    findings.error("S13", offset, `${name}: ${fourCC} needs codec data`);
  }
}
