/** Reads MP4 boxes for tests, sharing nothing with the writer. */

const CONTAINERS = [
  "moov",
  "trak",
  "edts",
  "mdia",
  "minf",
  "dinf",
  "stbl",
  "mvex",
  "udta",
  "moof",
  "traf",
  "mfra",
  "ilst",
];

/** A box, with what is inside where that is boxes. */
export interface Box {
  type: string;
  /** Position in the file. */
  offset: number;
  size: number;
  body: DataView;
  children: Box[];
}

/** Every box from `start` to `end`; throws when sizes do not add up. */
export function readBoxes(file: Uint8Array, start = 0, end = file.byteLength): Box[] {
  const boxes: Box[] = [];
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  for (let at = start; at < end;) {
    const short = view.getUint32(at);
    const headBytes = short === 1 ? 16 : 8;
    const size = short === 1 ? Number(view.getBigUint64(at + 8)) : short === 0 ? end - at : short;
    const type = String.fromCharCode(...file.subarray(at + 4, at + 8));
    if (size < headBytes || at + size > end) {
      throw new Error(`box ${type} at ${at} has ${size} bytes, ${end - at} are there`);
    }
    boxes.push({
      type,
      offset: at,
      size,
      body: new DataView(file.buffer, file.byteOffset + at + headBytes, size - headBytes),
      children: CONTAINERS.includes(type) ? readBoxes(file, at + 8, at + size) : [],
    });
    at += size;
  }
  return boxes;
}

/** The first box by a path such as "moov/trak/mdia". */
export function find(boxes: Box[], path: string): Box {
  const [type, ...rest] = path.split("/");
  const box = boxes.find((box) => box.type === type);
  if (box === undefined) throw new Error(`there is no ${path} among ${boxes.map(({ type }) => type).join(", ")}`);
  return rest.length === 0 ? box : find(box.children, rest.join("/"));
}

/** The bytes of a box behind size and type. */
export function bodyOf({ body }: Box): Uint8Array<ArrayBuffer> {
  return new Uint8Array(body.buffer as ArrayBuffer, body.byteOffset, body.byteLength);
}

/** A sample as the fragments tell it. Times are ticks. */
export interface ReadSample {
  data: Uint8Array;
  decodeTime: number;
  presentationTime: number;
  duration: number;
  isKey: boolean;
  /** Number of its fragment, from 0. */
  fragment: number;
}

/** The samples of every track, by its id, in the order of the file. */
export function readSamples(file: Uint8Array): Map<number, ReadSample[]> {
  const boxes = readBoxes(file);
  const defaults = new Map(
    find(boxes, "moov/mvex").children.filter(({ type }) => type === "trex")
      .map(({ body }) => [body.getUint32(4), body.getUint32(20)]),
  );
  const tracks = new Map<number, ReadSample[]>([...defaults.keys()].map((id) => [id, []]));
  boxes.filter(({ type }) => type === "moof").forEach((moof, fragment) => {
    if (find(moof.children, "mfhd").body.getUint32(4) === 0) throw new Error("fragments count from 1");
    const mdat = boxes.find(({ offset }) => offset === moof.offset + moof.size);
    if (mdat?.type !== "mdat") throw new Error("no mdat behind moof");
    for (const traf of moof.children.filter(({ type }) => type === "traf")) {
      const tfhd = find(traf.children, "tfhd").body;
      const id = tfhd.getUint32(4);
      const tfhdFlags = tfhd.getUint32(0) & 0xFFFFFF;
      if ((tfhdFlags & ~0x20038) !== 0) throw new Error("unexpected tfhd");
      let tfhdAt = 8;
      const usual = (flag: number, otherwise: number) =>
        tfhdFlags & flag ? tfhd.getUint32((tfhdAt += 4) - 4) : otherwise;
      const [usualDuration, usualSize, usualFlags] = [usual(8, NaN), usual(16, NaN), usual(32, defaults.get(id)!)];
      if (tfhdAt !== tfhd.byteLength) throw new Error("tfhd has another size");
      let decodeTime = Number(find(traf.children, "tfdt").body.getBigUint64(4));
      for (const { body } of traf.children.filter(({ type }) => type === "trun")) {
        const [version, flags] = [body.getUint8(0), body.getUint32(0) & 0xFFFFFF];
        if ((flags & ~0xF05) !== 0 || (flags & 0x404) === 0x404) throw new Error("unexpected trun");
        let at = 4;
        const next = () => body.getUint32((at += 4) - 4);
        const count = next();
        let position = moof.offset + next();
        const firstFlags = flags & 4 ? next() : undefined;
        for (let i = 0; i < count; i++) {
          const duration = flags & 0x100 ? next() : usualDuration;
          const size = flags & 0x200 ? next() : usualSize;
          const own = flags & 0x400 ? next() : i === 0 && firstFlags !== undefined ? firstFlags : usualFlags;
          const unsigned = flags & 0x800 ? next() : 0;
          const offset = version === 0 ? unsigned : unsigned | 0;
          if (position < mdat.offset + 8 || position + size > mdat.offset + mdat.size) throw new Error("not in mdat");
          tracks.get(id)!.push({
            data: file.subarray(position, position + size),
            decodeTime,
            presentationTime: decodeTime + offset,
            duration,
            isKey: (own & 0x10000) === 0,
            fragment,
          });
          decodeTime += duration;
          position += size;
        }
        if (at !== body.byteLength) throw new Error("trun has another size");
      }
    }
  });
  return tracks;
}

/** A sample as the tables tell it. Times are ticks of the track, from its first decode time. */
export type ListedSample = Omit<ReadSample, "fragment">;

/** What the tables say of a track. */
export interface ListedTrack {
  timeScale: number;
  /** As mdhd says. */
  duration: number;
  /** Durations in ticks of the movie. */
  edits: { duration: number; mediaTime: number }[];
  samples: ListedSample[];
}

/** A table of numbers: `count` rows of `columns` numbers of 32 bits. */
function rowsOf({ body }: Box, columns: number): number[][] {
  if (body.byteLength !== 8 + 4 * columns * body.getUint32(4)) throw new Error("a table has another size");
  return Array.from(
    { length: body.getUint32(4) },
    (_, row) => Array.from({ length: columns }, (_, i) => body.getUint32(8 + 4 * (columns * row + i))),
  );
}

/** The samples of every track, by its id, as the tables of an ordinary file list them. */
export function readMovie(file: Uint8Array): { timeScale: number; duration: number; tracks: Map<number, ListedTrack> } {
  const boxes = readBoxes(file);
  const mdat = boxes.find(({ type }) => type === "mdat")!;
  const movie = find(boxes, "moov");
  const header = find(movie.children, "mvhd").body;
  const tracks = new Map<number, ListedTrack>();
  for (const { children } of movie.children.filter(({ type }) => type === "trak")) {
    const media = find(children, "mdia/mdhd").body;
    const table = find(children, "mdia/minf/stbl").children;
    const get = (type: string) => table.find((box) => box.type === type);
    const expand = (box: Box | undefined) =>
      box === undefined ? [] : rowsOf(box, 2).flatMap(([count, value]) => Array<number>(count!).fill(value!));
    const durations = expand(get("stts"));
    const ctts = get("ctts");
    const offsets = expand(ctts).map((value) => ctts!.body.getUint8(0) === 1 ? value | 0 : value);
    const keys = get("stss") && new Set(rowsOf(get("stss")!, 1).map(([number]) => number));
    const { body: stsz } = get("stsz")!;
    const sizes = Array.from(
      { length: stsz.getUint32(8) },
      (_, i) => stsz.getUint32(4) || stsz.getUint32(12 + 4 * i),
    );
    const co64 = get("co64")?.body;
    const places = co64
      ? Array.from({ length: co64.getUint32(4) }, (_, i) => Number(co64.getBigUint64(8 + 8 * i)))
      : rowsOf(get("stco")!, 1).flat();
    const map = rowsOf(get("stsc")!, 3);
    const samples: ListedSample[] = [];
    let decodeTime = 0;
    places.forEach((place, chunk) => {
      const [, count] = map.findLast(([first]) => first! <= chunk + 1)!;
      for (let i = 0; i < count!; i++) {
        const number = samples.length;
        const size = sizes[number]!;
        if (place < mdat.offset + 16 || place + size > mdat.offset + mdat.size) throw new Error("not in mdat");
        samples.push({
          data: file.subarray(place, place + size),
          decodeTime,
          presentationTime: decodeTime + (offsets[number] ?? 0),
          duration: durations[number]!,
          isKey: keys?.has(number + 1) ?? true,
        });
        decodeTime += durations[number]!;
        place += size;
      }
    });
    if (samples.length !== sizes.length || durations.length !== sizes.length) {
      throw new Error("tables differ in length");
    }
    const elst = children.some(({ type }) => type === "edts") ? find(children, "edts/elst").body : undefined;
    tracks.set(find(children, "tkhd").body.getUint32(20), {
      timeScale: media.getUint32(20),
      duration: Number(media.getBigUint64(24)),
      edits: Array.from({ length: elst?.getUint32(4) ?? 0 }, (_, i) => ({
        duration: Number(elst!.getBigUint64(8 + 20 * i)),
        mediaTime: Number(elst!.getBigInt64(16 + 20 * i)),
      })),
      samples,
    });
  }
  return { timeScale: header.getUint32(20), duration: Number(header.getBigUint64(24)), tracks };
}
