/**
 * Judges of Matroska: MediaConch and MKVToolNix.
 *
 * @module
 */

import { lines, run } from "../run.ts";

/** Its list of elements is older than the specification. */
const UNKNOWN_TO_MEDIACONCH =
  /\[fail:(Video is not a valid Parent Element of Projection|Projection is not a valid Parent Element of \w+|TrackEntry is not a valid Parent Element of LanguageIETF|\w+ is not a valid Parent Element of (ChapLanguageIETF|TagLanguageIETF))\.\]/;

/** What MediaConch says of files, all in one process. */
export async function mediaconchComplaints(paths: readonly string[]): Promise<string[]> {
  // It keeps a database in the user's folder, which is locked while another of it runs.
  const home = await Deno.makeTempDir({ prefix: "muxwell_" });
  const env = { HOME: home, XDG_DATA_HOME: home, XDG_CONFIG_HOME: home };
  const { stdout, stderr } = await run("mediaconch", ["-mc", "-fs", ...paths], { env });
  await Deno.remove(home, { recursive: true });
  const found = lines(stdout).flatMap((line) => line.match(/^(?:pass|fail)! (.*)/)?.[1] ?? []);
  return [
    ...lines(stderr),
    ...paths.filter((path) => !found.includes(path)).map((path) => `says nothing of ${path}`),
    ...lines(stdout).filter((line) => line.includes("[fail:") && !UNKNOWN_TO_MEDIACONCH.test(line)),
  ];
}

/** What MKVToolNix says: of a copy that it makes, and of the elements. */
export async function mkvtoolnixComplaints(path: string): Promise<string[]> {
  const copy = `${path}.copy.mkv`;
  const [merged, shown] = [
    await run("mkvmerge", ["-q", "-o", copy, path]),
    await run("mkvinfo", ["-v", "-c", path]),
  ];
  await Deno.remove(copy).catch(() => {}); // of what it refuses there is none
  return [
    ...(merged.code === 0 ? [] : [`mkvmerge: exit code ${merged.code}`]),
    ...lines(merged.stdout).map((line) => `mkvmerge: ${line}`),
    ...(shown.code === 0 ? [] : [`mkvinfo: exit code ${shown.code}`]),
    ...lines(shown.stdout).filter((line) => /error|invalid|unknown element|\(CRC\) mismatch/i.test(line)),
  ];
}
