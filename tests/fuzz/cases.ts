/** Damaged files on their way through the library: only a `MuxError` may come out, and what is written must be right. */

import { asf, bufferSink, MuxError, Writer } from "../../mod.ts";
import { info, openMedia } from "../../src/demux/mod.ts";
import { AsfReader, formatTree, inspectTree, validate as judge } from "../../src/inspect/mod.ts";
import { index as addIndex, repair as mend, tag as retag } from "../../src/repair/mod.ts";
import { MemoryFile } from "../repair/support/editable.ts";
import { mutate } from "./mutate.ts";
import { Random } from "./random.ts";

/** A file to damage. */
export interface SeedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Which targets it is for. */
  readonly isAsf: boolean;
}

/** What was done with a file. */
export interface CaseReport {
  readonly target: string;
  readonly file: string;
  /** How it ended: `ok`, or the code of the error. */
  readonly outcome: string;
}

/** An outcome that must not be. */
export class Finding extends Error {
  override name = "Finding";
}

/** Bigger inputs only make the same cases slower. */
const MAX_INPUT_BYTES = 1 << 20;

type Target = (bytes: Uint8Array<ArrayBuffer>, random: Random) => Promise<void>;

const TARGETS: Readonly<Record<string, Target>> = { inspect, tree, streamed, validate, repair, index, tag, mux };
/** For what is no ASF. */
const MEDIA_TARGETS: Readonly<Record<string, Target>> = { tree, validate, media, about, mend: mendMedia, mux };

/** Runs one case: which file, what damage and which target follow from the seed and the number alone. */
export async function runCase(files: readonly SeedFile[], seed: number, number: number): Promise<CaseReport> {
  const random = new Random(Math.imul(seed, 0x9e37_79b1) + number);
  const file = random.pick(files);
  const mutated = mutate(file.bytes, random.pick(files).bytes, random);
  const bytes = new Uint8Array(mutated.subarray(0, MAX_INPUT_BYTES));
  const targets = file.isAsf ? TARGETS : MEDIA_TARGETS;
  const target = random.pick(Object.keys(targets));
  try {
    await targets[target]!(bytes, random);
    return { target, file: file.name, outcome: "ok" };
  } catch (error) {
    if (error instanceof MuxError) return { target, file: file.name, outcome: error.code };
    throw new Finding(`case ${number} of seed ${seed}: ${target}, ${file.name}: ${error}`, { cause: error });
  }
}

async function inspect(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const reader = await AsfReader.open(bytes);
  await readAll(reader);
  for await (const _ of reader.packets()) { /* taken apart */ }
}

/** As a stream in pieces of any size. */
async function streamed(bytes: Uint8Array<ArrayBuffer>, random: Random): Promise<void> {
  await readAll(await AsfReader.openIncomplete(inPieces(bytes, random)));
}

async function readAll(reader: AsfReader): Promise<void> {
  let byteLength = 0;
  for await (const { data } of reader.samples()) byteLength += data.byteLength;
  await reader.indexes();
  // Compressed payloads and repeats do not add bytes: nothing comes out that has not come in.
  if (reader.size !== undefined && byteLength > reader.size) {
    throw new Error(`samples of ${byteLength} bytes out of ${reader.size}`);
  }
}

async function tree(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const shown = await inspectTree(bytes, { packets: true });
  if (formatTree(shown).length === 0) throw new Error("no text");
}

async function validate(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  await judge(bytes);
}

/** What was repaired holds what the report says, and has nothing left to repair. */
async function repair(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const file = new MemoryFile(bytes);
  const { packetCount, size } = await mend(file);
  const reader = await AsfReader.open(file.bytes);
  let found = 0;
  for await (const _ of reader.packets()) found++;
  if (found !== packetCount || size !== file.size) {
    throw new Error(`repaired: ${found} packets in ${file.size} bytes, ${packetCount} in ${size} reported`);
  }
  const again = await mend(new MemoryFile(file.bytes));
  if (again.lostBytes > 0 || again.lostObjectCount > 0 || again.wasRewritten) {
    throw new Error(`repaired twice: ${again.lostBytes} bytes and ${again.lostObjectCount} objects lost again`);
  }
}

/** What was repaired is as large as the report says, and repairing it once more finds all of it again. */
async function mendMedia(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const file = new MemoryFile(bytes);
  const { packetCount, size } = await mend(file);
  if (size !== file.size) throw new Error(`repaired: ${file.size} bytes, ${size} reported`);
  const again = await mend(file);
  if (again.packetCount !== packetCount || again.size !== file.size) {
    throw new Error(`repaired twice: ${again.packetCount} of ${packetCount} samples are left`);
  }
}

async function index(bytes: Uint8Array<ArrayBuffer>, random: Random): Promise<void> {
  const file = new MemoryFile(bytes);
  await addIndex(file, { indexIntervalMs: random.pick([20, 200, 5000]) });
  await (await AsfReader.open(file.bytes)).indexes();
}

async function tag(bytes: Uint8Array<ArrayBuffer>, random: Random): Promise<void> {
  const file = new MemoryFile(bytes);
  const title = "ü".repeat(random.below(3000)); // in the padding, or not
  await retag(file, { set: { title, attributes: { "WM/Year": "2026" } }, remove: ["WM/Genre"] });
  const found = (await AsfReader.open(file.bytes)).header.contentDescription?.title ?? "";
  if (found !== title) throw new Error(`tagged with ${title.length} characters, read ${found.length}`);
}

/** Samples may lie over each other: so many times what there is may come out, and some more. */
const MAX_OVERLAP = 4;
const OVERLAP_BASE_BYTES = 1 << 24;

/** Every sample, from the beginning or a time, out of memory, a blob or a stream. */
async function media(bytes: Uint8Array<ArrayBuffer>, random: Random): Promise<void> {
  const source = random.pick([() => bytes, () => new Blob([bytes]), () => inPieces(bytes, random)])();
  const from = random.below(6_000_000);
  const part = random.pick([{}, { from }, { from, until: from + 1 + random.below(3_000_000) }]);
  const opened = await openMedia(source, part).catch((error) => {
    if (error instanceof RangeError && "from" in part) return undefined; // it ends before
    throw error;
  });
  if (opened === undefined) return;
  await using _closing = opened;
  let byteLength = 0;
  for await (const batch of opened.batches) {
    for (const { data, decodeTimestamp, timestamp } of batch) {
      byteLength += data.byteLength;
      if (!Number.isSafeInteger(timestamp)) throw new Error(`a time of ${timestamp}`);
      if (decodeTimestamp && !Number.isSafeInteger(decodeTimestamp)) throw new Error(`decoded at ${decodeTimestamp}`);
    }
  }
  if (byteLength > MAX_OVERLAP * bytes.byteLength + OVERLAP_BASE_BYTES) {
    throw new Error(`samples of ${byteLength} bytes out of ${bytes.byteLength}`);
  }
}

/** What it is, which may take reading its end. */
async function about(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const { duration, streams, skipped } = await info(bytes);
  if (duration !== undefined && !(duration > 0 && Number.isSafeInteger(duration))) throw new Error(`${duration} µs`);
  if (streams.length + skipped.length > bytes.byteLength) throw new Error(`${streams.length} streams`);
}

/** Into a file, with what the tool does: what comes out must be without a fault, however bad the source. */
async function mux(bytes: Uint8Array<ArrayBuffer>, random: Random): Promise<void> {
  await using media = await openMedia(random.next() < 0.5 ? bytes : inPieces(bytes, random));
  const sink = bufferSink();
  const writer = new Writer({
    container: asf({ packetBytes: random.pick([100, 300, 3200, 65_535]), indexIntervalMs: random.pick([1000, 5000]) }),
    sinks: [sink],
    streams: media.streams,
    metadata: media.metadata,
  });
  await writer.beginWriting();
  let failure: unknown;
  try {
    for await (const batch of media.batches) {
      for (const sample of batch) await writer.writeSample(sample.streamNumber, sample);
    }
  } catch (error) {
    failure = error; // what came before it is still a file
  }
  await writer.endWriting();
  await checkOutput(sink.bytes);
  if (failure !== undefined) throw failure;
}

async function checkOutput(bytes: Uint8Array): Promise<void> {
  const reader = await AsfReader.open(bytes);
  await readAll(reader);
  const [problem] = reader.problems;
  if (problem) throw new Error(`what was written is wrong: ${problem.rule} ${problem.message}`);
}

function inPieces(bytes: Uint8Array<ArrayBuffer>, random: Random): ReadableStream<Uint8Array<ArrayBuffer>> {
  const largest = random.pick([1, 50, 5000, 1 << 20]);
  const pieceBytes = Math.max(largest, Math.ceil(bytes.byteLength / 2000));
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.byteLength) return controller.close();
      const end = at + 1 + random.below(pieceBytes);
      controller.enqueue(bytes.slice(at, end));
      at = end;
    },
  });
}
