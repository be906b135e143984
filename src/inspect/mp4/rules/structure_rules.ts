/**
 * Rules about which boxes there are: those that must be, and those that must be once ([ISO 14496-12] Table 1).
 *
 * @module
 */

import type { Findings } from "../../findings.ts";
import { childOf, childrenOf, type Mp4Box, numberIn, textIn } from "../box.ts";

/** What must be inside a box. */
const MANDATORY: Readonly<Record<string, readonly string[]>> = {
  moov: ["mvhd"],
  trak: ["tkhd", "mdia"],
  mdia: ["mdhd", "hdlr", "minf"],
  minf: ["stbl"],
  stbl: ["stsd", "stts", "stsc"],
  moof: ["mfhd"],
  traf: ["tfhd"],
};

/** What is there once at most. */
const ONCE: ReadonlySet<string> = new Set(
  ("mvhd mvex mehd tkhd mdia mdhd hdlr minf stbl stsd stts ctts cslg stsc stsz stz2 stco co64 stss stsh sdtp edts elst " +
    "mfhd tfhd tfdt vmhd smhd dinf dref").split(" "),
);

/** Checks a box at the top and all inside it. */
export function checkStructure(box: Mp4Box, findings: Findings): void {
  const seen = new Set<string>();
  for (const child of box.children) {
    if (ONCE.has(child.type) && box.type !== "udta" && seen.has(child.type)) {
      findings.error("M05", child.offset, `${box.type} box: must have one ${child.type} box, this is another`);
    }
    seen.add(child.type);
    checkStructure(child, findings);
  }
  for (const type of MANDATORY[box.type] ?? []) {
    if (!seen.has(type)) findings.error("M04", box.offset, `${box.type} box: must have a ${type} box, has none`);
  }
  if (box.type !== "stbl") return;
  if (!seen.has("stsz") && !seen.has("stz2")) {
    findings.error("M04", box.offset, "stbl box: must have a stsz or stz2 box, has none");
  }
  if (!seen.has("stco") && !seen.has("co64")) {
    findings.error("M04", box.offset, "stbl box: must have a stco or co64 box, has none");
  }
}

/** Brands that say which kinds of boxes may be needed, and what these are. */
const FRAGMENT_BRANDS: ReadonlySet<string> = new Set([
  "iso5",
  "iso6",
  "iso7",
  "iso8",
  "iso9",
  "cmfc",
  "cmf2",
  "dash",
  "msdh",
]);

/** Checks the File Type Box. */
export function checkFileType(box: Mp4Box | undefined, movie: Mp4Box, findings: Findings): void {
  if (box === undefined) {
    findings.advise("M07", 0, "A ftyp box should stand at the beginning, there is none: an old QuickTime file");
    return;
  }
  const major = textIn(box, "majorBrand");
  const brands = (box.fields.compatibleBrands ?? []) as readonly string[];
  const isQuickTime = major === "qt  ";
  if (!/^[\x20-\x7E]{4}$/.test(major)) {
    findings.error(
      "M07",
      box.offset + 8,
      `ftyp box: the major brand must be four characters, got ${JSON.stringify(major)}`,
    );
  } else if (!brands.includes(major)) {
    findings.advise("M07", box.offset, `ftyp box: the compatible brands should name the major brand ${major}, too`);
  }
  if (brands.length === 0 && !isQuickTime) {
    findings.warn("M07", box.offset, "ftyp box: must name compatible brands, has none");
  }
  const isFragmented = childOf(movie, "mvex") !== undefined;
  const version = [...brands, major].some((brand) => FRAGMENT_BRANDS.has(brand));
  if (
    isFragmented && !isQuickTime && brands.length > 0 && !version && !brands.includes("isom") &&
    !brands.includes("mp42")
  ) {
    findings.advise(
      "M07",
      box.offset,
      "ftyp box: should name a brand with fragments (iso5, iso6), as a mvex box is there",
    );
  }
}

/** Checks that sample entries, handlers and media headers speak of the same kind of media. */
export function checkMedia(track: Mp4Box, findings: Findings): void {
  const media = childOf(track, "mdia");
  const handler = childOf(media, "hdlr");
  const info = childOf(media, "minf");
  const handlerType = textIn(handler, "handlerType");
  const wanted = { vide: "vmhd", soun: "smhd" }[handlerType];
  for (const type of ["vmhd", "smhd"]) {
    const header = childOf(info, type);
    if (header !== undefined && wanted !== undefined && type !== wanted) {
      findings.error(
        "M18",
        header.offset,
        `minf box: must have a ${wanted} box for handler ${handlerType}, has a ${type} box`,
      );
    }
  }
  if (
    wanted !== undefined && info !== undefined && childOf(info, wanted) === undefined &&
    childOf(info, "gmhd") === undefined
  ) {
    findings.warn("M18", info.offset, `minf box: must have a ${wanted} box for handler ${handlerType}, has none`);
  }
  const description = childOf(info, "stbl", "stsd");
  const entries = description?.children ?? [];
  if (description !== undefined && numberIn(description, "entryCount") !== entries.length) {
    findings.error(
      "M13",
      description.offset,
      `stsd box: must have ${numberIn(description, "entryCount")} entries, has ${entries.length}`,
    );
  }
  for (const entry of entries) checkEntry(entry, handlerType, findings);
}

const VIDEO_ENTRIES = /^(avc[1-4]|hvc1|hev1|vp0[89]|av01|mp4v|jpeg|encv|dvh[1e])$/;
const AUDIO_ENTRIES = /^(mp4a|Opus|fLaC|[ae]c-3|alac|enca|twos|sowt|lpcm|ipcm|fpcm|samr|sawb)$/;

/** Boxes that a decoder cannot do without. */
const CONFIGURATIONS: Readonly<Record<string, string>> = {
  avc1: "avcC",
  avc3: "avcC",
  hvc1: "hvcC",
  hev1: "hvcC",
  av01: "av1C",
  vp09: "vpcC",
  Opus: "dOps",
  fLaC: "dfLa",
  "ac-3": "dac3",
  "ec-3": "dec3",
  alac: "alac",
};

function checkEntry(entry: Mp4Box, handlerType: string, findings: Findings): void {
  const { type, offset } = entry;
  const isWrong = handlerType === "vide" && AUDIO_ENTRIES.test(type) ||
    handlerType === "soun" && VIDEO_ENTRIES.test(type);
  if (isWrong) {
    findings.error("M18", offset, `stsd box: an entry ${type} must not stand under the handler ${handlerType}`);
    return;
  }
  const needed = CONFIGURATIONS[type];
  if (needed !== undefined && childOf(entry, needed) === undefined && childOf(entry, "wave", needed) === undefined) {
    findings.error("M28", offset, `${type} box: must have a ${needed} box, has none`);
  }
  if (type === "mp4a" && childOf(entry, "esds") === undefined && childOf(entry, "wave") === undefined) {
    findings.error("M28", offset, "mp4a box: must have an esds box, has none");
  }
  const avc = childOf(entry, "avcC");
  if (avc === undefined) return;
  const sets = (avc.fields.sequenceParameterSets ?? []) as readonly Uint8Array[];
  if (numberIn(avc, "configurationVersion") !== 1) {
    findings.error("M28", avc.offset, `avcC box: version must be 1, got ${numberIn(avc, "configurationVersion")}`);
  } else if (type === "avc1" && sets.length === 0) {
    findings.error("M28", avc.offset, "avcC box: must have a sequence parameter set where the entry is avc1, has none");
  } else if (sets.some((set) => (set[0]! & 31) !== 7)) {
    findings.error("M28", avc.offset, "avcC box: a sequence parameter set must be a unit of type 7");
  }
  const { lengthBytes } = avc.fields;
  if (lengthBytes === 3) findings.error("M28", avc.offset, "avcC box: lengths must have 1, 2 or 4 bytes, have 3");
}

/** Checks the numbers of tracks. */
export function checkTrackIds(movie: Mp4Box, findings: Findings): void {
  const seen = new Set<number>();
  let highest = 0;
  for (const track of childrenOf(movie, "trak")) {
    const header = childOf(track, "tkhd");
    if (header === undefined) continue;
    const trackId = numberIn(header, "trackId");
    if (trackId === 0) findings.error("M20", header.offset, "tkhd box: the track ID must not be 0");
    else if (seen.has(trackId)) {
      findings.error("M20", header.offset, `tkhd box: track ID ${trackId} is another track's, too`);
    }
    seen.add(trackId);
    highest = Math.max(highest, trackId);
  }
  const header = childOf(movie, "mvhd");
  const next = numberIn(header, "nextTrackId");
  if (header !== undefined && next !== 0xFFFF_FFFF && next <= highest) {
    findings.advise("M20", header.offset, `mvhd box: the next track ID should be above ${highest}, is ${next}`);
  }
  for (const extends_ of childrenOf(childOf(movie, "mvex"), "trex")) {
    const trackId = numberIn(extends_, "trackId");
    if (!seen.has(trackId)) findings.warn("M21", extends_.offset, `trex box: there is no track ${trackId}`);
    seen.delete(trackId);
  }
  if (childOf(movie, "mvex") === undefined) return;
  for (const trackId of seen) {
    findings.error("M21", movie.offset, `mvex box: must have a trex box for track ${trackId}`);
  }
}
