/**
 * How access units get from one framing into another.
 *
 * @module
 */

import type { Pieces } from "../bytes/pieces.ts";

/**
 * Turns an access unit from the caller's framing into the container's, by appending pieces to an empty `out`.
 *
 * @throws {MuxError} `bad-media` when the unit is not what its codec says.
 */
export type Framing = (data: Uint8Array, isKey: boolean, out: Pieces) => void;
