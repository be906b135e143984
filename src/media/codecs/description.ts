/**
 * What a described stream is, in the terms of the RIFF family (FourCC, format tag, codec data) that ASF, WAVE and AVI
 * share.
 *
 * @module
 */

import type { Framing } from "../framing.ts";
import type { DataStream } from "../stream_config.ts";

/** A described video stream. */
export interface VideoDescription {
  readonly kind: "video";
  /** For people: `"H.264 / AVC"`. */
  readonly codecName: string;
  /** Four characters, as stored in `biCompression`. */
  readonly fourcc: string;
  readonly codedWidth: number;
  readonly codedHeight: number;
  /** Pixel aspect ratio; 1:1 when square or unknown. */
  readonly pixelAspectWidth: number;
  readonly pixelAspectHeight: number;
  /** How many samples may overtake one on the way from decode to presentation order; 0: none. */
  readonly reorderDepth: number;
  /** Frames per second if known. */
  readonly framerate?: number;
  /** Bit/s if known. */
  readonly bitrate?: number;
  /** What follows BITMAPINFOHEADER. */
  readonly extraData: Uint8Array;
  /** How access units are re-framed; absent: they are carried as they are. */
  readonly framing?: Framing;
}

/** A described audio stream. */
export interface AudioDescription {
  readonly kind: "audio";
  /** For people: `"AAC"`. */
  readonly codecName: string;
  /** `wFormatTag`. */
  readonly formatTag: number;
  readonly sampleRate: number;
  readonly numberOfChannels: number;
  /** `wBitsPerSample`. */
  readonly bitsPerSample: number;
  /** `nBlockAlign`, at least 1. */
  readonly blockBytes: number;
  /** `nAvgBytesPerSec`, at least 1. */
  readonly bytesPerSecond: number;
  /** Whether `bytesPerSecond` is known and not a guess. */
  readonly bitrateKnown: boolean;
  /** What follows `cbSize`. */
  readonly extraData: Uint8Array;
  /** Speakers of PCM (`dwChannelMask`); absent: those usual for the number of channels. */
  readonly channelMask?: number;
  /** Bits of PCM that count (`wValidBitsPerSample`); absent: all. */
  readonly validBits?: number;
  /** How access units are re-framed; absent: they are carried as they are. */
  readonly framing?: Framing;
}

/** A described stream that is neither: its configuration says all. */
export interface DataDescription {
  readonly kind: "data";
  /** A copy. */
  readonly config: DataStream;
  /** The configuration's `description`. */
  readonly extraData: Uint8Array;
  /** How samples are checked, and made whole. */
  readonly framing?: Framing;
}

/** A described stream. */
export type StreamDescription = VideoDescription | AudioDescription | DataDescription;
