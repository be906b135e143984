/**
 * When a payload's object is shown. Streams that reorder store the decode time where others have that, and their own time
 * in the timing extension.
 *
 * @module
 */

import { TICKS_PER_MS } from "../bytes/ticks.ts";
import { GUID } from "../inspect/asf/guid.ts";
import type { AsfPayload, AsfStream } from "../inspect/mod.ts";
import { type FindTicks, findTicks, readTicks, sizesToTicks } from "../packets/timing_extension.ts";

/** Knows where the streams of a header keep their times. */
export class PayloadTimes {
  readonly #sizes = new Map<number, readonly number[] | undefined>();
  /** For whoever shifts them. */
  readonly findTicks: FindTicks = (streamNumber, bytes, start, end) =>
    findTicks(bytes, start, end, this.#sizes.get(streamNumber));

  constructor(streams: readonly AsfStream[]) {
    for (const { streamNumber, extended } of streams) {
      const systems = extended?.payloadExtensions ?? [];
      const sizes = sizesToTicks(systems, ({ system }) => system === GUID.dvrMsTiming);
      this.#sizes.set(streamNumber, sizes);
    }
  }

  /** Milliseconds, with a fraction where there is one, preroll included. */
  timeOf({ streamNumber, presentationMs = 0, extensionData }: AsfPayload): number {
    const at = this.findTicks(streamNumber, extensionData, 0, extensionData.byteLength);
    return at < 0 ? presentationMs : readTicks(extensionData, at) / TICKS_PER_MS;
  }
}
