/**
 * Languages: three letters of ISO 639-2, made of BCP 47.
 *
 * @module
 */

/** Of the languages with two letters, those that are met. */
const THREE_LETTERS =
  "ar:ara bg:bul bn:ben ca:cat cs:ces cy:cym da:dan de:deu el:ell en:eng es:spa et:est eu:eus fa:fas fi:fin fr:fra " +
  "ga:gle gl:glg gu:guj he:heb hi:hin hr:hrv hu:hun hy:hye id:ind is:isl it:ita ja:jpn ka:kat kn:kan ko:kor la:lat " +
  "lt:lit lv:lav mk:mkd ml:mal mr:mar ms:msa mt:mlt nb:nob ne:nep nl:nld nn:nno no:nor pa:pan pl:pol pt:por ro:ron " +
  "ru:rus sk:slk sl:slv sq:sqi sr:srp sv:swe sw:swa ta:tam te:tel th:tha tl:tgl tr:tur uk:ukr ur:urd vi:vie zh:zho";
const UNDETERMINED = "und";

/** Those whose bibliographic code differs from the terminological one. */
const BIBLIOGRAPHIC =
  "ces:cze cym:wel deu:ger ell:gre eus:baq fas:per fra:fre hye:arm isl:ice kat:geo mkd:mac msa:may nld:dut ron:rum " +
  "slk:slo sqi:alb zho:chi bod:tib mri:mao mya:bur";

/** Three letters of ISO 639-2/T; "und" where there are none. */
export function threeLetters(tag: string | undefined): string {
  const primary = (tag ?? "").split("-")[0]!.toLowerCase();
  if (/^[a-z]{3}$/.test(primary)) return primary;
  return THREE_LETTERS.split(" ").find((pair) => pair.startsWith(`${primary}:`))?.slice(3) ?? UNDETERMINED;
}

/** Three letters of ISO 639-2/B, as libraries have them; "und" where there are none. */
export function bibliographicLetters(tag: string | undefined): string {
  const letters = threeLetters(tag);
  return BIBLIOGRAPHIC.split(" ").find((pair) => pair.startsWith(letters))?.slice(4) ?? letters;
}
