/**
 * Whether metadata are what their types say, for programs whose compiler did not tell.
 *
 * @module
 */

import { cannot, type Problem, problemOf } from "../errors.ts";
import type { TypedAttribute } from "./attribute_value.ts";
import type { Metadata } from "./metadata.ts";
import { STANDARD_KINDS, type StandardAttributes, standardValues } from "./standard_attributes.ts";

const TEXTS = ["title", "author", "copyright", "description", "albumTitle", "albumArtist", "genre", "year"] as const;
const MAX_PICTURE_TYPE = 20;
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const LISTS = ["pictures", "records", "markers", "scripts"] as const;

/** What is wrong with metadata: a type or a value. */
export interface MetadataProblem extends Problem {
  /** The error to throw for it. */
  readonly Type: typeof TypeError | typeof RangeError;
}

/** Everything that would be wrong in any container. A text that is `null` is as good as absent. */
export function metadataProblems(metadata: Metadata): MetadataProblem[] {
  const problems: MetadataProblem[] = [];
  const wrongType = (name: string, wanted: string, value: unknown) => {
    const got = value === null ? "null" : typeof value;
    problems.push({ Type: TypeError, reason: `${name} must be ${wanted}, got ${got}` });
  };
  const wrongValue = (reason: string) => problems.push({ Type: RangeError, reason });
  const text = (name: string, value: unknown) => {
    if (typeof value === "string") return true;
    wrongType(name, "a string", value);
    return false;
  };
  const time = (name: string, value: number) => {
    if (typeof value !== "number") wrongType(name, "a number", value);
    else if (!(value >= 0 && value < Infinity)) {
      wrongValue(`${name} must be at least 0 µs, got ${value}`);
    }
  };
  const attribute = (name: string, value: unknown) => {
    if (name === "") wrongValue("an attribute must have a name");
    if (!/^(string|number|bigint|boolean)$/.test(typeof value) && !(value instanceof Uint8Array) && !isTyped(value)) {
      wrongType(`attribute ${name}`, "a string, number, bigint, boolean, Uint8Array, word or GUID", value);
    } else if (isTyped(value) && !isPossible(value)) {
      wrongValue(`attribute ${name} is no ${value.type}: ${value.value}`);
    }
  };
  if (typeof metadata !== "object" || metadata === null) {
    wrongType("metadata", "an object", metadata);
    return problems;
  }
  for (const name of TEXTS) if (metadata[name] !== undefined && metadata[name] !== null) text(name, metadata[name]);
  const { trackNumber } = metadata;
  if (trackNumber !== undefined && trackNumber !== null && !(Number.isSafeInteger(trackNumber) && trackNumber >= 1)) {
    wrongValue(`trackNumber must be a whole number from 1, got ${trackNumber}`);
  }
  for (const key of Object.keys(STANDARD_KINDS)) {
    const field = key as keyof StandardAttributes;
    try {
      standardValues(field, metadata[field]);
    } catch (error) {
      problems.push({ ...problemOf(error), Type: error instanceof TypeError ? TypeError : RangeError });
    }
  }
  for (const [name, value] of Object.entries(metadata.attributes ?? {})) attribute(name, value);
  for (const name of LISTS) if (!Array.isArray(metadata[name] ?? [])) wrongType(name, "an array", metadata[name]);
  if (problems.length > 0) return problems;
  for (const [i, { data, mimeType, type = 0, description = "" }] of (metadata.pictures ?? []).entries()) {
    if (typeof type !== "number") wrongType(`pictures[${i}].type`, "a number", type);
    else if (!(Number.isInteger(type) && type >= 0 && type <= MAX_PICTURE_TYPE)) {
      wrongValue(`pictures[${i}].type must be within 0–${MAX_PICTURE_TYPE}, got ${type}`);
    }
    text(`pictures[${i}].description`, description);
    if (!(data instanceof Uint8Array)) wrongType(`pictures[${i}].data`, "a Uint8Array", data);
    text(`pictures[${i}].mimeType`, mimeType);
  }
  for (const { name, value } of metadata.records ?? []) {
    if (text("a record's name", name)) attribute(name, value);
  }
  for (const [i, { timestamp, name }] of (metadata.markers ?? []).entries()) {
    time(`markers[${i}].timestamp`, timestamp);
    text(`markers[${i}].name`, name);
  }
  for (const [i, { timestamp, type, text: argument }] of (metadata.scripts ?? []).entries()) {
    time(`scripts[${i}].timestamp`, timestamp);
    text(`scripts[${i}].type`, type);
    text(`scripts[${i}].text`, argument);
  }
  return problems;
}

/** Refuses what would be wrong in any container. @throws {TypeError} @throws {RangeError} */
export function checkMetadata(action: string, metadata: Metadata): void {
  const [wrong] = metadataProblems(metadata);
  if (wrong) throw cannot(wrong.Type, action, wrong.reason, wrong.field);
}

/** Whether a value says its type: a word or a GUID. */
function isTyped(value: unknown): value is TypedAttribute {
  if (typeof value !== "object" || value === null) return false;
  const { type, value: inner } = value as { type?: unknown; value?: unknown };
  return type === "word" && typeof inner === "number" || type === "guid" && typeof inner === "string";
}

function isPossible(attribute: TypedAttribute): boolean {
  if (attribute.type === "guid") return GUID.test(attribute.value);
  const { value } = attribute;
  return Number.isInteger(value) && value >= 0 && value <= 0xffff;
}
