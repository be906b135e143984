/**
 * Makes the files in tests/fixtures again. Run by hand when one is added; the results are committed, since other
 * versions of the encoders give other bytes:
 *
 * ```sh
 * deno run --allow-run=ffmpeg --allow-write --allow-read tests/support/make_fixtures.ts
 * ```
 *
 * @module
 */

const FOLDER = new URL("../fixtures/", import.meta.url).pathname;

// One thread and no dates, versions or random identifiers: the same encoders give the same bytes.
const BIT_EXACT = ["-threads", "1", "-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact"];
const SMALL_VIDEO = "testsrc2=size=160x120:rate=25";
const TWO_TONES = "sine=frequency=440:sample_rate=44100,aformat=channel_layouts=stereo,tremolo=f=2";
const SURROUND = "sine=frequency=440:sample_rate=44100,aformat=channel_layouts=5.1";
const KEY_EACH_SECOND = "keyint=25:min-keyint=25:scenecut=0:threads=1";

/** An H.264 encoder for stream `index`; the parameters are x264's own. */
function h264(parameters: string, index = 0): string[] {
  return [
    ...[`-c:v:${index}`, "libx264", `-preset:v:${index}`, "slow", `-crf:v:${index}`, "30"],
    ...[`-pix_fmt:v:${index}`, "yuv420p", `-x264-params:v:${index}`, parameters],
  ];
}

/** Inputs from the synthetic sources of libavfilter, `seconds` long. */
function lavfi(seconds: number, ...graphs: string[]): string[] {
  return graphs.flatMap((graph) => ["-f", "lavfi", "-t", String(seconds), "-i", graph]);
}

const FIXTURES: Record<string, string[]> = {
  // Three B-frames between anchors, the middle one itself a reference.
  "clip.mp4": [
    ...lavfi(5, SMALL_VIDEO, TWO_TONES),
    ...h264(`bframes=3:b-pyramid=normal:b-adapt=0:${KEY_EACH_SECOND}`),
    ...["-c:a", "aac", "-b:a", "64k"],
    ...["-metadata", "title=Prüfbild – テスト", "-metadata", "artist=Muxwell"],
    ...["-metadata", "copyright=Public domain", "-metadata", "comment=Colour bars and two tones"],
    ...["-movflags", "+faststart"],
  ],
  "h264_nob_mp3.mkv": [
    ...lavfi(5, SMALL_VIDEO, TWO_TONES),
    ...h264(`bframes=0:${KEY_EACH_SECOND}`),
    ...["-c:a", "libmp3lame", "-b:a", "64k"],
  ],
  // The cover comes as a second video stream.
  "tone.mp3": [
    ...lavfi(4, TWO_TONES),
    ...lavfi(1, "testsrc2=size=96x96:rate=1"),
    ...["-map", "0:a", "-map", "1:v", "-frames:v", "1", "-c:v", "png", "-disposition:v", "attached_pic"],
    ...["-c:a", "libmp3lame", "-b:a", "96k", "-id3v2_version", "3", "-write_xing", "0"],
    ...["-metadata", "title=Kammerton", "-metadata", "artist=Ærø Ørsted", "-metadata", "album=Tones"],
    ...["-metadata", "genre=Test", "-metadata", "date=2001", "-metadata", "track=3"],
    ...["-metadata:s:v", "title=Cover", "-metadata:s:v", "comment=Cover (front)"],
  ],
  "tone.aac": [...lavfi(4, TWO_TONES), "-c:a", "aac", "-b:a", "64k", "-f", "adts"],
  "tone.wav": [...lavfi(2, TWO_TONES), "-c:a", "pcm_s16le", "-ar", "16000"],
  "wmv2_wma2.wmv": [
    ...lavfi(5, SMALL_VIDEO, TWO_TONES),
    ...["-c:v", "wmv2", "-b:v", "60k", "-s", "128x96", "-g", "25", "-c:a", "wmav2", "-b:a", "64k"],
    ...["-metadata", "title=Colour bars", "-metadata", "artist=Muxwell"],
  ],
  "wma1.wma": [...lavfi(2, TWO_TONES), "-c:a", "wmav1", "-b:a", "64k"],
  "mp2.wma": [...lavfi(2, TWO_TONES), "-c:a", "mp2", "-b:a", "64k"],
  "adpcm.wma": [...lavfi(2, TWO_TONES), "-c:a", "adpcm_ms", "-ar", "8000", "-ac", "1"],
  "wma2.wma": [...lavfi(4, TWO_TONES), "-c:a", "wmav2", "-b:a", "64k"],
  // Key frames of the two streams stand at different times.
  "two_videos.mp4": [
    ...lavfi(5, SMALL_VIDEO, "smptebars=size=96x80:rate=25", TWO_TONES),
    ...["-map", "0:v", "-map", "1:v", "-map", "2:a"],
    ...h264(`bframes=0:${KEY_EACH_SECOND}`, 0),
    ...h264("bframes=0:keyint=35:min-keyint=35:scenecut=0:threads=1", 1),
    ...["-c:a", "aac", "-b:a", "48k"],
  ],
  "late_audio.mp4": [
    ...lavfi(5, SMALL_VIDEO),
    ...["-itsoffset", "1.3", ...lavfi(3, TWO_TONES)],
    ...h264(`bframes=0:${KEY_EACH_SECOND}`),
    ...["-c:a", "aac", "-b:a", "48k"],
  ],
  // 16 to 80 ms between frames, and half a second of nothing after frame 40; with B-frames.
  "vfr.mp4": [
    ...lavfi(4, SMALL_VIDEO),
    ...[
      "-vf",
      "settb=1/1000,setpts='(0.04*N+0.024*mod(N\\,2)+0.5*gte(N\\,40))/TB'",
      "-fps_mode",
      "vfr",
      "-enc_time_base",
      "1:1000",
    ],
    ...h264(`bframes=2:b-adapt=0:${KEY_EACH_SECOND}`),
    ...["-video_track_timescale", "90000"],
  ],
  // Four pictures deep: a pyramid of B-frames.
  "hevc.mkv": [
    ...lavfi(3, SMALL_VIDEO),
    ...["-c:v", "libx265", "-preset", "fast", "-crf", "34", "-x265-params"],
    "keyint=25:min-keyint=25:scenecut=0:bframes=3:b-pyramid=1:open-gop=0:pools=none:frame-threads=1:log-level=error",
  ],
  "vp8.webm": [...lavfi(3, SMALL_VIDEO), "-c:v", "libvpx", "-b:v", "120k", "-g", "25", "-auto-alt-ref", "0"],
  "vp9.webm": [...lavfi(3, SMALL_VIDEO), "-c:v", "libvpx-vp9", "-b:v", "120k", "-g", "25"],
  "av1.webm": [...lavfi(3, SMALL_VIDEO), "-c:v", "libaom-av1", "-cpu-used", "8", "-b:v", "100k", "-g", "25"],
  "mpeg4.mkv": [...lavfi(3, SMALL_VIDEO), "-c:v", "mpeg4", "-bf", "2", "-g", "25", "-q:v", "14"],
  "mpeg2.mkv": [...lavfi(3, SMALL_VIDEO), "-c:v", "mpeg2video", "-bf", "2", "-g", "25", "-q:v", "16"],
  "mpeg1.mkv": [...lavfi(2, SMALL_VIDEO), "-c:v", "mpeg1video", "-bf", "2", "-g", "25", "-q:v", "20"],
  "wmv1.wmv": [...lavfi(3, "testsrc2=size=96x80:rate=15"), "-c:v", "wmv1", "-q:v", "14", "-g", "15"],
  "msmpeg4.wmv": [...lavfi(3, "testsrc2=size=96x80:rate=15"), "-c:v", "msmpeg4", "-q:v", "14", "-g", "15"],
  "mjpeg.mkv": [...lavfi(3, "testsrc2=size=96x80:rate=10"), "-c:v", "mjpeg", "-q:v", "20", "-pix_fmt", "yuvj420p"],
  "ac3.mp4": [...lavfi(2, TWO_TONES), "-c:a", "ac3", "-b:a", "96k"],
  "eac3.mp4": [...lavfi(2, TWO_TONES), "-c:a", "eac3", "-b:a", "64k"],
  "tone.flac": [...lavfi(1, TWO_TONES), "-c:a", "flac"],
  "opus.webm": [...lavfi(2, TWO_TONES), "-c:a", "libopus", "-b:a", "48k"],
  "vorbis.webm": [...lavfi(2, TWO_TONES), "-c:a", "libvorbis", "-q:a", "1"],
  "surround24.wav": [...lavfi(1, SURROUND), "-c:a", "pcm_s24le", "-ar", "4000"],
  "stereo24.wav": [...lavfi(1, TWO_TONES), "-c:a", "pcm_s24le", "-ar", "8000"],
  "float.wav": [...lavfi(1, TWO_TONES), "-c:a", "pcm_f32le", "-ar", "8000", "-ac", "1"],
  "alaw.wav": [...lavfi(2, TWO_TONES), "-c:a", "pcm_alaw", "-ar", "8000", "-ac", "1"],
  "ulaw.wav": [...lavfi(2, TWO_TONES), "-c:a", "pcm_mulaw", "-ar", "8000", "-ac", "1"],
};

if (import.meta.main) {
  const wanted = Deno.args.length > 0 ? Deno.args : Object.keys(FIXTURES);
  for (const name of wanted) {
    const command = new Deno.Command("ffmpeg", {
      args: ["-v", "error", "-nostdin", "-y", ...FIXTURES[name]!, "-map_metadata", "-1", ...BIT_EXACT, FOLDER + name],
    });
    const { success } = await command.spawn().status;
    if (!success) Deno.exit(1);
    console.log(name, Deno.statSync(FOLDER + name).size);
  }
}
