/**
 * Judges of Matroska: MediaConch and MKVToolNix.
 *
 * @module
 */

import { lines, run } from "../run.ts";

/** What MediaConch says of files, all in one process: of those that do not pass, whole lines. */
export async function mediaconchComplaints(paths: readonly string[]): Promise<string[]> {
  const { stdout, stderr } = await run("mediaconch", ["-mc", "-fs", ...paths]);
  const found = lines(stdout).filter((line) => line.startsWith("pass! ")).map((line) => line.slice(6));
  return [
    ...lines(stderr),
    ...paths.filter((path) => !found.includes(path)).map((path) => `does not pass ${path}`),
    ...lines(stdout).filter((line) => /fail/i.test(line)),
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
