/**
 * Values of attributes.
 *
 * @module
 */

/** A value whose type JavaScript does not tell: 16 bits unsigned, or a GUID as text. */
export type TypedAttribute =
  | { readonly type: "word"; readonly value: number }
  | { readonly type: "guid"; readonly value: string };

/** A value of an attribute. A number is 32 bits wide, unsigned; a bigint 64. */
export type AttributeValue = string | number | bigint | boolean | Uint8Array | TypedAttribute;

/** A value as containers see it that have no such types. */
export function plainValue(value: AttributeValue): Exclude<AttributeValue, TypedAttribute> {
  return typeof value === "object" && !(value instanceof Uint8Array) ? value.value : value;
}
