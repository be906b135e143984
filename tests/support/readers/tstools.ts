/**
 * tstools: reads every packet of a transport stream, its counters, clocks and tables.
 *
 * @module
 */

import { lines, run } from "../run.ts";

/** How its complaints begin, and what it counts. */
const MARKS = /^(###|!!!)|Bad \(>.1s\) gaps: [1-9]|duplicate packets: [1-9]/;

/** What `tsreport -b` and `tsinfo` have to complain about. */
export async function tstoolsComplaints(path: string): Promise<string[]> {
  const reports = await Promise.all([run("tsreport", ["-b", path]), run("tsinfo", [path])]);
  return reports.flatMap(({ code, stdout, stderr }) => [
    ...code === 0 ? [] : [`exit code ${code}`],
    ...[...lines(stdout), ...lines(stderr)].filter((line) => MARKS.test(line)),
  ]);
}
