/**
 * How a kind of box is read.
 *
 * @module
 */

import type { BoxCursor } from "./box_cursor.ts";

/** Fields of a box. */
export type BoxFields = Record<string, unknown>;

/** How a kind of box is read. */
export interface BoxLayout {
  /** In words. */
  readonly name: string;
  /** Its fields. The cursor stands at the beginning of its body, and stops where the boxes inside it begin. */
  readonly read?: (cursor: BoxCursor) => BoxFields;
  /** Whether there are boxes inside it, behind its fields. */
  readonly hasChildren?: boolean;
}
