/**
 * A recording in many files, each a sink of its own.
 *
 * @module
 */

import type { SinkReport } from "../../report.ts";
import type { SegmentSink } from "../../sinks/segment_sink.ts";
import type { Sink, SinkLike, SinkOptions } from "../../sinks/sink.ts";

/** Whether this makes sinks instead of being one. */
export function isSegmentSink(sinkLike: unknown): sinkLike is SegmentSink {
  return typeof sinkLike === "object" && sinkLike !== null && "make" in sinkLike && typeof sinkLike.make === "function";
}

/** The files of one recording. */
export class Recording {
  readonly source: SegmentSink;
  readonly options: SinkOptions;
  /** What became of those that are finished, by position. */
  readonly reports: SinkReport[] = [];
  /** How many there are. */
  count = 0;

  constructor(source: SegmentSink, options: SinkOptions) {
    this.source = source;
    this.options = options;
  }

  /** The sink of the next file. Throws what its maker throws. */
  make(): SinkLike {
    return this.source.make(this.count++);
  }

  /** The sink of the next file; if it cannot be made, one that fails with the reason. */
  makeOrFail(): SinkLike {
    try {
      return this.make();
    } catch (error) {
      return failingSink(error);
    }
  }
}

function failingSink(error: unknown): Sink {
  return {
    header: () => Promise.reject(error),
    data: () => {},
    close: () => {},
    abort: () => {},
  };
}
