/**
 * Languages of tracks.
 *
 * @module
 */

/** A code of ISO 639-2, or a BCP 47 tag, as BCP 47, which has the shorter code where there is one; "und" is none. */
export function languageTag(code: string): string | undefined {
  if (code === "" || code === "und") return undefined;
  try {
    return Intl.getCanonicalLocales(code)[0];
  } catch {
    return undefined;
  }
}
