/**
 * Rules about the EBML header: K01 to K03, K34.
 *
 * @module
 */

import type { Findings } from "../../findings.ts";
import { describeEbml, type EbmlHeader } from "../description.ts";
import type { MatroskaElement } from "../element_tree.ts";

/** Readers are made for version 4; there is none above. */
const MAX_READ_VERSION = 4;

/** Judges the header itself. */
export function checkEbml(element: MatroskaElement, findings: Findings): EbmlHeader {
  const ebml = describeEbml(element);
  const { offset } = element;
  if (ebml.readVersion !== 1) {
    findings.error("K02", offset, `EBML: EBMLReadVersion must be 1, got ${ebml.readVersion}`);
  }
  if (ebml.maxIdLength !== 4) findings.error("K02", offset, `EBML: EBMLMaxIDLength must be 4, got ${ebml.maxIdLength}`);
  if (ebml.maxSizeLength < 1 || ebml.maxSizeLength > 8) {
    findings.error("K34", offset, `EBML: EBMLMaxSizeLength must be from 1 to 8, got ${ebml.maxSizeLength}`);
  }
  if (ebml.docType !== "matroska" && ebml.docType !== "webm") {
    findings.error("K02", offset, `EBML: DocType must be matroska or webm, got ${JSON.stringify(ebml.docType)}`);
  }
  if (ebml.docTypeReadVersion > ebml.docTypeVersion) {
    const { docTypeReadVersion, docTypeVersion } = ebml;
    findings.error(
      "K03",
      offset,
      `EBML: DocTypeReadVersion must be at most DocTypeVersion (${docTypeVersion}), got ${docTypeReadVersion}`,
    );
  }
  if (ebml.docTypeReadVersion > MAX_READ_VERSION) {
    findings.warn("K03", offset, `EBML: DocTypeReadVersion ${ebml.docTypeReadVersion} is above what readers know`);
  }
  return ebml;
}

/** Elements that came with a version of Matroska, by the least DocTypeVersion. */
const SINCE: Readonly<Record<string, number>> = {
  SimpleBlock: 2,
  StereoMode: 3,
  AlphaMode: 3,
  ChapterStringUID: 3,
  CodecDelay: 4,
  SeekPreRoll: 4,
  DiscardPadding: 4,
  Colour: 4,
  Projection: 4,
  FieldOrder: 4,
  LanguageBCP47: 4,
  ChapLanguageBCP47: 4,
  TagLanguageBCP47: 4,
  CueRelativePosition: 4,
  CueDuration: 4,
  BlockAdditionMapping: 4,
  FlagHearingImpaired: 4,
  FlagVisualImpaired: 4,
  FlagTextDescriptions: 4,
  FlagOriginal: 4,
  FlagCommentary: 4,
};

/** Judges an element against the version that the header says. */
export class VersionRules {
  readonly #ebml: EbmlHeader;
  readonly #findings: Findings;

  constructor(ebml: EbmlHeader, findings: Findings) {
    this.#ebml = ebml;
    this.#findings = findings;
  }

  /** Judges an element and what is inside of it. */
  check(element: MatroskaElement): void {
    this.checkName(element.name, element.offset);
    for (const child of element.children) this.check(child);
  }

  /** Judges an element by its name. */
  checkName(name: string, offset: number): void {
    const since = SINCE[name];
    if (since === undefined || this.#ebml.docTypeVersion >= since) return;
    const message = `${name}: DocTypeVersion must be ${since} at least for it, got ${this.#ebml.docTypeVersion}`;
    // A block that an old reader does not know is lost; what is new beside it does no harm.
    this.#findings.addOnce("K03", since, offset, message, name === "SimpleBlock" ? "W" : "I");
  }
}
