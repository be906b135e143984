/**
 * GUIDs as text, and what the known ones are called.
 *
 * @module
 */

/** GUIDs the reader acts on, in canonical upper-case text. */
export const GUID = {
  header: "75B22630-668E-11CF-A6D9-00AA0062CE6C",
  data: "75B22636-668E-11CF-A6D9-00AA0062CE6C",
  simpleIndex: "33000890-E5B1-11CF-89F4-00A0C90349CB",
  index: "D6E229D3-35DA-11D1-9034-00A0C90349BE",
  mediaObjectIndex: "FEB103F8-12AD-4C64-840F-2A1D2F7AD48C",
  timecodeIndex: "3CB73FD0-0C4A-4803-953D-EDF7B6228F0C",
  fileProperties: "8CABDCA1-A947-11CF-8EE4-00C00C205365",
  streamProperties: "B7DC0791-A9B7-11CF-8EE6-00C00C205365",
  headerExtension: "5FBF03B5-A92E-11CF-8EE3-00C00C205365",
  codecList: "86D15240-311D-11D0-A3A4-00A0C90348F6",
  scriptCommand: "1EFB1A30-0B62-11D0-A39B-00A0C90348F6",
  marker: "F487CD01-A951-11CF-8EE6-00C00C205365",
  bitrateMutualExclusion: "D6E229DC-35DA-11D1-9034-00A0C90349BE",
  errorCorrection: "75B22635-668E-11CF-A6D9-00AA0062CE6C",
  contentDescription: "75B22633-668E-11CF-A6D9-00AA0062CE6C",
  extendedContentDescription: "D2D0A440-E307-11D2-97F0-00A0C95EA850",
  contentBranding: "2211B3FA-BD23-11D2-B4B7-00A0C955FC6E",
  streamBitrates: "7BF875CE-468D-11D1-8D82-006097C9A2B2",
  contentEncryption: "2211B3FB-BD23-11D2-B4B7-00A0C955FC6E",
  extendedContentEncryption: "298AE614-2622-4C17-B935-DAE07EE9289C",
  digitalSignature: "2211B3FC-BD23-11D2-B4B7-00A0C955FC6E",
  padding: "1806D474-CADF-4509-A4BA-9AABCB96AAE8",
  unfinishedMark: "6E8D2F43-51A7-4C0B-9B1E-F3D2A8C47E96",
  extendedStreamProperties: "14E6A5CB-C672-4332-8399-A96952065B5A",
  advancedMutualExclusion: "A08649CF-4775-4670-8A16-6E35357566CD",
  groupMutualExclusion: "D1465A40-5A79-4338-B71B-E36B8FD6C249",
  streamPrioritization: "D4FED15B-88D3-454F-81F0-ED5C45999E24",
  bandwidthSharing: "A69609E6-517B-11D2-B6AF-00C04FD908E9",
  languageList: "7C4346A9-EFE0-4BFC-B229-393EDE415C85",
  metadata: "C5F8CBEA-5BAF-4877-8467-AA8C44FA4CCA",
  metadataLibrary: "44231C94-9498-49D1-A141-1D134E457054",
  indexParameters: "D6E229DF-35DA-11D1-9034-00A0C90349BE",
  mediaObjectIndexParameters: "6B203BAD-3F11-48E4-ACA8-D7613DE2CFA7",
  timecodeIndexParameters: "F55E496D-9797-4B5D-8C8B-604DFE9BFB24",
  compatibility: "26F18B5D-4584-47EC-9F5F-0E651F0452C9",
  advancedContentEncryption: "43058533-6981-49E6-9B74-AD12CB86D58C",
  indexPlaceholder: "D9AADE20-7C17-4F9C-BC28-8555DD98E2A2",
  audioMedia: "F8699E40-5B4D-11CF-A8FD-00805F5C442B",
  videoMedia: "BC19EFC0-5B4D-11CF-A8FD-00805F5C442B",
  commandMedia: "59DACFC0-59E6-11D0-A3AC-00A0C90348F6",
  jfifMedia: "B61BE100-5B4E-11CF-A8FD-00805F5C442B",
  degradableJpegMedia: "35907DE0-E415-11CF-A917-00805F5C442B",
  fileTransferMedia: "91BD222C-F21C-497A-8B6D-5AA86BFC0185",
  binaryMedia: "3AFB65E2-47EF-40F2-AC2C-70A90D71D343",
  audioSpread: "BFC3CD50-618F-11CF-8BB2-00AA00B4E220",
  timecodeExtension: "399595EC-8667-4E2D-8FDB-98814CE76C1E",
  fileNameExtension: "E165EC0E-19ED-45D7-B4A7-25CBD1E28E9B",
  contentTypeExtension: "D590DC20-07BC-436C-9CF7-F3BBFBF1A4DC",
  pixelAspectRatioExtension: "1B1EE554-F9EA-4BC8-821A-376B74E4C4B8",
  sampleDurationExtension: "C6BD9450-867F-4907-83A3-C77921B733AD",
  encryptionSampleIdExtension: "6698B84E-0AFA-4330-AEB2-1C0A98D7A44D",
  cleanPointExtension: "F72A3C6F-6EB4-4EBC-B192-09AD9759E828",
  dvrMsTiming: "FD3CC02A-06DB-4CFA-801C-7212D38745E4",
  dvrMsAudio: "31178C9D-03E1-4528-B582-3DF9DB22F503",
  waveFormat: "05589F81-C356-11CE-BF01-00AA0055595A",
} as const;

/** What known GUIDs that are values inside objects are called. */
const VALUE_NAMES: Readonly<Record<string, string>> = {
  [GUID.audioMedia]: "audio",
  [GUID.videoMedia]: "video",
  [GUID.commandMedia]: "command",
  [GUID.jfifMedia]: "JFIF",
  [GUID.degradableJpegMedia]: "degradable JPEG",
  [GUID.fileTransferMedia]: "file transfer",
  [GUID.binaryMedia]: "binary",
  "776257D4-C627-41CB-8F81-7AC7FF1C40CC": "web stream",
  "DA1E6B13-8359-4050-B398-388E965BF00C": "web stream format",
  "20FB5700-5B55-11CF-A8FD-00805F5C442B": "no error correction",
  [GUID.audioSpread]: "audio spread",
  "D6E22A00-35DA-11D1-9034-00A0C90349BE": "by language",
  "D6E22A01-35DA-11D1-9034-00A0C90349BE": "by bit rate",
  "D6E22A02-35DA-11D1-9034-00A0C90349BE": "by something unknown",
  "AF6060AA-5197-11D2-B6AF-00C04FD908E9": "exclusive",
  "AF6060AB-5197-11D2-B6AF-00C04FD908E9": "partial",
  "7A079BB6-DAA4-4E12-A5CA-91D38DC11A8D": "WMDRM-ND",
  [GUID.timecodeExtension]: "timecode",
  [GUID.fileNameExtension]: "file name",
  [GUID.contentTypeExtension]: "content type",
  [GUID.pixelAspectRatioExtension]: "pixel aspect ratio",
  [GUID.sampleDurationExtension]: "sample duration",
  [GUID.encryptionSampleIdExtension]: "encryption sample id",
  "00E1AF06-7BEC-11D1-A582-00C04FC29CFB": "degradable JPEG",
  [GUID.cleanPointExtension]: "output clean point",
  [GUID.dvrMsTiming]: "DVR-MS timing",
  "DD6432CC-E229-40DB-80F6-D26328D2761F": "DVR-MS video frame",
  [GUID.dvrMsAudio]: "DVR-MS audio",
  [GUID.waveFormat]: "WAVEFORMATEX",
  "05589F80-C356-11CE-BF01-00AA0055595A": "VIDEOINFOHEADER",
  "E06D80E3-DB46-11CF-B4D1-00805F6CBBEA": "MPEG2VIDEOINFO",
  "E06D8026-DB46-11CF-B4D1-00805F6CBBEA": "MPEG-2 video",
};

/** Bytes in the order in which their hexadecimal digits stand in the text: the first three groups are little-endian. */
const TEXT_ORDER = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15] as const;

/** The canonical text of the 16 bytes at `offset`, which must be there. */
export function guidText(bytes: Uint8Array, offset: number): string {
  let text = "";
  for (let at = 0; at < 16; at++) {
    if (at === 4 || at === 6 || at === 8 || at === 10) text += "-";
    text += bytes[offset + TEXT_ORDER[at]!]!.toString(16).padStart(2, "0");
  }
  return text.toUpperCase();
}

/** What a GUID that is a value (a stream type, an extension system, …) is called, if it is known. */
export function guidValueName(guid: string): string | undefined {
  return VALUE_NAMES[guid];
}
