/**
 * Several tracks as one sequence of samples.
 *
 * @module
 */

import type { StreamSample } from "../media/sample.ts";

/** The samples of one track, in decode order. */
export interface Track {
  /** The next sample; undefined at the end, and after it has thrown. */
  next(): Promise<StreamSample | undefined>;
  /** Where the sample last handed out belongs among those of other tracks, microseconds: its decode time, if known. */
  readonly due: number;
}

interface Lane {
  readonly track: Track;
  head: StreamSample;
}

/**
 * Merges tracks by time, looking one sample ahead in each. A track that fails ends there; the others go on to their end,
 * and then its error is thrown.
 *
 * @param batchCount How many samples are handed out together: 1 where they should not wait for each other.
 */
export async function* interleave(
  tracks: readonly Track[],
  batchCount: number,
): AsyncGenerator<StreamSample[], void, undefined> {
  let failure: { cause: unknown } | undefined;
  const read = async (track: Track): Promise<StreamSample | undefined> => {
    try {
      return await track.next();
    } catch (cause) {
      failure ??= { cause };
      return undefined;
    }
  };

  const lanes: Lane[] = [];
  for (const track of tracks) {
    const head = await read(track);
    if (head !== undefined) lanes.push({ track, head });
  }
  let batch: StreamSample[] = [];
  while (lanes.length > 0) {
    const lane = earliest(lanes);
    batch.push(lane.head);
    if (batch.length >= batchCount) {
      yield batch;
      batch = [];
    }
    const next = await read(lane.track);
    if (next === undefined) lanes.splice(lanes.indexOf(lane), 1);
    else lane.head = next;
  }
  if (batch.length > 0) yield batch;
  if (failure !== undefined) throw failure.cause;
}

function earliest(lanes: readonly Lane[]): Lane {
  let best = lanes[0]!;
  for (let i = 1; i < lanes.length; i++) if (lanes[i]!.track.due < best.track.due) best = lanes[i]!;
  return best;
}
