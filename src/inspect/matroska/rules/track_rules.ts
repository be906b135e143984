/**
 * Rules about tracks: K13, K27, K31, K35, K40.
 *
 * @module
 */

import type { Findings } from "../../findings.ts";
import { type MatroskaTrack, TRACK_TYPE } from "../description.ts";
import type { MatroskaElement } from "../element_tree.ts";
import { ELEMENTS } from "../elements.ts";

/** Largest values, by element. */
const LIMITS: Readonly<Record<string, number>> = {
  FlagEnabled: 1,
  FlagDefault: 1,
  FlagForced: 1,
  FlagHearingImpaired: 1,
  FlagVisualImpaired: 1,
  FlagTextDescriptions: 1,
  FlagOriginal: 1,
  FlagCommentary: 1,
  FlagLacing: 1,
  FlagInterlaced: 2,
  StereoMode: 14,
  AlphaMode: 1,
  DisplayUnit: 4,
  ContentEncodingScope: 7,
  ContentEncodingType: 1,
  ContentCompAlgo: 3,
  ContentEncAlgo: 5,
  ProjectionType: 3,
  Range: 3,
  EditionFlagHidden: 1,
  EditionFlagDefault: 1,
  EditionFlagOrdered: 1,
  ChapterFlagHidden: 1,
  ChapterFlagEnabled: 1,
  TagDefault: 1,
};

/** Codecs whose decoders cannot begin without private data. */
const NEEDS_PRIVATE = [
  "V_MPEG4/ISO/AVC",
  "V_MPEGH/ISO/HEVC",
  "V_MS/VFW/FOURCC",
  "V_AV1",
  "V_THEORA",
  "A_VORBIS",
  "A_OPUS",
  "A_FLAC",
  "A_MS/ACM",
  "S_VOBSUB",
];

/** Chromium records these with their parameter sets in the stream alone, and common readers take that. */
const IN_BAND = ["V_MPEG4/ISO/AVC", "V_MPEGH/ISO/HEVC", "V_AV1"];
/** Readers begin without it as a rule. */
const SOFT = ["A_OPUS"];

/** What WebM holds. */
const WEBM_CODECS = [
  "V_VP8",
  "V_VP9",
  "V_AV1",
  "A_VORBIS",
  "A_OPUS",
  "D_WEBVTT/SUBTITLES",
  "D_WEBVTT/CAPTIONS",
  "D_WEBVTT/DESCRIPTIONS",
  "D_WEBVTT/METADATA",
];

/** Judges values of an element and of what is inside of it, which are the same everywhere. */
export function checkValues(element: MatroskaElement, findings: Findings): void {
  const { name, offset, value } = element;
  const limit = LIMITS[name];
  if (limit !== undefined && typeof value === "number" && value > limit) {
    findings.warn("K13", offset, `${name}: must be at most ${limit}, got ${value}`);
  }
  if (POSITIVE.includes(name) && !(typeof value === "number" && value > 0 && value < Infinity)) {
    findings.error("K13", offset, `${name}: must be above 0, got ${value}`);
  }
  for (const child of element.children) checkValues(child, findings);
}

const POSITIVE = ["Duration", "SamplingFrequency", "OutputSamplingFrequency", "TrackTimestampScale"];

/** Judges that a WebM file holds nothing but WebM: an element and what is inside of it. */
export function checkWebm(element: MatroskaElement, findings: Findings): void {
  const spec = ELEMENTS.get(element.id);
  if (spec !== undefined && !spec.isWebm) {
    // mkvmerge writes BCP 47 into WebM, too: FFmpeg and GStreamer pass it over, Chromium refuses it.
    const severity = spec.name.endsWith("BCP47") ? "I" : "W";
    findings.addOnce("K31", spec.id, element.offset, `${spec.name}: WebM has no such element`, severity);
    return;
  }
  for (const child of element.children) checkWebm(child, findings);
}

/** Judges the tracks of a file. */
export function checkTracks(
  tracks: readonly MatroskaTrack[],
  element: MatroskaElement,
  isWebm: boolean,
  findings: Findings,
): void {
  const numbers = new Set<number>();
  const uids = new Set<number | bigint>();
  for (const track of tracks) {
    const { codecId, number, offset, type, uid } = track;
    const what = `TrackEntry ${number}`;
    if (numbers.has(number)) findings.error("K27", offset, `${what}: its TrackNumber is another one's, too`);
    if (uids.has(uid)) findings.error("K27", offset, `${what}: its TrackUID ${uid} is another one's, too`);
    numbers.add(number);
    uids.add(uid);
    if (![1, 2, 3, 16, 17, 18, 32, 33].includes(type)) {
      findings.error("K13", offset, `${what}: TrackType ${type} is none`);
    }
    if (type === TRACK_TYPE.video && track.video === undefined) {
      findings.error("K10", offset, `${what}: a video track must have a Video element`);
    }
    if (type === TRACK_TYPE.audio && track.audio === undefined) {
      findings.error("K10", offset, `${what}: an audio track must have an Audio element`);
    }
    if (NEEDS_PRIVATE.includes(codecId) && track.codecPrivate === undefined) {
      const severity = IN_BAND.includes(codecId) ? "I" : SOFT.includes(codecId) ? "W" : "E";
      findings.add("K35", offset, `${what}: ${codecId} must have CodecPrivate`, severity);
    }
    if (isWebm && codecId !== "" && !WEBM_CODECS.includes(codecId)) {
      findings.error("K31", offset, `${what}: WebM holds no ${codecId}`);
    }
    checkOpus(track, what, findings);
    const [left, top, right, bottom] = track.video?.crop ?? [0, 0, 0, 0];
    if (
      track.video !== undefined && (left + right >= track.video.pixelWidth || top + bottom >= track.video.pixelHeight)
    ) {
      const { pixelHeight, pixelWidth } = track.video;
      if (pixelWidth > 0 && pixelHeight > 0) {
        findings.error("K13", offset, `${what}: cropping leaves nothing of its pictures`);
      }
    }
  }
  if (tracks.length === 0) findings.error("K10", element.offset, "Tracks: it must have a TrackEntry");
}

function checkOpus(track: MatroskaTrack, what: string, findings: Findings): void {
  const { codecDelay, codecId, codecPrivate, offset, seekPreRoll } = track;
  if (codecId !== "A_OPUS" || codecPrivate === undefined || codecPrivate.byteLength < 12) return;
  const preSkip = codecPrivate[10]! | codecPrivate[11]! << 8;
  const wanted = preSkip * 1e9 / 48_000;
  if (codecDelay === 0 && preSkip > 0) {
    findings.advise(
      "K40",
      offset,
      `${what}: CodecDelay should be ${Math.round(wanted)} ns, as the pre-skip says; it is 0`,
    );
  } else if (Math.abs(codecDelay - wanted) > MILLISECOND) {
    findings.warn(
      "K40",
      offset,
      `${what}: CodecDelay must be ${Math.round(wanted)} ns, as the pre-skip says; got ${codecDelay}`,
    );
  }
  if (seekPreRoll === 0) findings.advise("K40", offset, `${what}: SeekPreRoll of Opus should be 80000000 ns, it is 0`);
}

const MILLISECOND = 1e6;
