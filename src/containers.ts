/**
 * The containers by file name extension; alone imports every one of them.
 *
 * @module
 */

import { asf } from "./asf/mod.ts";
import type { Container } from "./container/container.ts";

const CONTAINERS: readonly (() => Container)[] = [asf];

/** Extensions that have a container, with their dot. */
export const CONTAINER_EXTENSIONS: readonly string[] = CONTAINERS.flatMap((make) => make().extensions);

/** The container for files with this extension, dot included, whatever its case. */
export function containerFor(extension: string): Container | undefined {
  const wanted = extension.toLowerCase();
  return CONTAINERS.map((make) => make()).find(({ extensions }) => extensions.includes(wanted));
}
