/**
 * The boxes inside sample entries: configurations of codecs, colours, shapes.
 *
 * @module
 */

import type { BoxCursor } from "./box_cursor.ts";
import type { BoxLayout } from "./layout.ts";

/** The body as it is: whoever knows the codec reads it. */
function record(name: string, read: (cursor: BoxCursor) => Record<string, unknown> = () => ({})): BoxLayout {
  return {
    name,
    read: (cursor) => {
      const start = cursor.position;
      const data = cursor.rest();
      cursor.position = start;
      const fields = read(cursor);
      cursor.position = cursor.end;
      return { ...fields, data };
    },
  };
}

/** What stands beside pictures. */
export const VIDEO_LAYOUTS: Readonly<Record<string, BoxLayout>> = {
  avcC: record("AVC Configuration Box", (cursor) => {
    const configurationVersion = cursor.u8();
    const [profile, compatibility, level] = [cursor.u8(), cursor.u8(), cursor.u8()];
    const lengthBytes = (cursor.u8() & 3) + 1;
    const sets = (count: number) => cursor.list(count, () => cursor.bytes(cursor.u16()));
    const sequenceParameterSets = sets(cursor.u8() & 31);
    return {
      configurationVersion,
      profile,
      compatibility,
      level,
      lengthBytes,
      sequenceParameterSets,
      pictureParameterSets: sets(cursor.u8()),
    };
  }),
  hvcC: record("HEVC Configuration Box", (cursor) => {
    const configurationVersion = cursor.u8();
    const profileByte = cursor.u8();
    const compatibility = cursor.u32();
    cursor.skip(6);
    const level = cursor.u8();
    cursor.skip(8);
    const lengthBytes = (cursor.u8() & 3) + 1;
    const arrays = cursor.list(cursor.u8(), () => {
      const nalType = cursor.u8() & 63;
      const count = cursor.u16();
      return { nalType, units: cursor.list(count, () => cursor.bytes(cursor.u16())) };
    });
    return { configurationVersion, profile: profileByte & 31, compatibility, level, lengthBytes, arrays };
  }),
  av1C: record("AV1 Configuration Box"),
  vpcC: record("VP Codec Configuration Box"),
  dvc1: record("VC-1 Configuration Box"),
  d263: record("H.263 Configuration Box"),
  glbl: record("Global Header Box"),
  strf: record("Bitmap Info Box"),
  dvcC: record("Dolby Vision Configuration Box"),
  dvvC: record("Dolby Vision Configuration Box"),
  hvcE: record("Enhancement Layer Configuration Box"),
  colr: {
    name: "Colour Information Box",
    read: (cursor) => {
      const colourType = cursor.fourCC();
      if (colourType !== "nclx" && colourType !== "nclc") return { colourType, profileBytes: cursor.rest().byteLength };
      const [primaries, transfer, matrix] = [cursor.u16(), cursor.u16(), cursor.u16()];
      return {
        colourType,
        primaries,
        transfer,
        matrix,
        ...colourType === "nclx" && { isFullRange: cursor.u8() >= 128 },
      };
    },
  },
  pasp: { name: "Pixel Aspect Ratio Box", read: (cursor) => ({ horizontal: cursor.u32(), vertical: cursor.u32() }) },
  clap: {
    name: "Clean Aperture Box",
    read: (cursor) => ({
      width: [cursor.u32(), cursor.u32()],
      height: [cursor.u32(), cursor.u32()],
      horizontalOffset: [cursor.i32(), cursor.u32()],
      verticalOffset: [cursor.i32(), cursor.u32()],
    }),
  },
  btrt: {
    name: "Bit Rate Box",
    read: (cursor) => ({
      bufferBytes: cursor.u32(),
      maxBitsPerSecond: cursor.u32(),
      averageBitsPerSecond: cursor.u32(),
    }),
  },
  fiel: { name: "Field Order Box", read: (cursor) => ({ fieldCount: cursor.u8(), fieldOrder: cursor.u8() }) },
  gama: { name: "Gamma Box", read: (cursor) => ({ gamma: cursor.fixed16() }) },
  mdcv: record("Mastering Display Colour Volume Box"),
  clli: {
    name: "Content Light Level Box",
    read: (cursor) => ({ maxContentLight: cursor.u16(), maxAverageLight: cursor.u16() }),
  },
  SmDm: record("Mastering Display Metadata Box"),
  CoLL: record("Content Light Level Box"),
  st3d: record("Stereoscopic 3D Box"),
  sv3d: record("Spherical Video Box"),
};

/** What stands beside sound. */
export const AUDIO_LAYOUTS: Readonly<Record<string, BoxLayout>> = {
  dOps: record("Opus Configuration Box"),
  dfLa: record("FLAC Configuration Box"),
  dac3: record("AC-3 Configuration Box"),
  dec3: record("Enhanced AC-3 Configuration Box"),
  dac4: record("AC-4 Configuration Box"),
  alac: record("ALAC Configuration Box"),
  damr: record("AMR Configuration Box"),
  ddts: record("DTS Configuration Box"),
  mhaC: record("MPEG-H Configuration Box"),
  chnl: record("Channel Layout Box"),
  chan: record("Channel Layout Box"),
  pcmC: {
    name: "PCM Configuration Box",
    read: (cursor) => {
      cursor.skip(4);
      return { isLittleEndian: (cursor.u8() & 1) !== 0, sampleBits: cursor.u8() };
    },
  },
  enda: { name: "Endianness Box", read: (cursor) => ({ isLittleEndian: cursor.u16() !== 0 }) },
  srat: {
    name: "Sampling Rate Box",
    read: (cursor) => {
      cursor.skip(4);
      return { sampleRate: cursor.u32() };
    },
  },
};
