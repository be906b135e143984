/**
 * Uncompressed audio, little-endian and interleaved: integers, floating point, A-law and µ-law. A configuration with
 * WAVEFORMATEXTENSIBLE's format tag says in its description which of them it is.
 *
 * @module
 */

import type { Framing } from "../framing.ts";
import type { AudioStream } from "../stream_config.ts";
import type { AudioCodec, AudioFacts } from "./codec.ts";
import { badSample, privateData } from "./common.ts";
import { type Extensible, parseExtensible, TAG_EXTENSIBLE } from "./wave_extensible.ts";

/** WAVE format tags: integers, floating point, A-law, µ-law. */
export const TAG_INTEGER = 0x0001;
export const TAG_FLOAT = 0x0003;
export const TAG_ALAW = 0x0006;
export const TAG_ULAW = 0x0007;
/** All of them. */
export const PCM_TAGS: readonly number[] = [TAG_INTEGER, TAG_FLOAT, TAG_ALAW, TAG_ULAW];

interface Form {
  readonly formatTag: number;
  readonly bits: number;
}

/** What a stream of PCM says. */
export interface PcmFacts extends AudioFacts {
  /** What a sample of one channel is, as a WAVE format tag. */
  readonly formatTag: number;
  readonly bitsPerSample: number;
  /** Bytes of a sample of all channels. */
  readonly blockBytes: number;
  /** Speakers, a bit each (`dwChannelMask`); absent: those usual for the number of channels. */
  readonly channelMask?: number;
  /** Bits that count (`wValidBitsPerSample`); absent: all. */
  readonly validBits?: number;
}

const FORMS: Readonly<Record<string, Form>> = {
  "pcm-u8": { formatTag: TAG_INTEGER, bits: 8 },
  "pcm-s16": { formatTag: TAG_INTEGER, bits: 16 },
  "pcm-s24": { formatTag: TAG_INTEGER, bits: 24 },
  "pcm-s32": { formatTag: TAG_INTEGER, bits: 32 },
  "pcm-f32": { formatTag: TAG_FLOAT, bits: 32 },
  "pcm-f64": { formatTag: TAG_FLOAT, bits: 64 },
  "alaw": { formatTag: TAG_ALAW, bits: 8 },
  "ulaw": { formatTag: TAG_ULAW, bits: 8 },
};

const NAMES: Readonly<Record<number, string>> = {
  [TAG_INTEGER]: "PCM",
  [TAG_FLOAT]: "PCM (floating point)",
  [TAG_ALAW]: "PCM (A-law)",
  [TAG_ULAW]: "PCM (µ-law)",
};

/** What the description of format tag 0xFFFE says beside it. */
function extensibleOf(config: AudioStream): Extensible | undefined {
  return config.codec === TAG_EXTENSIBLE ? parseExtensible(privateData(config)) : undefined;
}

/** The form of a configuration, if its codec and bits name one. */
function findForm(config: AudioStream): Form | undefined {
  const { codec, bitsPerSample } = config;
  if (typeof codec === "string") return FORMS[codec];
  const tag = codec === TAG_EXTENSIBLE ? extensibleOf(config)?.formatTag : codec;
  return Object.values(FORMS).find((form) => form.formatTag === tag && form.bits === bitsPerSample);
}

function blockBytesOf(config: AudioStream, form: Form): number {
  return form.bits / 8 * config.numberOfChannels;
}

function check(config: AudioStream): string[] {
  const form = findForm(config);
  const { bitsPerSample, blockBytes, codec } = config;
  if (form === undefined) {
    if (codec === TAG_EXTENSIBLE) return ["description must say a form of PCM, in 22 bytes, for format tag 65534"];
    const choices = codec === TAG_FLOAT ? "32 or 64" : codec === TAG_INTEGER ? "8, 16, 24 or 32" : "8";
    return [`bitsPerSample must be ${choices} for format tag ${codec}, got ${bitsPerSample}`];
  }
  const problems: string[] = [];
  const bytes = blockBytesOf(config, form);
  if (bitsPerSample !== undefined && bitsPerSample !== form.bits) {
    problems.push(`bitsPerSample must be ${form.bits} for ${codec}, got ${bitsPerSample}`);
  }
  if (blockBytes !== undefined && blockBytes !== bytes) {
    problems.push(`blockBytes must be ${bytes} for ${codec}, got ${blockBytes}`);
  }
  if (bytes > 0xFFFF) problems.push(`numberOfChannels makes blocks of ${bytes} bytes, at most 65535 can be said`);
  else if (bytes * config.sampleRate > 0xFFFF_FFFF) {
    problems.push("sampleRate makes more than 4294967295 bytes a second");
  }
  return problems;
}

function makeFraming(streamNumber: number | undefined, blockBytes: number): Framing {
  return (data, _isKey, out) => {
    if (data.byteLength === 0 || data.byteLength % blockBytes !== 0) {
      throw badSample(streamNumber, `want a multiple of ${blockBytes} bytes of PCM, got ${data.byteLength}`);
    }
    out.add(data);
  };
}

function parse(config: AudioStream): PcmFacts | undefined {
  const form = findForm(config);
  if (form === undefined) return undefined;
  const blockBytes = blockBytesOf(config, form);
  return {
    codecName: NAMES[form.formatTag]!,
    formatTag: form.formatTag,
    bitsPerSample: form.bits,
    blockBytes,
    exactBitrate: blockBytes * config.sampleRate * 8,
    channelMask: extensibleOf(config)?.channelMask,
    validBits: extensibleOf(config)?.validBits,
    framing: makeFraming(config.streamNumber, blockBytes),
  };
}

/** PCM. */
export const pcm: AudioCodec<PcmFacts> = {
  matches: (codec) =>
    typeof codec === "string" ? Object.hasOwn(FORMS, codec) : codec === TAG_EXTENSIBLE || PCM_TAGS.includes(codec),
  check,
  parse,
  missing: () => "PCM needs its bitsPerSample",
};
