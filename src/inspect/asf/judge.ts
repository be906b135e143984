/**
 * Judges an ASF file by all rules, in one pass.
 *
 * @module
 */

import { MuxError } from "../../errors.ts";
import type { Input } from "../byte_source.ts";
import type { Findings } from "../findings.ts";
import { GUID } from "./guid.ts";
import { type Head, readHead } from "./head.ts";
import { flatten } from "./objects/walk.ts";
import { PacketArea } from "./packet_blocks.ts";
import { checkAgainstPackets, checkFileProperties } from "./rules/file_rules.ts";
import { checkHeaderObject } from "./rules/header_rules.ts";
import { checkIndexes } from "./rules/index_rules.ts";
import { checkMarkerLayout, checkMarkers, markedPackets } from "./rules/marker_rules.ts";
import { checkObjects } from "./rules/object_rules.ts";
import { PacketRules } from "./rules/packet_rules.ts";
import { checkStreams } from "./rules/stream_rules.ts";
import { PacketStatistics } from "./scan/packet_statistics.ts";
import { readTrailer, sortIndexes } from "./trailer.ts";

/** Notes what is wrong with a file. Answers how many packets it has. */
export async function judge(input: Input, findings: Findings): Promise<number> {
  const head = await readHeadOrTell(input, findings);
  if (head === undefined) return 0;
  const { header, bytes, data } = head;
  checkHeaderObject(header.object, findings);
  checkStreams(header, bytes, findings);
  checkObjects(header, bytes, findings);
  checkMarkerLayout(header, bytes, findings);
  const properties = flatten(header.object).find(({ guid }) => guid === GUID.fileProperties);
  if (properties !== undefined) checkFileProperties(properties, header, data, findings);
  if (data === undefined) {
    if (head.isComplete) {
      findings.error("T02", header.size, "A Data Object must follow the Header Object, there is none");
    }
    return 0;
  }
  if (data.reserved !== 0x0101) {
    findings.warn(
      "D02",
      data.offset + 48,
      `Data Object: reserved field should be 0101, got ${data.reserved.toString(16)}`,
    );
  }
  if (data.size === 0 && header.fileProperties?.isBroadcast) {
    findings.warn("D01", data.offset + 16, "Data Object: size should be 50 while it is not known, got 0");
  }

  const area = new PacketArea(input, head, findings);
  if (area.packetBytes === 0) return 0;
  await area.settleEnd(head);
  const statistics = new PacketStatistics(header, area.packetBytes, markedPackets(header, data, area.packetBytes));
  const leastLeadMs = await judgePackets(area, head, statistics, findings);
  if (properties !== undefined) checkAgainstPackets(properties, data, statistics, leastLeadMs, findings);
  checkMarkers(header, data, statistics, findings);

  const end = area.end;
  const trailer = end === undefined ? [] : await readTrailer(input, end, findings);
  checkIndexes(header, sortIndexes(trailer, header), statistics, findings);
  checkFileSize(input, head, findings);
  return statistics.packetCount;
}

async function readHeadOrTell(input: Input, findings: Findings): Promise<Head | undefined> {
  try {
    const head = await readHead(input, findings);
    for (const issue of findings.report(0, undefined).issues) {
      if (issue.rule === "T02" && issue.guid === GUID.simpleIndex) {
        findings.error("T07", issue.offset, "Simple Index Object: must stand behind the Data Object");
      }
    }
    return head;
  } catch (error) {
    if (!(error instanceof MuxError)) throw error;
    findings.error(error.code === "too-large" ? "T04" : "T01", 0, error.message);
    return undefined;
  }
}

/** Answers the least distance from a packet's send time to the payload times in it. */
async function judgePackets(
  area: PacketArea,
  { header }: Head,
  statistics: PacketStatistics,
  findings: Findings,
): Promise<number> {
  const { packetBytes } = area;
  const rules = new PacketRules(header, statistics, findings);
  for await (const { bytes, offset, firstPacket } of area.blocks()) {
    for (let at = 0, number = firstPacket; at < bytes.byteLength; at += packetBytes, number++) {
      rules.check(bytes, at, at + packetBytes, number, offset + at);
    }
  }
  rules.finish();
  return rules.leastLeadMs;
}

function checkFileSize({ size }: Input, { header }: Head, findings: Findings): void {
  const properties = header.fileProperties;
  if (properties === undefined || properties.isBroadcast || size === undefined) return;
  if (properties.fileBytes === size) return;
  // Programs that change tags leave it as it was, and no reader minds.
  findings.warn(
    "T05",
    header.object.offset,
    `File Properties: file size must be ${size}, got ${properties.fileBytes}`,
  );
}
