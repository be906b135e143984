/**
 * Languages.
 *
 * @module
 */

/** ISO 639-2 or BCP 47 as canonical BCP 47, which has the shorter code where there is one; `undefined`: not known. */
export function languageTag(code: string): string | undefined {
  if (code === "" || code === "und") return undefined;
  try {
    return Intl.getCanonicalLocales(code)[0];
  } catch {
    return undefined;
  }
}
