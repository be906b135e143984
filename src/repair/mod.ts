/**
 * Mends recordings: ASF (.asf, .wmv, .wma), Matroska, WebM and MP4. Gives files indexes, and edits what ASF
 * files say of themselves.
 *
 * - {@linkcode repair}: makes a whole file of a broken or unfinished one, in which players seek.
 * - {@linkcode index}: adds or replaces the indexes of a sound ASF file, or the Cues of Matroska.
 * - {@linkcode tag}: edits title, pictures and other attributes of an ASF file.
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

export { index } from "./index.ts";
export { repair } from "./repair.ts";
export { tag, type TagChanges, type TagOptions, type TagReport } from "./asf/tag.ts";
export type { IndexOptions, IndexReport, Loss, RepairOptions, RepairReport } from "./report.ts";
export type { FileTarget, ForceOption, RepairSource } from "./target.ts";
export type { RandomAccess } from "../inspect/byte_source.ts";
export type { Editable } from "../sinks/editable_file.ts";
export type { AttributeValue } from "../media/attribute_value.ts";
export type { Metadata, Picture } from "../media/metadata.ts";
export type { DataInfo, Sink, SinkLike } from "../sinks/sink.ts";
