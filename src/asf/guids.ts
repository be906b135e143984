/**
 * The GUIDs this container writes, in wire bytes ([ASF] 10). Each is an export of its own: what is not written is not loaded.
 *
 * @module
 */

import { guidBytes } from "./guid.ts";

// Top level
export const header: Uint8Array = /* @__PURE__ */ guidBytes("75B22630-668E-11CF-A6D9-00AA0062CE6C");
export const data: Uint8Array = /* @__PURE__ */ guidBytes("75B22636-668E-11CF-A6D9-00AA0062CE6C");
export const simpleIndex: Uint8Array = /* @__PURE__ */ guidBytes("33000890-E5B1-11CF-89F4-00A0C90349CB");
export const index: Uint8Array = /* @__PURE__ */ guidBytes("D6E229D3-35DA-11D1-9034-00A0C90349BE");
export const mediaObjectIndex: Uint8Array = /* @__PURE__ */ guidBytes("FEB103F8-12AD-4C64-840F-2A1D2F7AD48C");
export const timecodeIndex: Uint8Array = /* @__PURE__ */ guidBytes("3CB73FD0-0C4A-4803-953D-EDF7B6228F0C");

// Header Object
export const fileProperties: Uint8Array = /* @__PURE__ */ guidBytes("8CABDCA1-A947-11CF-8EE4-00C00C205365");
export const streamProperties: Uint8Array = /* @__PURE__ */ guidBytes("B7DC0791-A9B7-11CF-8EE6-00C00C205365");
export const headerExtension: Uint8Array = /* @__PURE__ */ guidBytes("5FBF03B5-A92E-11CF-8EE3-00C00C205365");
export const codecList: Uint8Array = /* @__PURE__ */ guidBytes("86D15240-311D-11D0-A3A4-00A0C90348F6");
export const contentDescription: Uint8Array = /* @__PURE__ */ guidBytes("75B22633-668E-11CF-A6D9-00AA0062CE6C");
export const extendedContentDescription: Uint8Array = /* @__PURE__ */ guidBytes("D2D0A440-E307-11D2-97F0-00A0C95EA850");
export const streamBitrateProperties: Uint8Array = /* @__PURE__ */ guidBytes("7BF875CE-468D-11D1-8D82-006097C9A2B2");
export const scriptCommand: Uint8Array = /* @__PURE__ */ guidBytes("1EFB1A30-0B62-11D0-A39B-00A0C90348F6");
export const marker: Uint8Array = /* @__PURE__ */ guidBytes("F487CD01-A951-11CF-8EE6-00C00C205365");
export const bitrateMutualExclusion: Uint8Array = /* @__PURE__ */ guidBytes("D6E229DC-35DA-11D1-9034-00A0C90349BE");
export const contentBranding: Uint8Array = /* @__PURE__ */ guidBytes("2211B3FA-BD23-11D2-B4B7-00A0C955FC6E");
export const padding: Uint8Array = /* @__PURE__ */ guidBytes("1806D474-CADF-4509-A4BA-9AABCB96AAE8");

// Header Extension Object
export const extendedStreamProperties: Uint8Array = /* @__PURE__ */ guidBytes("14E6A5CB-C672-4332-8399-A96952065B5A");
export const languageList: Uint8Array = /* @__PURE__ */ guidBytes("7C4346A9-EFE0-4BFC-B229-393EDE415C85");
export const metadata: Uint8Array = /* @__PURE__ */ guidBytes("C5F8CBEA-5BAF-4877-8467-AA8C44FA4CCA");
export const metadataLibrary: Uint8Array = /* @__PURE__ */ guidBytes("44231C94-9498-49D1-A141-1D134E457054");
export const advancedMutualExclusion: Uint8Array = /* @__PURE__ */ guidBytes("A08649CF-4775-4670-8A16-6E35357566CD");
export const groupMutualExclusion: Uint8Array = /* @__PURE__ */ guidBytes("D1465A40-5A79-4338-B71B-E36B8FD6C249");
export const streamPrioritization: Uint8Array = /* @__PURE__ */ guidBytes("D4FED15B-88D3-454F-81F0-ED5C45999E24");
export const bandwidthSharing: Uint8Array = /* @__PURE__ */ guidBytes("A69609E6-517B-11D2-B6AF-00C04FD908E9");
export const compatibility: Uint8Array = /* @__PURE__ */ guidBytes("26F18B5D-4584-47EC-9F5F-0E651F0452C9");
export const indexParameters: Uint8Array = /* @__PURE__ */ guidBytes("D6E229DF-35DA-11D1-9034-00A0C90349BE");
export const mediaObjectIndexParameters: Uint8Array = /* @__PURE__ */ guidBytes("6B203BAD-3F11-48E4-ACA8-D7613DE2CFA7");
export const timecodeIndexParameters: Uint8Array = /* @__PURE__ */ guidBytes("F55E496D-9797-4B5D-8C8B-604DFE9BFB24");

// Stream types and error correction
export const audioMedia: Uint8Array = /* @__PURE__ */ guidBytes("F8699E40-5B4D-11CF-A8FD-00805F5C442B");
export const videoMedia: Uint8Array = /* @__PURE__ */ guidBytes("BC19EFC0-5B4D-11CF-A8FD-00805F5C442B");
export const commandMedia: Uint8Array = /* @__PURE__ */ guidBytes("59DACFC0-59E6-11D0-A3AC-00A0C90348F6");
export const jfifMedia: Uint8Array = /* @__PURE__ */ guidBytes("B61BE100-5B4E-11CF-A8FD-00805F5C442B");
export const degradableJpegMedia: Uint8Array = /* @__PURE__ */ guidBytes("35907DE0-E415-11CF-A917-00805F5C442B");
export const fileTransferMedia: Uint8Array = /* @__PURE__ */ guidBytes("91BD222C-F21C-497A-8B6D-5AA86BFC0185");
export const binaryMedia: Uint8Array = /* @__PURE__ */ guidBytes("3AFB65E2-47EF-40F2-AC2C-70A90D71D343");
export const noErrorCorrection: Uint8Array = /* @__PURE__ */ guidBytes("20FB5700-5B55-11CF-A8FD-00805F5C442B");
export const audioSpread: Uint8Array = /* @__PURE__ */ guidBytes("BFC3CD50-618F-11CF-8BB2-00AA00B4E220");

// Prescribed constants
export const reserved1: Uint8Array = /* @__PURE__ */ guidBytes("ABD3D211-A9BA-11CF-8EE6-00C00C205365");
export const reserved2: Uint8Array = /* @__PURE__ */ guidBytes("86D15241-311D-11D0-A3A4-00A0C90348F6");
export const reserved3: Uint8Array = /* @__PURE__ */ guidBytes("4B1ACBE3-100B-11D0-A39B-00A0C90348F6");
export const reserved4: Uint8Array = /* @__PURE__ */ guidBytes("4CFEDB20-75F6-11CF-9C0F-00A0C90349CB");

// What streams exclude each other by, and how they share a bandwidth
export const byLanguage: Uint8Array = /* @__PURE__ */ guidBytes("D6E22A00-35DA-11D1-9034-00A0C90349BE");
export const byBitrate: Uint8Array = /* @__PURE__ */ guidBytes("D6E22A01-35DA-11D1-9034-00A0C90349BE");
export const sharingExclusive: Uint8Array = /* @__PURE__ */ guidBytes("AF6060AA-5197-11D2-B6AF-00C04FD908E9");
export const sharingPartial: Uint8Array = /* @__PURE__ */ guidBytes("AF6060AB-5197-11D2-B6AF-00C04FD908E9");

// Our own: at the end of the Padding Object of a file that was not finished
export const unfinishedMark: Uint8Array = /* @__PURE__ */ guidBytes("6E8D2F43-51A7-4C0B-9B1E-F3D2A8C47E96");

// Payload extensions
export const timecode: Uint8Array = /* @__PURE__ */ guidBytes("399595EC-8667-4E2D-8FDB-98814CE76C1E");
export const sampleDuration: Uint8Array = /* @__PURE__ */ guidBytes("C6BD9450-867F-4907-83A3-C77921B733AD");
export const fileName: Uint8Array = /* @__PURE__ */ guidBytes("E165EC0E-19ED-45D7-B4A7-25CBD1E28E9B");
export const contentType: Uint8Array = /* @__PURE__ */ guidBytes("D590DC20-07BC-436C-9CF7-F3BBFBF1A4DC");
export const pixelAspectRatio: Uint8Array = /* @__PURE__ */ guidBytes("1B1EE554-F9EA-4BC8-821A-376B74E4C4B8");

// One more, which is private: the presentation time of a stream that reorders, as recorded television has it
export const timingExtension: Uint8Array = /* @__PURE__ */ guidBytes("FD3CC02A-06DB-4CFA-801C-7212D38745E4");
