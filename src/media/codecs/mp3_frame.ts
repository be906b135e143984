/**
 * MPEG audio frames of layer III ([ISO 11172-3] 2.4.1.3, [ISO 13818-3] 2.4.1.3).
 *
 * ```text
 * 11111111 111vvllp bbbbrrpx mmeecoee      version, layer, no checksum; bit rate, sample rate, padding; mode
 * ```
 *
 * @module
 */

/** kbit/s by `bitrate_index` ([ISO 11172-3] 2.4.2.3, [ISO 13818-3] 2.4.2.3); 0: free format. */
const MPEG1_KILOBITS = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const MPEG2_KILOBITS = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
/** Hz of MPEG-1 by `sampling_frequency`; MPEG-2 has half, MPEG-2.5 a quarter. */
const RATES = [44100, 48000, 32000];
/** From this rate on a stream is MPEG-1; below it is MPEG-2, or 2.5. */
export const MPEG1_MIN_RATE = 32_000;
const VERSION_1 = 3;
const VERSION_2 = 2;
const LAYER_3 = 1;
const MODE_MONO = 3;

/** Samples that a decoder adds at the beginning, which the tag does not count. */
export const DECODER_DELAY = 529;

/** What the header of a frame says. */
export interface FrameHeader {
  /** Its four bytes. */
  readonly bytes: readonly [number, number, number, number];
  readonly isMpeg1: boolean;
  readonly sampleRate: number;
  /** Samples of one channel in a frame. */
  readonly samplesPerFrame: number;
  readonly numberOfChannels: number;
  /** Bit/s; 0: free format. */
  readonly bitrate: number;
  /** Size of the side information behind the header and its checksum. */
  readonly sideBytes: number;
}

/** Reads a frame's header; `undefined` when it is none. */
export function parseFrame(data: Uint8Array, at = 0): FrameHeader | undefined {
  const [first, second, third, fourth] = data.subarray(at, at + 4);
  if (first !== 0xFF || second === undefined || third === undefined || fourth === undefined) return undefined;
  const version = second >> 3 & 3;
  if ((second & 0xE0) !== 0xE0 || version === 1 || (second >> 1 & 3) !== LAYER_3) return undefined;
  const isMpeg1 = version === VERSION_1;
  const kilobits = (isMpeg1 ? MPEG1_KILOBITS : MPEG2_KILOBITS)[third >> 4];
  const rate = RATES[third >> 2 & 3];
  if (kilobits === undefined || rate === undefined) return undefined;
  const sampleRate = isMpeg1 ? rate : version === VERSION_2 ? rate / 2 : rate / 4;
  const isMono = fourth >> 6 === MODE_MONO;
  return {
    bytes: [first, second, third, fourth],
    isMpeg1,
    sampleRate,
    samplesPerFrame: samplesPerFrameAt(sampleRate),
    numberOfChannels: isMono ? 1 : 2,
    bitrate: kilobits * 1000,
    sideBytes: isMpeg1 ? isMono ? 17 : 32 : isMono ? 9 : 17,
  };
}

/** Samples of one channel in a frame of a stream of this rate: MPEG-2 and 2.5 have half. */
export function samplesPerFrameAt(sampleRate: number): number {
  return sampleRate >= MPEG1_MIN_RATE ? 1152 : 576;
}

/** Size of a frame of this rate, without padding. */
function frameBytes({ samplesPerFrame, sampleRate }: FrameHeader, kilobits: number): number {
  return Math.floor(samplesPerFrame / 8 * kilobits * 1000 / sampleRate);
}

/**
 * A silent frame like this one, of at least `byteLength` bytes: its header, and zeros. Its bit rate is this one's, since
 * simple readers take the first frame's for the file's, or the smallest that is large enough. It has neither padding nor
 * checksum.
 */
export function silentFrame(like: FrameHeader, byteLength: number): Uint8Array<ArrayBuffer> {
  const table = like.isMpeg1 ? MPEG1_KILOBITS : MPEG2_KILOBITS;
  const fitting = table.findIndex((kilobits) => frameBytes(like, kilobits) >= byteLength);
  const index = fitting < 0 ? table.length - 1 : Math.max(fitting, like.bytes[2] >> 4);
  const frame = new Uint8Array(frameBytes(like, table[index]!));
  frame[0] = 0xFF;
  frame[1] = like.bytes[1] | 1;
  frame[2] = index << 4 | (like.bytes[2] & 0x0C);
  frame[3] = like.bytes[3];
  return frame;
}
