import { assertEquals, assertThrows } from "@std/assert";
import { MuxError } from "../../../src/errors.ts";
import type { RiffVideo } from "../../../src/media/mappings/riff/description.ts";
import { describeRiff } from "../../../src/media/mappings/riff/mod.ts";
import { parseVol } from "../../../src/media/codecs/mpeg4_vol.ts";
import type { VideoStream } from "../../../src/media/stream_config.ts";
import { BitWriter, concat, fromHex, toHex } from "../bytes.ts";

function describe(config: Partial<VideoStream>, data?: Uint8Array): RiffVideo | undefined {
  return describeRiff({ kind: "video", codec: "mp4v.20.9", ...config }, undefined, data) as
    | RiffVideo
    | undefined;
}

/** [ISO 14496-2] 6.2.3, from behind the start code. */
function volOf(objectType: number, lowDelay: number | undefined, aspect: number[] = [1]): Uint8Array<ArrayBuffer> {
  const w = new BitWriter().u(1, 0).u(8, objectType).u(1, 1).u(4, 5).u(3, 1).u(4, aspect[0]!);
  for (const part of aspect.slice(1)) w.u(8, part);
  if (lowDelay === undefined) w.u(1, 0);
  else w.u(1, 1).u(2, 1).u(1, lowDelay).u(1, 0);
  w.u(2, 0).u(1, 1).u(16, 25).u(1, 1).u(1, 1).u(5, 1); // 25 ticks a second, one a picture
  w.u(1, 1).u(13, 720).u(1, 1).u(13, 576).u(1, 1);
  return Uint8Array.from(w.toRbsp());
}

const VOL_CODE = [0, 0, 1, 0x20];
const VOP = fromHex("000001b61061cd89");

Deno.test("parseVol() reads size, rate, aspect and whether there are B-VOPs", () => {
  assertEquals(parseVol(volOf(17, 0, [15, 64, 45])), {
    width: 720,
    height: 576,
    pixelWidth: 64,
    pixelHeight: 45,
    framerate: 25,
    isLowDelay: false,
  });
  assertEquals([parseVol(volOf(17, 1))?.isLowDelay, parseVol(volOf(1, undefined))?.isLowDelay], [true, true]);
  assertEquals(parseVol(volOf(17, undefined))?.isLowDelay, false);
  assertEquals(parseVol(volOf(17, 0).subarray(0, 5)), undefined);
});

Deno.test("describeRiff() takes the headers of MPEG-4 from the description, or from a key frame", () => {
  const headers = concat(VOL_CODE, volOf(17, 0, [2]));
  const found = describe({ description: headers })!;
  assertEquals([found.id, found.codedWidth, found.pixelAspectWidth, found.reorderDepth], ["M4S2", 720, 12, 1]);
  assertEquals(toHex(describe({}, concat(headers, VOP))!.privateData), toHex(headers));
  assertEquals([describe({ codec: "XVID", description: headers })?.id, describe({})], ["XVID", undefined]);
  const depth = (reorders: boolean) => describe({ description: headers, reorders })?.reorderDepth;
  assertEquals([depth(true), depth(false)], [1, 0]);
  assertThrows(() => describe({}, VOP), MuxError, "has a VOL header");
});

// FFmpeg's encoder: 160x120, 25 Hz, then a group of pictures.
const MPEG2 = fromHex("000001b30a007823ffffe018000001b5148a00010000");
const GROUP = fromHex("000001b80008004000000100000ffff8");

Deno.test("describeRiff() takes sequence header and extension of MPEG-2 from a key frame", () => {
  const found = describe({ codec: "mp4v.61" }, concat(MPEG2, GROUP))!;
  assertEquals(toHex(found.privateData), toHex(MPEG2));
  assertEquals([found.id, found.codedWidth, found.codedHeight, found.framerate], ["MPG2", 160, 120, 25]);
  assertEquals([found.pixelAspectWidth, found.pixelAspectHeight, found.reorderDepth], [1, 1, 1]);
  assertEquals(describe({ codec: "MPG2", reorders: false }, MPEG2)?.reorderDepth, 0);
  assertThrows(() => describe({ codec: "MPG2" }, GROUP), MuxError, "has no sequence header");
});

Deno.test("describeRiff() tells MPEG-1, a display aspect, and low delay", () => {
  const mpeg1 = MPEG2.subarray(0, 12);
  assertEquals(describe({ codec: "mp4v.6A" }, mpeg1)?.id, "mpg1");
  const wide = MPEG2.slice();
  wide[7] = 0x33; // aspect_ratio_information 3: 16:9
  wide[21] = 0x80; // low_delay
  const found = describe({ codec: "mp4v.61" }, wide)!;
  assertEquals([found.pixelAspectWidth, found.pixelAspectHeight, found.reorderDepth], [4, 3, 0]);
});

Deno.test("describeRiff() reads the size of Motion JPEG from its first picture", () => {
  // SOI, a comment, then a frame header of 8 bits, 80 lines of 96 pixels.
  const picture = fromHex("ffd8 fffe0004abcd ffc0000b08005000600101 1100 ffda".replaceAll(" ", ""));
  const found = describe({ codec: "mjpeg" }, picture)!;
  assertEquals([found.id, found.codedWidth, found.codedHeight], ["MJPG", 96, 80]);
  assertThrows(() => describe({ codec: "MJPG" }, fromHex("ffd8ffda00")), MuxError, "no JPEG picture");
});
