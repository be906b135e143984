/**
 * Encryption and signature objects ([ASF] 3.14, 3.15, 3.16, 4.13), for looking at only.
 *
 * @module
 */

import type { Cursor } from "../../cursor.ts";

/** Content Encryption Object ([ASF] 3.14). */
export interface ContentEncryption {
  /** Secret data. */
  readonly secretData: Uint8Array;
  /** `"DRM"`. */
  readonly protectionType: string;
  /** Key ID. */
  readonly keyId: string;
  /** Where a license is had. */
  readonly licenseUrl: string;
}

/** Reads the body of a Content Encryption Object. */
export function readContentEncryption(c: Cursor): ContentEncryption {
  return {
    secretData: c.bytes(c.u32()),
    protectionType: c.ascii(c.u32()),
    keyId: c.ascii(c.u32()),
    licenseUrl: c.ascii(c.u32()),
  };
}

/** Extended Content Encryption Object ([ASF] 3.15). */
export interface ExtendedContentEncryption {
  /** An XML text. */
  readonly data: string;
}

/** Reads the body of an Extended Content Encryption Object. */
export function readExtendedContentEncryption(c: Cursor): ExtendedContentEncryption {
  return { data: c.text(c.u32()) };
}

/** Digital Signature Object ([ASF] 3.16). */
export interface DigitalSignature {
  /** Must be 2. */
  readonly signatureType: number;
  /** The signature. */
  readonly signature: Uint8Array;
}

/** Reads the body of a Digital Signature Object. */
export function readDigitalSignature(c: Cursor): DigitalSignature {
  return { signatureType: c.u32(), signature: c.bytes(c.u32()) };
}

/** Advanced Content Encryption Object ([ASF] 4.13). */
export interface AdvancedContentEncryption {
  /** One record a system. */
  readonly systems: readonly {
    /** GUID of the system. */
    readonly system: string;
    /** Its version. */
    readonly version: number;
    /** What is encrypted, as stored. */
    readonly encryptedObjects: readonly { readonly idType: number; readonly id: Uint8Array }[];
    /** The system's data. */
    readonly data: Uint8Array;
  }[];
}

/** Reads the body of an Advanced Content Encryption Object. */
export function readAdvancedContentEncryption(c: Cursor): AdvancedContentEncryption {
  return {
    systems: c.list(c.u16(), () => ({
      system: c.guid(),
      version: c.u32(),
      encryptedObjects: c.list(c.u16(), () => ({ idType: c.u16(), id: c.bytes(c.u16()) })),
      data: c.bytes(c.u32()),
    })),
  };
}

/** Error Correction Object ([ASF] 3.9): obsolete. */
export interface ErrorCorrection {
  /** GUID of the scheme. */
  readonly errorCorrectionType: string;
  /** Its data. */
  readonly data: Uint8Array;
}

/** Reads the body of an Error Correction Object. */
export function readErrorCorrection(c: Cursor): ErrorCorrection {
  return { errorCorrectionType: c.guid(), data: c.bytes(c.u32()) };
}
