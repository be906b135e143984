/**
 * MediaInfo: an independent reader of headers.
 *
 * @module
 */

import { lines, runOk } from "../run.ts";
import { compareWith, type Expectation } from "./verdict.ts";

/** What MediaInfo has to complain about. */
export async function mediainfoComplaints(path: string, expected: Expectation): Promise<string[]> {
  const { stdout, stderr } = await runOk("mediainfo", ["--Output=JSON", path]);
  const tracks: Record<string, string>[] = JSON.parse(stdout).media.track;
  const general = tracks.find((track) => track["@type"] === "General") ?? {};
  const kinds = tracks.map((track) => track["@type"]!.toLowerCase()).filter((kind) => /video|audio/.test(kind));
  return [
    ...lines(stderr),
    ...stdout.match(/"(IsTruncated|Conformance\w*)".*/g) ?? [],
    ...(general["Format"] === "Windows Media" ? [] : [`calls the format ${general["Format"]}`]),
    ...compareWith(expected, { kinds, durationMs: Number(general["Duration"]) * 1000, title: general["Title"] ?? "" }),
  ];
}
