/**
 * What is lost of a file.
 *
 * @module
 */

import type { Loss } from "./report.ts";

const KEPT_LOSS_COUNT = 1000;

/** Notes places where nothing can be kept. */
export class LossList {
  /** The first of them. */
  readonly kept: Loss[] = [];
  /** Of all of them. */
  byteCount = 0;

  /** Notes a place; none of no bytes. */
  add(offset: number, byteLength: number): void {
    if (byteLength <= 0) return;
    this.byteCount += byteLength;
    if (this.kept.length < KEPT_LOSS_COUNT) this.kept.push({ offset, byteLength });
  }
}
