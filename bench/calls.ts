/**
 * Calls between modules that a sample goes through on its way from a facade to where its bytes are copied: counted on the
 * stack at that copy, one for each caller that stands in another module.
 *
 * @module
 */

import { asf, type Container, Writer } from "../mod.ts";
import { audioVideo } from "./media.ts";
import { nullSink, STREAMS } from "./session.ts";

const SOURCES = new URL("../src/", import.meta.url).href;

/** The modules that one sample passes, from the facade to the copy of its bytes; each is entered by one call. */
export async function modulesOnTheWay(container: Container = asf()): Promise<string[]> {
  await using writer = new Writer({ container, sinks: [nullSink()], streams: STREAMS });
  await writer.beginWriting();
  const { samples } = audioVideo(10);
  const half = samples.length >> 1; // the opening window lies behind it
  for (const sample of samples.slice(0, half)) await writer.writeSample(sample.streamNumber, sample);
  const { set } = Uint8Array.prototype;
  const { stackTraceLimit } = Error;
  let longest: string[] = [];
  try {
    Error.stackTraceLimit = 50;
    Uint8Array.prototype.set = function (...args) {
      const modules = modulesOf(new Error().stack ?? "");
      if (modules.length > longest.length) longest = modules;
      return set.apply(this, args);
    };
    for (const sample of samples.slice(half, half + 20)) await writer.writeSample(sample.streamNumber, sample);
  } finally {
    Uint8Array.prototype.set = set;
    Error.stackTraceLimit = stackTraceLimit;
  }
  for (const sample of samples.slice(half + 20)) await writer.writeSample(sample.streamNumber, sample);
  await writer.endWriting();
  return longest;
}

/** From the outermost to the innermost; neighbours in one module are one. */
function modulesOf(stack: string): string[] {
  const files = Array.from(stack.matchAll(/\(?(file:[^)\s]+?):\d+:\d+\)?$/gm), ([, file]) => file!)
    .filter((file) => file.startsWith(SOURCES))
    .map((file) => file.slice(SOURCES.length))
    .reverse();
  return files.filter((file, i) => file !== files[i - 1]);
}

if (import.meta.main) console.log((await modulesOnTheWay()).join("\n"));
