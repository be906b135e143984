/**
 * Reads Matroska and WebM: what the file says of itself, then its blocks.
 *
 * @module
 */

import { MuxError } from "../../errors.ts";
import type { Input } from "../byte_source.ts";
import { ProblemList } from "../problems.ts";
import { ByteWindow } from "../byte_window.ts";
import {
  describeAttachments,
  describeChapters,
  describeEbml,
  describeInfo,
  describeTags,
  describeTracks,
  type EbmlHeader,
  type MatroskaAttachment,
  type MatroskaEdition,
  type MatroskaTag,
  type MatroskaTrack,
  type SegmentInfo,
} from "./description.ts";
import { bytesIn, childrenOf, type MatroskaElement, numberIn } from "./element_tree.ts";
import { ID, isTopLevel } from "./elements.ts";
import { type CursorOptions, SegmentCursor, STEP } from "./segment_cursor.ts";
import { idAt, sizeAt, uintAt, UNKNOWN_SIZE, vintBytes } from "./vint.ts";

/** What the elements of one recording say, beside its Clusters. */
export interface Recording {
  ebml?: EbmlHeader;
  info: SegmentInfo;
  tracks: MatroskaTrack[];
  editions: MatroskaEdition[];
  tags: MatroskaTag[];
  attachments: MatroskaAttachment[];
  /** Offset in the file from which positions count. */
  dataStart: number;
  /** Whether there is a Cluster. */
  hasClusters: boolean;
  /** Offset in the file of the first Cluster; -1: there is none. */
  clusterStart: number;
  /** Offset in the file of the Cues, where SeekHead names them; -1: it does not. */
  cuesOffset: number;
}

/** A place that Cues lead to. */
export interface CuePlace {
  /** Ticks of the Segment. */
  readonly timestamp: number;
  readonly track: number;
  /** Offset in the file of a Cluster. */
  readonly offset: number;
}

/** So much of a Cluster is looked at for its time. */
const CLUSTER_HEAD_BYTES = 64;

/** A file holds a few at most; a hostile one points round in circles. */
const MAX_SEEK_COUNT = 200;

/** One file, or several behind each other. */
export class MatroskaReader {
  /** Where in the file the walk is. */
  readonly cursor: SegmentCursor;
  /** What was noticed so far. */
  readonly problems: ProblemList;
  readonly #input: Input;
  readonly #window: ByteWindow;
  /** Offsets of the elements that were read out of turn. */
  readonly #known = new Set<number>();

  constructor(input: Input, problems: ProblemList = new ProblemList(), options?: CursorOptions) {
    this.#input = input;
    this.problems = problems;
    this.#window = new ByteWindow(input);
    this.cursor = new SegmentCursor(this.#window, problems, options);
  }

  /** Bytes of the input, where that is known. */
  get size(): number | undefined {
    return this.#input.size ?? (this.#window.end < Infinity ? this.#window.end : undefined);
  }

  /** Where the input was found to end; Infinity: not yet. */
  get end(): number {
    return this.#window.end;
  }

  /** Whether the element the walk is at has been read before, out of turn. */
  get isKnown(): boolean {
    return this.#known.has(this.cursor.element.offset);
  }

  /**
   * Reads up to the first Cluster, and what SeekHead names behind it where the input can be sought. The walk stands before
   * the first block then.
   *
   * @param before The recording before, where the walk has found the EBML header or the Segment of another one already.
   * @throws {MuxError} `bad-media` when there is no EBML header, or it says that this is no Matroska.
   */
  async readHead(before?: Recording): Promise<Recording> {
    const { cursor } = this;
    const recording: Recording = {
      info: describeInfo(undefined),
      tracks: [],
      editions: [],
      tags: [],
      attachments: [],
      dataStart: cursor.position,
      hasClusters: false,
      clusterStart: -1,
      cuesOffset: -1,
    };
    const seeks: number[] = [];
    if (before !== undefined) recording.ebml = before.ebml;
    for (;;) {
      const step = cursor.step();
      if (step === STEP.fill) {
        await cursor.fill();
        if (recording.ebml === undefined) this.#checkBeginning();
      } else if (step === STEP.segment) {
        recording.dataStart = cursor.position;
      } else if (step === STEP.element) {
        await this.#take(recording, seeks);
      } else if (step === STEP.cluster || step === STEP.end) {
        recording.hasClusters = step === STEP.cluster;
        if (recording.hasClusters) recording.clusterStart = cursor.cluster.offset;
        break;
      }
    }
    if (recording.ebml === undefined) throw noMatroska("it has no EBML header");
    if (this.#input.canSeek) await this.#followSeeks(recording, seeks);
    return recording;
  }

  /** Where Cues lead to, as they say; nothing where there are none. All views die. */
  async cues({ cuesOffset, dataStart }: Recording): Promise<CuePlace[]> {
    const place = cuesOffset < 0 ? undefined : await this.cursor.placeAt(cuesOffset);
    const cues = place?.id === ID.Cues ? await this.cursor.readElement(place) : undefined;
    const places: CuePlace[] = [];
    for (const point of cues === undefined ? [] : childrenOf(cues, "CuePoint")) {
      const timestamp = numberIn(point, "CueTime");
      for (const positions of childrenOf(point, "CueTrackPositions")) {
        const track = numberIn(positions, "CueTrack");
        const position = numberIn(positions, "CueClusterPosition");
        if (timestamp === undefined || track === undefined || position === undefined) continue;
        places.push({ timestamp, track, offset: dataStart + position });
      }
    }
    return places;
  }

  /**
   * Offset of the last Cluster that says a time at or before one, ticks of the Segment; the first one where there is none.
   * It is found by the Clusters' sizes, their content apart. All views die.
   */
  async clusterBefore(ticks: number, { clusterStart }: Recording): Promise<number> {
    let found = clusterStart;
    for (let offset = clusterStart;;) {
      const bytes = (await this.#input.read(offset, CLUSTER_HEAD_BYTES)).slice();
      const head = headerIn(bytes, 0);
      if (head === undefined || head.size === UNKNOWN_SIZE) return found;
      if (head.id === ID.Cluster) {
        const timestamp = timestampIn(bytes, head.start);
        if (timestamp === undefined || timestamp > ticks) return found;
        found = offset;
      } else if (!isTopLevel(head.id) && head.id !== ID.Void) return found;
      offset += head.start + head.size;
    }
  }

  #checkBeginning(): void {
    const { bytes, base } = this.#window;
    if (base > 0) return;
    const wanted = [0x1A, 0x45, 0xDF, 0xA3];
    if (wanted.some((byte, i) => bytes[i] !== byte)) throw noMatroska("it has no EBML header");
  }

  async #take(recording: Recording, seeks: number[]): Promise<void> {
    const { element } = this.cursor;
    switch (element.id) {
      case ID.EBML:
      case ID.SeekHead:
      case ID.Info:
      case ID.Tracks:
      case ID.Attachments:
      case ID.Chapters:
      case ID.Tags:
        break;
      default:
        return;
    }
    this.#known.add(element.offset);
    const tree = await this.cursor.readElement();
    if (tree !== undefined) describeInto(recording, tree, seeks);
  }

  /** Reads what SeekHeads lead to, and what stands right behind that. */
  async #followSeeks(recording: Recording, seeks: number[]): Promise<void> {
    const { cursor } = this;
    const visited = new Set<number>();
    let count = 0;
    for (const position of seeks) { // grows on the way
      let offset = recording.dataStart + position;
      while (count++ < MAX_SEEK_COUNT && Number.isSafeInteger(offset) && !visited.has(offset)) {
        visited.add(offset);
        const place = await cursor.placeAt(offset);
        if (place === undefined || place.end === Infinity) break;
        if (!SOUGHT.includes(place.id) && place.id !== ID.Void) break;
        if (place.id === ID.Cues) recording.cuesOffset = offset;
        if (place.id !== ID.Void && place.id !== ID.Cues && !this.#known.has(offset)) {
          this.#known.add(offset);
          const tree = await cursor.readElement(place);
          if (tree !== undefined) describeInto(recording, tree, seeks);
        }
        offset = place.end;
      }
    }
  }

  /** Gives the input up. */
  close(): Promise<void> {
    return this.#input.close();
  }
}

/** What is worth a seek; Cues, which are not read, show the way to what is behind them. */
const SOUGHT: readonly number[] = [ID.SeekHead, ID.Info, ID.Tracks, ID.Attachments, ID.Chapters, ID.Tags, ID.Cues];

function describeInto(recording: Recording, tree: MatroskaElement, seeks: number[]): void {
  switch (tree.id) {
    case ID.EBML: {
      const ebml = recording.ebml = describeEbml(tree);
      if (ebml.docType !== "matroska" && ebml.docType !== "webm") {
        throw noMatroska(`its DocType is ${JSON.stringify(ebml.docType)}`);
      }
      break;
    }
    case ID.SeekHead:
      seeks.push(...seekPositions(tree));
      break;
    case ID.Info:
      recording.info = describeInfo(tree);
      break;
    case ID.Tracks:
      if (recording.tracks.length === 0) recording.tracks = describeTracks(tree);
      break;
    case ID.Chapters:
      recording.editions.push(...describeChapters(tree));
      break;
    case ID.Tags:
      recording.tags.push(...describeTags(tree));
      break;
    case ID.Attachments:
      recording.attachments.push(...describeAttachments(tree));
      break;
  }
}

function seekPositions(seekHead: MatroskaElement): number[] {
  const positions: number[] = [];
  for (const seek of childrenOf(seekHead, "Seek")) {
    const id = bytesIn(seek, "SeekID");
    const position = numberIn(seek, "SeekPosition");
    if (id === undefined || position === undefined || id.byteLength > 4) continue;
    if (SOUGHT.includes(uintAt(id, 0, id.byteLength))) positions.push(position);
  }
  return positions;
}

/** The ID and size at an index, and where its content begins; undefined where they are not there. */
function headerIn(bytes: Uint8Array, at: number): { id: number; size: number; start: number } | undefined {
  const idBytes = vintBytes(bytes[at] ?? 0);
  const sizeBytes = vintBytes(bytes[at + idBytes] ?? 0);
  const start = at + idBytes + sizeBytes;
  if (idBytes > 4 || sizeBytes > 8 || start > bytes.byteLength) return undefined;
  return { id: idAt(bytes, at, idBytes), size: sizeAt(bytes, at + idBytes, sizeBytes), start };
}

/** The time that a Cluster says, whose content begins at an index; undefined: not among its first elements. */
function timestampIn(bytes: Uint8Array, at: number): number | undefined {
  for (let head = headerIn(bytes, at); head !== undefined && head.size >= 0; head = headerIn(bytes, at)) {
    const end = head.start + head.size;
    if (end > bytes.byteLength) return undefined;
    if (head.id === ID.Timestamp) return head.size <= 8 ? uintAt(bytes, head.start, head.size) : undefined;
    at = end;
  }
  return undefined;
}

function noMatroska(reason: string): MuxError {
  return new MuxError("bad-media", { action: "read Matroska", reason });
}
