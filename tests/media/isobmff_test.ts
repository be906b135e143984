/** Configuration records byte by byte, and what damaged descriptions become. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "../support/fast_check.ts";
import { MuxError } from "../../src/errors.ts";
import { Pieces } from "../../src/bytes/pieces.ts";
import { describeIso, isIsoCodec, missingIso } from "../../src/media/mappings/isobmff.ts";
import type { AudioStream, StreamConfig, VideoStream } from "../../src/media/stream_config.ts";
import { dump, hex } from "../asf/hex.ts";

const video = (codec: string, more: Partial<VideoStream> = {}): VideoStream => ({ kind: "video", codec, ...more });
const audio = (codec: string | number, more: Partial<AudioStream> = {}): AudioStream => ({
  kind: "audio",
  codec,
  sampleRate: 48_000,
  numberOfChannels: 2,
  ...more,
});

// High profile, level 1.1, 4:2:0 with 8 bits: profile_idc 100 asks for the last four bytes of the record.
const SPS = "67 64 00 0b ac d9 82 84 7e 5c 04 40 00 00 03 00 40 00 00 0c 83 c5 0a 66 80";
const PPS = "68 e9 78 44 b2 2c";
const AVCC = `01 64 00 0b ff e1 00 19 ${SPS} 01 00 06 ${PPS} fd f8 f8 00`;
// STREAMINFO: 4096 samples a block, 96 kHz, two channels, 24 bits.
const STREAM_INFO = `10 00 10 00 00 00 00 00 00 00 17 70 03 70 ${"00 ".repeat(20)}`;
const OPUS_HEAD = "4f 70 75 73 48 65 61 64 01 02 38 01 80 bb 00 00 00 ff 00";

interface Case {
  name: string;
  config: StreamConfig;
  data?: string;
  entry: string;
  type: string;
  body: string;
}

const CASES: Case[] = [
  {
    name: "H.264 from Annex B",
    config: video("avc1.64000b", { description: hex(`00 00 00 01 ${SPS} 00 00 01 ${PPS}`) }),
    entry: "avc1",
    type: "avcC",
    body: AVCC,
  },
  {
    name: "H.264 with lengths of two bytes, which become four",
    config: video("avc1.64000b", { description: hex(AVCC.replace("ff e1", "fd e1")) }),
    entry: "avc1",
    type: "avcC",
    body: AVCC,
  },
  {
    name: "AAC",
    config: audio("mp4a.40.2", { description: hex("11 90"), bitrate: 128_000 }),
    entry: "mp4a",
    type: "esds",
    body: "00 00 00 00 03 80 80 80 22 00 00 00 04 80 80 80 14 40 15 00 00 00 00 01 f4 00 00 01 f4 00 " +
      "05 80 80 80 02 11 90 06 80 80 80 01 02",
  },
  {
    name: "MP3 of MPEG-2",
    config: audio("mp3", { sampleRate: 24_000, bitrate: 64_000 }),
    entry: "mp4a",
    type: "esds",
    body: "00 00 00 00 03 80 80 80 1b 00 00 00 04 80 80 80 0d 69 15 00 00 00 00 00 fa 00 00 00 fa 00 06 80 80 80 01 02",
  },
  {
    name: "Opus",
    config: audio("opus", { description: hex(OPUS_HEAD) }),
    entry: "Opus",
    type: "dOps",
    body: "00 02 01 38 00 00 bb 80 ff 00 00",
  },
  {
    name: "FLAC behind its marker",
    config: audio("flac", { description: hex(`66 4c 61 43 00 00 00 22 ${STREAM_INFO}`) }),
    entry: "fLaC",
    type: "dfLa",
    body: `00 00 00 00 80 00 00 22 ${STREAM_INFO}`,
  },
  {
    name: "AC-3, 5.1 at 448 kbit/s",
    config: audio("ac-3"),
    data: "0b 77 12 34 1e 40 e1 ff",
    entry: "ac-3",
    type: "dac3",
    body: "10 3d e0",
  },
  {
    name: "VP9 by its codec string",
    config: video("vp09.02.10.10.01.09.16.09.01", { codedWidth: 64, codedHeight: 48 }),
    entry: "vp09",
    type: "vpcC",
    body: "01 00 00 00 02 0a a3 09 10 09 00 00",
  },
  {
    name: "VP9 by its key frame",
    config: video("vp9"),
    data: "82 49 83 42 00 03 f0 02 f0 00",
    entry: "vp09",
    type: "vpcC",
    body: "01 00 00 00 00 0a 82 01 01 01 00 00",
  },
];

for (const { name, config, data, entry, type, body } of CASES) {
  Deno.test(`describeIso() makes a record: ${name}`, () => {
    const found = describeIso(config, undefined, data === undefined ? undefined : hex(data))!;
    assertEquals([found.id, found.box, dump(found.privateData)], [entry, type, dump(hex(body))]);
  });
}

Deno.test("describeIso() reads sizes, rates and channels where they are said", () => {
  const flac = describeIso(audio("flac", { description: hex(STREAM_INFO), sampleRate: 1 }));
  assert(flac?.kind === "audio");
  assertEquals([flac.sampleRate, flac.numberOfChannels], [96_000, 2]);
  const ac3 = describeIso(audio("ac-3"), undefined, hex("0b 77 12 34 1e 40 e1 ff"));
  assert(ac3?.kind === "audio");
  assertEquals([ac3.sampleRate, ac3.numberOfChannels, ac3.bitrate], [48_000, 6, 448_000]);
  const vp9 = describeIso(video("vp9"), undefined, hex("82 49 83 42 00 03 f0 02 f0 00"));
  assert(vp9?.kind === "video");
  assertEquals([vp9.codedWidth, vp9.codedHeight], [64, 48]);
  const h264 = describeIso(video("avc1.64000b", { description: hex(AVCC) }));
  assert(h264?.kind === "video");
  assertEquals([h264.codedWidth, h264.codedHeight, h264.reorderDepth, h264.framerate], [160, 120, 2, 25]);
});

const FRAMES: { name: string; description: string; unit: string; out: string }[] = [
  { name: "lengths of four bytes pass", description: AVCC, unit: "00 00 00 02 65 88", out: "00 00 00 02 65 88" },
  {
    name: "lengths of two bytes are widened",
    description: AVCC.replace("ff e1", "fd e1"),
    unit: "00 02 65 88 00 01 41",
    out: "00 00 00 02 65 88 00 00 00 01 41",
  },
  {
    name: "start codes become lengths, sets of the record are left out",
    description: `00 00 01 ${SPS} 00 00 01 ${PPS}`,
    unit: `00 00 00 01 09 f0 00 00 00 01 ${SPS} 00 00 01 ${PPS} 00 00 01 68 ee 00 00 01 65 88 00 00`,
    out: "00 00 00 02 09 f0 00 00 00 02 68 ee 00 00 00 02 65 88",
  },
];

for (const { name, description, unit, out } of FRAMES) {
  Deno.test(`H.264 in MP4: ${name}`, () => {
    const found = describeIso(video("avc1.64000b", { description: hex(description), streamNumber: 3 }))!;
    const pieces = new Pieces();
    found.framing!(hex(unit), true, pieces);
    assertEquals(dump(pieces.toUint8Array()), dump(hex(out)));
    pieces.clear();
    const error = assertThrows(() => found.framing!(hex("07 ff ff ff 65"), true, pieces), MuxError);
    assertEquals([error.code, error.streamNumber], ["bad-media", 3]);
  });
}

Deno.test("AV1 samples lose their temporal delimiter", () => {
  const found = describeIso(
    video("av01.0.00M.08", { description: hex("81 00 0c 00"), codedWidth: 16, codedHeight: 16 }),
  )!;
  const pieces = new Pieces();
  found.framing!(hex("12 00 32 01 aa"), true, pieces);
  assertEquals(dump(pieces.toUint8Array()), "32 01 aa");
  pieces.clear();
  assertThrows(() => found.framing!(hex("32 7f aa"), true, pieces), MuxError, "it begins with no whole AV1 OBU");
});

const BAD: [name: string, config: StreamConfig, data?: string][] = [
  ["its H.264 description is neither an avcC record nor Annex B", video("avc1.64000b", { description: hex("02 03") })],
  ["its HEVC description is neither an hvcC record nor Annex B", video("hvc1.1.6.L30", { description: hex("01 02") })],
  ["its first HEVC sample holds neither start codes nor NAL lengths", video("hev1"), "ff ff ff ff"],
  ["its first VP9 sample is no key frame", video("vp9"), "86 00 00"],
  ["its AV1 description is no av1C record", video("av01.0.00M.08", { description: hex("01") })],
  ["its first AV1 sample has no sequence header", video("av01.0.00M.08"), "12 00 32 01 aa"],
  ["its AAC description is no AudioSpecificConfig", audio("mp4a.40.2", { description: hex("00") })],
  ["its Opus description is no identification header", audio("opus", { description: hex("4f 70") })],
  ["its FLAC description has no STREAMINFO block", audio("flac", { description: hex("66 4c 61 43") })],
  ["its first sample is no AC-3 or E-AC-3 frame", audio("ac-3"), "0b 78 00 00 00 00 00 00"],
  ["its first sample is no AC-3 frame", audio("ac-3"), "0b 77 00 8a 74 87 c0 00 20 fc 21 08 26 c0 00 06"], // E-AC-3
];

for (const [message, config, data] of BAD) {
  Deno.test(`describeIso() refuses: ${message}`, () => {
    const bytes = data === undefined ? undefined : hex(data);
    assertEquals(assertThrows(() => describeIso(config, undefined, bytes), MuxError, message).code, "bad-media");
  });
}

const CODECS: StreamConfig[] = [
  ...["avc1.64000b", "hvc1.1.6.L30.B0", "hev1", "vp9", "vp09.00.10.08", "av01.0.00M.08"].map((codec) => video(codec)),
  ...["mp4a.40.2", "mp3", "opus", "flac", "ac-3"].map((codec) => audio(codec)),
];

Deno.test("describeIso() waits for what is missing, and says what", () => {
  for (const config of CODECS) {
    assert(isIsoCodec(config));
    if (config.codec !== "opus") assertEquals(describeIso(config), undefined);
    assert(missingIso(config).length > 10);
  }
  assert(!isIsoCodec(video("WMV3")) && !isIsoCodec(audio(0x161)));
  assertEquals(assertThrows(() => describeIso(video("WMV3")), MuxError).code, "unsupported");
});

Deno.test("describeIso() and what frames samples never fail but with bad-media, whatever the bytes", () => {
  const bytes = fc.uint8Array({ maxLength: 80 });
  const begun = fc.tuple(
    fc.constantFrom(AVCC, OPUS_HEAD, "00 00 00 01 67 64", "01", "81 00 0c 00", "0b 77", "82 49 83 42"),
    bytes,
  )
    .map(([head, tail]) => Uint8Array.from([...hex(head), ...tail]));
  const any = fc.oneof(bytes, begun);
  fc.assert(
    fc.property(fc.constantFrom(...CODECS), fc.option(any), fc.option(any), any, (config, description, data, unit) => {
      try {
        const found = describeIso({ ...config, description: description ?? undefined }, undefined, data ?? undefined);
        found?.framing?.(unit, true, new Pieces());
      } catch (error) {
        assert(error instanceof MuxError, String(error));
        assertEquals(error.code, "bad-media");
      }
    }),
    { numRuns: 3000 },
  );
});
