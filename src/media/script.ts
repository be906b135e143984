/**
 * Script commands as samples: two texts in UTF-16LE, each with a NUL behind it ([ASF] 9.3).
 *
 * @module
 */

import { badSample } from "./codecs/common.ts";
import type { Framing } from "./framing.ts";
import type { ScriptCommand } from "./metadata.ts";
import type { Sample } from "./sample.ts";

const NUL = /* @__PURE__ */ new Uint8Array(2);

/**
 * A command as a sample of a stream of kind `"script"`, for every facade. The commands that are known before the file is
 * written can stand in its header instead: `metadata.scripts`.
 *
 * @example
 * ```ts
 * import { asf, bufferSink, scriptSample, Writer } from "@muxwell/muxwell";
 *
 * await using writer = new Writer({
 *   container: asf(),
 *   sinks: [bufferSink()],
 *   streams: [{ kind: "audio", codec: "pcm-s16", sampleRate: 8000, numberOfChannels: 1 }, { kind: "script" }],
 * });
 * await writer.beginWriting();
 * await writer.writeSample(1, { data: new Uint8Array(16000), timestamp: 0, duration: 1_000_000 });
 * await writer.writeSample(2, scriptSample({ timestamp: 500_000, type: "CAPTION", text: "Silence" }));
 * await writer.endWriting();
 * ```
 *
 * @param command `timestamp` in microseconds, as that of every sample; `type` what to do, `text` with what. Neither has a
 * NUL inside, and `type` is not empty.
 * @returns A sample that owns its bytes.
 * @throws {TypeError} If a text is none.
 * @throws {RangeError} If a text has a NUL inside, or the type is empty.
 */
export function scriptSample({ timestamp, type, text }: ScriptCommand): Sample {
  for (const [name, value] of [["type", type], ["text", text]]) {
    if (typeof value !== "string") throw new TypeError(`Cannot make script sample: ${name} must be a string`);
    if (value.includes("\0")) throw new RangeError(`Cannot make script sample: ${name} must have no NUL inside`);
  }
  if (type === "") throw new RangeError("Cannot make script sample: type must not be empty");
  const units = `${type}\0${text}\0`;
  const data = new Uint8Array(2 * units.length);
  const view = new DataView(data.buffer);
  for (let i = 0; i < units.length; i++) view.setUint16(2 * i, units.charCodeAt(i), true);
  return { data, timestamp, type: "key" };
}

/** Two texts and no more; a NUL that lacks at the end is added. */
export function scriptFraming(streamNumber: number | undefined): Framing {
  return (data, _isKey, out) => {
    const first = nulAt(data, 0);
    const second = nulAt(data, first + 2);
    const isWhole = second === data.byteLength - 2;
    if (data.byteLength % 2 !== 0 || first >= data.byteLength || !isWhole && second < data.byteLength) {
      throw badSample(streamNumber, "a script command is two texts in UTF-16, each with a NUL behind it");
    }
    out.add(data);
    if (!isWhole) out.add(NUL);
  };
}

/** Position of the first NUL from a position on; the end or more if there is none. */
function nulAt(data: Uint8Array, start: number): number {
  let at = start;
  while (at + 1 < data.byteLength && (data[at] !== 0 || data[at + 1] !== 0)) at += 2;
  return at;
}
