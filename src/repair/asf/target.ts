/**
 * An ASF file that is open: what its header says.
 *
 * @module
 */

import { MuxError } from "../../errors.ts";
import { DATA_HEAD_BYTES, type Head, readHead } from "../../inspect/asf/head.ts";
import type { Input } from "../../inspect/byte_source.ts";
import { type FileProblem, ProblemList } from "../../inspect/problems.ts";
import { MIN_PACKET_BYTES } from "../../packets/packet_reader.ts";
import type { Editable } from "../../sinks/editable_file.ts";
import { type FileTarget, type OpenedTarget, withFile } from "../target.ts";

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
  use: Use,
  action: (target: OpenTarget) => Promise<T>,
): Promise<T> {
  const mode = use.mode === "read" ? "read" : "change";
  return await withFile(target, { mode, force: use.force }, (opened) => withHeader(opened, use, action));
}

/** The same of a target that is open. */
export async function withHeader<T>(
  opened: OpenedTarget,
  { mode, force = false }: Use,
  use: (target: OpenTarget) => Promise<T>,
): Promise<T> {
  const open = await openTarget(opened);
  if (mode !== "read" && !force && isUnfinished(open.head)) {
    if (mode === "change") {
      throw new MuxError(
        "bad-media",
        { action: "change file", reason: "it is marked unfinished; if nothing writes to it, repair it first" },
      );
    }
    await opened.settle();
  }
  return await use(open);
}

/** Whether the header is one of a file that goes on, or whose writer never came to its end. */
function isUnfinished({ header }: Head): boolean {
  const { isBroadcast = false, fileBytes } = header.fileProperties ?? {};
  return header.isUnfinished || isBroadcast || fileBytes === 0;
}

async function openTarget({ file, input }: OpenedTarget): Promise<OpenTarget> {
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
