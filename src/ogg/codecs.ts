/**
 * Codecs in Ogg: their headers, each in packets, and how long packets last ([RFC 7845], [Vorbis I] A, [Ogg FLAC]).
 *
 * @module
 */

import { concatBytes } from "../bytes/bytes.ts";
import { ByteWriter } from "../bytes/byte_writer.ts";
import type { AudioCodec, AudioFacts } from "../media/codecs/codec.ts";
import { cannotDescribe } from "../media/codecs/common.ts";
import { flac } from "../media/codecs/flac.ts";
import { FLAC_COMMENT, FLAC_PICTURE, FLAC_STREAM_INFO, flacBlock } from "../media/codecs/flac_block.ts";
import { flacBlockSize } from "../media/codecs/flac_frame.ts";
import { opus } from "../media/codecs/opus.ts";
import { opusPacketSamples } from "../media/codecs/opus_packet.ts";
import { vorbis } from "../media/codecs/vorbis.ts";
import { vorbisPacketSamples, xiphLaced } from "../media/codecs/vorbis_packet.ts";
import type { Framing } from "../media/framing.ts";
import type { Metadata } from "../media/metadata.ts";
import type { ChunkMetadata } from "../media/sample.ts";
import type { AudioStream } from "../media/stream_config.ts";
import { encodeComments, encodePictures } from "../media/vorbis_comment.ts";

/** A described stream. */
export interface OggStream {
  /** What granule positions count, Hz. */
  readonly rate: number;
  readonly framing: Framing;
  /** Bit/s, where it is known. */
  readonly bitrate?: number;
  /** The codec private data that it was made of. */
  readonly description: Uint8Array;
  /** The first packet, which has a page of its own, and the others. `skipped`: samples at the beginning, or what it says. */
  headers(metadata: Metadata, skipped?: number): Uint8Array[];
  /** Samples of one channel in each packet, in turn. */
  samplesOf(data: Uint8Array): number;
  /** Whether the header says how many samples at the beginning are skipped; else granule positions begin below zero. */
  readonly saysSkipped: boolean;
}

const CODECS: readonly (readonly [codec: AudioCodec, make: (facts: AudioFacts, config: AudioStream) => Made])[] = [
  [opus, makeOpus],
  [vorbis, makeVorbis],
  [flac, makeFlac],
];

type Made = Pick<OggStream, "headers" | "samplesOf" | "saysSkipped"> & { readonly rate?: number };

/** How the codecs are written in configurations. */
export const OGG_CODECS = "Opus (opus), Vorbis (vorbis), FLAC (flac)";

/** The codec of a stream, if there is one. */
export function oggCodec({ codec }: AudioStream): AudioCodec | undefined {
  return CODECS.find(([entry]) => entry.matches(codec))?.[0];
}

/** Describes a stream; `undefined` while something is missing. @throws {MuxError} `bad-media` */
export function describeOgg(config: AudioStream, metadata?: ChunkMetadata, data?: Uint8Array): OggStream | undefined {
  const [codec, make] = CODECS.find(([entry]) => entry.matches(config.codec))!;
  const facts = codec.parse(config, metadata, data);
  if (facts === undefined) return undefined;
  const description = facts.privateData!.slice();
  const made = make({ ...facts, privateData: description }, config);
  return {
    rate: facts.sampleRate ?? config.sampleRate,
    framing: facts.framing!,
    bitrate: config.bitrate ?? facts.bitrate,
    description,
    ...made,
  };
}

function makeOpus({ privateData: head }: AudioFacts): Made {
  return {
    rate: 48_000,
    saysSkipped: true,
    headers(metadata, skipped) {
      const own = head!.slice();
      if (skipped !== undefined) new DataView(own.buffer).setUint16(10, Math.min(skipped, 0xFFFF), true);
      return [
        own,
        concatBytes(new TextEncoder().encode("OpusTags"), encodeComments(metadata, encodePictures(metadata))),
      ];
    },
    samplesOf: (data) => opusPacketSamples(data) ?? 0,
  };
}

function makeVorbis({ privateData: description }: AudioFacts, config: AudioStream): Made {
  const samplesOf = vorbisPacketSamples(description!);
  const [identification, , setup] = xiphLaced(description!);
  if (samplesOf === undefined) throw cannotDescribe(config, "bad-media", "its Vorbis setup header has no modes");
  const end = Uint8Array.of(1);
  let hasBegun = false;
  return {
    saysSkipped: false,
    headers: (metadata) => [
      identification!,
      concatBytes(new TextEncoder().encode("\x03vorbis"), encodeComments(metadata, encodePictures(metadata)), end),
      setup!,
    ],
    samplesOf(data) {
      const sampleCount = samplesOf(data);
      if (hasBegun) return sampleCount;
      hasBegun = true;
      return 0; // the first packet only prepares the next
    },
  };
}

function makeFlac({ privateData: info }: AudioFacts): Made {
  return {
    saysSkipped: false,
    headers(metadata) {
      const pictures = encodePictures(metadata);
      const blocks = [
        flacBlock(FLAC_COMMENT, encodeComments(metadata), pictures.length === 0),
        ...pictures.map((picture, i) => flacBlock(FLAC_PICTURE, picture, i === pictures.length - 1)),
      ];
      const w = new ByteWriter("big");
      w.u8(0x7F);
      w.text("FLAC");
      w.u16(0x100); // version 1.0
      w.u16(blocks.length);
      w.text("fLaC");
      // How many samples there are is not known.
      const open = info!.slice();
      open[13]! &= 0xF0;
      open.fill(0, 14);
      w.bytes(flacBlock(FLAC_STREAM_INFO, open, false));
      return [w.toUint8Array(), ...blocks];
    },
    samplesOf: (data) => flacBlockSize(data),
  };
}
