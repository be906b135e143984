/** One table for all objects: the bytes are worked out by hand from the layouts of the specification. */

import { guidBytes } from "../../../src/asf/guid.ts";
import { encodeObject } from "../../../src/asf/object.ts";
import { codecList } from "../../../src/asf/objects/codec_list.ts";
import { contentDescription } from "../../../src/asf/objects/content_description.ts";
import { dataObject } from "../../../src/asf/objects/data.ts";
import { extendedContentDescription } from "../../../src/asf/objects/extended_content_description.ts";
import { extendedStreamProperties } from "../../../src/asf/objects/extended_stream_properties.ts";
import { fileProperties } from "../../../src/asf/objects/file_properties.ts";
import { headerObject } from "../../../src/asf/objects/header.ts";
import { headerExtension } from "../../../src/asf/objects/header_extension.ts";
import { languageList } from "../../../src/asf/objects/language_list.ts";
import { metadata } from "../../../src/asf/objects/metadata.ts";
import { metadataLibrary } from "../../../src/asf/objects/metadata_library.ts";
import { padding } from "../../../src/asf/objects/padding.ts";
import { simpleIndex } from "../../../src/asf/objects/simple_index.ts";
import { streamBitrateProperties } from "../../../src/asf/objects/stream_bitrate_properties.ts";
import { streamProperties } from "../../../src/asf/objects/stream_properties.ts";
import { hex } from "../hex.ts";
import { type Case, row, testTable } from "./table.ts";

const FILE_ID = guidBytes("12345678-9ABC-4DEF-8123-456789ABCDEF");
const FILE_ID_BYTES = "78 56 34 12 bc 9a ef 4d 81 23 45 67 89 ab cd ef";

const cases: Case[] = [
  row(
    "padding without a body",
    padding,
    24,
    "74 d4 06 18 df ca 09 45 a4 ba 9a ab cb 96 aa e8  18 00 00 00 00 00 00 00",
  ),
  row(
    "padding with a body",
    padding,
    27,
    "74 d4 06 18 df ca 09 45 a4 ba 9a ab cb 96 aa e8  1b 00 00 00 00 00 00 00  00 00 00",
  ),
  row(
    "header with two children",
    headerObject,
    [encodeObject(padding, 24), encodeObject(padding, 25)],
    `30 26 b2 75 8e 66 cf 11 a6 d9 00 aa 00 62 ce 6c  4f 00 00 00 00 00 00 00  02 00 00 00  01 02
     74 d4 06 18 df ca 09 45 a4 ba 9a ab cb 96 aa e8  18 00 00 00 00 00 00 00
     74 d4 06 18 df ca 09 45 a4 ba 9a ab cb 96 aa e8  19 00 00 00 00 00 00 00  00`,
  ),
  row(
    "header extension, empty",
    headerExtension,
    [],
    `b5 03 bf 5f 2e a9 cf 11 8e e3 00 c0 0c 20 53 65  2e 00 00 00 00 00 00 00
     11 d2 d3 ab ba a9 cf 11 8e e6 00 c0 0c 20 53 65  06 00  00 00 00 00`,
  ),
  row(
    "header extension with a child",
    headerExtension,
    [encodeObject(padding, 25)],
    `b5 03 bf 5f 2e a9 cf 11 8e e3 00 c0 0c 20 53 65  47 00 00 00 00 00 00 00
     11 d2 d3 ab ba a9 cf 11 8e e6 00 c0 0c 20 53 65  06 00  19 00 00 00
     74 d4 06 18 df ca 09 45 a4 ba 9a ab cb 96 aa e8  19 00 00 00 00 00 00 00  00`,
  ),
  row(
    "file properties past 4 GiB",
    fileProperties,
    {
      fileId: FILE_ID,
      fileBytes: 0x1_2345_6789, // file size
      creationTime: 0x01d8_829b_cb98_0000n,
      packetCount: 0x0001_0002,
      playDurationTicks: 0x2_0000_0001,
      sendDurationTicks: 0x1_8000_0000,
      prerollMs: 3000,
      flags: 2,
      packetBytes: 3200,
      maxBitsPerSecond: 102_400,
    },
    `a1 dc ab 8c 47 a9 cf 11 8e e4 00 c0 0c 20 53 65  68 00 00 00 00 00 00 00  ${FILE_ID_BYTES}
     89 67 45 23 01 00 00 00  00 00 98 cb 9b 82 d8 01  02 00 01 00 00 00 00 00
     01 00 00 00 02 00 00 00  00 00 00 80 01 00 00 00  b8 0b 00 00 00 00 00 00
     02 00 00 00  80 0c 00 00  80 0c 00 00  00 90 01 00`,
  ),
  row(
    "stream properties with error correction data",
    streamProperties,
    {
      streamNumber: 127,
      streamType: guidBytes("F8699E40-5B4D-11CF-A8FD-00805F5C442B"),
      typeData: hex("61 01 02"),
      errorCorrectionType: guidBytes("BFC3CD50-618F-11CF-8BB2-00AA00B4E220"),
      errorCorrectionData: hex("01 ab 0a ab 0a 01 00 00"),
    },
    `91 07 dc b7 b7 a9 cf 11 8e e6 00 c0 0c 20 53 65  59 00 00 00 00 00 00 00
     40 9e 69 f8 4d 5b cf 11 a8 fd 00 80 5f 5c 44 2b  50 cd c3 bf 8f 61 cf 11 8b b2 00 aa 00 b4 e2 20
     00 00 00 00 00 00 00 00  03 00 00 00  08 00 00 00  7f 00  00 00 00 00  61 01 02  01 ab 0a ab 0a 01 00 00`,
  ),
  row(
    "extended stream properties with the timing extension",
    extendedStreamProperties,
    {
      streamNumber: 2,
      bitsPerSecond: 64_008,
      bufferMs: 1451,
      largestObjectBytes: 2731,
      flags: 2,
      languageIndex: 1,
      ticksPerFrame: 1_745_454,
      names: [],
      extensions: [{ guid: guidBytes("FD3CC02A-06DB-4CFA-801C-7212D38745E4"), dataBytes: 16 }],
    },
    `cb a5 e6 14 72 c6 32 43 83 99 a9 69 52 06 5b 5a  6e 00 00 00 00 00 00 00
     00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00
     08 fa 00 00  ab 05 00 00  00 00 00 00  08 fa 00 00  ab 05 00 00  00 00 00 00
     ab 0a 00 00  02 00 00 00  02 00  01 00  2e a2 1a 00 00 00 00 00  00 00  01 00
     2a c0 3c fd db 06 fa 4c 80 1c 72 12 d3 87 45 e4  10 00  00 00 00 00`,
  ),
  row(
    "extended stream properties with a name and payload extensions: time code, an own one with information, file names",
    extendedStreamProperties,
    {
      streamNumber: 1,
      bitsPerSecond: 1,
      bufferMs: 0,
      largestObjectBytes: 0,
      flags: 0,
      languageIndex: 0,
      ticksPerFrame: 0,
      names: [{ languageIndex: 3, name: "A" }],
      extensions: [
        { guid: guidBytes("399595EC-8667-4E2D-8FDB-98814CE76C1E"), dataBytes: 14 },
        { guid: FILE_ID, dataBytes: 3, info: hex("01 02") },
        { guid: guidBytes("E165EC0E-19ED-45D7-B4A7-25CBD1E28E9B"), dataBytes: 0xffff },
      ],
    },
    `cb a5 e6 14 72 c6 32 43 83 99 a9 69 52 06 5b 5a  a4 00 00 00 00 00 00 00
     00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00
     01 00 00 00  00 00 00 00  00 00 00 00  01 00 00 00  00 00 00 00  00 00 00 00
     00 00 00 00  00 00 00 00  01 00  00 00  00 00 00 00 00 00 00 00  01 00  03 00
     03 00  04 00  41 00 00 00
     ec 95 95 39 67 86 2d 4e 8f db 98 81 4c e7 6c 1e  0e 00  00 00 00 00
     ${FILE_ID_BYTES}  03 00  02 00 00 00  01 02
     0e ec 65 e1 ed 19 d7 45 b4 a7 25 cb d1 e2 8e 9b  ff ff  00 00 00 00`,
  ),
  row(
    "codec list counts characters",
    codecList,
    [
      { kind: "audio", name: "WMA", description: "", information: hex("61 01") },
      { kind: "video", name: "V", description: "d", information: hex("57 4d 56 32") },
    ],
    `40 52 d1 86 1d 31 d0 11 a3 a4 00 a0 c9 03 48 f6  52 00 00 00 00 00 00 00
     41 52 d1 86 1d 31 d0 11 a3 a4 00 a0 c9 03 48 f6  02 00 00 00
     02 00  04 00  57 00 4d 00 41 00 00 00  00 00  02 00  61 01
     01 00  02 00  56 00 00 00  02 00  64 00 00 00  04 00  57 4d 56 32`,
  ),
  row(
    "stream bitrate properties",
    streamBitrateProperties,
    [{ streamNumber: 1, bitsPerSecond: 64_685 }, { streamNumber: 127, bitsPerSecond: 0x0102_0304 }],
    `ce 75 f8 7b 8d 46 d1 11 8d 82 00 60 97 c9 a2 b2  26 00 00 00 00 00 00 00
     02 00  01 00  ad fc 00 00  7f 00  04 03 02 01`,
  ),
  row(
    "language list",
    languageList,
    ["en-us"],
    `a9 46 43 7c e0 ef fc 4b b2 29 39 3e de 41 5c 85  27 00 00 00 00 00 00 00
     01 00  0c 65 00 6e 00 2d 00 75 00 73 00 00 00`,
  ),
  row(
    "content description leaves empty fields out",
    contentDescription,
    { title: "é", author: "", copyright: "c", description: "", rating: "" },
    `33 26 b2 75 8e 66 cf 11 a6 d9 00 aa 00 62 ce 6c  2a 00 00 00 00 00 00 00
     04 00  00 00  04 00  00 00  00 00  e9 00 00 00  63 00 00 00`,
  ),
  row(
    "extended content description, every type",
    extendedContentDescription,
    [
      { name: "s", value: { type: "text", value: "t" } },
      { name: "b", value: { type: "binary", value: hex("01 02 03") } },
      { name: "o", value: { type: "bool", value: true } },
      { name: "d", value: { type: "dword", value: 0xffff_fffe } },
      { name: "q", value: { type: "qword", value: 0x0102_0304_0506_0708n } },
    ],
    `40 a4 d0 d2 07 e3 d2 11 97 f0 00 a0 c9 5e a8 50  63 00 00 00 00 00 00 00  05 00
     04 00 73 00 00 00  00 00  04 00  74 00 00 00
     04 00 62 00 00 00  01 00  03 00  01 02 03
     04 00 6f 00 00 00  02 00  04 00  01 00 00 00
     04 00 64 00 00 00  03 00  04 00  fe ff ff ff
     04 00 71 00 00 00  04 00  08 00  08 07 06 05 04 03 02 01`,
  ),
  row(
    "metadata: a BOOL is a WORD",
    metadata,
    [
      { streamNumber: 2, name: "x", value: { type: "dword", value: 16 } },
      { streamNumber: 0, name: "y", value: { type: "bool", value: true } },
    ],
    `ea cb f8 c5 af 5b 77 48 84 67 aa 8c 44 fa 4c ca  40 00 00 00 00 00 00 00  02 00
     00 00  02 00  04 00  03 00  04 00 00 00  78 00 00 00  10 00 00 00
     00 00  00 00  04 00  02 00  02 00 00 00  79 00 00 00  01 00`,
  ),
  row(
    "metadata library",
    metadataLibrary,
    [{ streamNumber: 0, name: "x", value: { type: "binary", value: hex("aa") } }],
    `94 1c 23 44 98 94 d1 49 a1 41 1d 13 4e 45 70 54  2b 00 00 00 00 00 00 00  01 00
     00 00  00 00  04 00  01 00  01 00 00 00  78 00 00 00  aa`,
  ),
  row(
    "data, not known yet",
    dataObject,
    { fileId: FILE_ID, packetCount: 0, packetBytes: 3200 },
    `36 26 b2 75 8e 66 cf 11 a6 d9 00 aa 00 62 ce 6c  32 00 00 00 00 00 00 00  ${FILE_ID_BYTES}
     00 00 00 00 00 00 00 00  01 01`,
  ),
  row(
    "data past 4 GiB",
    dataObject,
    { fileId: FILE_ID, packetCount: 0x20_0000, packetBytes: 3200 },
    // 50 + 2 097 152 * 3200 = 0x1_9000_0032
    `36 26 b2 75 8e 66 cf 11 a6 d9 00 aa 00 62 ce 6c  32 00 00 90 01 00 00 00  ${FILE_ID_BYTES}
     00 00 20 00 00 00 00 00  01 01`,
  ),
  row(
    "simple index",
    simpleIndex,
    { fileId: FILE_ID, intervalMs: 200, maxPacketCount: 7, entryCount: 3 },
    `90 08 00 33 b1 e5 cf 11 89 f4 00 a0 c9 03 49 cb  4a 00 00 00 00 00 00 00  ${FILE_ID_BYTES}
     80 84 1e 00 00 00 00 00  07 00 00 00  03 00 00 00`,
  ),
];

testTable(cases);
