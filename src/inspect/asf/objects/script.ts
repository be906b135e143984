/**
 * Script Command ([ASF] 3.6), Marker ([ASF] 3.7) and Codec List ([ASF] 3.5). Their texts count characters, not bytes.
 *
 * @module
 */

import type { Cursor } from "../../cursor.ts";

/** Script Command Object ([ASF] 3.6). */
export interface ScriptCommands {
  /** The commands in stored order. */
  readonly commands: readonly {
    /** When, preroll included. */
    readonly timeMs: number;
    /** Such as `"URL"`; empty when the type index is out of range. */
    readonly type: string;
    /** The command's parameter. */
    readonly parameter: string;
  }[];
}

/** Reads the body of a Script Command Object. */
export function readScriptCommands(c: Cursor): ScriptCommands {
  c.guid();
  const commandCount = c.u16();
  const types = c.list(c.u16(), () => c.text(2 * c.u16()));
  return {
    commands: c.list(commandCount, () => ({
      timeMs: c.u32(),
      type: types[c.u16()] ?? "",
      parameter: c.text(2 * c.u16()),
    })),
  };
}

/** Marker Object ([ASF] 3.7). */
export interface Markers {
  /** Name of the object. */
  readonly name: string;
  /** The markers in stored order. */
  readonly markers: readonly {
    /** Where to seek to; its base differs between writers, the time is what counts. */
    readonly dataOffset: number;
    /** When, 100 ns, preroll included. */
    readonly timeTicks: number;
    /** Send time of the packet. */
    readonly sendTimeMs: number;
    /** Must be 0. */
    readonly flags: number;
    /** What is there. */
    readonly description: string;
  }[];
}

/** Reads the body of a Marker Object. */
export function readMarkers(c: Cursor): Markers {
  c.guid();
  const markerCount = c.u32();
  c.u16();
  return {
    name: c.text(c.u16()),
    markers: c.list(markerCount, () => {
      const dataOffset = c.u64();
      const timeTicks = c.u64();
      const entry = c.u16();
      const start = c.position;
      const marker = {
        dataOffset,
        timeTicks,
        sendTimeMs: c.u32(),
        flags: c.u32(),
        description: c.text(2 * c.u32()),
      };
      c.bytes(Math.max(0, start + entry - c.position)); // padding of the entry
      return marker;
    }),
  };
}

/** Codec List Object ([ASF] 3.5). */
export interface CodecList {
  /** The codecs; nothing but the order links them to streams. */
  readonly codecs: readonly {
    /** 1 video, 2 audio, 0xFFFF unknown. */
    readonly type: number;
    /** Name. */
    readonly name: string;
    /** Description. */
    readonly description: string;
    /** Audio: format tag; video: FourCC. */
    readonly info: Uint8Array;
  }[];
}

/** Reads the body of a Codec List Object. */
export function readCodecList(c: Cursor): CodecList {
  c.guid();
  return {
    codecs: c.list(c.u32(), () => ({
      type: c.u16(),
      name: c.text(2 * c.u16()),
      description: c.text(2 * c.u16()),
      info: c.bytes(c.u16()),
    })),
  };
}
