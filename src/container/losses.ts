/**
 * What has no place in a container, named by those that have none for it.
 *
 * @module
 */

import type { Problem } from "../errors.ts";
import type { Metadata } from "../media/metadata.ts";
import type { StreamConfig } from "../media/stream_config.ts";
import { numberOf } from "./checks.ts";

/**
 * Fields of metadata that say something, and for which there is no place.
 *
 * @example
 * ```ts
 * import { lostMetadata } from "@muxwell/muxwell/container";
 *
 * console.log(lostMetadata("TINY", { title: "A film", author: "" }, () => false).map(({ field }) => field)); // ["title"]
 * ```
 */
export function lostMetadata(name: string, metadata: Metadata, hasPlace: (field: string) => boolean): Problem[] {
  return Object.entries(metadata).filter(([field, value]) => !hasPlace(field) && !isEmpty(value))
    .map(([field]) => ({ field, reason: `${name} has no place for that` }));
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === "") return true;
  return typeof value === "object" && !(value instanceof Date) && Object.keys(value).length === 0;
}

/** Pictures that are to be turned, where nothing says so. */
export function lostRotations(name: string, streams: readonly StreamConfig[]): Problem[] {
  return streams.flatMap((stream, i) =>
    stream.kind === "video" && stream.rotation
      ? [{
        stream: numberOf(stream, i),
        field: "rotation",
        reason: `${name} cannot say that it is to be shown rotated by ${stream.rotation}°`,
      }]
      : []
  );
}
