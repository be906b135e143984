/**
 * What is repaired: a file by its name, or whatever can be read and changed.
 *
 * @module
 */

import { MuxError } from "../errors.ts";
import { DATA_HEAD_BYTES, type Head, readHead } from "../inspect/asf/head.ts";
import { type Input, openInput } from "../inspect/byte_source.ts";
import { type FileProblem, ProblemList } from "../inspect/problems.ts";
import { MIN_PACKET_BYTES } from "../packets/packet_reader.ts";
import { type Editable, openEditable, type OpenFile } from "../sinks/editable_file.ts";

/** A file by its path or URL, or anything that can be read and changed like one. */
export type FileTarget = string | URL | Editable;

/** A file and what its header says. */
export interface OpenTarget {
  readonly file: Editable;
  readonly input: Input;
  /** With a Data Object: where one should be, if there is none. */
  readonly head: Head;
  /** What stands where the Data Object should begin. */
  readonly dataHead: Uint8Array;
  readonly packetBytes: number;
  /** What is wrong with the header. */
  readonly problems: readonly FileProblem[];
}

/** What is done with a target. */
export interface Use {
  /** `change`: if it is finished; `repair`: also if it is not. */
  readonly mode: "read" | "change" | "repair";
  /** Whatever else it is, and whoever writes to it. */
  readonly force?: boolean;
}

/** What may be said of every change. */
export interface ForceOption {
  /**
   * Changes the file although something else writes to it, or, in `tag`, although it was never finished. What others write
   * meanwhile may be lost, and the file may end up broken. Default false.
   */
  force?: boolean;
}

const MAX_PACKET_BYTES = 1 << 24;

/** More objects are never behind the packets. */
export const MAX_OBJECT_COUNT = 1024;

/** Broken, the objects of a header cannot be told apart. */
const LAYOUT_RULES: ReadonlySet<string> = new Set(["H01", "H04", "T04", "X02"]);

/** Refuses a header that cannot be put together anew. @throws {MuxError} `bad-media` */
export function requireSoundHeader({ problems }: OpenTarget, action: string): void {
  const unsound = problems.find(({ rule }) => LAYOUT_RULES.has(rule));
  if (unsound === undefined) return;
  throw new MuxError("bad-media", { action, reason: `its header is not sound, ${unsound.message}` });
}

/**
 * Opens a target for the length of `use`.
 *
 * @throws {MuxError} `bad-media` when its header does not tell what packets need, or when it is not finished and is to be
 * changed; `in-use` when it is to be changed or repaired, and something else writes to it.
 */
export async function withTarget<T>(
  target: FileTarget,
  { mode, force = false }: Use,
  use: (target: OpenTarget) => Promise<T>,
): Promise<T> {
  const isPath = typeof target === "string" || target instanceof URL;
  if (!isPath && !(typeof target?.read === "function" && typeof target.size === "number")) {
    throw new TypeError("Cannot open file: the target must be a path, a URL or have size, read() and write()");
  }
  const opened: OpenFile | undefined = isPath
    ? await openEditable(target, mode === "read" ? "read" : "change", force)
    : undefined;
  try {
    const open = await openTarget(opened ?? target as Editable);
    if (mode !== "read" && !force && isUnfinished(open.head)) {
      if (mode === "change") {
        throw new MuxError(
          "bad-media",
          { action: "change file", reason: "it is marked unfinished; if nothing writes to it, repair it first" },
        );
      }
      await opened?.settle();
    }
    return await use(open);
  } finally {
    await opened?.close();
  }
}

/** Whether the header is one of a file that goes on, or whose writer never came to its end. */
function isUnfinished({ header }: Head): boolean {
  const { isBroadcast = false, fileBytes } = header.fileProperties ?? {};
  return header.isUnfinished || isBroadcast || fileBytes === 0;
}

async function openTarget(file: Editable): Promise<OpenTarget> {
  const input = openInput(file);
  const problems = new ProblemList();
  const head = await readHead(input, problems);
  const { header, isComplete, bytes } = head;
  const packetBytes = header.fileProperties?.maxPacketBytes ?? 0;
  const missing = !isComplete
    ? `the header of ${header.size} bytes is cut off`
    : packetBytes < MIN_PACKET_BYTES || packetBytes > MAX_PACKET_BYTES
    ? `packets of ${packetBytes} bytes are not possible`
    : header.streams.length === 0
    ? "the header describes no stream"
    : undefined;
  if (missing !== undefined) throw new MuxError("bad-media", { action: "open file", reason: missing });
  const data = head.data ??
    { offset: bytes.byteLength, size: DATA_HEAD_BYTES, fileId: "", packetCount: 0, reserved: 0x0101 };
  const dataHead = new Uint8Array(DATA_HEAD_BYTES);
  dataHead.set(await input.read(data.offset, DATA_HEAD_BYTES));
  return { file, input, head: { ...head, data }, dataHead, packetBytes, problems: problems.kept };
}
