/**
 * Rules about the Header Object as a whole (H…). The reader itself tells H01, H02, H04, H06 and part of H03.
 *
 * @module
 */

import type { Findings } from "../../findings.ts";
import { GUID } from "../guid.ts";
import type { HeaderBody } from "../objects/layouts.ts";
import { type AsfObject, flatten } from "../objects/walk.ts";

/** At most one of each may be there, wherever it is ([ASF] 3). */
const SINGLE: readonly string[] = [
  GUID.codecList,
  GUID.scriptCommand,
  GUID.marker,
  GUID.errorCorrection,
  GUID.contentDescription,
  GUID.extendedContentDescription,
  GUID.streamBitrates,
  GUID.contentBranding,
  GUID.contentEncryption,
  GUID.extendedContentEncryption,
  GUID.digitalSignature,
];

/** These belong into the Header Extension ([ASF] 4). */
const EXTENSION_ONLY: ReadonlySet<string> = new Set([
  GUID.extendedStreamProperties,
  GUID.advancedMutualExclusion,
  GUID.groupMutualExclusion,
  GUID.streamPrioritization,
  GUID.bandwidthSharing,
  GUID.languageList,
  GUID.metadata,
  GUID.metadataLibrary,
  GUID.indexParameters,
  GUID.mediaObjectIndexParameters,
  GUID.timecodeIndexParameters,
  GUID.compatibility,
  GUID.advancedContentEncryption,
]);

/** Checks which objects there are and where. */
export function checkHeaderObject(header: AsfObject, findings: Findings): void {
  const { children, offset } = header;
  const { reserved1 } = header.fields as HeaderBody;
  if (reserved1 !== 1) {
    findings.warn("H03", offset + 28, `Header Object: first reserved byte should be 1, got ${reserved1}`);
  }
  const innerBytes = children.reduce((sum, { size }) => sum + size, 30);
  if (header.size !== innerBytes) {
    findings.error("H01", offset + 16, `Header Object: size must be ${innerBytes}, got ${header.size}`);
  }
  const all = flatten(header);
  const countOf = (guid: string) => all.filter((one) => one.guid === guid).length;
  const extensionCount = countOf(GUID.headerExtension);
  if (extensionCount !== 1) {
    findings.error("H05", offset, `Header Object: must hold 1 Header Extension Object, holds ${extensionCount}`);
  }
  for (const guid of SINGLE) {
    const [first, second] = all.filter((one) => one.guid === guid);
    if (second !== undefined) findings.warn("H08", second.offset, `${first!.name}: is there ${countOf(guid)} times`);
  }
  for (const child of children) {
    if (!EXTENSION_ONLY.has(child.guid)) continue;
    findings.warn("H09", child.offset, `${child.name}: belongs into the Header Extension Object`);
  }
  checkOrder(all, findings);
  if (countOf(GUID.codecList) === 0) findings.advise("H10", offset, "Header Object: has no Codec List Object");
  if (countOf(GUID.streamBitrates) === 0) {
    findings.advise("H10", offset, "Header Object: has no Stream Bitrate Properties Object");
  }
}

function checkOrder(all: readonly AsfObject[], findings: Findings): void {
  const stream = all.findIndex(({ guid }) => guid === GUID.streamProperties);
  const file = all.findIndex(({ guid }) => guid === GUID.fileProperties);
  if (stream < 0 || file < stream) return;
  findings.warn("H07", all[stream]!.offset, "Stream Properties Object: should stand behind File Properties");
}
