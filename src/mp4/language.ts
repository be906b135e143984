/**
 * Languages in MP4: three letters, packed ([ISO 14496-12] 8.4.2).
 *
 * @module
 */

/** Five bits a letter. */
export function packLanguage(letters: string): number {
  return [...letters].reduce((packed, letter) => packed << 5 | letter.charCodeAt(0) - 0x60, 0);
}
