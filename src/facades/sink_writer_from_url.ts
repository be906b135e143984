/**
 * A sink writer for a file, as `MFCreateSinkWriterFromURL` makes one. Apart from the class, so that who names a container
 * loads that one alone.
 *
 * @module
 */

import type { Container } from "../container/container.ts";
import { allContainers, containerForPath } from "../containers.ts";
import { MuxError } from "../errors.ts";
import { fileSink } from "../sinks/file_sink.ts";
import { MF_E_NOT_FOUND } from "./hresults.ts";
import { SinkWriter, type SinkWriterOptions } from "./sink_writer.ts";

/**
 * A writer for a file. The container is the option's, else that of the file name's extension; with `sinks` the output
 * goes to those, and the name only tells the extension. Any container can be asked for, so all of them are loaded.
 *
 * @example
 * ```ts
 * import { createSinkWriterFromUrl } from "@muxwell/muxwell";
 *
 * const writer = createSinkWriterFromUrl("film.wmv"); // opened by beginWriting
 * writer.addStream({ kind: "audio", codec: "pcm-s16", sampleRate: 8000, numberOfChannels: 1 });
 * console.log(writer.state); // configuring
 * ```
 *
 * @param url A path or a `file:` URL.
 * @throws {MuxError} `unsupported` if there is no container for the extension, or the URL is not a file's.
 * @throws {TypeError} With a media sink, which has no file.
 */
export function createSinkWriterFromUrl(url: string | URL, options: Partial<SinkWriterOptions> = {}): SinkWriter {
  if (options.mediaSink) throw new TypeError("Cannot create sink writer: a mediaSink has no URL");
  const container = options.container ?? containerOf(url);
  return new SinkWriter({ ...options, container, sinks: options.sinks ?? [fileSink(pathOf(url))] });
}

/** Two letters at least: what has one is a drive. */
const SCHEME = /^[a-z][a-z\d+.-]+:/i;

function pathOf(url: string | URL): string | URL {
  if (typeof url === "string" && !SCHEME.test(url)) return url;
  const parsed = new URL(url);
  if (parsed.protocol === "file:") return parsed;
  const text = {
    action: `write to ${url}`,
    reason: "only paths and file: URLs are files; pass sinks for anything else",
  };
  throw new MuxError("unsupported", text, { hresult: MF_E_NOT_FOUND });
}

function containerOf(url: string | URL): Container {
  const container = containerForPath(typeof url === "string" && SCHEME.test(url) ? new URL(url) : url);
  if (container) return container;
  const known = allContainers().flatMap(({ extensions }) => extensions).join(", ");
  throw new MuxError("unsupported", {
    action: `choose a container for ${url}`,
    reason: `the known extensions are ${known}`,
  }, {
    hresult: MF_E_NOT_FOUND,
  });
}
