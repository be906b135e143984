/**
 * What a described stream is, in the terms of its codec: alike for every container.
 *
 * @module
 */

/** Colours by their numbers ([H.265] E.3.1); what is undefined is not known. */
export interface ColorCodes {
  readonly primaries: number | undefined;
  readonly transfer: number | undefined;
  readonly matrix: number | undefined;
  readonly isFullRange: boolean | undefined;
}

/** A described video stream. */
export interface VideoDescription {
  readonly kind: "video";
  /** For people: `"H.264 / AVC"`. */
  readonly codecName: string;
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
}

/** A described audio stream. */
export interface AudioDescription {
  readonly kind: "audio";
  /** For people: `"AAC"`. */
  readonly codecName: string;
  readonly sampleRate: number;
  readonly numberOfChannels: number;
  /** Bits of a sample of one channel, where the codec keeps that. */
  readonly bitsPerSample?: number;
  /** Bit/s if known. */
  readonly bitrate?: number;
}
