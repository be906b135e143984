/**
 * Which streams a player wants ([MS-WMSP] 2.2.1.8): `stream-switch-entry=ffff:1:0 ffff:2:2` is stream 1 whole and
 * stream 2 not at all; `1:3:0` puts stream 3 in the place of stream 1. What is not named at the beginning is not wanted; a
 * player that names nothing wants everything.
 *
 * @module
 */

import type { Fields } from "../wire/http_head.ts";

const ENTRY = /^\s*stream-switch-entry\s*=/i;
const SWITCH = /^([0-9a-f]{1,4}):([0-9a-f]{1,4}):([012])$/i;
const NO_STREAM = "ffff";
/** More than any file can have. */
const MAX_SWITCHES = 256;

/** What is wanted of a stream. */
type Level = "whole" | "key frames" | "nothing";
const LEVELS: readonly Level[] = ["whole", "key frames", "nothing"];

/** One switch: streams as written, `undefined`: none. */
export interface StreamSwitch {
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly level: Level;
}

/** Reads what is asked for; `undefined`: nothing in particular. */
export function readSwitches(fields: Fields): readonly StreamSwitch[] | undefined {
  const entries = (fields.get("pragma") ?? []).filter((value) => ENTRY.test(value));
  const text = entries.map((value) => value.replace(ENTRY, "")).join(" ").trimStart();
  const switches = text.toLowerCase().split(/[\s,]+/, MAX_SWITCHES).flatMap((entry) => {
    const [, from, to, level] = entry.match(SWITCH) ?? [];
    const named = (stream?: string) => stream === NO_STREAM ? undefined : stream;
    return level === undefined ? [] : [{ from: named(from), to: named(to), level: LEVELS[Number(level)]! }];
  });
  return switches.length === 0 ? undefined : switches;
}

/** One player's choice. */
export class StreamSelection {
  readonly #levels: Map<number, Level>;
  /** It is asked for at every packet. */
  #isWhole: boolean;
  /** Streams that were switched on in mid-stream: they begin at a key frame. */
  readonly #waiting = new Set<number>();

  /** @param streams The streams there are. @param switches As `readSwitches`; if they name others they are ignored. */
  constructor(streams: readonly number[], switches: readonly StreamSwitch[] | undefined) {
    const known = switches && resolve(streams, switches);
    this.#levels = new Map(streams.map((stream) => [stream, known ? "nothing" : "whole"]));
    for (const { to, level } of known ?? []) if (to !== undefined) this.#levels.set(to, level);
    this.#isWhole = this.#areAllWhole();
  }

  /** Whether nothing is left out. */
  get isEverything(): boolean {
    return this.#isWhole && this.#waiting.size === 0;
  }

  /** Changes the choice while the broadcast runs. False: there are no such streams. */
  change(switches: readonly StreamSwitch[]): boolean {
    const known = resolve([...this.#levels.keys()], switches);
    for (const { from, to, level } of known ?? []) {
      if (from !== undefined && from !== to) this.#levels.set(from, "nothing");
      if (to === undefined) continue;
      if (this.#levels.get(to) !== "whole" && level === "whole") this.#waiting.add(to);
      this.#levels.set(to, level);
    }
    this.#isWhole = this.#areAllWhole();
    return known !== undefined;
  }

  #areAllWhole(): boolean {
    return Array.from(this.#levels.values()).every((level) => level === "whole");
  }

  /** To be asked for each payload, in order. */
  wants(stream: number, isKey: boolean, offset: number): boolean {
    const level = this.#levels.get(stream);
    if (level === "whole" && this.#waiting.has(stream)) {
      if (!isKey || offset > 0) return false;
      this.#waiting.delete(stream);
    }
    return level === "whole" || (level === "key frames" && isKey);
  }
}

interface KnownSwitch {
  readonly from: number | undefined;
  readonly to: number | undefined;
  readonly level: Level;
}

/** Hexadecimal by the book, decimal by most players: whichever names streams that are there. */
function resolve(streams: readonly number[], switches: readonly StreamSwitch[]): KnownSwitch[] | undefined {
  for (const radix of [16, 10]) {
    const read = (text?: string) => text === undefined ? undefined : numberIn(text, radix);
    const known = switches.map(({ from, to, level }) => ({ from: read(from), to: read(to), level }));
    if (known.every(({ from, to }) => [from, to].every((one) => one === undefined || streams.includes(one)))) {
      return known;
    }
  }
  return undefined;
}

/** NaN where a digit is none. */
function numberIn(text: string, radix: number): number {
  return radix === 10 && !/^\d+$/.test(text) ? NaN : parseInt(text, radix);
}
