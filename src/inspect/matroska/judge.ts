/**
 * Judges a Matroska or WebM file by all rules, in one pass.
 *
 * @module
 */

import { MuxError } from "../../errors.ts";
import type { Input } from "../byte_source.ts";
import type { Findings } from "../findings.ts";
import { ByteWindow } from "../byte_window.ts";
import { describeInfo, describeTracks, type EbmlHeader, type MatroskaTrack, type SegmentInfo } from "./description.ts";
import type { MatroskaElement } from "./element_tree.ts";
import { ID, nameOf } from "./elements.ts";
import { BlockRules } from "./rules/block_rules.ts";
import { checkEbml, VersionRules } from "./rules/header_rules.ts";
import { checkCues, checkSeeks, noteCues, noteSeeks } from "./rules/index_rules.ts";
import { MetadataRules } from "./rules/metadata_rules.ts";
import { checkTracks, checkValues, checkWebm } from "./rules/track_rules.ts";
import { Landmarks } from "./scan/landmarks.ts";
import { SegmentCursor, STEP } from "./segment_cursor.ts";

/** Notes what is wrong with a file. Answers how many blocks it has. */
export async function judgeMatroska(input: Input, findings: Findings): Promise<number> {
  const judge = new Judge(input, findings);
  try {
    return await judge.run();
  } catch (error) {
    if (!(error instanceof MuxError)) throw error;
    findings.error("K01", 0, error.message);
    return 0;
  }
}

class Judge {
  readonly #findings: Findings;
  readonly #window: ByteWindow;
  readonly #cursor: SegmentCursor;
  #ebml: EbmlHeader | undefined;
  #segment: SegmentJudge | undefined;
  #blockCount = 0;

  constructor(input: Input, findings: Findings) {
    this.#findings = findings;
    this.#window = new ByteWindow(input);
    this.#cursor = new SegmentCursor(this.#window, findings, { checksums: true });
  }

  async run(): Promise<number> {
    const cursor = this.#cursor;
    for (let step = cursor.step(); step !== STEP.end; step = cursor.step()) {
      switch (step) {
        case STEP.fill:
          await cursor.fill();
          break;
        case STEP.block:
          this.#blockCount++;
          this.#segment?.blocks().check(cursor.block, cursor.cluster);
          break;
        case STEP.cluster:
          this.#segment?.blocks().beginCluster();
          break;
        case STEP.clusterEnd:
          this.#segment?.blocks().endCluster(cursor.cluster, cursor.position);
          break;
        case STEP.segment:
          this.#endSegment();
          if (this.#ebml === undefined) {
            this.#findings.error("K01", cursor.segment.offset, "File: it must begin with an EBML header");
          }
          this.#segment = new SegmentJudge(cursor.position, cursor.segment.size < 0, this.#ebml, this.#findings);
          break;
        case STEP.element:
          await this.#takeElement();
      }
    }
    this.#endSegment();
    if (this.#ebml === undefined) this.#findings.error("K01", 0, "File: it must begin with an EBML header");
    else if (cursor.segment.id === 0) this.#findings.error("K04", 0, "File: it must have a Segment");
    this.#checkSize();
    return this.#blockCount;
  }

  async #takeElement(): Promise<void> {
    const { element } = this.#cursor;
    const { id, offset } = element;
    if (id === ID.Void || id === ID.CRC32) {
      this.#segment?.note(id, offset);
      return;
    }
    if (id === ID.EBML) {
      this.#endSegment();
      if (this.#ebml !== undefined) this.#findings.advise("K39", offset, "File: another recording begins here");
    }
    const tree = await this.#cursor.readElement();
    if (id === ID.EBML) {
      if (tree !== undefined) this.#ebml = checkEbml(tree, this.#findings);
    } else {
      this.#segment?.note(id, offset);
      if (tree !== undefined) this.#segment?.take(tree);
    }
  }

  #endSegment(): void {
    this.#segment?.finish(this.#cursor.cutAt >= 0);
    this.#segment = undefined;
  }

  #checkSize(): void {
    const { cutAt, segment } = this.#cursor;
    const { end } = this.#window;
    if (segment.end < Infinity && segment.id !== 0 && end < segment.end) {
      const wanted = segment.end;
      this.#findings.error("K06", segment.offset, `Segment: ${wanted} bytes are promised, ${end} are there`);
    } else if (cutAt >= 0) {
      this.#findings.error("K06", cutAt, "File: it ends inside of what begins here");
    }
  }
}

/** Judges one Segment as it comes. */
class SegmentJudge {
  readonly #findings: Findings;
  readonly #dataStart: number;
  readonly #isLive: boolean;
  readonly #isWebm: boolean;
  readonly #version: VersionRules | undefined;
  readonly #landmarks = new Landmarks();
  readonly #metadata: MetadataRules;
  #info: SegmentInfo | undefined;
  #tracks: MatroskaTrack[] | undefined;
  #blocks: BlockRules | undefined;
  readonly #seen = new Set<number>();

  constructor(dataStart: number, isLive: boolean, ebml: EbmlHeader | undefined, findings: Findings) {
    this.#dataStart = dataStart;
    this.#isLive = isLive;
    this.#isWebm = ebml?.docType === "webm";
    this.#version = ebml && new VersionRules(ebml, findings);
    this.#metadata = new MetadataRules(findings);
    this.#findings = findings;
  }

  /** The rules of blocks, which need the tracks. */
  blocks(): BlockRules {
    if (this.#blocks === undefined) {
      if (this.#tracks === undefined) {
        this.#findings.error("K10", this.#dataStart, "Segment: Tracks must come before Clusters");
      }
      if (this.#info === undefined) {
        this.#findings.error("K10", this.#dataStart, "Segment: Info must come before Clusters");
      }
      const scale = this.#info?.timestampScale ?? describeInfo(undefined).timestampScale;
      this.#blocks = new BlockRules(this.#tracks ?? [], scale, this.#dataStart, this.#landmarks, this.#findings);
    }
    return this.#blocks;
  }

  /** An element of the Segment stands here. */
  note(id: number, offset: number): void {
    this.#landmarks.elements.add(offset, id);
    if (this.#seen.has(id) && ONCE.includes(id)) {
      this.#findings.warn("K11", offset, `${nameOf(id)}: must stand in Segment once, this is another one`);
    }
    this.#seen.add(id);
  }

  /** Judges it, with what is inside of it. */
  take(tree: MatroskaElement): void {
    const findings = this.#findings;
    this.#version?.check(tree);
    checkValues(tree, findings);
    if (this.#isWebm) checkWebm(tree, findings);
    switch (tree.id) {
      case ID.SeekHead:
        return noteSeeks(tree, this.#landmarks);
      case ID.Cues:
        return noteCues(tree, this.#landmarks);
      case ID.Info:
        this.#info ??= describeInfo(tree);
        return;
      case ID.Tracks:
        if (this.#tracks !== undefined) return;
        this.#tracks = describeTracks(tree);
        return checkTracks(this.#tracks, tree, this.#isWebm, findings);
      case ID.Chapters:
        return this.#metadata.checkChapters(tree);
      case ID.Tags:
        return this.#metadata.checkTags(tree);
      case ID.Attachments:
        return this.#metadata.checkAttachments(tree);
    }
  }

  /** Judges what only its end tells. @param isCut What could be missing may have stood behind. */
  finish(isCut: boolean): void {
    const findings = this.#findings;
    const blocks = this.blocks();
    blocks.finish();
    if (blocks.simpleAt >= 0) this.#version?.checkName("SimpleBlock", blocks.simpleAt);
    if (this.#landmarks.clusters.count === 0) findings.warn("K10", this.#dataStart, "Segment: it has no Clusters");
    this.#checkDuration(blocks);
    if (isCut) return;
    const tracks = this.#tracks ?? [];
    checkSeeks(this.#landmarks, this.#dataStart, findings);
    checkCues(this.#landmarks, this.#dataStart, tracks, findings);
    this.#metadata.finish(tracks);
    if (this.#isLive || this.#landmarks.clusters.count === 0) return;
    if (!this.#seen.has(ID.Cues)) {
      findings.advise("K15", this.#dataStart, "Segment: it has no Cues: players seek slowly or not at all");
    }
    if (!this.#seen.has(ID.SeekHead)) {
      findings.advise("K15", this.#dataStart, "Segment: it has no SeekHead: players find Cues and Tags by chance");
    }
  }

  #checkDuration({ blockCount, end, firstStart, lastStart }: BlockRules): void {
    const duration = this.#info?.duration;
    const findings = this.#findings;
    if (blockCount === 0 || this.#info === undefined) return;
    if (duration === undefined) {
      if (!this.#isLive) findings.advise("K30", this.#dataStart, "Info: it says no Duration");
      return;
    }
    const second = 1e9 / this.#info.timestampScale;
    // Parts of a longer recording keep its times: their durations count from the first block.
    if (duration < lastStart - firstStart) {
      findings.warn("K30", this.#dataStart, `Duration: must reach the last block at ${lastStart}, got ${duration}`);
    } else if (duration > end + 2 * second && duration > 1.1 * end) {
      findings.warn(
        "K30",
        this.#dataStart,
        `Duration: must be about ${Math.round(end)}, where the last block ends; got ${duration}`,
      );
    }
  }
}

/** There is one of each, or copies of it. */
const ONCE: readonly number[] = [ID.Info, ID.Tracks, ID.Cues, ID.Attachments, ID.Chapters];
