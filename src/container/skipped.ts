import type { Opening } from "./container.ts";

/**
 * Microseconds at the beginning of a container's one stream that are not to be heard: as its first sample says, or what
 * lies before the caller's zero.
 */
export function skippedAtStart({ trimStarts, presentationStart = 0, firstTimestamps }: Opening): number {
  const before = presentationStart - (firstTimestamps?.[0] ?? presentationStart);
  return Math.max(trimStarts?.[0] ?? 0, before || 0);
}
