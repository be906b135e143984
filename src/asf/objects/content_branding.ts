import * as GUID from "../guids.ts";
import type { ObjectSpec } from "../object.ts";

/** Kinds of banner images. */
export const BANNER_TYPE = { none: 0, "image/bmp": 1, "image/jpeg": 2, "image/gif": 3 } as const;

/** Value of {@linkcode contentBranding}. */
export interface ContentBranding {
  readonly bannerType: number;
  /** Empty without a banner. */
  readonly banner: Uint8Array;
  /** ASCII. */
  readonly bannerUrl: string;
  /** ASCII. */
  readonly copyrightUrl: string;
}

/** Content Branding Object ([ASF] 3.13): banner type u32, then image, its address and the copyright's, each behind a u32. */
export const contentBranding: ObjectSpec<ContentBranding> = {
  guid: GUID.contentBranding,
  encode(w, { bannerType, banner, bannerUrl, copyrightUrl }) {
    w.u32(bannerType);
    for (const bytes of [banner, asciiBytes(bannerUrl), asciiBytes(copyrightUrl)]) {
      w.u32(bytes.byteLength);
      w.bytes(bytes);
    }
  },
};

/** With its terminator, unless it is empty. */
function asciiBytes(text: string): Uint8Array {
  return text === "" ? new Uint8Array() : Uint8Array.from(`${text}\0`, (char) => char.charCodeAt(0));
}
