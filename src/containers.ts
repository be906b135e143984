/**
 * Every container of the library, by name and by file name extension. The one place that knows them all.
 *
 * @module
 */

import { ac3 } from "./ac3/mod.ts";
import { adts } from "./adts/mod.ts";
import { amr } from "./amr/mod.ts";
import { asf } from "./asf/mod.ts";
import type { Container } from "./container/container.ts";
import { eac3 } from "./eac3/mod.ts";
import { flac } from "./flac/mod.ts";
import type { StreamConfig } from "./media/stream_config.ts";
import { matroska, webm } from "./matroska/mod.ts";
import { mp3 } from "./mp3/mod.ts";
import { mov, mp4, threegp } from "./mp4/mod.ts";
import { mpegts } from "./mpegts/mod.ts";
import { ogg } from "./ogg/mod.ts";
import { wave } from "./wave/mod.ts";

/** Makes each with its defaults; the first that has an extension counts. */
const FACTORIES: readonly (() => Container)[] = [
  asf,
  mp4,
  matroska,
  webm,
  wave,
  adts,
  mp3,
  mpegts,
  flac,
  ogg,
  ac3,
  eac3,
  amr,
  mov,
  threegp,
];

/**
 * One of each container, with its defaults.
 *
 * @example
 * ```ts
 * import { allContainers } from "@muxwell/muxwell";
 *
 * console.log(allContainers().map(({ name }) => name));
 * ```
 */
export function allContainers(): Container[] {
  return FACTORIES.map((create) => create());
}

/**
 * The container of this name, such as `"asf"`.
 *
 * @example
 * ```ts
 * import { containerByName } from "@muxwell/muxwell";
 *
 * console.log(containerByName("asf")?.extensions);
 * ```
 */
export function containerByName(name: string): Container | undefined {
  return allContainers().find((container) => container.name === name);
}

/**
 * The container that a path or URL asks for by its extension, in either case.
 *
 * @example
 * ```ts
 * import { containerForPath } from "@muxwell/muxwell";
 *
 * console.log(containerForPath("film.wmv")?.name);
 * ```
 */
export function containerForPath(path: string | URL): Container | undefined {
  const name = typeof path === "string" ? path : path.pathname;
  const extension = name.match(/\.[^./\\]+$/)?.[0].toLowerCase();
  return allContainers().find(({ extensions }) => extension !== undefined && extensions.includes(extension));
}

/**
 * The containers that can hold these streams.
 *
 * @example
 * ```ts
 * import { containersFor } from "@muxwell/muxwell";
 *
 * console.log(containersFor([{ kind: "audio", codec: "mp3", sampleRate: 44100, numberOfChannels: 2 }]).length);
 * ```
 */
export function containersFor(streams: readonly StreamConfig[]): Container[] {
  return allContainers().filter((container) => container.check(streams).length === 0);
}
