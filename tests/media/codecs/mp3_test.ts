import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "../../support/fast_check.ts";
import { MuxError } from "../../../src/errors.ts";
import type { RiffAudio } from "../../../src/media/mappings/riff/description.ts";
import { checkRiff, describeRiff, missingRiff } from "../../../src/media/mappings/riff/mod.ts";
import type { AudioStream } from "../../../src/media/stream_config.ts";
import { concat, fromHex } from "../bytes.ts";

const STREAM: AudioStream = { kind: "audio", codec: "mp3", sampleRate: 44_100, numberOfChannels: 2 };

function describe(config: Partial<AudioStream>, data?: Uint8Array): RiffAudio | undefined {
  return describeRiff({ ...STREAM, ...config }, undefined, data) as RiffAudio | undefined;
}

// Headers of LAME's frames; rate, channels and bit rate as ffprobe reports them, the size as its smallest packet's.
const FRAMES = [
  { name: "MPEG-1, 128 kbit/s", header: "fffb9064", said: [44_100, 2, 128_000], frameBytes: 417 },
  { name: "MPEG-1, 320 kbit/s", header: "fffbe464", said: [48_000, 2, 320_000], frameBytes: 960 },
  { name: "MPEG-2, 64 kbit/s, mono", header: "fff384c4", said: [24_000, 1, 64_000], frameBytes: 192 },
  { name: "MPEG-2.5, 32 kbit/s, mono", header: "ffe340c4", said: [11_025, 1, 32_000], frameBytes: 208 },
];

for (const { name, header, said, frameBytes } of FRAMES) {
  Deno.test(`describeRiff() reads an MP3 frame: ${name}`, () => {
    const found = describe(
      { sampleRate: 8000, numberOfChannels: 1 },
      concat(fromHex(header), new Uint8Array(frameBytes - 4)),
    );
    assert(found);
    assertEquals([found.sampleRate, found.numberOfChannels, found.bytesPerSecond * 8], said);
    // MPEGLAYER3WAVEFORMAT: WORD 1, DWORD 2, WORD size, WORD 1, WORD 1393.
    const size = [frameBytes & 0xFF, frameBytes >> 8];
    assertEquals([...found.privateData], [1, 0, 2, 0, 0, 0, ...size, 1, 0, 0x71, 0x05]);
  });
}

Deno.test("describeRiff() knows every bit rate and rate of layer III", () => {
  // [ISO 11172-3] 2.4.2.3, [ISO 13818-3] 2.4.2.3
  const first = [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
  const second = [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
  const versions = [
    { bits: 3, kilobits: first, rates: [44_100, 48_000, 32_000] },
    { bits: 2, kilobits: second, rates: [22_050, 24_000, 16_000] },
    { bits: 0, kilobits: second, rates: [11_025, 12_000, 8000] },
  ];
  for (const { bits, kilobits, rates } of versions) {
    for (const [i, rate] of kilobits.entries()) {
      for (const [j, sampleRate] of rates.entries()) {
        const data = Uint8Array.of(0xff, 0xe3 | bits << 3, i + 1 << 4 | j << 2, 0);
        const found = describe({}, concat(data, new Uint8Array(2000)))!;
        assertEquals([found.sampleRate, found.bytesPerSecond], [sampleRate, rate * 125]);
      }
    }
  }
});

Deno.test("describeRiff() fills WAVEFORMATEX for MP3", () => {
  const found = describe({}, fromHex("fffb9064"));
  assertEquals(
    [found?.codecName, found?.id, found?.bitsPerSample, found?.blockBytes, found?.bitrate],
    ["MP3", 0x0055, 0, 1, 128_000],
  );
  assertEquals(found?.framing, undefined);
});

Deno.test("describeRiff() describes MP3 without a sample where the bit rate is given", () => {
  const found = describe({ bitrate: 192_000 });
  assertEquals([found?.bytesPerSecond, found?.privateData[6], found?.privateData[7]], [24_000, 626 & 0xFF, 626 >> 8]);
});

Deno.test("describeRiff() keeps the configured bit rate of MP3, and the frame's size", () => {
  const found = describe({ bitrate: 190_000 }, fromHex("fffb9064"));
  assertEquals([found?.bytesPerSecond, found?.privateData[6]! + 256 * found?.privateData[7]!], [23_750, 417]);
});

Deno.test("describeRiff() takes the bit rate of free format from the frame's size", () => {
  // 480 bytes of 1152 samples at 48 kHz: 24 ms, 160 kbit/s.
  assertEquals(describe({}, concat(fromHex("fffb0464"), new Uint8Array(476)))?.bytesPerSecond, 20_000);
});

Deno.test("describeRiff() waits for MP3's first frame, and says so", () => {
  assertEquals(describe({}), undefined);
  assertEquals(missingRiff(STREAM), "MP3 needs its bitrate, or its first frame");
});

const OTHER: [string, string][] = [
  ["nothing", ""],
  ["three bytes", "fffb90"],
  ["an ID3 tag", "49443304"],
  ["layer II", "fffd9064"],
  ["layer I", "ffff9064"],
  ["a reserved version", "ffeb9064"],
  ["a reserved bit rate", "fffbf064"],
  ["a reserved rate", "fffb9c64"],
  ["AAC", "fff15080"],
];

for (const [name, hex] of OTHER) {
  Deno.test(`describeRiff() refuses ${name} as MP3`, () => {
    const error = assertThrows(() => describe({ streamNumber: 1 }, fromHex(hex)), MuxError);
    assertEquals([error.code, error.message], [
      "bad-media",
      "Cannot describe stream 1: its first sample is no MPEG layer III frame",
    ]);
  });
}

Deno.test("checkRiff() knows MP3 by its string and its tag", () => {
  for (const codec of ["mp3", 0x0055]) assertEquals(checkRiff({ ...STREAM, codec }), []);
});

Deno.test("describeRiff() describes MP3 or throws MuxError, whatever the bytes", () => {
  const bytes = fc.tuple(fc.constantFrom([], [0xFF], [0xFF, 0xFB], [0xFF, 0xF3]), fc.uint8Array({ maxLength: 9 }));
  fc.assert(
    fc.property(bytes, ([head, rest]) => {
      try {
        const found = describe({}, concat(head, rest));
        assert(found && found.bytesPerSecond >= 1 && found.blockBytes === 1 && found.privateData.byteLength === 12);
      } catch (error) {
        assert(error instanceof MuxError && error.code === "bad-media", String(error));
      }
    }),
    { numRuns: 1000 },
  );
});
