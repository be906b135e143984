/**
 * `muxwell tag`: edits what a file says of itself.
 *
 * @module
 */

import { readFile } from "node:fs/promises";
import type { Metadata, Picture } from "../../mod.ts";
import { MuxError } from "../errors.ts";
import { tag } from "../repair/mod.ts";
import { onlyOperand, parseCommandLine, toPath, UsageError } from "./arguments.ts";
import { formatBytes } from "./format.ts";
import type { Io } from "./io.ts";
import { openOutput } from "./output.ts";
import { explain } from "./source.ts";
import { storedName, tagsFrom } from "./tags.ts";

/** What `muxwell tag --help` says. */
export const TAG_HELP = `Sets and removes what an .asf, .wmv or .wma file says of itself.

Usage: muxwell tag FILE [options]

FILE is changed in place where its header has room, and else written anew; with
-o it stays as it is. Everything that is not named stays too. A recording that
goes on is refused, and one that was never finished: repair it first.

Options:
      --title TEXT
      --author TEXT
      --copyright TEXT
      --description TEXT
      --set NAME=VALUE  genre, year, albumTitle, albumArtist, trackNumber, or
                        any attribute, such as WM/Mood; repeatable
      --remove NAME     an attribute that goes, such as Title; repeatable
      --picture IMAGE   a cover, in place of all pictures there are: JPEG, PNG,
                        GIF or BMP; repeatable
  -o, --output OUTPUT   where the tagged file goes; - for standard output
      --force           also if FILE is marked unfinished, or something else
                        still writes to it, which may lose what that writes
  -h, --help            this text

Examples:
  muxwell tag song.wma --title "A song" --set genre=Song --picture cover.jpg
  muxwell tag song.wma --remove WM/Picture
`;

const OPTIONS = {
  "title": { type: "string" },
  "author": { type: "string" },
  "copyright": { type: "string" },
  "description": { type: "string" },
  "set": { type: "string", multiple: true },
  "remove": { type: "string", multiple: true },
  "picture": { type: "string", multiple: true },
  "output": { type: "string", short: "o" },
  "force": { type: "boolean" },
  "help": { type: "boolean", short: "h" },
} as const;

/** Runs the command; answers the exit code. @throws {UsageError} */
export async function runTag(args: readonly string[], io: Io): Promise<number> {
  const { values, positionals } = parseCommandLine(args, OPTIONS);
  if (values.help) return void await io.print(TAG_HELP), 0;
  const path = toPath(onlyOperand(positionals, "FILE"));
  const { title, author, copyright, description, picture, remove = [] } = values;
  const set: Metadata = tagsFrom(values);
  const isNothing = [title, author, copyright, description, picture, values.set, values.remove].every((one) =>
    one === undefined
  );
  if (isNothing) throw new UsageError(`nothing is to be changed; "muxwell inspect ${path}" shows what is there`);
  if (picture !== undefined) set.pictures = await Promise.all(picture.map(readPicture));
  const output = await openOutput(path, values.output, io);
  const changes = { set, remove: remove.map(storedName) };
  const report = await explain(path, tag(path, changes, { output: output?.sink, force: values.force }));
  const how = report.wasRewritten ? "written anew" : "changed in place";
  const signature = report.droppedSignature ? ", digital signature dropped" : "";
  const room = formatBytes(report.paddingBytes);
  io.report(`${output?.name ?? path}: ${how}, ${formatBytes(report.size)}, room for ${room} more${signature}\n`);
  return 0;
}

/** First bytes of image files, and what they are. */
const SIGNATURES: readonly (readonly [first: readonly number[], mimeType: string])[] = [
  [[0xff, 0xd8, 0xff], "image/jpeg"],
  [[0x89, 0x50, 0x4e, 0x47], "image/png"],
  [[0x47, 0x49, 0x46, 0x38], "image/gif"],
  [[0x42, 0x4d], "image/bmp"],
];

async function readPicture(operand: string): Promise<Picture> {
  const path = toPath(operand);
  const data = new Uint8Array(await explain(path, readFile(path)));
  const known = SIGNATURES.find(([first]) => first.every((byte, at) => data[at] === byte));
  if (known === undefined) {
    throw new MuxError("bad-media", { action: `use ${path}`, reason: "it is no JPEG, PNG, GIF or BMP picture" });
  }
  return { data, mimeType: known[1] };
}
