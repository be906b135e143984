/**
 * Rules about fragments and what leads to them.
 *
 * @module
 */

import type { Findings } from "../../findings.ts";
import { childOf, childrenOf, type Mp4Box, numberIn } from "../box.ts";
import type { Mp4Movie } from "../movie.ts";

interface Reference {
  readonly isIndex: boolean;
  readonly size: number;
}

interface AccessEntry {
  readonly moofOffset: number;
}

/** Sees the boxes at the top of a file go by. */
export class FragmentRules {
  readonly #findings: Findings;
  readonly #moofs = new Set<number>();
  /** Where boxes begin that an index may lead to. */
  readonly #starts = new Set<number>();
  #sequence = -1;
  /** Where the references of indexes lead. */
  readonly #targets: { readonly at: number; readonly target: number; readonly what: "moof" | "sidx" | "end" }[] = [];

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  /** Sees a box. */
  see(box: Mp4Box, movie: Mp4Movie | undefined): void {
    if (this.#starts.size < MAX_KEPT) this.#starts.add(box.offset);
    if (box.type === "moof") this.#checkFragment(box, movie);
    else if (box.type === "sidx") this.#readIndex(box);
    else if (box.type === "mfra") this.#checkRandomAccess(box);
  }

  /** What can be said at the end. */
  finish(size: number | undefined): void {
    if (this.#starts.size >= MAX_KEPT) return;
    for (const { at, target, what } of this.#targets) {
      const isThere = this.#starts.has(target) || target === size;
      if (!isThere) {
        this.#findings.error(
          "M25",
          at,
          `sidx box: a reference must lead to a ${what === "moof" ? "segment" : "sidx box"}, leads to byte ${target}`,
        );
      }
    }
  }

  #checkFragment(box: Mp4Box, movie: Mp4Movie | undefined): void {
    const findings = this.#findings;
    this.#moofs.add(box.offset);
    if (movie !== undefined && !movie.isFragmented) {
      findings.addOnce("M21", 0, box.offset, "moof box: the moov box must have a mvex box, has none", "E");
    }
    const sequence = numberIn(childOf(box, "mfhd"), "sequenceNumber");
    if (sequence <= this.#sequence) {
      findings.addOnce(
        "M21",
        1,
        box.offset,
        `mfhd box: sequence numbers must ascend, ${sequence} stands behind ${this.#sequence}`,
        "W",
      );
    }
    this.#sequence = sequence;
    for (const traf of childrenOf(box, "traf")) {
      const header = childOf(traf, "tfhd");
      const trackId = numberIn(header, "trackId");
      if (movie !== undefined && header !== undefined && !movie.tracks.some((track) => track.trackId === trackId)) {
        findings.error("M21", header.offset, `tfhd box: must name a track of the movie, names ${trackId}`);
      }
      const entryCount = movie?.tracks.find((track) => track.trackId === trackId)?.entries.length ?? 0;
      const description = header?.fields.sampleDescriptionIndex;
      if (typeof description === "number" && (description === 0 || description > entryCount)) {
        findings.error(
          "M24",
          header!.offset,
          `tfhd box: must name one of ${entryCount} sample entries, names ${description}`,
        );
      }
      this.#checkRuns(traf, findings);
    }
  }

  #checkRuns(traf: Mp4Box, findings: Findings): void {
    const header = childOf(traf, "tfhd");
    for (const run of childrenOf(traf, "trun")) {
      const flags = numberIn(run, "flags");
      if (flags & 0x4 && flags & 0x400) {
        findings.warn(
          "M24",
          run.offset,
          "trun box: flags of the first sample and flags of each must not both be there",
        );
      }
      if (flags & ~0xF05) {
        findings.warn("M24", run.offset, `trun box: flags must be of 0xF05, are 0x${flags.toString(16)}`);
      }
    }
    if (header !== undefined && numberIn(header, "flags") & 0x1 && header.fields.defaultBaseIsMoof === true) {
      findings.advise("M24", header.offset, "tfhd box: has a base data offset, and says that it is the moof box");
    }
    if (childOf(traf, "tfdt") === undefined && childOf(traf, "trun") !== undefined) {
      findings.advise("M22", traf.offset, "traf box: should have a tfdt box: players that begin here need it");
    }
  }

  #readIndex(box: Mp4Box): void {
    const references = (box.fields.references ?? []) as Reference[];
    if (references.length < numberIn(box, "referenceCount")) {
      this.#findings.error(
        "M06",
        box.offset,
        `sidx box: has no room for ${numberIn(box, "referenceCount")} references`,
      );
    }
    if (numberIn(box, "timescale") === 0) this.#findings.error("M10", box.offset, "sidx box: timescale must not be 0");
    let at = box.offset + box.size + numberIn(box, "firstOffset");
    for (const { isIndex, size } of references) {
      if (this.#targets.length < MAX_KEPT) {
        this.#targets.push({ at: box.offset, target: at, what: isIndex ? "sidx" : "moof" });
      }
      at += size;
    }
    if (this.#targets.length < MAX_KEPT && references.length > 0) {
      this.#targets.push({ at: box.offset, target: at, what: "end" });
    }
  }

  #checkRandomAccess(box: Mp4Box): void {
    for (const table of childrenOf(box, "tfra")) {
      const entries = (table.fields.entries ?? []) as AccessEntry[];
      const wrong = entries.find(({ moofOffset }) => moofOffset !== 0 && !this.#moofs.has(moofOffset));
      if (entries.some(({ moofOffset }) => moofOffset === 0)) {
        this.#findings.advise(
          "M26",
          table.offset,
          "tfra box: has an entry that was never filled in, as GStreamer writes",
        );
      }
      if (wrong !== undefined) {
        this.#findings.error(
          "M26",
          table.offset,
          `tfra box: must lead to moof boxes, leads to byte ${wrong.moofOffset}`,
        );
      }
    }
    const end = childOf(box, "mfro");
    const stated = numberIn(end, "parentSize");
    if (end === undefined) this.#findings.warn("M26", box.offset, "mfra box: must end with a mfro box, has none");
    else if (stated !== box.size) {
      this.#findings.error(
        "M26",
        end.offset,
        `mfro box: must say ${box.size}, the size of the mfra box, says ${stated}`,
      );
    }
  }
}

/** A file has no more fragments that are looked after. */
const MAX_KEPT = 1 << 20;
