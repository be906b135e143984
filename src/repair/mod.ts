/**
 * Mends ASF files (.asf, .wmv, .wma), gives them indexes, and edits what they say of themselves.
 *
 * - {@linkcode repair}: makes a whole file of a broken or unfinished one.
 * - {@linkcode index}: adds or replaces the indexes of a sound file.
 * - {@linkcode tag}: edits title, pictures and other attributes.
 *
 * A path needs permission to read and to write it, and its folder where the file is written anew. What something else still
 * writes to is not changed, save with `force: true`.
 *
 * ```ts
 * import { repair } from "@muxwell/muxwell/repair";
 *
 * async function rescue(path: string): Promise<void> {
 *   const { durationMs, lostBytes } = await repair(path);
 *   console.log(`${durationMs} ms, ${lostBytes} bytes lost`);
 * }
 * console.log(typeof rescue);
 * ```
 *
 * @module
 */

export { index, type IndexOptions, type IndexReport } from "./reindex.ts";
export { repair, type RepairOptions, type RepairReport } from "./repair.ts";
export { tag, type TagChanges, type TagOptions, type TagReport } from "./tag.ts";
export type { Loss } from "./scan.ts";
export type { FileTarget, ForceOption } from "./target.ts";
export type { Editable } from "../sinks/editable_file.ts";
export type { AttributeValue } from "../media/attribute_value.ts";
export type { Metadata, Picture } from "../media/metadata.ts";
export type { DataInfo, Sink, SinkLike } from "../sinks/sink.ts";
