/**
 * What indexes are made of, gathered while packets are laid out. It stands outside of the core, whose memory cannot grow:
 * the core tells of objects some hundred at a time, twelve bytes each, and only of streams that an index asks about.
 *
 * Memory is flat: each table has a fixed number of rows at most, and gets coarser beyond.
 *
 * @module
 */

import type { Trace } from "../../core/types.ts";
import { NEAREST_CLEAN_POINT } from "../objects/index_parameters.ts";
import type { AsfStream } from "../stream.ts";
import { ObjectRows } from "./object_rows.ts";
import type { IndexSettings } from "./options.ts";
import { TimeCells } from "./time_cells.ts";
import { TimecodeRows } from "./timecode_rows.ts";

/** Where markers can lead in audio alone: so exact. */
const MARKER_CELL_MS = 100;

/** What is gathered of one stream. */
export interface StreamTables {
  /** Where its objects are in time; of video whose key frames alone are asked for, the core knows. */
  readonly cells?: TimeCells;
  /** Where samples of a data stream are at which a reader may begin. */
  readonly keyCells?: TimeCells;
  readonly objects?: ObjectRows;
  readonly timecodes?: TimecodeRows;
}

/** See the module's text. */
export class IndexFacts {
  /** By slot. */
  readonly tables: readonly StreamTables[];
  /** Without video, the stream that markers go by. */
  readonly markerSlot: number;

  /** @param leadsMarkers Whether markers are to be led to their places. */
  constructor(streams: readonly AsfStream[], settings: IndexSettings, leadsMarkers: boolean) {
    const { timeIndexMs, sampleIndexInterval, timecodeIndex, points } = settings;
    this.markerSlot = Math.max(0, streams.findIndex(({ isData }) => !isData));
    const hasVideo = streams.some(({ isVideo }) => isVideo);
    const keysAlone = points.every((point) => point === NEAREST_CLEAN_POINT);
    this.tables = streams.map((stream, slot) => {
      const isAsked = timeIndexMs !== undefined && !(stream.isVideo && keysAlone);
      const isMarked = leadsMarkers && slot === this.markerSlot && !hasVideo;
      return {
        cells: isAsked || isMarked ? new TimeCells(timeIndexMs ?? MARKER_CELL_MS) : undefined,
        keyCells: timeIndexMs !== undefined && stream.isData ? new TimeCells(timeIndexMs) : undefined,
        objects: sampleIndexInterval === undefined ? undefined : new ObjectRows(sampleIndexInterval),
        timecodes: timecodeIndex && stream.hasTimecode ? new TimecodeRows() : undefined,
      };
    });
  }

  /** Whether the core has to tell of a stream's objects. */
  isAbout(slot: number): boolean {
    const { cells, objects, timecodes } = this.tables[slot]!; // with key cells there are others
    return cells !== undefined || objects !== undefined || timecodes !== undefined;
  }

  /**
   * An object with extension data goes to the core.
   *
   * @param timecodeAt Where in the data its time code is: range u16, BCD u32; -1: nowhere.
   */
  write(slot: number, extension: Uint8Array, timecodeAt: number): void {
    const { timecodes } = this.tables[slot]!;
    if (timecodes === undefined || timecodeAt < 0) return;
    const view = new DataView(extension.buffer, extension.byteOffset + timecodeAt);
    timecodes.write(view.getUint16(0, true), view.getUint32(2, true));
  }

  /** Is told of objects by the core. */
  readonly trace: Trace = (slot, timeMs, packet, span, isKey) => {
    const { cells, keyCells, objects, timecodes } = this.tables[slot]!;
    cells?.note(timeMs, packet, span);
    if (isKey) keyCells?.note(timeMs, packet, span);
    objects?.note(packet, span, isKey);
    timecodes?.note(packet, isKey);
  };
}
