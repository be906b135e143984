/**
 * GUIDs: canonical text on our side, mixed-endian bytes on the wire ([ASF] 2.2).
 *
 * @module
 */

const CANONICAL = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether `text` is a GUID in canonical form. */
export function isGuid(text: string): boolean {
  return CANONICAL.test(text);
}

/**
 * The 16 wire bytes of a GUID: three groups are little-endian, the last two as written.
 *
 * @throws {RangeError} If `text` is not in canonical form.
 */
export function guidBytes(text: string): Uint8Array<ArrayBuffer> {
  if (!isGuid(text)) {
    throw new RangeError(`Cannot read GUID: must look like "75B22630-668E-11CF-A6D9-00AA0062CE6C", got "${text}"`);
  }
  const view = new DataView(new ArrayBuffer(16));
  view.setUint32(0, parseInt(text.slice(0, 8), 16), true);
  view.setUint16(4, parseInt(text.slice(9, 13), 16), true);
  view.setUint16(6, parseInt(text.slice(14, 18), 16), true);
  view.setUint16(8, parseInt(text.slice(19, 23), 16));
  view.setUint16(10, parseInt(text.slice(24, 28), 16));
  view.setUint32(12, parseInt(text.slice(28), 16));
  return new Uint8Array(view.buffer);
}

/** A random GUID (version 4) in wire bytes. */
export function randomGuid(): Uint8Array<ArrayBuffer> {
  return guidBytes(crypto.randomUUID());
}

/** The GUIDs this container writes, in wire bytes ([ASF] 10). */
export const GUID = {
  // Top level
  header: guidBytes("75B22630-668E-11CF-A6D9-00AA0062CE6C"),
  data: guidBytes("75B22636-668E-11CF-A6D9-00AA0062CE6C"),
  simpleIndex: guidBytes("33000890-E5B1-11CF-89F4-00A0C90349CB"),
  index: guidBytes("D6E229D3-35DA-11D1-9034-00A0C90349BE"),
  mediaObjectIndex: guidBytes("FEB103F8-12AD-4C64-840F-2A1D2F7AD48C"),
  timecodeIndex: guidBytes("3CB73FD0-0C4A-4803-953D-EDF7B6228F0C"),
  // Header Object
  fileProperties: guidBytes("8CABDCA1-A947-11CF-8EE4-00C00C205365"),
  streamProperties: guidBytes("B7DC0791-A9B7-11CF-8EE6-00C00C205365"),
  headerExtension: guidBytes("5FBF03B5-A92E-11CF-8EE3-00C00C205365"),
  codecList: guidBytes("86D15240-311D-11D0-A3A4-00A0C90348F6"),
  contentDescription: guidBytes("75B22633-668E-11CF-A6D9-00AA0062CE6C"),
  extendedContentDescription: guidBytes("D2D0A440-E307-11D2-97F0-00A0C95EA850"),
  streamBitrateProperties: guidBytes("7BF875CE-468D-11D1-8D82-006097C9A2B2"),
  scriptCommand: guidBytes("1EFB1A30-0B62-11D0-A39B-00A0C90348F6"),
  marker: guidBytes("F487CD01-A951-11CF-8EE6-00C00C205365"),
  bitrateMutualExclusion: guidBytes("D6E229DC-35DA-11D1-9034-00A0C90349BE"),
  contentBranding: guidBytes("2211B3FA-BD23-11D2-B4B7-00A0C955FC6E"),
  padding: guidBytes("1806D474-CADF-4509-A4BA-9AABCB96AAE8"),
  // Header Extension Object
  extendedStreamProperties: guidBytes("14E6A5CB-C672-4332-8399-A96952065B5A"),
  languageList: guidBytes("7C4346A9-EFE0-4BFC-B229-393EDE415C85"),
  metadata: guidBytes("C5F8CBEA-5BAF-4877-8467-AA8C44FA4CCA"),
  metadataLibrary: guidBytes("44231C94-9498-49D1-A141-1D134E457054"),
  advancedMutualExclusion: guidBytes("A08649CF-4775-4670-8A16-6E35357566CD"),
  groupMutualExclusion: guidBytes("D1465A40-5A79-4338-B71B-E36B8FD6C249"),
  streamPrioritization: guidBytes("D4FED15B-88D3-454F-81F0-ED5C45999E24"),
  bandwidthSharing: guidBytes("A69609E6-517B-11D2-B6AF-00C04FD908E9"),
  compatibility: guidBytes("26F18B5D-4584-47EC-9F5F-0E651F0452C9"),
  indexParameters: guidBytes("D6E229DF-35DA-11D1-9034-00A0C90349BE"),
  mediaObjectIndexParameters: guidBytes("6B203BAD-3F11-48E4-ACA8-D7613DE2CFA7"),
  timecodeIndexParameters: guidBytes("F55E496D-9797-4B5D-8C8B-604DFE9BFB24"),
  // Stream types and error correction
  audioMedia: guidBytes("F8699E40-5B4D-11CF-A8FD-00805F5C442B"),
  videoMedia: guidBytes("BC19EFC0-5B4D-11CF-A8FD-00805F5C442B"),
  commandMedia: guidBytes("59DACFC0-59E6-11D0-A3AC-00A0C90348F6"),
  jfifMedia: guidBytes("B61BE100-5B4E-11CF-A8FD-00805F5C442B"),
  degradableJpegMedia: guidBytes("35907DE0-E415-11CF-A917-00805F5C442B"),
  fileTransferMedia: guidBytes("91BD222C-F21C-497A-8B6D-5AA86BFC0185"),
  binaryMedia: guidBytes("3AFB65E2-47EF-40F2-AC2C-70A90D71D343"),
  noErrorCorrection: guidBytes("20FB5700-5B55-11CF-A8FD-00805F5C442B"),
  audioSpread: guidBytes("BFC3CD50-618F-11CF-8BB2-00AA00B4E220"),
  // Prescribed constants
  reserved1: guidBytes("ABD3D211-A9BA-11CF-8EE6-00C00C205365"),
  reserved2: guidBytes("86D15241-311D-11D0-A3A4-00A0C90348F6"),
  reserved3: guidBytes("4B1ACBE3-100B-11D0-A39B-00A0C90348F6"),
  reserved4: guidBytes("4CFEDB20-75F6-11CF-9C0F-00A0C90349CB"),
  // What streams exclude each other by, and how they share a bandwidth
  byLanguage: guidBytes("D6E22A00-35DA-11D1-9034-00A0C90349BE"),
  byBitrate: guidBytes("D6E22A01-35DA-11D1-9034-00A0C90349BE"),
  byOther: guidBytes("D6E22A02-35DA-11D1-9034-00A0C90349BE"),
  sharingExclusive: guidBytes("AF6060AA-5197-11D2-B6AF-00C04FD908E9"),
  sharingPartial: guidBytes("AF6060AB-5197-11D2-B6AF-00C04FD908E9"),
  // Our own: at the end of the Padding Object of a file that was not finished
  unfinishedMark: guidBytes("6E8D2F43-51A7-4C0B-9B1E-F3D2A8C47E96"),
  // Payload extensions
  timecode: guidBytes("399595EC-8667-4E2D-8FDB-98814CE76C1E"),
  sampleDuration: guidBytes("C6BD9450-867F-4907-83A3-C77921B733AD"),
  fileName: guidBytes("E165EC0E-19ED-45D7-B4A7-25CBD1E28E9B"),
  contentType: guidBytes("D590DC20-07BC-436C-9CF7-F3BBFBF1A4DC"),
  pixelAspectRatio: guidBytes("1B1EE554-F9EA-4BC8-821A-376B74E4C4B8"),
  // One more, which is private: the presentation time of a stream that reorders, as recorded television has it
  timingExtension: guidBytes("FD3CC02A-06DB-4CFA-801C-7212D38745E4"),
} as const;
