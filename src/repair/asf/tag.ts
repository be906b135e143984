/**
 * Edits what a file says of itself.
 *
 * @module
 */

import { FILE_FIELD, OBJECT_SIZE_AT } from "../../asf/header_fields.ts";
import { OBJECT_HEAD_BYTES } from "../../asf/object.ts";
import { FLAG_BROADCAST } from "../../asf/objects/file_properties.ts";
import { HEADER_BODY_OFFSET } from "../../asf/objects/header.ts";
import { MuxError } from "../../errors.ts";
import { GUID } from "../../inspect/asf/guid.ts";
import { flatten } from "../../inspect/asf/objects/walk.ts";
import { PIECE_BYTES } from "../../inspect/byte_source.ts";
import type { Metadata } from "../../media/metadata.ts";
import type { Sink, SinkLike } from "../../sinks/sink.ts";
import { tagHeader } from "./tag_header.ts";
import { type OpenTarget, requireSoundHeader, withTarget } from "./target.ts";
import type { FileTarget, ForceOption } from "../target.ts";
import { discard, toSink } from "../writing.ts";

/** What is to change. */
export interface TagChanges {
  /** Attributes that are set, in place of those of the same name; `pictures` replace all pictures. */
  set?: Metadata;
  /** Names of attributes that go, as stored: `"Title"`, `"WM/Genre"`, `"WM/Picture"`. */
  remove?: readonly string[];
}

/** How a file is tagged. */
export interface TagOptions extends ForceOption {
  /** Where the tagged file goes; the input stays as it is then. Default: in its place. */
  output?: SinkLike;
}

/** What became of a file. */
export interface TagReport {
  /** Size of the file now. */
  readonly size: number;
  /** Whether all of it was written anew: what was set did not fit into the padding. */
  readonly wasRewritten: boolean;
  /** Bytes of padding that are left for the next time. */
  readonly paddingBytes: number;
  /** Whether a Digital Signature was left out, which would not hold any more. */
  readonly droppedSignature: boolean;
}

/** Room for the next time, when the file has to be written anew anyway. */
const NEW_PADDING_BYTES = 4096;

/**
 * Sets and removes attributes of a file: title and friends, pictures, any attribute by name. Samples, indexes and
 * everything else stay as they are; attributes of single streams too.
 *
 * What fits into the header's padding is changed in place, with one write. Otherwise the file is copied beside itself,
 * with new padding, and the copy takes its place, name, owner and mode; not where the file has hard links, of which it
 * would be one. A file that is not finished is refused, and so is one that something writes to or changes meanwhile.
 *
 * @param target A path, a `file:` URL, or an {@linkcode Editable}.
 * @throws {TypeError} If the target is none of these, or a value is of a type that cannot be stored.
 * @throws {RangeError} If a value is out of its range, or a name is one that readers compute.
 * @throws {MuxError} `bad-media` when it is not an ASF file, or not finished: `repair` makes it so; `in-use` when something
 * writes to it; `too-large` when a text does not fit its field; `unsupported` when a copy is needed which the target cannot
 * make.
 *
 * @example
 * ```ts
 * import { tag } from "@muxwell/muxwell/repair";
 *
 * async function rename(path: string): Promise<void> {
 *   await tag(path, { set: { title: "A song", attributes: { "WM/Mood": "calm" } }, remove: ["WM/Genre"] });
 * }
 * console.log(typeof rename);
 * ```
 */
export async function tag(target: FileTarget, changes: TagChanges, options: TagOptions = {}): Promise<TagReport> {
  const { output } = options;
  const mode = output === undefined ? "change" : "read";
  return await withTarget(target, { mode, force: options.force }, async (open) => {
    const { head, file } = open;
    requireSoundHeader(open, "tag file");
    const oldBytes = head.bytes.byteLength;
    const tagged = tagHeader(head.header, head.bytes, changes.set ?? {}, changes.remove ?? []);
    const spare = oldBytes - tagged.leastBytes;
    const fits = spare === 0 || spare >= OBJECT_HEAD_BYTES;
    const newBytes = fits ? oldBytes : tagged.leastBytes + NEW_PADDING_BYTES;
    const header = tagged.encode(newBytes);
    const size = file.size + newBytes - oldBytes;
    setFileSize(open, header, size);
    const report = {
      size,
      paddingBytes: newBytes - tagged.leastBytes,
      droppedSignature: tagged.droppedSignature,
    };
    if (output === undefined && fits) {
      await file.write(0, header);
      await file.flush();
      return { ...report, wasRewritten: false };
    }
    await copy(open, header, output === undefined ? replacementOf(open) : toSink(output));
    return { ...report, wasRewritten: true };
  });
}

/** File Size moves with the header, wherever it stands in it now. */
function setFileSize({ head }: OpenTarget, header: Uint8Array<ArrayBuffer>, size: number): void {
  const old = flatten(head.header.object).find(({ guid }) => guid === GUID.fileProperties)!;
  const wanted = head.bytes.subarray(old.offset, old.offset + FILE_FIELD.fileBytes);
  const view = new DataView(header.buffer);
  for (let at = HEADER_BODY_OFFSET; at + OBJECT_HEAD_BYTES <= header.byteLength;) {
    const isSame = wanted.every((byte, i) => header[at + i] === byte);
    if (isSame && (view.getUint32(at + FILE_FIELD.flags, true) & FLAG_BROADCAST) === 0) {
      view.setBigUint64(at + FILE_FIELD.fileBytes, BigInt(size), true);
      return;
    }
    const objectBytes = Number(view.getBigUint64(at + OBJECT_SIZE_AT, true));
    if (objectBytes < OBJECT_HEAD_BYTES) return;
    at += objectBytes;
  }
}

function replacementOf({ file }: OpenTarget): Sink {
  if (file.replacement !== undefined) return file.replacement();
  throw new MuxError("unsupported", {
    action: "tag file in place",
    reason: "its header has no room, which takes a copy",
  });
}

/** The new header, and everything behind the old one. */
async function copy({ input, head, file }: OpenTarget, header: Uint8Array<ArrayBuffer>, sink: Sink): Promise<void> {
  let isOpen = false;
  try {
    await sink.open?.();
    isOpen = true;
    await sink.header(header);
    let unit = 0;
    for (let at = head.bytes.byteLength; at < file.size;) {
      const bytes = await input.read(at, Math.min(PIECE_BYTES, file.size - at));
      if (bytes.byteLength === 0) break;
      const owned = (sink.keepsBytes ? bytes.slice() : bytes) as Uint8Array<ArrayBuffer>;
      await sink.data(owned, { unitCount: 1, firstUnit: unit++, timestamp: 0, cleanPoints: [] });
      at += bytes.byteLength;
    }
    await sink.close();
  } catch (error) {
    if (isOpen) await discard(sink, error);
    throw error;
  }
}
