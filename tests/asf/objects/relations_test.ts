/** Objects about streams together, places and times: bytes worked out by hand from the layouts of the specification. */

import { guidBytes } from "../../../src/asf/guid.ts";
import { bandwidthSharing } from "../../../src/asf/objects/bandwidth_sharing.ts";
import { compatibility } from "../../../src/asf/objects/compatibility.ts";
import { contentBranding } from "../../../src/asf/objects/content_branding.ts";
import { groupMutualExclusion } from "../../../src/asf/objects/group_mutual_exclusion.ts";
import { blockHead, indexObject } from "../../../src/asf/objects/index.ts";
import {
  indexParameters,
  mediaObjectIndexParameters,
  timecodeIndexParameters,
} from "../../../src/asf/objects/index_parameters.ts";
import { marker } from "../../../src/asf/objects/marker.ts";
import { metadataLibrary } from "../../../src/asf/objects/metadata_library.ts";
import { advancedMutualExclusion, bitrateMutualExclusion } from "../../../src/asf/objects/mutual_exclusion.ts";
import { scriptCommand } from "../../../src/asf/objects/script_command.ts";
import { streamPrioritization } from "../../../src/asf/objects/stream_prioritization.ts";
import { hex } from "../hex.ts";
import { type Case, row, testTable } from "./table.ts";

const BY_LANGUAGE = guidBytes("D6E22A00-35DA-11D1-9034-00A0C90349BE");
const BY_LANGUAGE_BYTES = "00 2a e2 d6 da 35 d1 11 90 34 00 a0 c9 03 49 be";
const BY_BITRATE = guidBytes("D6E22A01-35DA-11D1-9034-00A0C90349BE");
const BY_BITRATE_BYTES = "01 2a e2 d6 da 35 d1 11 90 34 00 a0 c9 03 49 be";

const cases: Case[] = [
  row(
    "markers: the description counts characters, the entry bytes",
    marker,
    [{ offset: 50 + 3 * 3200, presentationTicks: 80_000_000, sendTimeMs: 4900, description: "Hi" }],
    `01 cd 87 f4 51 a9 cf 11 8e e6 00 c0 0c 20 53 65  54 00 00 00 00 00 00 00
     20 db fe 4c f6 75 cf 11 9c 0f 00 a0 c9 03 49 cb  01 00 00 00  00 00  00 00
     b2 25 00 00 00 00 00 00  00 b4 c4 04 00 00 00 00  12 00  24 13 00 00  00 00 00 00  03 00 00 00
     48 00 69 00 00 00`,
  ),
  row(
    "script commands: each type once, lengths in characters",
    scriptCommand,
    [{ timeMs: 3000, type: "T", text: "a" }, { timeMs: 4000, type: "U", text: "" }, {
      timeMs: 4001,
      type: "T",
      text: "b",
    }],
    `30 1a fb 1e 62 0b d0 11 a3 9b 00 a0 c9 03 48 f6  5a 00 00 00 00 00 00 00
     e3 cb 1a 4b 0b 10 d0 11 a3 9b 00 a0 c9 03 48 f6  03 00  02 00
     02 00 54 00 00 00  02 00 55 00 00 00
     b8 0b 00 00 00 00 02 00 61 00 00 00
     a0 0f 00 00 01 00 01 00 00 00
     a1 0f 00 00 00 00 02 00 62 00 00 00`,
  ),
  row(
    "bitrate mutual exclusion",
    bitrateMutualExclusion,
    { type: BY_BITRATE, streamNumbers: [1, 3] },
    `dc 29 e2 d6 da 35 d1 11 90 34 00 a0 c9 03 49 be  2e 00 00 00 00 00 00 00  ${BY_BITRATE_BYTES}  02 00 01 00 03 00`,
  ),
  row(
    "advanced mutual exclusion",
    advancedMutualExclusion,
    { type: BY_LANGUAGE, streamNumbers: [2, 127] },
    `cf 49 86 a0 75 47 70 46 8a 16 6e 35 35 75 66 cd  2e 00 00 00 00 00 00 00  ${BY_LANGUAGE_BYTES}  02 00 02 00 7f 00`,
  ),
  row(
    "group mutual exclusion",
    groupMutualExclusion,
    { type: BY_LANGUAGE, groups: [[1, 2], [3]] },
    `40 5a 46 d1 79 5a 38 43 b7 1b e3 6b 8f d6 c2 49  34 00 00 00 00 00 00 00  ${BY_LANGUAGE_BYTES}
     02 00  02 00 01 00 02 00  01 00 03 00`,
  ),
  row(
    "stream prioritization",
    streamPrioritization,
    [{ streamNumber: 2, mandatory: true }, { streamNumber: 1 }],
    `5b d1 fe d4 d3 88 4f 45 81 f0 ed 5c 45 99 9e 24  22 00 00 00 00 00 00 00  02 00  02 00 01 00  01 00 00 00`,
  ),
  row(
    "bandwidth sharing",
    bandwidthSharing,
    {
      type: guidBytes("AF6060AB-5197-11D2-B6AF-00C04FD908E9"),
      bitsPerSecond: 0x0102_0304,
      bufferMs: 3000,
      streamNumbers: [1, 2],
    },
    `e6 09 96 a6 7b 51 d2 11 b6 af 00 c0 4f d9 08 e9  36 00 00 00 00 00 00 00
     ab 60 60 af 97 51 d2 11 b6 af 00 c0 4f d9 08 e9  04 03 02 01  b8 0b 00 00  02 00 01 00 02 00`,
  ),
  row(
    "content branding",
    contentBranding,
    { bannerType: 3, banner: hex("47 49 46"), bannerUrl: "u", copyrightUrl: "" },
    `fa b3 11 22 23 bd d2 11 b4 b7 00 a0 c9 55 fc 6e  2d 00 00 00 00 00 00 00
     03 00 00 00  03 00 00 00 47 49 46  02 00 00 00 75 00  00 00 00 00`,
  ),
  row(
    "compatibility",
    compatibility,
    undefined,
    "5d 8b f1 26 84 45 ec 47 9f 5f 0e 65 1f 04 52 c9  1a 00 00 00 00 00 00 00  02 01",
  ),
  row(
    "index parameters",
    indexParameters,
    { interval: 1000, specifiers: [{ streamNumber: 1, type: 3 }, { streamNumber: 2, type: 3 }] },
    "df 29 e2 d6 da 35 d1 11 90 34 00 a0 c9 03 49 be  26 00 00 00 00 00 00 00  e8 03 00 00  02 00  01 00 03 00  02 00 03 00",
  ),
  row(
    "index, up to its first block",
    indexObject,
    { interval: 1000, specifiers: [{ streamNumber: 5, type: 3 }], blockCount: 2, blockBytes: 40 },
    "d3 29 e2 d6 da 35 d1 11 90 34 00 a0 c9 03 49 be  4e 00 00 00 00 00 00 00  e8 03 00 00  01 00  02 00 00 00  05 00 03 00",
  ),
  row(
    "media object index parameters with every type",
    mediaObjectIndexParameters,
    { interval: 25, specifiers: [1, 2, 3].map((type) => ({ streamNumber: 4, type })) },
    `ad 3b 20 6b 11 3f e4 48 ac a8 d7 61 3d e2 cf a7  2a 00 00 00 00 00 00 00  19 00 00 00  03 00
     04 00 01 00  04 00 02 00  04 00 03 00`,
  ),
  row(
    "timecode index parameters",
    timecodeIndexParameters,
    { interval: 1, specifiers: [{ streamNumber: 2, type: 2 }] },
    "6d 49 5e f5 97 97 5d 4b 8c 8b 60 4d fe 9b fb 24  22 00 00 00 00 00 00 00  01 00 00 00  01 00  02 00 02 00",
  ),
  {
    name: "the head of a timecode index block",
    encode: () => blockHead(2, [1], 7),
    bytes: "02 00 00 00  07 00  01 00 00 00 00 00 00 00",
  },
  {
    name: "the head of an index block past 4 GiB",
    encode: () => blockHead(7, [0x1_0000_0002, 3]),
    bytes: "07 00 00 00  02 00 00 00 01 00 00 00  03 00 00 00 00 00 00 00",
  },
  row(
    "metadata library: a record in a language",
    metadataLibrary,
    [{ streamNumber: 2, languageIndex: 1, name: "x", value: { type: "text", value: "y" } }],
    `94 1c 23 44 98 94 d1 49 a1 41 1d 13 4e 45 70 54  2e 00 00 00 00 00 00 00  01 00
     01 00  02 00  04 00  00 00  04 00 00 00  78 00 00 00  79 00 00 00`,
  ),
];

testTable(cases);
