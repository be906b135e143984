/**
 * Rules about data packets (D…, and F10), one packet at a time. What cannot be taken apart the walker itself tells.
 *
 * @module
 */

import { u32At } from "../../cursor.ts";
import type { Findings } from "../../findings.ts";
import type { Severity } from "../../problems.ts";
import { REPLICATED_HEAD_BYTES } from "../extension_reader.ts";
import { isTimecode } from "../extension_values.ts";
import type { AsfHeader } from "../header.ts";
import { type BreakReason, describeBreak, type ObjectListener, type TrackedObject } from "../object_tracker.ts";
import type { PayloadFields, PayloadVisitor } from "../packet_walker.ts";
import { PacketScanner } from "../scan/packet_scanner.ts";
import type { PacketStatistics } from "../scan/packet_statistics.ts";
import { beginsBadly } from "./framing_rules.ts";
import { isWindowsMediaAudio } from "./stream_rules.ts";

/** FFmpeg gives up at this size. */
const LARGE_OBJECT_BYTES = 1 << 24;
/** What a last compressed object needs for FFmpeg to see it. */
const LEAST_COMPRESSED_BYTES = 5;
/** How far times may be apart before it is odd. */
const ODD_MS = 1000;
/** The digits of a time code stand behind its range. */
const TIMECODE_AT = 2;
/** What breaks an object otherwise than by fragments that are missing. */
const BREAK_RULES: Partial<Record<BreakReason, string>> = { number: "D15", size: "D15", overruns: "D13" };
const PCM: ReadonlySet<number> = new Set([0x0001, 0x0003, 0x0006, 0x0007]);

/** Judges packets while they are counted. */
export class PacketRules implements ObjectListener, PayloadVisitor {
  /** Least distance from a packet's send time to the payload times in it, preroll included; Infinity: none. */
  leastLeadMs = Infinity;
  readonly #statistics: PacketStatistics;
  readonly #findings: Findings;
  readonly #scanner: PacketScanner;
  readonly #prerollMs: number;
  /** Extension data of each stream's object at hand: a copy of what its first payload carries. */
  readonly #extensionData: (Uint8Array | undefined)[] = new Array(128).fill(undefined);
  #hadStandardCorrection = false;
  #lastSendMs = 0;
  #lastEndMs = 0;
  #lastOffset = 0;
  // Of the packet at hand
  #bytes: Uint8Array = new Uint8Array(0);
  #number = 0;
  #offset = 0;
  #payloadCount = 0;
  #payloadsEnd = 0;
  #leastTimeMs = Infinity;
  #lastCompressedBytes = 0;

  constructor(header: AsfHeader, statistics: PacketStatistics, findings: Findings) {
    this.#statistics = statistics;
    this.#findings = findings;
    this.#scanner = new PacketScanner(header, statistics.packetBytes, findings, this);
    this.#prerollMs = header.fileProperties?.prerollMs ?? 0;
  }

  /** The packet in `bytes[start..end)`. */
  check(bytes: Uint8Array, start: number, end: number, number: number, offset: number): void {
    this.#scanner.scan(bytes, start, end, number, offset, this);
    this.#checkLayout(bytes, start, end);
    this.#checkTimes();
    const { sendTimeMs, durationMs } = this.#scanner.walker;
    this.#statistics.endPacket(sendTimeMs, durationMs);
  }

  /** No packet comes any more. */
  finish(): void {
    const findings = this.#findings;
    const { streams } = this.#statistics;
    this.#scanner.finish();
    for (const { stream, isVideo, objectCount, keyCount, isFirstKey } of streams) {
      const name = `Stream ${stream.streamNumber}`;
      if (!isVideo || objectCount === 0) continue;
      if (keyCount === 0) findings.warn("D22", 0, `${name}: none of its ${objectCount} objects is a key frame`);
      else if (!isFirstKey) findings.warn("D22", 0, `${name}: its first object should be a key frame`);
    }
    const firsts = streams.filter(({ completeCount }) => completeCount > 0).map(({ earliestMs }) => earliestMs);
    const first = Math.min(...firsts);
    if (firsts.length > 0 && first > this.#prerollMs + ODD_MS) {
      findings.warn("D25", 0, `Streams: the first begins at ${first} ms, the preroll ends at ${this.#prerollMs} ms`);
    }
  }

  #checkLayout(bytes: Uint8Array, start: number, end: number): void {
    const { errorCorrectionBytes, lengthTypeFlags, payloadLengthWidth, packetLength, paddingBytes } =
      this.#scanner.walker;
    const findings = this.#findings;
    const offset = this.#offset;
    const isStandard = bytes[start] === 0x82 && bytes[start + 1] === 0 && bytes[start + 2] === 0;
    if (isStandard) this.#hadStandardCorrection = true;
    else if (this.#hadStandardCorrection) {
      findings.error("D03", offset, "Packet: must begin with 82 00 00, as those before it do");
    } else if (errorCorrectionBytes > 0) {
      findings.addOnce("D03", 1, offset, "Packet: error correction data should be 82 00 00", "W");
    }
    if ((lengthTypeFlags & 0x80) !== 0) findings.error("D04", offset, "Packet: bit 7 of its length type flags is set");
    if ((lengthTypeFlags & 6) !== 0) findings.addOnce("D04", 1, offset, "Packet: has a sequence field", "W");
    if (payloadLengthWidth !== 0 && payloadLengthWidth !== 2) {
      findings.addOnce("D09", 0, offset, "Packet: payload lengths should be WORDs", "W");
    }
    if (packetLength >= 0 && paddingBytes > 0 && packetLength + paddingBytes === this.#statistics.packetBytes) {
      findings.error("D07", offset, `Packet: its length of ${packetLength} leaves out its padding of ${paddingBytes}`);
    }
    if (
      this.#lastCompressedBytes > 0 && this.#lastCompressedBytes < LEAST_COMPRESSED_BYTES && payloadLengthWidth === 0
    ) {
      findings.warn(
        "D17",
        offset,
        `Packet: FFmpeg loses a last compressed object of ${this.#lastCompressedBytes} bytes`,
      );
    }
    if (this.#payloadsEnd === 0) return;
    for (let at = Math.max(this.#payloadsEnd, end - paddingBytes); at < end; at++) {
      if (bytes[at] === 0) continue;
      // Windows' old writers leave there what stood in their memory.
      findings.addOnce("D23", 0, offset + at - start, "Packet: padding should be zeros", "I");
      return;
    }
  }

  #checkTimes(): void {
    const { sendTimeMs, durationMs } = this.#scanner.walker;
    const findings = this.#findings;
    const offset = this.#offset;
    if (this.#number > 0 && sendTimeMs < this.#lastSendMs) {
      findings.error("D18", offset, `Packet: is sent at ${sendTimeMs} ms, the one before at ${this.#lastSendMs} ms`);
    }
    const leastTimeMs = this.#leastTimeMs;
    if (leastTimeMs !== Infinity) this.leastLeadMs = Math.min(this.leastLeadMs, leastTimeMs - sendTimeMs);
    if (sendTimeMs > leastTimeMs && sendTimeMs > this.#lastSendMs) {
      findings.warn("D19", offset, `Packet: is sent at ${sendTimeMs} ms, due at ${leastTimeMs} ms`);
    }
    if (durationMs === 0 && this.#payloadCount > 1) {
      // As Windows Media Format 9 to 12 write it where all of them are of one time.
      findings.addOnce("D21", 0, offset, `Packet: lasts 0 ms with ${this.#payloadCount} payloads`, "I");
    }
    if (this.#number > 0 && this.#lastEndMs > sendTimeMs + ODD_MS) {
      findings.warn(
        "D21",
        this.#lastOffset,
        `Packet: ends at ${this.#lastEndMs} ms, the next is sent at ${sendTimeMs} ms`,
      );
    }
    this.#lastSendMs = Math.max(this.#lastSendMs, sendTimeMs);
    this.#lastEndMs = sendTimeMs + durationMs;
    this.#lastOffset = offset;
  }

  beginPacket(bytes: Uint8Array, number: number, offset: number): void {
    this.#bytes = bytes;
    this.#number = number;
    this.#offset = offset;
    this.#payloadCount = 0;
    this.#payloadsEnd = 0;
    this.#leastTimeMs = Infinity;
    this.#lastCompressedBytes = 0;
    this.#statistics.beginPacket(bytes, number);
  }

  /** A payload by itself, before its object is followed. */
  visitPayload(payload: PayloadFields): void {
    this.#payloadCount++;
    this.#payloadsEnd = payload.end;
    const { tracker } = this.#scanner;
    const object = tracker.objectOf(payload.streamNumber);
    if (object !== undefined) this.#checkPayload(object, payload);
    tracker.visitPayload(payload);
  }

  #checkPayload(object: TrackedObject, payload: PayloadFields): void {
    const { timeMs } = payload;
    if (timeMs >= 0) {
      if (timeMs < this.#leastTimeMs) this.#leastTimeMs = timeMs;
      if (timeMs < this.#prerollMs) {
        this.#fail("F10", object, `time of ${timeMs} ms is below the preroll of ${this.#prerollMs} ms`);
      }
    }
    this.#checkReplicated(object, payload);
  }

  #checkReplicated(object: TrackedObject, payload: PayloadFields): void {
    const { extensions } = object;
    const { replicatedBytes } = payload;
    if (payload.isCompressed) {
      this.#lastCompressedBytes = payload.end - payload.start;
      if (extensions.isDeclared) this.#fail("D17", object, "compressed payload without the declared extensions");
      return;
    }
    this.#lastCompressedBytes = 0;
    if (replicatedBytes < REPLICATED_HEAD_BYTES) return;
    const wanted = extensions.replicatedBytes(this.#bytes, payload);
    if (replicatedBytes !== wanted) {
      this.#fail("D11", object, `replicated data must be ${wanted} bytes, got ${replicatedBytes}`);
    }
  }

  begin(object: TrackedObject, payload: PayloadFields): void {
    const { number, timeMs, previousNumber, previousTimeMs, stream, size } = object;
    const length = payload.end - payload.start;
    this.#statistics.begin(object, payload);
    if (!object.isNext) this.#warn("D16", object, `object ${number} follows ${previousNumber}`);
    if (timeMs < previousTimeMs) this.#warn("D20", object, `time goes back from ${previousTimeMs} to ${timeMs} ms`);
    this.#checkSize(object);
    if (object.extensions.hasValues) this.#beginExtensions(object, payload);
    if (beginsBadly(stream, this.#bytes, payload.start, payload.end)) {
      this.#hint("D26", object, "object is not framed as the codec wants it", "I");
    }
    if (size === 0) this.#fail("D13", object, "object of 0 bytes");
    else if (size < length) this.#fail("D13", object, `payload of ${length} bytes in an object of ${size}`);
  }

  #checkSize({ stream, size }: TrackedObject): void {
    const name = `Stream ${stream.streamNumber}`;
    if (size >= LARGE_OBJECT_BYTES) {
      this.#findings.warn("D13", this.#offset, `${name}: FFmpeg does not read an object of ${size} bytes`);
    }
    const { kind, audio, spread } = stream;
    if (kind !== "audio" || audio === undefined || audio.blockBytes === 0) return;
    const isBlock = isWindowsMediaAudio(audio.formatTag)
      ? size === audio.blockBytes || spread !== undefined && size === spread.packetBytes * Math.max(1, spread.span)
      : !PCM.has(audio.formatTag) || size % audio.blockBytes === 0;
    if (isBlock) return;
    this.#findings.warn("D24", this.#offset, `${name}: object of ${size} bytes, a block has ${audio.blockBytes}`);
  }

  #beginExtensions(object: TrackedObject, payload: PayloadFields): void {
    const { extensions } = object;
    this.#extensionData[payload.streamNumber] = extensions.data(this.#bytes, payload).slice();
    const at = extensions.timecodeAt(this.#bytes, payload);
    if (at < 0) return;
    const bcd = u32At(this.#bytes, at + TIMECODE_AT);
    if (!isTimecode(bcd)) this.#hint("D27", object, `${bcd.toString(16).padStart(8, "0")} is no time code`, "W");
  }

  append(object: TrackedObject, payload: PayloadFields): void {
    const { number, timeMs } = object;
    if (payload.timeMs >= 0 && payload.timeMs !== timeMs) {
      this.#fail("D15", object, `fragments of object ${number} are of ${timeMs} and ${payload.timeMs} ms`);
    }
    if (payload.isKey !== object.isKey) {
      this.#warn("D15", object, `fragments of object ${number} disagree in the key frame bit`);
    }
    if (object.extensions.hasValues && !this.#hasSameExtensions(object, payload)) {
      this.#warn("D15", object, `fragments of object ${number} disagree in their extensions`);
    }
  }

  #hasSameExtensions({ extensions }: TrackedObject, payload: PayloadFields): boolean {
    const first = this.#extensionData[payload.streamNumber]!;
    const data = extensions.data(this.#bytes, payload);
    // Windows Media Format 9 writes the duration into the first payload of a packet, and 1 ms into the others.
    const [from, to] = extensions.sampleDurationRange;
    return data.byteLength === first.byteLength &&
      data.every((byte, at) => byte === first[at] || at >= from && at < to);
  }

  complete(object: TrackedObject): void {
    this.#statistics.complete(object);
  }

  abandon(object: TrackedObject, reason: BreakReason, payload: PayloadFields | undefined): void {
    this.#fail(BREAK_RULES[reason] ?? "D14", object, describeBreak(object, reason, payload));
  }

  stray(object: TrackedObject, { offset, objectNumber }: PayloadFields): void {
    this.#fail("D14", object, `fragment at ${offset} of object ${objectNumber}, whose start is missing`);
  }

  undeclared({ streamNumber }: PayloadFields): void {
    this.#findings.error("D12", this.#offset, `Payload: stream ${streamNumber} is not declared`);
  }

  #fail(rule: string, { stream }: TrackedObject, message: string): void {
    this.#findings.error(rule, this.#offset, `Stream ${stream.streamNumber}: ${message}`);
  }

  #warn(rule: string, { stream }: TrackedObject, message: string): void {
    this.#findings.warn(rule, this.#offset, `Stream ${stream.streamNumber}: ${message}`);
  }

  /** What all of a stream is likely to repeat. */
  #hint(rule: string, { stream: { streamNumber } }: TrackedObject, message: string, severity: Severity): void {
    this.#findings.addOnce(rule, streamNumber, this.#offset, `Stream ${streamNumber}: ${message}`, severity);
  }
}
