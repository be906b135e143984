/**
 * Apple Lossless: packets as they are, described by an ALACSpecificConfig ([ALAC] "Magic Cookie").
 *
 * @module
 */

import type { AudioStream } from "../stream_config.ts";
import type { ChunkMetadata } from "../sample.ts";
import type { AudioCodec, AudioFacts } from "./codec.ts";
import { cannotDescribe, nonEmptyFraming, privateData } from "./common.ts";

/** frameLength u32, compatibleVersion u8, bitDepth u8, pb u8, mb u8, kb u8, numChannels u8, maxRun u16, two u32, sampleRate u32. */
const CONFIG_BYTES = 24;
const NAME = 0x616C_6163;
const FORMAT = 0x6672_6D61;
const NAME_BYTES = 12;

/** The configuration, whatever stands around it: an `frma` box, an `alac` box, neither. */
function findConfig(description: Uint8Array): Uint8Array | undefined {
  let rest = description;
  for (const type of [FORMAT, NAME]) {
    const view = new DataView(rest.buffer, rest.byteOffset, rest.byteLength);
    if (rest.byteLength >= NAME_BYTES && view.getUint32(4) === type) rest = rest.subarray(NAME_BYTES);
  }
  return rest.byteLength >= CONFIG_BYTES ? rest.slice(0, CONFIG_BYTES) : undefined;
}

function parse(config: AudioStream, metadata?: ChunkMetadata): AudioFacts | undefined {
  const description = privateData(config, metadata);
  if (description.byteLength === 0) return undefined;
  const found = findConfig(description);
  if (found === undefined) throw cannotDescribe(config, "bad-media", "its ALAC description is no ALACSpecificConfig");
  const view = new DataView(found.buffer);
  return {
    codecName: "Apple Lossless",
    samplesPerFrame: view.getUint32(0),
    bitsPerSample: found[5]!,
    numberOfChannels: found[9]!,
    sampleRate: view.getUint32(20),
    privateData: found,
    framing: nonEmptyFraming(config.streamNumber, "an ALAC packet"),
  };
}

/** Apple Lossless. */
export const alac: AudioCodec = {
  matches: (codec) => codec === "alac",
  parse,
  missing: () => "ALAC needs its ALACSpecificConfig as description",
};
