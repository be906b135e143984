/**
 * Rules about data packets (D…, and F10), one packet at a time. What cannot be taken apart the walker itself tells.
 *
 * @module
 */

import { u16At, u64At } from "../cursor.ts";
import type { AsfHeader } from "../header.ts";
import { PacketWalker, type PayloadFields, type PayloadVisitor } from "../packet_walker.ts";
import type { Findings } from "./findings.ts";
import { beginsBadly } from "./framing_rules.ts";
import type { PacketFacts, StreamTrack } from "./packet_facts.ts";
import { isWindowsMediaAudio } from "./stream_rules.ts";

/** FFmpeg gives up at this size. */
const LARGE_OBJECT_BYTES = 1 << 24;
/** What a last compressed object needs for FFmpeg to see it. */
const LEAST_COMPRESSED_BYTES = 5;
/** How far times may be apart before it is odd. */
const ODD_MS = 1000;
const NO_TIMING = 2 ** 64;
const PCM: ReadonlySet<number> = new Set([0x0001, 0x0003, 0x0006, 0x0007]);

/** Judges packets and gathers facts. */
export class PacketRules implements PayloadVisitor {
  readonly facts: PacketFacts;
  readonly #findings: Findings;
  readonly #walker: PacketWalker;
  readonly #prerollMs: number;
  #bytes: Uint8Array = new Uint8Array(0);
  #number = 0;
  #offset = 0;
  #hadStandardCorrection = false;
  #lastSendMs = 0;
  #lastEndMs = 0;
  #lastOffset = 0;
  // Of the packet at hand
  #payloadCount = 0;
  #leastMs = Infinity;
  #payloadsEnd = 0;
  #lastCompressedBytes = 0;

  constructor(header: AsfHeader, facts: PacketFacts, findings: Findings) {
    this.facts = facts;
    this.#findings = findings;
    this.#walker = new PacketWalker(facts.packetBytes, findings);
    this.#prerollMs = header.fileProperties?.prerollMs ?? 0;
  }

  /** The packet in `bytes[start..end)`. */
  check(bytes: Uint8Array, start: number, end: number, number: number, offset: number): void {
    const walker = this.#walker;
    this.#bytes = bytes;
    this.#number = number;
    this.#offset = offset;
    this.#payloadCount = 0;
    this.#leastMs = Infinity;
    this.#payloadsEnd = 0;
    this.#lastCompressedBytes = 0;
    walker.walk(bytes, start, end, offset, this);
    this.#checkLayout(bytes, start, end);
    this.#checkTimes();
    this.facts.addPacket(number, walker.sendTimeMs, walker.durationMs);
  }

  /** No packet comes any more. */
  finish(): void {
    const findings = this.#findings;
    for (const track of this.facts.tracks) {
      const name = `Stream ${track.stream.streamNumber}`;
      if (track.isOpen) this.#incomplete(track, "the data ends");
      if (!track.isVideo || track.objectCount === 0) continue;
      if (track.keyCount === 0) {
        findings.warn("D22", 0, `${name}: none of its ${track.objectCount} objects is a key frame`);
      } else if (!track.isFirstKey) findings.warn("D22", 0, `${name}: its first object should be a key frame`);
    }
    const firsts = this.facts.tracks.filter(({ completeCount }) => completeCount > 0).map(({ earliestMs }) =>
      earliestMs
    );
    const first = Math.min(...firsts);
    if (firsts.length > 0 && first > this.#prerollMs + ODD_MS) {
      findings.warn("D25", 0, `Streams: the first begins at ${first} ms, the preroll ends at ${this.#prerollMs} ms`);
    }
  }

  #checkLayout(bytes: Uint8Array, start: number, end: number): void {
    const { errorCorrectionBytes, lengthTypeFlags, payloadLengthWidth, packetLength, paddingBytes } = this.#walker;
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
    if (packetLength >= 0 && paddingBytes > 0 && packetLength + paddingBytes === this.facts.packetBytes) {
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
      findings.warn("D23", offset + at - start, "Packet: padding should be zeros");
      return;
    }
  }

  #checkTimes(): void {
    const { sendTimeMs, durationMs } = this.#walker;
    const findings = this.#findings;
    const offset = this.#offset;
    if (this.#number > 0 && sendTimeMs < this.#lastSendMs) {
      findings.error("D18", offset, `Packet: is sent at ${sendTimeMs} ms, the one before at ${this.#lastSendMs} ms`);
    }
    if (this.#leastMs !== Infinity) {
      this.facts.leastLeadMs = Math.min(this.facts.leastLeadMs, this.#leastMs - sendTimeMs);
      if (sendTimeMs > this.#leastMs && sendTimeMs > this.#lastSendMs) {
        findings.warn("D19", offset, `Packet: is sent at ${sendTimeMs} ms, due at ${this.#leastMs} ms`);
      }
    }
    if (durationMs === 0 && this.#payloadCount > 1) {
      findings.warn("D21", offset, `Packet: lasts 0 ms with ${this.#payloadCount} payloads`);
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

  visitPayload(payload: PayloadFields): void {
    this.#payloadCount++;
    this.#payloadsEnd = payload.end;
    const track = this.facts.byNumber[payload.streamNumber];
    if (track === undefined) {
      this.#findings.error("D12", this.#offset, `Payload: stream ${payload.streamNumber} is not declared`);
      return;
    }
    track.payloadCount++;
    if (payload.timeMs >= 0) {
      if (payload.timeMs < this.#leastMs) this.#leastMs = payload.timeMs;
      if (payload.timeMs < this.#prerollMs) {
        this.#fail("F10", track, `time of ${payload.timeMs} ms is below the preroll of ${this.#prerollMs} ms`);
      }
    }
    this.#checkReplicated(track, payload);
    if (payload.offset === 0) this.#first(track, payload);
    else this.#further(track, payload);
  }

  #checkReplicated(track: StreamTrack, payload: PayloadFields): void {
    const { replicatedBytes } = payload;
    if (payload.isCompressed) {
      this.#lastCompressedBytes = payload.end - payload.start;
      track.hasCompressed = true;
      if (track.hasExtensions) this.#fail("D17", track, "compressed payload without the declared extensions");
      return;
    }
    this.#lastCompressedBytes = 0;
    if (replicatedBytes < 8) return;
    const wanted = 8 + (track.extensionBytes < 0 ? this.#variableBytes(track, payload) : track.extensionBytes);
    if (replicatedBytes !== wanted) {
      this.#fail("D11", track, `replicated data must be ${wanted} bytes, got ${replicatedBytes}`);
    }
  }

  /** What the extensions of this payload take, if they fill it. */
  #variableBytes(track: StreamTrack, { replicatedStart, replicatedBytes }: PayloadFields): number {
    let bytes = 0;
    for (const { dataBytes } of track.stream.extended!.payloadExtensions) {
      const at = replicatedStart + 8 + bytes;
      if (dataBytes !== 0xffff) bytes += dataBytes;
      else if (bytes + 10 > replicatedBytes) return bytes + 2;
      else bytes += 2 + u16At(this.#bytes, at);
    }
    return bytes;
  }

  #first(track: StreamTrack, payload: PayloadFields): void {
    if (track.isOpen) this.#incomplete(track, "another one begins");
    const length = payload.end - payload.start;
    const { objectNumber, timeMs, objectSize: size } = payload;
    if (track.lastNumber >= 0 && (track.lastNumber + 1 & 0xff) !== (objectNumber & 0xff)) {
      this.#findings.warn("D16", this.#offset, this.#text(track, `object ${objectNumber} follows ${track.lastNumber}`));
    }
    track.lastNumber = objectNumber;
    track.objectNumber = objectNumber;
    track.timeMs = timeMs >= 0 ? timeMs : Math.max(0, track.lastTimeMs);
    track.isKey = payload.isKey;
    track.firstPacket = this.#number;
    this.#noteTime(track, payload);
    this.#checkSize(track, size >= 0 ? size : length);
    const wrong = payload.isCompressed ? undefined : track.extensions?.begin(this.#bytes, payload);
    if (wrong !== undefined) {
      this.#findings.addOnce("D27", payload.streamNumber, this.#offset, this.#text(track, wrong), "W");
    }
    if (track.objectCount++ === 0) track.isFirstKey = payload.isKey;
    if (payload.isKey) track.keyCount++;
    if (beginsBadly(track.stream, this.#bytes, payload.start, payload.end)) {
      const message = this.#text(track, "object is not framed as the codec wants it");
      this.#findings.addOnce("D26", payload.streamNumber, this.#offset, message, "I");
    }
    if (size >= 0 && size > length) {
      track.isOpen = true;
      track.objectSize = size;
      track.received = length;
      return;
    }
    if (size === 0) this.#fail("D13", track, "object of 0 bytes");
    else if (size >= 0 && size < length) this.#fail("D13", track, `payload of ${length} bytes in an object of ${size}`);
    track.objectSize = size < 0 ? length : size;
    this.#complete(track);
  }

  #noteTime(track: StreamTrack, payload: PayloadFields): void {
    const { timeMs } = track;
    if (track.lastTimeMs >= 0) {
      if (timeMs < track.lastTimeMs) {
        const message = this.#text(track, `time goes back from ${track.lastTimeMs} to ${timeMs} ms`);
        this.#findings.warn("D20", this.#offset, message);
      } else if (timeMs > track.lastTimeMs) track.stepMs = timeMs - track.lastTimeMs;
    }
    track.lastTimeMs = timeMs;
    let presentationMs = timeMs;
    const { timingAt } = track;
    if (timingAt > 0 && payload.replicatedBytes >= timingAt + 16) {
      const ticks = u64At(this.#bytes, payload.replicatedStart + timingAt + 8);
      if (ticks < NO_TIMING) presentationMs = Math.min(0xffff_ffff, Math.round(ticks / 10_000));
    }
    track.presentationMs = presentationMs;
  }

  #checkSize(track: StreamTrack, size: number): void {
    if (size >= LARGE_OBJECT_BYTES) {
      const message = this.#text(track, `FFmpeg does not read an object of ${size} bytes`);
      this.#findings.warn("D13", this.#offset, message);
    }
    const { audio, spread } = track.stream;
    if (!track.isAudio || audio === undefined || audio.blockBytes === 0) return;
    const isBlock = isWindowsMediaAudio(audio.formatTag)
      ? size === audio.blockBytes * Math.max(1, spread?.span ?? 1)
      : !PCM.has(audio.formatTag) || size % audio.blockBytes === 0;
    if (isBlock) return;
    const message = this.#text(track, `object of ${size} bytes, a block has ${audio.blockBytes}`);
    this.#findings.warn("D24", this.#offset, message);
  }

  #further(track: StreamTrack, payload: PayloadFields): void {
    const { offset, objectNumber, objectSize, timeMs, isKey } = payload;
    if (!track.isOpen) {
      this.#fail("D14", track, `fragment at ${offset} of object ${objectNumber}, whose start is missing`);
      return;
    }
    if (offset !== track.received) {
      this.#incomplete(track, `the fragment at ${offset} of object ${objectNumber} follows`);
      return;
    }
    if (objectNumber !== track.objectNumber || objectSize >= 0 && objectSize !== track.objectSize) {
      this.#fail(
        "D15",
        track,
        `fragment of object ${objectNumber} of ${objectSize} bytes continues object \
${track.objectNumber} of ${track.objectSize}`,
      );
      track.isOpen = false;
      return;
    }
    if (timeMs >= 0 && timeMs !== track.timeMs) {
      this.#fail("D15", track, `fragments of object ${objectNumber} are of ${track.timeMs} and ${timeMs} ms`);
    }
    if (isKey !== track.isKey) {
      const message = this.#text(track, `fragments of object ${objectNumber} disagree in the key frame bit`);
      this.#findings.warn("D15", this.#offset, message);
    }
    if (track.extensions !== undefined && !track.extensions.isSame(this.#bytes, payload)) {
      const message = this.#text(track, `fragments of object ${objectNumber} disagree in their extensions`);
      this.#findings.warn("D15", this.#offset, message);
    }
    track.received += payload.end - payload.start;
    if (track.received < track.objectSize) return;
    if (track.received > track.objectSize) {
      this.#fail("D13", track, `fragments of ${track.received} bytes in an object of ${track.objectSize}`);
    }
    this.#complete(track);
  }

  #complete(track: StreamTrack): void {
    track.isOpen = false;
    track.byteCount += track.objectSize;
    if (track.objectSize > track.largestBytes) track.largestBytes = track.objectSize;
    const { presentationMs } = track;
    track.completeCount++;
    if (track.earliestMs < 0 || presentationMs < track.earliestMs) track.earliestMs = presentationMs;
    if (presentationMs > track.latestMs) track.latestMs = presentationMs;
    const span = this.#number - track.firstPacket + 1;
    const isKey = track.isKey || track.isAudio;
    if (isKey) track.keys?.append(presentationMs, track.firstPacket, span, true);
    track.objects?.append(presentationMs, track.firstPacket, span, isKey);
    track.extensions?.complete(track.completeCount - 1);
  }

  #incomplete(track: StreamTrack, why: string): void {
    track.isOpen = false;
    const message = `object ${track.objectNumber} has ${track.received} of ${track.objectSize} bytes when ${why}`;
    this.#fail("D14", track, message);
  }

  #fail(rule: string, track: StreamTrack, message: string): void {
    this.#findings.error(rule, this.#offset, this.#text(track, message));
  }

  #text(track: StreamTrack, message: string): string {
    return `Stream ${track.stream.streamNumber}: ${message}`;
  }
}
