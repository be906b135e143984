/**
 * Gives a sound ASF file its indexes.
 *
 * @module
 */

import { indexSettings, specifiersOf } from "../../asf/indexes/options.ts";
import { NEAREST_DATA_PACKET } from "../../asf/objects/index_parameters.ts";
import { MuxError } from "../../errors.ts";
import { GUID } from "../../inspect/asf/guid.ts";
import type { AsfHeader } from "../../inspect/asf/header.ts";
import { announcedIndexes, type WantedIndexes } from "../../inspect/asf/scan/announced_indexes.ts";
import { withIndexParameters } from "./index_parameters.ts";
import { refuseNextFile } from "./next_file.ts";
import { planRepair } from "./plan.ts";
import { writeRepaired } from "./repair.ts";
import { checkInterval, INDEX, type IndexOptions, type IndexReport } from "../report.ts";
import { scanPackets } from "./scan.ts";
import { requireSoundHeader, withHeader } from "./target.ts";
import type { OpenedTarget } from "../target.ts";

/** Indexes an ASF file, as `index` says. */
export async function indexAsf(opened: OpenedTarget, options: IndexOptions): Promise<IndexReport> {
  const intervalMs = checkInterval(options.indexIntervalMs);
  return await withHeader(opened, { mode: "repair", force: options.force }, async (open) => {
    const announced = announcedIndexes(open.head.header);
    const asked = askedIndexes(open.head.header, options);
    const indexes = { ...announced, ...asked };
    const isNew = Object.keys(asked).length > 0;
    if (isNew) requireSoundHeader(open, INDEX);
    const head = isNew ? await withIndexParameters(open.head, open.dataHead, indexes) : undefined;
    const scan = await scanPackets(open.input, open.head, open.packetBytes, indexes);
    const plan = await planRepair(open, scan, { intervalMs, indexes, head });
    if (scan.lostBytes > 0 || scan.lostObjectCount > 0 || !plan.isUnchanged) {
      const found = scan.lostBytes + scan.lostObjectCount > 0
        ? `${scan.lostBytes} bytes hold no packet, incomplete samples: ${scan.lostObjectCount}`
        : "fields of its packets are wrong";
      throw new MuxError("bad-media", { action: INDEX, reason: `it must be repaired first, ${found}` });
    }
    await refuseNextFile(open, scan, INDEX);
    const wasRewritten = await writeRepaired(open, scan, plan);
    const { size, packetCount, simpleIndexes, blockIndexes } = plan;
    return {
      format: "asf",
      size,
      packetCount,
      indexCount: simpleIndexes.indexes.length,
      indexIntervalMs: simpleIndexes.intervalMs,
      otherIndexCount: blockIndexes.length,
      wasRewritten,
    };
  });
}

/** What the header is to announce of the kinds that are asked for. */
function askedIndexes({ streams }: AsfHeader, options: IndexOptions): WantedIndexes {
  const { timeIndexMs, sampleIndexInterval, timecodeIndex, points } = indexSettings(options, `Cannot ${INDEX}`);
  const specifiers = specifiersOf(streams.map(({ streamNumber }) => streamNumber), points);
  const coded = streams.filter(({ extended }) =>
    extended?.payloadExtensions.some(({ system }) => system === GUID.timecodeExtension)
  );
  if (timecodeIndex && coded.length === 0) {
    throw new MuxError("missing-description", { action: INDEX, reason: "no stream has time codes" });
  }
  const codePoints = points.filter((type) => type !== NEAREST_DATA_PACKET);
  const codeSpecifiers = specifiersOf(coded.map(({ streamNumber }) => streamNumber), codePoints);
  return {
    ...timeIndexMs === undefined ? {} : { time: { interval: timeIndexMs, specifiers } },
    ...sampleIndexInterval === undefined ? {} : { mediaObject: { interval: sampleIndexInterval, specifiers } },
    ...timecodeIndex ? { timecode: { interval: 1, specifiers: codeSpecifiers } } : {},
  };
}
