/**
 * Rules about chapters, tags and attachments: K27, K28, K43.
 *
 * @module
 */

import type { Findings } from "../../findings.ts";
import type { MatroskaTrack } from "../description.ts";
import { childOf, childrenOf, integerIn, type MatroskaElement, numberIn } from "../element_tree.ts";

type Uid = number | bigint;

/** Gathers UIDs as elements come, and judges what points at them at the end. */
export class MetadataRules {
  readonly #findings: Findings;
  readonly #chapters = new Set<Uid>();
  readonly #editions = new Set<Uid>();
  readonly #attachments = new Set<Uid>();
  readonly #links: { readonly kind: string; readonly uid: Uid; readonly offset: number; readonly name: string }[] = [];

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  /** Judges a Chapters element. */
  checkChapters(element: MatroskaElement): void {
    for (const edition of childrenOf(element, "EditionEntry")) {
      this.#claim(this.#editions, integerIn(edition, "EditionUID"), "EditionUID", edition.offset);
      for (const atom of childrenOf(edition, "ChapterAtom")) this.#checkAtom(atom, -Infinity, Infinity);
    }
  }

  /** Judges an Attachments element. */
  checkAttachments(element: MatroskaElement): void {
    for (const file of childrenOf(element, "AttachedFile")) {
      this.#claim(this.#attachments, integerIn(file, "FileUID"), "FileUID", file.offset);
    }
  }

  /** Judges a Tags element. */
  checkTags(element: MatroskaElement): void {
    for (const tag of childrenOf(element, "Tag")) {
      for (const { name, offset, value } of childOf(tag, "Targets")?.children ?? []) {
        const kind = LINKS[name];
        if (kind !== undefined && value !== 0) this.#link(kind, value as Uid, offset, name);
      }
      for (const simple of childrenOf(tag, "SimpleTag")) {
        if (childOf(simple, "TagString") !== undefined && childOf(simple, "TagBinary") !== undefined) {
          this.#findings.error("K11", simple.offset, "SimpleTag: it must have a TagString or a TagBinary, not both");
        }
      }
    }
  }

  /** Judges what points at tracks, chapters, editions and attachments. */
  finish(tracks: readonly MatroskaTrack[]): void {
    const targets: Readonly<Record<string, ReadonlySet<Uid>>> = {
      track: new Set(tracks.map(({ uid }) => uid)),
      edition: this.#editions,
      chapter: this.#chapters,
      attachment: this.#attachments,
    };
    for (const { kind, name, offset, uid } of this.#links) {
      if (!targets[kind]!.has(uid)) this.#findings.warn("K28", offset, `${name}: there is no ${kind} of UID ${uid}`);
    }
  }

  #checkAtom(atom: MatroskaElement, from: number, until: number): void {
    this.#claim(this.#chapters, integerIn(atom, "ChapterUID"), "ChapterUID", atom.offset);
    const start = numberIn(atom, "ChapterTimeStart") ?? 0;
    const end = numberIn(atom, "ChapterTimeEnd") ?? Infinity;
    if (end < start) {
      this.#findings.warn(
        "K43",
        atom.offset,
        `ChapterAtom: it must not end before its beginning at ${start} ns, got ${end}`,
      );
    }
    if (start < from || start > until) {
      this.#findings.warn(
        "K43",
        atom.offset,
        `ChapterAtom: it begins at ${start} ns, outside of the one it is part of`,
      );
    }
    for (const track of childrenOf(childOf(atom, "ChapterTrack"), "ChapterTrackUID")) {
      this.#link("track", track.value as Uid, track.offset, track.name);
    }
    for (const child of childrenOf(atom, "ChapterAtom")) this.#checkAtom(child, start, Math.max(start, end));
  }

  #claim(set: Set<Uid>, uid: Uid | undefined, name: string, offset: number): void {
    if (uid === undefined) return;
    if (set.has(uid)) this.#findings.error("K27", offset, `${name}: ${uid} is another one's, too`);
    set.add(uid);
  }

  #link(kind: string, uid: Uid, offset: number, name: string): void {
    if (this.#links.length < MAX_LINK_COUNT) this.#links.push({ kind, uid, offset, name });
  }
}

const MAX_LINK_COUNT = 100_000;

/** What a target of tags points at. */
const LINKS: Readonly<Record<string, string>> = {
  TagTrackUID: "track",
  TagEditionUID: "edition",
  TagChapterUID: "chapter",
  TagAttachmentUID: "attachment",
};
