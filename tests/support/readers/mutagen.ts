/**
 * mutagen: strict about the number and sizes of header objects.
 *
 * @module
 */

import { PYTHON } from "../readers.ts";
import { lines, run } from "../run.ts";
import { compareWith, type Expectation } from "./verdict.ts";

const SCRIPT = `
import json, sys, mutagen.asf
file = mutagen.asf.ASF(sys.argv[1])
tags = {name: [str(value) for value in values] for name, values in file.tags.as_dict().items()}
json.dump({"length": file.info.length, "channels": file.info.channels, "tags": tags}, sys.stdout)
`;

/** What mutagen has to complain about. */
export async function mutagenComplaints(path: string, expected: Expectation): Promise<string[]> {
  const { code, stdout, stderr } = await run(PYTHON, ["-W", "error", "-c", SCRIPT, path]);
  if (code !== 0) return [`exit code ${code}`, ...lines(stderr).slice(-1)];
  const { length, channels, tags } = JSON.parse(stdout);
  return [
    ...lines(stderr),
    ...(expected.kinds.includes("audio") === channels > 0 ? [] : [`finds ${channels} audio channels`]),
    ...compareWith(expected, { durationMs: length * 1000, title: tags["Title"]?.[0] ?? "" }),
  ];
}
