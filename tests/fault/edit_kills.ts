/**
 * Kills commands that edit files, at each of their operations.
 *
 * @module
 */

import { fixture, withTempDir } from "../support/temp.ts";
import * as matroska from "../repair/support/matroska.ts";
import * as mp4 from "../repair/support/mp4.ts";
import { samplesOf } from "../repair/support/recording.ts";
import { runIn } from "../cli/support.ts";
import { CASES } from "./commands.ts";

/** A command that edits FILE, and what FILE holds. */
interface Edit {
  before: Uint8Array;
  extension: string;
  args(file: string): string[];
  /** Every sample, told by its content. */
  samples(bytes: Uint8Array): Promise<string[]>;
}

/** Every sample of a file, by its extension. */
const SAMPLES: Record<string, Edit["samples"]> = {
  wmv: samplesOf,
  webm: matroska.whatOf,
  mkv: matroska.whatOf,
  mp4: mp4.whatOf,
};

const inPlace = Object.entries(CASES).flatMap(([name, { before, args, extension = "wmv" }]) =>
  before === undefined ? [] : [[name, { before, args, extension, samples: SAMPLES[extension]! }] as const]
);

/** By name. */
export const EDITS: Record<string, Edit> = {
  ...Object.fromEntries(inPlace),
  "repair of WebM": {
    before: await matroska.asRecorded(await Deno.readFile(fixture("vp9.webm"))),
    extension: "webm",
    args: (file) => ["repair", file],
    samples: matroska.whatOf,
  },
  "repair of fragmented MP4": {
    before: await mp4.streamed("clip.mp4"),
    extension: "mp4",
    args: (file) => ["repair", file],
    samples: mp4.whatOf,
  },
};

/** What became of a killed edit. */
export interface KilledEdit {
  /** It was not killed: there are no more operations. */
  isOver: boolean;
  complaints: string[];
}

const PROGRAM = new URL("edit_killed.ts", import.meta.url).pathname;

/**
 * Runs an edit and kills it at its n-th operation; then runs it again. All samples that an undisturbed edit leaves must be
 * there after it, and those that were whole before, at any time.
 */
export function killEdit(name: string, nth: number, how: "half" | "whole"): Promise<KilledEdit> {
  const { before, extension, args, samples } = EDITS[name]!;
  return withTempDir(async (folder) => {
    const file = `${folder}/file.${extension}`;
    const fresh = async () => {
      await Deno.writeFile(file, before);
      await Deno.utime(file, 0, 0);
    };
    await fresh();
    await expectDone(args(file));
    const expected = await samples(await Deno.readFile(file));
    await fresh();
    const options = ["run", "--quiet", "--no-check", "--allow-all", PROGRAM, `${nth}`, how];
    const child = new Deno.Command(Deno.execPath(), { args: [...options, ...args(file)] });
    const { code, signal, stderr } = await child.output();
    if (signal === null && code !== 0) throw new Error(`${name}: ${new TextDecoder().decode(stderr)}`);
    const complaints: string[] = [];
    const complain = (text: string) => complaints.push(`${name}, killed at operation ${nth}, ${how}: ${text}`);
    // As the user does who finds a command broken off: it is taken as it is, and the command is given again.
    await Deno.utime(file, 0, 0);
    const { code: again, reported } = await runIn({}, ...args(file));
    if (again !== 0) complain(`cannot be done again: ${reported}`);
    const after = await samples(await Deno.readFile(file));
    if (after.join() !== expected.join()) complain(`has ${after.length} samples of ${expected.length}, or others`);
    return { isOver: signal === null, complaints };
  });
}

async function expectDone(args: string[]): Promise<void> {
  const { code, reported } = await runIn({}, ...args);
  if (code !== 0) throw new Error(reported);
}
