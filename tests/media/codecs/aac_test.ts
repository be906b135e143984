import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "../../support/fast_check.ts";
import { MuxError } from "../../../src/errors.ts";
import type { RiffAudio } from "../../../src/media/mappings/riff/description.ts";
import { checkRiff, describeRiff, missingRiff } from "../../../src/media/mappings/riff/mod.ts";
import { Pieces } from "../../../src/bytes/pieces.ts";
import type { AudioStream } from "../../../src/media/stream_config.ts";
import { concat, fromHex } from "../bytes.ts";

const STEREO: AudioStream = { kind: "audio", codec: "mp4a.40.2", sampleRate: 44_100, numberOfChannels: 2 };

function describe(config: Partial<AudioStream>, data?: Uint8Array): RiffAudio | undefined {
  return describeRiff({ ...STEREO, ...config }, undefined, data) as RiffAudio | undefined;
}

function frame(found: RiffAudio | undefined, data: Uint8Array): Uint8Array {
  const out = new Pieces();
  found!.framing!(data, true, out);
  return out.toUint8Array();
}

/** An ADTS frame by [ISO 14496-3] 1.A.3.2. */
function adts(
  payload: Uint8Array | number[],
  options: { crc?: boolean; blocks?: number; rate?: number; channels?: number } = {},
) {
  const { crc = false, blocks = 1, rate = 4, channels = 2 } = options;
  const size = (crc ? 9 : 7) + payload.length;
  const bits = "111111111111" + "0" + "00" + (crc ? "0" : "1") + "01" + rate.toString(2).padStart(4, "0") + "0" +
    channels.toString(2).padStart(3, "0") + "0000" + size.toString(2).padStart(13, "0") + "11111111111" +
    (blocks - 1).toString(2).padStart(2, "0");
  return concat(bits.match(/.{8}/g)!.map((byte) => parseInt(byte, 2)), crc ? [0xAB, 0xCD] : [], payload);
}

// Rates and channels as ffprobe reports them for the first four (FFmpeg's encoder); the rest by [ISO 14496-3] 1.6.
const CONFIGS = [
  { name: "44.1 kHz stereo", hex: "121056e500", rate: 44_100, channels: 2 },
  { name: "48 kHz 5.1", hex: "11b056e500", rate: 48_000, channels: 6 },
  { name: "22.05 kHz mono", hex: "138856e500", rate: 22_050, channels: 1 },
  { name: "without signalling", hex: "1210", rate: 44_100, channels: 2 },
  { name: "7.1", hex: "11b8", rate: 48_000, channels: 8 },
  { name: "a rate of its own", hex: "17802ee008", rate: 24_000, channels: 1 }, // index 15, 24 bits of 24 000
  { name: "SBR said openly", hex: "2b118800", rate: 48_000, channels: 2 }, // type 5, core 24 kHz, output 48 kHz
  { name: "SBR said compatibly", hex: "131056e598", rate: 48_000, channels: 2 }, // core 24 kHz
  { name: "SBR and PS said openly", hex: "eb098800", rate: 48_000, channels: 2 }, // type 29, core 24 kHz mono
  { name: "SBR and PS said compatibly", hex: "130856e59d4880", rate: 48_000, channels: 2 },
];

Deno.test("describeRiff() knows every rate and every channel configuration of AAC", () => {
  // [ISO 14496-3] Table 1.18 and Table 1.19
  const rates = [96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350];
  const channels = [1, 2, 3, 4, 5, 6, 8];
  for (const [index, sampleRate] of rates.entries()) {
    for (const [i, numberOfChannels] of channels.entries()) {
      const bits = 2 << 11 | index << 7 | (i + 1) << 3; // AAC-LC
      const description = Uint8Array.of(bits >> 8, bits & 0xff);
      const found = describe({ sampleRate, numberOfChannels, description })!;
      assertEquals([found.sampleRate, found.numberOfChannels], [sampleRate, numberOfChannels]);
      const byHeader = describe({ sampleRate, numberOfChannels }, adts([1, 2, 3], { rate: index, channels: i + 1 }))!;
      assertEquals([byHeader.sampleRate, byHeader.numberOfChannels], [sampleRate, numberOfChannels]);
    }
  }
});

for (const { name, hex, rate, channels } of CONFIGS) {
  Deno.test(`describeRiff() reads an AudioSpecificConfig: ${name}`, () => {
    const found = describe({ description: fromHex(hex), sampleRate: 8000, numberOfChannels: 3 });
    assertEquals([found?.sampleRate, found?.numberOfChannels], [rate, channels]);
    assertEquals(found?.privateData, fromHex(hex));
  });
}

Deno.test("describeRiff() believes the configuration where SBR and PS go unsaid", () => {
  const found = describe({ description: fromHex("1308"), sampleRate: 48_000, numberOfChannels: 2 }); // 24 kHz mono
  assertEquals([found?.sampleRate, found?.numberOfChannels], [48_000, 2]);
});

Deno.test("describeRiff() fills WAVEFORMATEX for AAC", () => {
  const { framing, ...facts } = describe({ description: fromHex("1210"), bitrate: 96_000 })!;
  assert(framing);
  assertEquals(facts, {
    kind: "audio",
    codecName: "AAC",
    id: 0x00FF,
    sampleRate: 44_100,
    numberOfChannels: 2,
    bitsPerSample: 16,
    blockBytes: 1536,
    bytesPerSecond: 12_000,
    bitrate: 96_000,
    privateData: fromHex("1210"),
  });
});

Deno.test("describeRiff() guesses the bit rate of AAC, and says that it did", () => {
  const found = describe({ description: fromHex("1210") });
  assertEquals([found?.bytesPerSecond, found?.bitrate], [16_000, undefined]);
});

Deno.test("describeRiff() makes an AudioSpecificConfig of an ADTS header", () => {
  assertEquals(describe({}, adts([1, 2, 3]))?.privateData, fromHex("1210"));
  assertEquals(describe({}, adts([1, 2, 3], { rate: 3, channels: 6, crc: true }))?.privateData, fromHex("11b0"));
  assertEquals(describe({ sampleRate: 8000 }, adts([1], { rate: 7, channels: 1 }))?.sampleRate, 22_050);
});

Deno.test("AAC framing takes ADTS headers off, with and without a description", () => {
  for (const found of [describe({}, adts([1])), describe({ description: fromHex("1210") })]) {
    assertEquals(frame(found, adts([1, 2, 3])), new Uint8Array([1, 2, 3]));
    assertEquals(frame(found, adts([1, 2, 3], { crc: true })), new Uint8Array([1, 2, 3]));
  }
});

Deno.test("AAC framing agrees with an ADTS header of FFmpeg's", () => {
  // FFmpeg: 44.1 kHz stereo, frame of 345 bytes.
  const data = concat(fromHex("fff150802b3ffc"), fromHex("de02004c617663"), new Uint8Array(331));
  const found = describe({}, data);
  assertEquals(found?.privateData, fromHex("1210"));
  assertEquals(frame(found, data), data.slice(7));
});

Deno.test("AAC framing passes raw frames as they are", () => {
  const data = fromHex("210a4ffff000");
  assertEquals(frame(describe({ description: fromHex("1210") }), data), data);
});

const BAD: [string, Partial<AudioStream>, Uint8Array, string][] = [
  ["no bytes", { description: fromHex("1210") }, new Uint8Array(0), "an AAC frame is never empty"],
  [
    "several frames in one",
    {},
    adts([1, 2], { blocks: 3 }),
    "its ADTS frame holds 3 raw AAC frames, want one a sample",
  ],
  ["two ADTS frames", {}, concat(adts([1]), adts([2])), "its ADTS frame has 8 bytes, the sample 16"],
  ["half an ADTS frame", {}, adts([1, 2, 3]).subarray(0, 9), "its ADTS frame has 10 bytes, the sample 9"],
  ["half an ADTS header", {}, adts([1, 2, 3]).subarray(0, 4), "its ADTS frame has 0 bytes, the sample 4"],
  ["an ADTS header alone", {}, adts([]), "its ADTS frame has 7 bytes, the sample 7"],
  ["a raw frame among ADTS", {}, fromHex("210a4f"), "it begins with no ADTS header"],
];

for (const [name, config, data, says] of BAD) {
  Deno.test(`AAC framing refuses ${name}`, () => {
    const found = describe({ streamNumber: 4, ...config }, adts([1]));
    const error = assertThrows(() => frame(found, data), MuxError, `Cannot write sample to stream 4: ${says}`);
    assertEquals([error.code, error.streamNumber], ["bad-media", 4]);
  });
}

Deno.test("describeRiff() waits for AAC's description, and says so", () => {
  assertEquals(describe({}), undefined);
  assertEquals(describe({}, fromHex("210a4f")), undefined);
  assertEquals(describe({}, new Uint8Array(0)), undefined);
  assertEquals(
    missingRiff(STEREO),
    "AAC needs an AudioSpecificConfig as description, or a first sample with an ADTS header",
  );
});

Deno.test("describeRiff() refuses what is no AudioSpecificConfig", () => {
  for (const hex of ["12", "00", "0210", "1690", "2b", "ffff", "17800000"]) {
    const error = assertThrows(() => describe({ description: fromHex(hex) }), MuxError, "no AudioSpecificConfig");
    assertEquals(error.code, "bad-media");
  }
});

Deno.test("describeRiff() refuses ADTS without a rate or channels", () => {
  for (const data of [adts([1], { rate: 13 }), adts([1], { channels: 0 }), adts([1]).subarray(0, 5)]) {
    assertThrows(() => describe({}, data), MuxError, "its ADTS header is cut off, or says no sample rate or channels");
  }
});

Deno.test("checkRiff() knows AAC by its strings and its tag", () => {
  for (const codec of ["mp4a.40.2", "mp4a.40.02", "mp4a.40.5", "mp4a.40.29", 0x00FF]) {
    assertEquals(checkRiff({ ...STEREO, codec }), []);
  }
});

Deno.test("AAC either passes or is refused with MuxError, whatever the bytes", () => {
  const head = fc.constantFrom([], [0xFF, 0xF1], [0xFF, 0xF0], [0x12, 0x10, 0x56, 0xE5]);
  const bytes = fc.tuple(head, fc.uint8Array({ maxLength: 70 })).map(([a, b]) => concat(a, b));
  fc.assert(
    fc.property(bytes, bytes, (description, data) => {
      for (const config of [{ description }, {}]) {
        try {
          const found = describe(config, data);
          if (found === undefined) continue;
          assert(found.bytesPerSecond >= 1 && found.blockBytes >= 1 && found.sampleRate >= 1);
          assert(frame(found, data).byteLength > 0);
        } catch (error) {
          assert(error instanceof MuxError && error.code === "bad-media", String(error));
        }
      }
    }),
    { numRuns: 2000 },
  );
});
