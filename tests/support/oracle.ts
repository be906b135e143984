/**
 * Judges a finished file: what went in must come out, and every rule that concerns what we write must hold. The file is
 * taken apart by `src/inspect`, which shares no code with the muxer; what has to be is worked out here from the samples.
 * Rule names are those of `FileProblem`.
 *
 * @module
 */

import type { StreamConfig, StreamSample } from "../../mod.ts";
import {
  type AsfIndexes,
  type AsfObject,
  type AsfPacket,
  type AsfPayload,
  AsfReader,
  type AsfSample,
  type FileProperties,
} from "../../src/inspect/mod.ts";
import type { GeneratedSession } from "./generate.ts";
import { errorsIn } from "./valid.ts";

/** `"final"`: completed at the end; `"live"`: never patched. */
export type Form = "final" | "live";

/** What went in, and what the container was told. */
export type Expected = Pick<GeneratedSession, "options" | "startTime" | "streams" | "samples">;

const TIMING_EXTENSION = "FD3CC02A-06DB-4CFA-801C-7212D38745E4";
const TICKS_PER_MS = 10_000;
/** Beyond this many of one kind nobody reads on. */
const MAX_COMPLAINTS = 20;

/** Complaints about a file, none if all is well. */
export async function complaintsAbout(bytes: Uint8Array, expected: Expected, form: Form): Promise<string[]> {
  const complaints = new Complaints();
  const reader = await AsfReader.open(bytes);
  const file = new File(reader, bytes, expected, form, complaints);
  file.checkHeader();
  await file.checkPackets();
  await file.checkSamples();
  const indexes = await reader.indexes();
  file.checkEnd(indexes);
  file.checkIndexes(indexes);
  for (const { rule, offset, message } of reader.problems) complaints.add(`${rule} at ${offset}: ${message}`);
  for (const flaw of await errorsIn(bytes)) complaints.add(`validator: ${flaw}`);
  return complaints.list;
}

class Complaints {
  readonly list: string[] = [];

  add(text: string): void {
    if (this.list.length < MAX_COMPLAINTS) this.list.push(text);
  }

  expect(holds: boolean, text: () => string): void {
    if (!holds) this.add(text());
  }

  same<T>(what: string, found: T, wanted: T): void {
    this.expect(Object.is(found, wanted), () => `${what}: ${found}, expected ${wanted}`);
  }
}

/** A key frame as the index must know it. */
interface KeyFrame {
  /** Presentation time as stored, ms. */
  timeMs: number;
  packet: number;
  packetCount: number;
}

/** An object whose fragments are being followed. */
interface OpenObject {
  first: AsfPayload;
  received: number;
  packet: number;
}

class File {
  readonly #reader: AsfReader;
  readonly #bytes: Uint8Array;
  readonly #expected: Expected;
  readonly #isFinal: boolean;
  readonly #complaints: Complaints;
  readonly #properties: FileProperties;
  readonly #isTimed: boolean;
  readonly #dataOffset: number;
  readonly #keyFrames = new Map<number, KeyFrame[]>();
  #packetCount = 0;
  #lastSendMs = 0;
  #lastEndMs = 0;
  #latestMs = 0;

  constructor(reader: AsfReader, bytes: Uint8Array, expected: Expected, form: Form, complaints: Complaints) {
    this.#reader = reader;
    this.#bytes = bytes;
    this.#expected = expected;
    this.#isFinal = form === "final";
    this.#complaints = complaints;
    this.#properties = reader.header.fileProperties!;
    this.#isTimed = expected.streams.some((stream) => stream.kind === "video" && stream.reorders);
    this.#dataOffset = reader.data!.offset;
  }

  get #packetBytes(): number {
    return this.#properties.maxPacketBytes;
  }

  get #prerollMs(): number {
    return this.#expected.options.prerollMs;
  }

  // ── Header (T…, H…, F…, S…, X…) ──

  checkHeader(): void {
    const { header, data } = this.#reader;
    const c = this.#complaints;
    const p = this.#properties;
    const { options, streams } = this.#expected;
    const { children } = header.object;
    c.same("T02 Data Object's offset", data!.offset, header.size);
    c.same("H01 size", 30 + children.reduce((sum, { size }) => sum + size, 0), header.size);
    const names = children.map(({ name }) => name);
    for (const name of new Set(names)) {
      const count = names.filter((other) => other === name).length;
      if (name !== "Stream Properties Object") c.same(`H08 ${name}s`, count, 1);
    }
    c.expect(
      names.indexOf("File Properties Object") < names.indexOf("Stream Properties Object"),
      () => "H07: Stream Properties come first",
    );
    checkSizes(header.object, c);
    c.same("F02 least packet", p.minPacketBytes, p.maxPacketBytes);
    c.same("F03 packet size", p.maxPacketBytes, options.packetBytes);
    c.same("F06 file ID", p.fileId, options.fileId);
    c.same("F06 file ID of the data", data!.fileId, options.fileId);
    c.same("D02", data!.reserved, 0x0101);
    c.same("preroll", p.prerollMs, options.prerollMs);
    const numbers = [...streams].sort((a, b) => a.streamNumber - b.streamNumber);
    c.same("streams", header.streams.map(nameStream).join(), numbers.map(nameStream).join());
    const rates = header.streams.reduce((sum, stream) => sum + stream.bitsPerSecond, 0);
    c.same("F14 maximum bit rate", p.maxBitsPerSecond, Math.min(rates, 0xffff_ffff));
    for (const stream of header.streams) {
      c.expect(stream.bitsPerSecond > 0, () => `X12 stream ${stream.streamNumber}: no bit rate`);
      c.expect((stream.extended?.bitsPerSecond ?? 0) > 0, () => `X15 stream ${stream.streamNumber}: no data bit rate`);
      const wanted = numbers.find(({ streamNumber }) => streamNumber === stream.streamNumber)!;
      if (wanted.language) c.same(`language of ${stream.streamNumber}`, stream.language, wanted.language);
      const extensions = stream.extended?.payloadExtensions.map(({ system, dataBytes }) => `${system} ${dataBytes}`);
      c.same(`extensions of ${stream.streamNumber}`, extensions?.join(), this.#isTimed ? `${TIMING_EXTENSION} 24` : "");
      if (this.#isFinal) {
        const largest = Math.max(0, ...this.#samplesOf(stream.streamNumber).map(({ data }) => data.byteLength));
        c.same(`largest object of ${stream.streamNumber}`, stream.extended?.maxObjectBytes, largest);
      }
    }
  }

  // ── Packets (D…) ──

  async checkPackets(): Promise<void> {
    const c = this.#complaints;
    const open = new Map<number, OpenObject>();
    const lastNumber = new Map<number, number>();
    const lastTime = new Map<number, number>();
    for await (const packet of this.#reader.packets()) {
      c.same("packet number", packet.number, this.#packetCount++);
      this.#checkPacket(packet);
      for (const payload of packet.payloads) {
        const { streamNumber } = payload;
        const where = `packet ${packet.number}, stream ${streamNumber}`;
        const current = open.get(streamNumber);
        if (payload.offset === 0) {
          c.expect(current === undefined, () => `D14 ${where}: an object begins inside another`);
          const last = lastNumber.get(streamNumber);
          if (last !== undefined) c.same(`D16 ${where}: object number`, payload.objectNumber, (last + 1) % 256);
          lastNumber.set(streamNumber, payload.objectNumber);
          const previous = lastTime.get(streamNumber) ?? 0;
          c.expect(payload.presentationMs! >= previous, () => `D20 ${where}: stored time went back`);
          lastTime.set(streamNumber, payload.presentationMs!);
          open.set(streamNumber, { first: keep(payload), received: 0, packet: packet.number });
        }
        const object = open.get(streamNumber);
        if (object === undefined) {
          c.add(`D14 ${where}: a fragment without a beginning`);
          continue;
        }
        c.same(`D14 ${where}: offset`, payload.offset, object.received);
        c.same(`D15 ${where}: fragment`, describe(payload), describe(object.first));
        object.received += payload.data.byteLength;
        if (object.received < payload.objectSize!) continue;
        c.same(`D13 ${where}: object size`, object.received, payload.objectSize);
        open.delete(streamNumber);
        this.#noteKeyFrame(payload, object.packet, packet.number);
      }
    }
    for (const number of open.keys()) c.add(`D14 stream ${number}: the last object is not complete`);
  }

  /** Layout of one packet: [ASF] 5.2, as we write it. */
  #checkPacket(packet: AsfPacket): void {
    const c = this.#complaints;
    const where = `packet ${packet.number}`;
    const bytes = this.#bytes.subarray(packet.offset, packet.offset + packet.byteLength);
    c.same(`${where}: size`, bytes.byteLength, this.#packetBytes);
    c.same(`D03 ${where}`, hex(bytes.subarray(0, 3)), "82 00 00");
    const isMultiple = (packet.lengthTypeFlags & 1) !== 0;
    const paddingField = [0, 1, 2][packet.lengthTypeFlags >> 3 & 3] ?? NaN;
    c.same(`D04 ${where}: other flags`, packet.lengthTypeFlags & ~0x19, 0);
    c.same(`D05 ${where}`, packet.propertyFlags, 0x5d);
    c.same(`D06 ${where}: packet length`, packet.packetLength, undefined);
    // Objects of one compressed payload lie behind the same replicated data.
    const opens = packet.payloads.map(({ isCompressed, replicatedData }, i) =>
      !isCompressed || replicatedData.byteOffset !== packet.payloads[i - 1]?.replicatedData.byteOffset
    );
    const count = opens.filter(Boolean).length;
    c.expect(count >= 1 && count <= 63 && (isMultiple || count === 1), () => `D08 ${where}: ${count} payloads`);
    const head = 3 + 2 + paddingField + 6 + (isMultiple ? 1 : 0);
    const payloads = packet.payloads.reduce(
      (sum, { data, replicatedData, isCompressed }, i) =>
        sum + (opens[i] ? 7 + replicatedData.byteLength + (isMultiple ? 2 : 0) : 0) + Number(isCompressed) +
        data.byteLength,
      0,
    );
    c.same(`D07 ${where}`, head + payloads + packet.paddingBytes, packet.byteLength);
    const padding = bytes.subarray(packet.byteLength - packet.paddingBytes);
    c.expect(padding.every((byte) => byte === 0), () => `D23 ${where}: padding ${hex(padding)}`);
    for (const payload of packet.payloads) {
      c.expect(payload.data.byteLength > 0, () => `D08 ${where}: empty payload`);
      const replicatedBytes = payload.isCompressed ? 1 : this.#isTimed ? 32 : 8;
      c.same(`D11 ${where}: replicated data`, payload.replicatedData.byteLength, replicatedBytes);
      if (payload.isCompressed) this.#checkCompressed(payload, where, isMultiple);
      c.expect(payload.presentationMs! >= this.#prerollMs, () => `F10 ${where}: ${payload.presentationMs} ms`);
    }
    this.#checkSendTime(packet);
  }

  /** Small audio objects, in packets of several payloads, none so small that FFmpeg drops it, may share a payload. */
  #checkCompressed({ streamNumber, data }: AsfPayload, where: string, isMultiple: boolean): void {
    const isAudio = this.#expected.streams.some((one) => one.kind === "audio" && one.streamNumber === streamNumber);
    this.#complaints.expect(
      isAudio && isMultiple && !this.#isTimed && data.byteLength >= 5 && data.byteLength <= 255,
      () => `D17 ${where}: compressed object of ${data.byteLength} bytes, stream ${streamNumber}`,
    );
  }

  #checkSendTime({ number, sendTimeMs, durationMs, payloads }: AsfPacket): void {
    const c = this.#complaints;
    const where = `packet ${number}`;
    c.expect(sendTimeMs >= this.#lastSendMs, () => `D18 ${where}: sent at ${sendTimeMs}, after ${this.#lastSendMs} ms`);
    // A stream that comes late finds the send time beyond its own: it cannot go back.
    const due = Math.max(this.#lastSendMs, Math.min(...payloads.map(({ presentationMs }) => presentationMs!)));
    c.expect(sendTimeMs <= due, () => `D19 ${where}: sent at ${sendTimeMs} ms, due at ${due} ms`);
    c.expect(durationMs >= 1 && durationMs <= 65_535, () => `D21 ${where}: lasts ${durationMs} ms`);
    // Where one that comes late has to leave at once, it cannot wait for the last one to have left.
    c.expect(
      this.#lastEndMs <= sendTimeMs + 1000 || sendTimeMs === due,
      () => `D21 ${where}: sent at ${sendTimeMs} ms, the one before ends at ${this.#lastEndMs} ms`,
    );
    this.#lastSendMs = sendTimeMs;
    this.#lastEndMs = sendTimeMs + durationMs;
  }

  #noteKeyFrame(payload: AsfPayload, first: number, last: number): void {
    const { streamNumber, isKey, extensionData } = payload;
    const stored = payload.presentationMs!;
    const isVideo = this.#expected.streams.some((one) => one.kind === "video" && one.streamNumber === streamNumber);
    const view = new DataView(extensionData.buffer, extensionData.byteOffset, extensionData.byteLength);
    if (this.#isTimed) {
      this.#complaints.same(`stream ${streamNumber}: start of the extension`, view.getBigUint64(0, true), 0n);
    }
    const timeMs = this.#isTimed ? Math.round(Number(view.getBigUint64(8, true)) / TICKS_PER_MS) : stored;
    this.#latestMs = Math.max(this.#latestMs, timeMs);
    if (!isVideo || !isKey) return;
    const keys = this.#keyFrames.get(streamNumber) ?? [];
    keys.push({ timeMs, packet: first, packetCount: last - first + 1 });
    this.#keyFrames.set(streamNumber, keys);
  }

  // ── Samples ──

  async checkSamples(): Promise<void> {
    const c = this.#complaints;
    const left = new Map(
      this.#expected.streams.map(({ streamNumber }) => [streamNumber, this.#samplesOf(streamNumber)] as const),
    );
    const counts = new Map<number, number>();
    const zeros = this.#zeros();
    for await (const found of this.#reader.samples()) {
      const { streamNumber } = found;
      const at = counts.get(streamNumber) ?? 0;
      counts.set(streamNumber, at + 1);
      const wanted = left.get(streamNumber)?.[at];
      if (wanted) this.#compare(found, wanted, zeros.get(streamNumber)!, `stream ${streamNumber}, sample ${at}`);
    }
    for (const [number, samples] of left) {
      c.same(`samples of stream ${number}`, counts.get(number) ?? 0, samples.length);
    }
  }

  #compare(found: AsfSample, wanted: StreamSample, zero: number, where: string): void {
    const c = this.#complaints;
    c.expect(equalBytes(found.data, wanted.data), () => `${where}: bytes differ`);
    c.same(`${where}: key`, found.isKey, wanted.type !== "delta");
    const shown = wanted.timestamp - zero;
    if (this.#isTimed) {
      c.same(`${where}: ticks`, found.presentationTicks, Math.round(shown * 10));
    } else {
      c.same(`${where}: extension`, found.presentationTicks, undefined);
    }
    const decode = wanted.decodeTimestamp;
    const mayBePacked = !this.#isTimed && !this.#videos().includes(found.streamNumber);
    if (mayBePacked && wanted.data.byteLength <= 255) {
      c.expect(Math.abs(found.decodeMs - shown / 1000) <= 1, () => `${where}: ${found.decodeMs} ms for ${shown} µs`);
    } else if (!this.#isTimed) c.same(`${where}: ms`, found.decodeMs, Math.round(shown / 1000));
    else if (decode !== undefined) c.same(`${where}: decode ms`, found.decodeMs, Math.round((decode - zero) / 1000));
    else c.expect(found.decodeMs <= Math.round(shown / 1000), () => `${where}: decoded after it is shown`);
  }

  /** The caller's time that each stream finds at 0. */
  #zeros(): Map<number, number> {
    const { streams, startTime } = this.#expected;
    const firsts = streams.map(({ streamNumber }) => {
      const first = this.#samplesOf(streamNumber)[0];
      return first ? first.decodeTimestamp ?? first.timestamp : Infinity;
    });
    const common = startTime === "keep" ? 0 : Math.min(...firsts);
    return new Map(streams.map(({ streamNumber }, i) => [
      streamNumber,
      startTime === "rebase-each" ? firsts[i]! : common,
    ]));
  }

  #samplesOf(streamNumber: number): StreamSample[] {
    return this.#expected.samples.filter((sample) => sample.streamNumber === streamNumber);
  }

  // ── Sizes, counts and durations, known at the end ──

  checkEnd({ objects }: AsfIndexes): void {
    const c = this.#complaints;
    const p = this.#properties;
    const data = this.#reader.data!;
    const packetsEnd = this.#dataOffset + 50 + this.#packetCount * this.#packetBytes;
    c.same("F11 flags", p.flags & ~3, 0);
    if (!this.#isFinal) {
      c.same("flags of a live file", p.flags, 1);
      c.same("D01 size of a live file's data", data.size, 50);
      c.same("T09 objects behind a live file's data", objects.length, 0);
      c.same("end of the file", this.#bytes.byteLength, packetsEnd);
      return;
    }
    const indexBytes = objects.reduce((sum, { size }) => sum + size, 0);
    c.same("F05 size of the data", data.size, 50 + this.#packetCount * this.#packetBytes);
    c.same("F04 packets", p.packetCount, this.#packetCount);
    c.same("F04 packets of the data", data.packetCount, this.#packetCount);
    c.same("T05 file size", p.fileBytes, this.#bytes.byteLength);
    c.same("T06 end of the file", this.#bytes.byteLength, packetsEnd + indexBytes);
    c.expect(
      p.sendDurationTicks >= this.#lastSendMs * TICKS_PER_MS,
      () => `F09 send duration: ${p.sendDurationTicks}, last packet sent at ${this.#lastSendMs} ms`,
    );
    this.#checkPlayDuration();
    const videos = this.#videos();
    const isSeekable = videos.every((number) => this.#samplesOf(number).length > 0);
    c.same("F12 flags", p.flags, isSeekable ? 2 : 0);
  }

  /** Up to the end of the last sample; one that does not say how long it lasts may count as long as any step before. */
  #checkPlayDuration(): void {
    const zeros = this.#zeros();
    let least = 0;
    let most = 0;
    for (const stream of this.#expected.streams) {
      const { streamNumber } = stream;
      const samples = this.#samplesOf(streamNumber);
      const times = samples.map(({ timestamp }) => timestamp - zeros.get(streamNumber)!);
      const ends = samples.map((sample, i) => times[i]! + (sample.duration ?? pcmDuration(stream, sample)));
      const decodes = samples.map(({ decodeTimestamp }, i) => (decodeTimestamp ?? times[i]!));
      const steps = decodes.map((time, i) => Math.abs(time - (decodes[i - 1] ?? time)));
      least = ends.reduce((max, end) => Math.max(max, end), least);
      most = Math.max(most, least, Math.max(...times) + Math.max(0, ...steps));
    }
    const found = this.#properties.playDurationTicks / 10 - this.#prerollMs * 1000;
    this.#complaints.expect(
      found >= least - 1 && found <= most + 1,
      () => `F08 play duration: ${found} µs without preroll, expected ${least} to ${most}`,
    );
  }

  // ── Simple Index (I…) ──

  checkIndexes({ objects, simple }: AsfIndexes): void {
    if (!this.#isFinal) return;
    const c = this.#complaints;
    const videos = this.#videos();
    c.expect(objects.every(({ name }) => name === "Simple Index Object"), () => "T08: other objects at the end");
    c.same("I06 indexed streams", simple.map(({ streamNumber }) => streamNumber).join(), videos.join());
    for (const index of simple) {
      const where = `index of stream ${index.streamNumber}`;
      const keys = this.#keyFrames.get(index.streamNumber!) ?? [];
      c.same(`${where}: file ID`, index.fileId, this.#expected.options.fileId);
      const intervalMs = this.#indexIntervalMs(videos.length);
      c.same(`I01 ${where}: interval`, index.intervalTicks, intervalMs * TICKS_PER_MS);
      const count = index.packetNumbers.length;
      if (keys.length === 0) {
        c.same(`${where}: entries without key frames`, count, 0);
        continue;
      }
      // The last entry lies at or after the last presentation time, and is the first that does.
      c.same(`I07 ${where}: entries`, count, Math.ceil(this.#latestMs / intervalMs) + 1);
      let key = 0;
      let largest = 0;
      for (let i = 0; i < count; i++) {
        while (key + 1 < keys.length && keys[key + 1]!.timeMs <= i * intervalMs) key++;
        const { packet, packetCount } = keys[key]!;
        if (index.packetNumbers[i] !== packet || index.packetCounts[i] !== packetCount) {
          const found = `${index.packetNumbers[i]} + ${index.packetCounts[i]}`;
          c.add(`I04 ${where}: entry ${i} is ${found}, expected ${packet} + ${packetCount}`);
        }
        largest = Math.max(largest, packetCount);
      }
      c.same(`I05 ${where}: largest count`, index.maxPacketCount, largest);
    }
  }

  /** The interval asked for, doubled until all indexes fit 1 MiB and a tenth of the packets. */
  #indexIntervalMs(indexCount: number): number {
    const limit = 2 ** 20 + 0.1 * this.#packetCount * this.#packetBytes;
    let intervalMs = this.#expected.options.indexIntervalMs;
    while (indexCount * 6 * this.#latestMs / intervalMs > limit) intervalMs *= 2;
    return intervalMs;
  }

  #videos(): number[] {
    return this.#expected.streams.filter(({ kind }) => kind === "video").map(({ streamNumber }) => streamNumber)
      .sort((a, b) => a - b);
  }
}

function nameStream({ streamNumber, kind }: { streamNumber: number; kind: string }): string {
  return `${streamNumber} ${kind}`;
}

/** Objects inside others fill them, with nothing left over and nothing beyond. */
function checkSizes(object: AsfObject, complaints: Complaints): void {
  let end = object.children[0]?.offset ?? 0;
  for (const child of object.children) {
    complaints.same(`T04 offset of ${child.name}`, child.offset, end);
    end += child.size;
    checkSizes(child, complaints);
  }
  if (object.children.length > 0) {
    complaints.same(`T04 end of ${object.name}`, end, object.offset + object.size);
  }
}

/** What all fragments of an object must agree in. */
function describe({ objectNumber, objectSize, presentationMs, isKey, extensionData }: AsfPayload): string {
  return `object ${objectNumber}, ${objectSize} bytes, ${presentationMs} ms, key ${isKey}, ${hex(extensionData)}`;
}

/** A payload to be kept: the reader's bytes are dead with the next packet. */
function keep(payload: AsfPayload): AsfPayload {
  return { ...payload, extensionData: payload.extensionData.slice() };
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

/** Whether two runs of bytes are the same. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.byteLength !== b.byteLength) return false;
  for (let i = 0; i < a.byteLength; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Bytes of a sample of one channel. */
const PCM_BYTES: Record<string, number> = {
  ...{ "pcm-u8": 1, "pcm-s16": 2, "pcm-s24": 3, "pcm-s32": 4, "pcm-f32": 4, "pcm-f64": 8, ulaw: 1, alaw: 1 },
};

/** How long uncompressed sound lasts that does not say it, microseconds; 0 for all else. */
function pcmDuration(stream: StreamConfig, { data }: StreamSample): number {
  const bytes = PCM_BYTES[stream.codec ?? ""];
  if (stream.kind !== "audio" || bytes === undefined) return 0;
  return data.byteLength * 1e6 / (bytes * stream.numberOfChannels! * stream.sampleRate!);
}
