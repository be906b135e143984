/**
 * Rules about File Properties (F…) and the Data Object's head, before and after the packets are known. The reader itself
 * tells F02 and part of F03.
 *
 * @module
 */

import type { Findings } from "../../findings.ts";
import { DATA_HEAD_BYTES, type DataObjectHead } from "../head.ts";
import type { AsfHeader } from "../header.ts";
import type { FileProperties } from "../objects/file_properties.ts";
import type { AsfObject } from "../objects/walk.ts";
import type { PacketStatistics } from "../scan/packet_statistics.ts";
import { FILETIME_OF_1970, TICKS_PER_MS } from "../ticks.ts";

const FILE_PROPERTIES_BYTES = 104;
const ZERO_GUID = "00000000-0000-0000-0000-000000000000";
const FILETIME_OF_2101 = 157_784_640_000_000_000n;
const UNKNOWN_RATE = 0xffff_ffff;
/** How far File Properties and the sum of the streams' rates may be apart. */
const RATE_TOLERANCE = 0.01;

/** What can be said before the packets are read. */
export function checkFileProperties(
  object: AsfObject,
  header: AsfHeader,
  data: DataObjectHead | undefined,
  findings: Findings,
): void {
  const properties = object.fields as FileProperties;
  const { offset, size } = object;
  const name = "File Properties";
  if (size !== FILE_PROPERTIES_BYTES) {
    const severity = size < FILE_PROPERTIES_BYTES ? "E" : "W";
    findings.add("F01", offset, `${name}: must be ${FILE_PROPERTIES_BYTES} bytes, got ${size}`, severity);
  }
  const { maxPacketBytes } = properties;
  if (maxPacketBytes < 100 || maxPacketBytes > 65_535) {
    findings.warn("F03", offset + 96, `${name}: packet size should be 100 to 65535, got ${maxPacketBytes}`);
  }
  // Windows' broadcasts have bit 3.
  if ((properties.flags & ~(properties.isBroadcast ? 0xb : 3)) !== 0) {
    findings.warn("F11", offset + 88, `${name}: flag bits 2 to 31 should be 0`);
  }
  checkIdentity(offset, properties, data, findings);
  checkRate(offset, properties, header, findings);
  if (!properties.isBroadcast && data !== undefined) checkCounts(offset, properties, data, findings);
}

function checkIdentity(
  offset: number,
  { fileId, creationTicks, isBroadcast }: FileProperties,
  data: DataObjectHead | undefined,
  findings: Findings,
): void {
  if (data !== undefined && data.fileId !== fileId) {
    findings.warn("F06", data.offset + 24, `Data Object: file ID should be ${fileId}, got ${data.fileId}`);
  }
  if (fileId === ZERO_GUID) findings.advise("F06", offset + 24, "File Properties: file ID is all zero");
  if (isBroadcast) return;
  if (creationTicks === 0n || creationTicks >= FILETIME_OF_2101) {
    findings.warn("F15", offset + 48, "File Properties: creation date is not set, or after the year 2100");
  } else if (creationTicks === FILETIME_OF_1970) {
    findings.advise("F15", offset + 48, "File Properties: creation date is the zero of other clocks, 1970");
  }
}

function checkRate(offset: number, { maxBitsPerSecond }: FileProperties, header: AsfHeader, findings: Findings): void {
  const sum = header.streams.reduce((total, { isHidden, bitsPerSecond }) => total + (isHidden ? 0 : bitsPerSecond), 0);
  if (maxBitsPerSecond === 0 || maxBitsPerSecond === UNKNOWN_RATE) {
    findings.warn("F14", offset + 100, `File Properties: maximum bit rate should be known, got ${maxBitsPerSecond}`);
  } else if (sum > 0 && Math.abs(Math.min(sum, UNKNOWN_RATE) - maxBitsPerSecond) > RATE_TOLERANCE * sum) {
    const message =
      `File Properties: maximum bit rate should be ${sum}, the sum of the streams', got ${maxBitsPerSecond}`;
    findings.warn("F14", offset + 100, message);
  } else if (maxBitsPerSecond < 100) {
    findings.warn("F14", offset + 100, `File Properties: maximum bit rate of ${maxBitsPerSecond} cannot be`);
  }
}

function checkCounts(offset: number, properties: FileProperties, data: DataObjectHead, findings: Findings): void {
  const { packetCount, maxPacketBytes } = properties;
  if (packetCount !== data.packetCount) {
    findings.error(
      "F04",
      offset + 56,
      `File Properties: ${packetCount} packets, the Data Object has ${data.packetCount}`,
    );
  }
  const inSize = (data.size - DATA_HEAD_BYTES) / maxPacketBytes;
  if (!Number.isInteger(inSize) || inSize < 0) {
    const message =
      `Data Object: size must be ${DATA_HEAD_BYTES} and whole packets of ${maxPacketBytes}, got ${data.size}`;
    findings.error("D01", data.offset + 16, message);
  } else if (inSize !== packetCount) {
    findings.error(
      "F05",
      offset + 56,
      `File Properties: ${packetCount} packets, the Data Object's size holds ${inSize}`,
    );
  }
}

/**
 * What can be said once the packets are known.
 *
 * @param leastLeadMs Least distance from a packet's send time to the payload times in it.
 */
export function checkAgainstPackets(
  object: AsfObject,
  data: DataObjectHead,
  statistics: PacketStatistics,
  leastLeadMs: number,
  findings: Findings,
): void {
  const properties = object.fields as FileProperties;
  const { offset } = object;
  const { prerollMs, isBroadcast } = properties;
  const { packetCount } = statistics;
  const playMs = properties.playDurationTicks / TICKS_PER_MS;
  if (leastLeadMs === 0 && prerollMs === 0) {
    findings.advise("F16", offset + 80, "File Properties: without preroll, media is due when it is sent");
  }
  if (isBroadcast) return;
  if (
    packetCount !== properties.packetCount && packetCount !== (data.size - DATA_HEAD_BYTES) / statistics.packetBytes
  ) {
    findings.error("F05", offset + 56, `File Properties: ${properties.packetCount} packets, ${packetCount} were found`);
  }
  if (packetCount === 0) return;
  if (playMs < prerollMs) {
    findings.error(
      "F07",
      offset + 64,
      `File Properties: play duration of ${playMs} ms is below the preroll, ${prerollMs} ms`,
    );
  } else if (prerollMs > playMs - prerollMs) {
    findings.advise("F16", offset + 80, `File Properties: preroll of ${prerollMs} ms exceeds the media`);
  }
  const { lastMs, endMs } = statistics;
  if (playMs < lastMs - 1) {
    findings.warn("F08", offset + 64, `File Properties: play duration ends before ${lastMs} ms, got ${playMs}`);
  } else if (endMs > lastMs && playMs > 2 * endMs - lastMs + 1) {
    // Of a still picture encoders send nothing more; a reader that seeks there gets the last one.
    const message = `File Properties: play duration of ${playMs} ms, the last object ends at ${Math.round(endMs)} ms`;
    findings.advise("F08", offset + 64, message);
  }
  const sendMs = properties.sendDurationTicks / TICKS_PER_MS;
  if (sendMs < statistics.lastSendMs) {
    findings.warn(
      "F09",
      offset + 72,
      `File Properties: send duration of ${sendMs} ms ends before ${statistics.lastSendMs} ms`,
    );
  }
}
