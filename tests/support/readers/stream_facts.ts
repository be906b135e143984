/**
 * What readers say of each stream, beside its kind: codec, sampling rate and channels, or width and height.
 *
 * @module
 */

import type { StreamKind } from "./verdict.ts";

/** A stream as it should be; `codec` is FFmpeg's name. */
export interface StreamFacts {
  kind: StreamKind;
  codec: string;
  sampleRate?: number;
  channels?: number;
  width?: number;
  height?: number;
}

/** A stream as a reader tells it: its own name of the codec; what it does not tell is absent. */
export type ToldFacts = Partial<StreamFacts>;

/** Readers that name codecs in their own way. */
export type Namer = "ffprobe" | "MediaInfo" | "GStreamer" | "ExifTool" | "mutagen";

type Names = Partial<Record<Exclude<Namer, "ffprobe">, RegExp>>;

/**
 * By FFmpeg's name. One reader may call a codec differently from container to container; GStreamer, whatever is `mp4v` in
 * MP4, MPEG-4 until it has looked inside.
 */
const NAMES: Readonly<Record<string, Names>> = {
  pcm_u8: { MediaInfo: /^PCM$/, GStreamer: /^Uncompressed 8-bit PCM/, ExifTool: /^Microsoft PCM$/ },
  pcm_s16le: { MediaInfo: /^PCM$/, GStreamer: /^(Uncompressed|Raw) 16-bit PCM/, ExifTool: /^Microsoft PCM$/ },
  pcm_s24le: { MediaInfo: /^PCM$/, GStreamer: /^(Uncompressed|Raw) 24-bit PCM/, ExifTool: /^Extensible$/ },
  pcm_s32le: { MediaInfo: /^PCM$/, GStreamer: /^Uncompressed 32-bit PCM/, ExifTool: /^Extensible$/ },
  pcm_f32le: {
    MediaInfo: /^PCM$/,
    GStreamer: /32-bit (IEEE float|floating-point)/,
    ExifTool: /^Microsoft IEEE float$/,
  },
  pcm_f64le: { MediaInfo: /^PCM$/, GStreamer: /64-bit IEEE float/, ExifTool: /^Microsoft IEEE float$/ },
  pcm_alaw: { MediaInfo: /^ADPCM$/, GStreamer: /^A-law/, ExifTool: /^Microsoft a-Law$/ },
  pcm_mulaw: { MediaInfo: /^ADPCM$/, GStreamer: /^Mu-law/, ExifTool: /^Microsoft u-Law$/ },
  mp3: {
    MediaInfo: /^MPEG Audio$/,
    GStreamer: /^MPEG-1 (layer 3|audio)/i,
    ExifTool: /^(MP3|mp4a)$/,
    mutagen: /^mp4a\.6B$/,
  },
  aac: { MediaInfo: /^AAC$/, GStreamer: /^MPEG-4 AAC/, ExifTool: /^mp4a$/, mutagen: /^mp4a\.40\.2$/ },
  ac3: { MediaInfo: /^AC-3$/, GStreamer: /^AC-3/, ExifTool: /^FAST Multimedia DVM$/, mutagen: /^ac-3$/ },
  eac3: {
    MediaInfo: /^E-AC-3$/,
    GStreamer: /^(AC-3|EAC-3|E-AC-3)/,
    ExifTool: /^(FAST Multimedia DVM|ec-3)$/,
    mutagen: /^ec-3$/,
  },
  wmav2: { MediaInfo: /^WMA$/, GStreamer: /^WMA Version 8$/, ExifTool: /^Windows Media Audio V2/ },
  flac: { MediaInfo: /^FLAC$/, GStreamer: /^Free Lossless/, ExifTool: /^(fLaC|Free Lossless.*)$/, mutagen: /^fLaC$/ },
  mp2: { MediaInfo: /^MPEG Audio$/, GStreamer: /^MPEG-1 (layer 2|audio)/i },
  wmav1: { MediaInfo: /^WMA$/, GStreamer: /^WMA Version 7$/ },
  adpcm_ms: { MediaInfo: /^ADPCM$/, GStreamer: /ADPCM/ },
  vorbis: { MediaInfo: /^Vorbis$/, GStreamer: /^Vorbis$/ },
  msmpeg4v3: { MediaInfo: /^MPEG-4 Visual$/, GStreamer: /^Microsoft MPEG-4/ },
  wmv1: { MediaInfo: /^VC-1$|^WMV1$/, GStreamer: /Windows Media 7$/ },
  wmv2: { MediaInfo: /^VC-1$|^WMV2$/, GStreamer: /Windows Media 8$/ },
  opus: { MediaInfo: /^Opus$/, GStreamer: /^Opus$/, ExifTool: /^Opus$/, mutagen: /^Opus$/ },
  h264: { MediaInfo: /^AVC$/, GStreamer: /^H\.?264/, ExifTool: /^avc1$/ },
  hevc: { MediaInfo: /^HEVC$/, GStreamer: /^(H\.265|HEVC)/, ExifTool: /^hvc1$/ },
  vp8: { MediaInfo: /^(VP8|vp08)$/, GStreamer: /^VP8/, ExifTool: /^vp08$/ },
  mpeg4: { MediaInfo: /^MPEG-4 Visual$/, GStreamer: /^MPEG-4 ([Vv]ideo|advanced simple)/, ExifTool: /^mp4v$/ },
  mpeg2video: { MediaInfo: /^MPEG Video$/, GStreamer: /^MPEG-[24] [Vv]ideo/, ExifTool: /^mp4v$/ },
  mpeg1video: { MediaInfo: /^MPEG Video$/, GStreamer: /^MPEG-[14] [Vv]ideo/, ExifTool: /^mp4v$/ },
  mjpeg: { MediaInfo: /^(JPEG|V_MJPEG)$/, GStreamer: /JPEG|^MPEG-4 video/, ExifTool: /^mp4v$/ },
  vp9: { MediaInfo: /^(VP9|vp09)$/, GStreamer: /^VP9/, ExifTool: /^vp09$/ },
  av1: { MediaInfo: /^AV1$/, GStreamer: /^(AOM )?AV1$/, ExifTool: /^av01$/ },
};

/** Complaints about what a reader tells that is not so. Streams of a kind are in order, kinds are not. */
export function compareStreams(namer: Namer, expected: readonly StreamFacts[], told: readonly ToldFacts[]): string[] {
  const complaints: string[] = [];
  for (const kind of ["video", "audio"] as const) {
    const streams = expected.filter((stream) => stream.kind === kind);
    const found = told.filter((stream) => stream.kind === kind);
    if (found.length !== streams.length) {
      complaints.push(`has ${found.length} ${kind} streams, expected ${streams.length}`);
      continue;
    }
    for (const [i, { codec, ...facts }] of streams.entries()) {
      const name = found[i]!.codec;
      const isSo = name === undefined || (namer === "ffprobe" ? name === codec : NAMES[codec]?.[namer]?.test(name));
      if (!isSo) complaints.push(`calls ${kind} ${i} ${name}, expected ${codec}`);
      for (const [fact, value] of Object.entries(facts)) {
        const given = found[i]![fact as keyof ToldFacts];
        if (given !== undefined && given !== value) {
          complaints.push(`${kind} ${i}: ${fact} ${given}, expected ${value}`);
        }
      }
    }
  }
  return complaints;
}

/** A number that a reader tells, as text or not; `undefined` where it does not. */
export function told(value: unknown): number | undefined {
  const number = value === undefined || value === "" ? NaN : Number(value);
  return Number.isNaN(number) ? undefined : number;
}
