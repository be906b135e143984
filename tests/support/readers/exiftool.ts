/**
 * ExifTool: sizes of objects, every tag.
 *
 * @module
 */

import { lines, run } from "../run.ts";
import { compareWith, type Expectation } from "./verdict.ts";

/** What ExifTool has to complain about. Its duration includes the preroll and is not compared. */
export async function exiftoolComplaints(path: string, expected: Expectation): Promise<string[]> {
  const { code, stdout, stderr } = await run("exiftool", [
    ...["-json", "-all", "-validate", "-warning", "-error", "-duplicates", path],
  ]);
  const [tags = {}] = code === 0 ? JSON.parse(stdout) : [];
  return [
    ...(code === 0 ? [] : [`exit code ${code}`]),
    ...lines(stderr),
    ...Object.entries(tags).filter(([name]) => /^(Warning|Error)\b/.test(name)).map(([name, text]) =>
      `${name}: ${text}`
    ),
    ...(tags["Validate"] === "OK" ? [] : [`validates as ${tags["Validate"]}`]),
    ...compareWith(expected, { title: String(tags["Title"] ?? "") }),
  ];
}
