/**
 * MPEG audio of layers I and II as WAVE describes it.
 *
 * @module
 */

/** WAVE format tag. */
export const MPEG_AUDIO_TAG = 0x0050;

/** Bit rates of MPEG-1 layers I and II, kb/s ([ISO 11172-3] 2.4.2.3), and of MPEG-2's layers II and III. */
const LAYER_1_RATES = [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448];
const LAYER_2_RATES = [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384];
const LOW_RATES = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];

/** MPEG1WAVEFORMAT behind `cbSize`: layer, bit rate, mode, extension, emphasis, flags, time. */
export function mpegAudioFormat(frame: Uint8Array | undefined, layer: 1 | 2): Uint8Array | undefined {
  if (frame === undefined || frame.byteLength < 4 || frame[0] !== 0xFF) return undefined;
  const isMpeg1 = (frame[1]! & 0x08) !== 0;
  const rates = !isMpeg1 ? LOW_RATES : layer === 1 ? LAYER_1_RATES : LAYER_2_RATES;
  const format = new DataView(new ArrayBuffer(22));
  format.setUint16(0, layer, true);
  format.setUint32(2, 1000 * (rates[frame[2]! >> 4] ?? 0), true);
  format.setUint16(6, 1 << (frame[3]! >> 6), true); // stereo, joint, dual, mono
  format.setUint16(8, 1 << (frame[3]! >> 4 & 3), true);
  format.setUint16(10, 1 + (frame[3]! & 3), true);
  format.setUint16(12, isMpeg1 ? 0x10 : 0, true);
  return new Uint8Array(format.buffer);
}
