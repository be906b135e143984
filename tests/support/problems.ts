import type { Container } from "../../src/container/container.ts";
import { problemText } from "../../src/errors.ts";
import type { StreamConfig } from "../../src/media/stream_config.ts";

/** What keeps a container from holding streams, one line each. */
export function problemsOf(container: Container, streams: readonly StreamConfig[]): string[] {
  return container.check(streams).map(problemText);
}
