/**
 * The type-specific data of streams that are neither video nor audio ([ASF] 9.3 to 9.5).
 *
 * ```text
 * script           nothing
 * JFIF             0 width u32 · 4 height u32 · 8 reserved u32
 * degradable JPEG  0 width u32 · 4 height u32 · 8 u16 0 · 10 u16 2 · 12 u16 4 · 14 interchange data size u16
 *                  16 interchange data, a byte if there is none
 * file, binary     0 major type GUID · 16 subtype GUID · 32 fixed-size samples u32 · 36 temporal compression u32
 *                  40 sample size u32 · 44 format type GUID · 60 format data size u32 · 64 format data
 * ```
 *
 * @module
 */

import { ByteWriter } from "../bytes/byte_writer.ts";
import type { DataDescription } from "../media/data_stream.ts";
import { type DataStream, isDataStream, type StreamConfig } from "../media/stream_config.ts";
import { guidBytes, isGuid } from "./guid.ts";
import * as GUID from "./guids.ts";

const NO_GUID = /* @__PURE__ */ new Uint8Array(16);

type TypedStream = DataStream & { kind: "file" | "binary" };

/** What is wrong with the GUIDs of a stream, one line each. */
export function checkGuids(stream: StreamConfig): string[] {
  if (!isDataStream(stream) || stream.kind !== "file" && stream.kind !== "binary") return [];
  const { subtype, formatType } = stream;
  const fields = { subtype, formatType, majorType: stream.kind === "binary" ? stream.majorType : undefined };
  return Object.entries(fields).flatMap(([name, guid]) =>
    guid === undefined || typeof guid === "string" && isGuid(guid) ? [] : [`${name} must be a GUID, got ${guid}`]
  );
}

/** The stream type. */
export function dataStreamType(stream: DataStream): Uint8Array {
  switch (stream.kind) {
    case "script":
      return GUID.commandMedia;
    case "image":
      return stream.codec === "degradable-jpeg" ? GUID.degradableJpegMedia : GUID.jfifMedia;
    case "file":
      return GUID.fileTransferMedia;
    case "binary":
      return GUID.binaryMedia;
  }
}

/** The stream's type-specific data. */
export function dataTypeData({ config, privateData }: DataDescription): Uint8Array<ArrayBuffer> {
  if (config.kind === "script") return new Uint8Array();
  if (config.kind !== "image") return mediaType(config, privateData);
  const isDegradable = config.codec === "degradable-jpeg";
  const w = new ByteWriter("little");
  w.u32(config.codedWidth);
  w.u32(config.codedHeight);
  if (!isDegradable) {
    w.u32(0);
    return w.toUint8Array();
  }
  for (const word of [0, 2, 4, privateData.byteLength]) w.u16(word);
  if (privateData.byteLength > 0) w.bytes(privateData);
  else w.u8(0);
  return w.toUint8Array();
}

function mediaType(config: TypedStream, format: Uint8Array): Uint8Array<ArrayBuffer> {
  const { subtype, formatType, sampleBytes, temporalCompression = false } = config;
  const majorType = config.kind === "binary" ? config.majorType : undefined;
  const w = new ByteWriter("little");
  w.bytes(majorType === undefined ? dataStreamType(config) : guidBytes(majorType));
  w.bytes(subtype === undefined ? NO_GUID : guidBytes(subtype));
  w.u32(Number(sampleBytes !== undefined));
  w.u32(Number(temporalCompression));
  w.u32(sampleBytes ?? 0);
  w.bytes(formatType === undefined ? NO_GUID : guidBytes(formatType));
  w.u32(format.byteLength);
  w.bytes(format);
  return w.toUint8Array();
}
