/**
 * Rules about the other objects of a header (X…): extension, codecs, commands, markers and how streams relate.
 *
 * @module
 */

import { Cursor } from "../../cursor.ts";
import type { Findings } from "../../findings.ts";
import { GUID } from "../guid.ts";
import type { AsfHeader } from "../header.ts";
import type { ExtendedStreamProperties } from "../objects/extended_stream.ts";
import type { AttributeList } from "../objects/metadata.ts";
import type {
  BandwidthSharing,
  GroupMutualExclusion,
  MutualExclusion,
  StreamBitrates,
  StreamPrioritization,
} from "../objects/relations.ts";
import type { CodecList } from "../objects/script.ts";
import type { StreamProperties } from "../objects/stream_properties.ts";
import { type AsfObject, flatten } from "../objects/walk.ts";
import { checkAttributes } from "./attribute_rules.ts";
import { checkTexts } from "./text_rules.ts";

const RESERVED_1 = "ABD3D211-A9BA-11CF-8EE6-00C00C205365";
const RESERVED_2 = "86D15241-311D-11D0-A3A4-00A0C90348F6";
const VIDEO_CODEC = 1;
const AUDIO_CODEC = 2;
const UNKNOWN_CODEC = 0xffff;
const KNOWN_STREAM_FLAGS = 0xf;

/** Checks all objects inside the header. `bytes` is the header. */
export function checkObjects(header: AsfHeader, bytes: Uint8Array, findings: Findings): void {
  const all = flatten(header.object);
  const context: Context = { header, all, bytes, findings };
  for (const object of all) {
    CHECKS[object.guid]?.(object, context);
    checkAttributes(object, bytes, header.languages.length, findings);
    checkTexts(object, bytes, findings);
    checkReferences(object, context);
  }
}

interface Context {
  readonly header: AsfHeader;
  readonly all: readonly AsfObject[];
  readonly bytes: Uint8Array;
  readonly findings: Findings;
}

const CHECKS: Readonly<Record<string, (object: AsfObject, context: Context) => void>> = {
  [GUID.headerExtension]: checkExtension,
  [GUID.codecList]: checkCodecs,
  [GUID.scriptCommand]: checkCommands,
  [GUID.streamBitrates]: checkBitrates,
  [GUID.bitrateMutualExclusion]: checkExclusion,
  [GUID.streamPrioritization]: checkPriorities,
  [GUID.extendedStreamProperties]: checkExtendedStream,
  [GUID.digitalSignature](object, { findings }) {
    findings.warn("X19", object.offset, `${object.name}: cannot tell whether the header was edited since`);
  },
  [GUID.compatibility](object, { findings }) {
    const { profile, mode } = object.fields as { profile: number; mode: number };
    if (profile !== 2 || mode !== 1) {
      findings.warn(
        "X20",
        object.offset,
        `${object.name}: profile and mode should be 2 and 1, got ${profile} and ${mode}`,
      );
    }
  },
};

function checkExtension({ name, offset, size, fields }: AsfObject, { findings }: Context): void {
  const { reserved1, reserved2, dataBytes } = fields as { reserved1: string; reserved2: number; dataBytes: number };
  if (reserved1 !== RESERVED_1) findings.error("X01", offset + 24, `${name}: first reserved field is wrong`);
  if (reserved2 !== 6) {
    findings.warn("X01", offset + 40, `${name}: second reserved field should be 6, got ${reserved2}`);
  }
  if (dataBytes !== size - 46) {
    findings.error("X01", offset + 42, `${name}: data must be ${size - 46} bytes, got ${dataBytes}`);
  }
}

function checkCodecs({ name, offset, size, fields }: AsfObject, { bytes, findings }: Context): void {
  if (size >= 40 && new Cursor(bytes, 0, offset + 24, bytes.byteLength).guid() !== RESERVED_2) {
    findings.warn("X03", offset + 24, `${name}: reserved field is wrong`);
  }
  for (const { type, info } of (fields as CodecList).codecs) {
    const wanted = type === AUDIO_CODEC ? 2 : type === VIDEO_CODEC ? 4 : info.byteLength;
    if (info.byteLength !== wanted) {
      findings.warn("X03", offset, `${name}: codec information should be ${wanted} bytes, got ${info.byteLength}`);
    }
    if (type !== VIDEO_CODEC && type !== AUDIO_CODEC && type !== UNKNOWN_CODEC) {
      findings.warn("X03", offset, `${name}: there is no codec type ${type}`);
    }
  }
}

function checkCommands({ name, offset, size }: AsfObject, { header, bytes, findings }: Context): void {
  const c = new Cursor(bytes, 0, offset + 40, Math.min(offset + size, bytes.byteLength));
  const commandCount = c.u16();
  const typeCount = c.u16();
  c.list(typeCount, () => c.bytes(2 * c.u16()));
  let last = header.fileProperties?.prerollMs ?? 0;
  c.list(commandCount, () => {
    const at = c.fileOffset;
    const timeMs = c.u32();
    const type = c.u16();
    c.bytes(2 * c.u16());
    if (type >= typeCount) findings.error("X04", at, `${name}: command of type ${type}, there are ${typeCount}`);
    if (timeMs < last) findings.warn("X04", at, `${name}: command at ${timeMs} ms should not precede ${last} ms`);
    last = timeMs;
  });
}

function checkBitrates({ name, offset, fields }: AsfObject, { header, findings }: Context): void {
  const { bitrates } = fields as StreamBitrates;
  for (const { streamNumber, isHidden } of header.streams) {
    const own = bitrates.filter((one) => one.streamNumber === streamNumber);
    const isZero = own.some(({ bitsPerSecond }) => bitsPerSecond === 0);
    if (own.length > 1) findings.warn("X12", offset, `${name}: stream ${streamNumber} is there ${own.length} times`);
    else if (own.length === 0 && !isHidden) findings.warn("X12", offset, `${name}: lacks stream ${streamNumber}`);
    if (isZero) findings.warn("X12", offset, `${name}: rate of stream ${streamNumber} is 0`);
  }
}

function checkExclusion({ name, offset, fields }: AsfObject, { header, findings }: Context): void {
  const { streamNumbers } = fields as MutualExclusion;
  const streams = header.streams.filter((one) => streamNumbers.includes(one.streamNumber));
  const forms = new Set(streams.map(({ kind, video }) => `${kind} ${video?.width}×${video?.height}`));
  if (forms.size > 1) findings.warn("X13", offset, `${name}: streams differ: ${[...forms].join(", ")}`);
}

function checkPriorities({ name, offset, fields }: AsfObject, { findings }: Context): void {
  const { priorities } = fields as StreamPrioritization;
  const seen = new Set<number>();
  let isOptional = false;
  for (const { streamNumber, isMandatory } of priorities) {
    if (seen.has(streamNumber)) findings.warn("X14", offset, `${name}: stream ${streamNumber} is there twice`);
    if (isMandatory && isOptional) {
      findings.warn("X14", offset, `${name}: stream ${streamNumber} is mandatory behind one that is not`);
    }
    seen.add(streamNumber);
    isOptional ||= !isMandatory;
  }
}

function checkExtendedStream(object: AsfObject, { header, all, findings }: Context): void {
  const { name, offset, children } = object;
  const fields = object.fields as ExtendedStreamProperties;
  const { streamNumber } = fields;
  const same = all.filter((one) =>
    one.guid === object.guid && (one.fields as ExtendedStreamProperties).streamNumber === streamNumber
  );
  const odd = [
    [same.length > 1 && same[0] !== object, `a second one for stream ${streamNumber}`],
    [fields.bitsPerSecond === 0, `data bit rate of stream ${streamNumber} should not be 0`],
    [
      fields.initialBufferMs > fields.bufferMs || fields.alternateInitialBufferMs > fields.alternateBufferMs,
      `buffer of stream ${streamNumber} is fuller than it is large`,
    ],
    [(fields.flags & ~KNOWN_STREAM_FLAGS) !== 0, `reserved flags of stream ${streamNumber} should be 0`],
  ] as const;
  for (const [isOdd, what] of odd) if (isOdd) findings.warn("X15", offset, `${name}: ${what}`);
  const indexes = [fields.languageIndex, ...fields.names.map(({ languageIndex }) => languageIndex)];
  const languageCount = header.languages.length;
  if (indexes.some((index) => index > 0 && index >= languageCount)) {
    findings.warn("X10", offset, `${name}: languages ${indexes.join(", ")}, there are ${languageCount}`);
  }
  for (const child of children) {
    if (child.guid !== GUID.streamProperties) continue;
    const inner = (child.fields as StreamProperties).streamNumber;
    const isTwice = header.object.children.some((one) =>
      one.guid === GUID.streamProperties && (one.fields as StreamProperties).streamNumber === inner
    );
    if (inner !== streamNumber) {
      findings.error("X16", child.offset, `${name}: stream ${streamNumber} describes ${inner}`);
    }
    if (isTwice) findings.error("X16", child.offset, `${name}: stream ${inner} is also described outside`);
  }
}

/** Streams that an object names must be there (X11). */
function checkReferences(object: AsfObject, { header, findings }: Context): void {
  const declared = new Set(header.streams.map(({ streamNumber }) => streamNumber));
  for (const number of new Set(namedStreams(object))) {
    if (number === 0 || declared.has(number)) continue;
    findings.error("X11", object.offset, `${object.name}: stream ${number} is not declared`);
  }
}

function namedStreams({ guid, fields }: AsfObject): readonly number[] {
  switch (guid) {
    case GUID.metadata:
    case GUID.metadataLibrary:
      return (fields as AttributeList).attributes.map(({ streamNumber }) => streamNumber);
    case GUID.extendedStreamProperties:
      return [(fields as ExtendedStreamProperties).streamNumber];
    case GUID.bitrateMutualExclusion:
    case GUID.advancedMutualExclusion:
      return (fields as MutualExclusion).streamNumbers;
    case GUID.groupMutualExclusion:
      return (fields as GroupMutualExclusion).groups.flat();
    case GUID.bandwidthSharing:
      return (fields as BandwidthSharing).streamNumbers;
    case GUID.streamPrioritization:
      return (fields as StreamPrioritization).priorities.map(({ streamNumber }) => streamNumber);
    case GUID.streamBitrates:
      return (fields as StreamBitrates).bitrates.map(({ streamNumber }) => streamNumber);
    case GUID.indexParameters:
    case GUID.mediaObjectIndexParameters:
    case GUID.timecodeIndexParameters:
      return (fields as { specifiers: { streamNumber: number }[] }).specifiers.map(({ streamNumber }) => streamNumber);
    default:
      return [];
  }
}
