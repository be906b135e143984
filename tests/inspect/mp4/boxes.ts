/**
 * Finds and changes boxes, by a few lines that share nothing with the reader.
 *
 * @module
 */

/** A box in the bytes of a file. */
export interface Place {
  readonly start: number;
  readonly body: number;
  readonly end: number;
}

const FRONT: Readonly<Record<string, number>> = { stsd: 8, avc1: 78, mp4a: 28, meta: 4, dref: 8 };

/** The box at a path such as `"moov/trak[1]/mdia/mdhd"`. */
export function find(bytes: Uint8Array, path: string): Place {
  let [start, end] = [0, bytes.byteLength];
  let place: Place | undefined;
  for (const step of path.split("/")) {
    const [, type, index] = step.match(/^(.{4})(?:\[(\d+)\])?$/)!;
    place = boxes(bytes, start, end).filter((one) => typeOf(bytes, one) === type)[Number(index ?? 0)];
    if (place === undefined) throw new Error(`there is no ${path}`);
    [start, end] = [place.body + (FRONT[type!] ?? 0), place.end];
  }
  return place!;
}

/** The file with a number of 32 bits in a box's body changed. */
export function patch(
  bytes: Uint8Array,
  path: string,
  at: number,
  value: number | ((old: number) => number),
): Uint8Array {
  const changed = bytes.slice();
  const view = new DataView(changed.buffer);
  const position = find(bytes, path).body + at;
  view.setUint32(position, (typeof value === "number" ? value : value(view.getUint32(position))) >>> 0);
  return changed;
}

/** The file with a box that is called something else. */
export function rename(bytes: Uint8Array, path: string, type: string): Uint8Array {
  const changed = bytes.slice();
  changed.set(new TextEncoder().encode(type), find(bytes, path).start + 4);
  return changed;
}

/** The file with a box twice; nothing behind it may be pointed at. */
export function double(bytes: Uint8Array, path: string): Uint8Array {
  const { start, end } = find(bytes, path);
  const changed = new Uint8Array(bytes.byteLength + end - start);
  changed.set(bytes.subarray(0, end));
  changed.set(bytes.subarray(start), end);
  const view = new DataView(changed.buffer);
  const steps = path.split("/");
  for (let depth = 1; depth < steps.length; depth++) {
    const parent = find(bytes, steps.slice(0, depth).join("/")).start;
    view.setUint32(parent, view.getUint32(parent) + end - start);
  }
  return changed;
}

function boxes(bytes: Uint8Array, start: number, end: number): Place[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const places: Place[] = [];
  for (let at = start; at + 8 <= end;) {
    const size = view.getUint32(at);
    places.push({ start: at, body: at + 8, end: at + size });
    at += Math.max(8, size);
  }
  return places;
}

function typeOf(bytes: Uint8Array, { start }: Place): string {
  return String.fromCharCode(...bytes.subarray(start + 4, start + 8));
}
