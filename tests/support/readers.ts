/**
 * Which third-party readers this machine has. Where one is missing, its part of a test is skipped by name on a laptop
 * and fails under `CI`.
 *
 * @module
 */

/** The programs that judge our files, and the Debian packages they come in. */
export const READERS = {
  ffmpeg: "ffmpeg",
  GStreamer: "gstreamer1.0-tools, -plugins-base, -plugins-base-apps, -good, -bad, -ugly, -libav",
  MediaInfo: "mediainfo",
  ExifTool: "libimage-exiftool-perl",
  mutagen: "python3-mutagen",
  MKVToolNix: "mkvtoolnix",
  MPlayer: "mplayer",
  VLC: "vlc-bin, vlc-plugin-base",
  mpv: "mpv",
  libmms: "libmms0",
  xine: "libxine2-bin, libxine2-ffmpeg, libxine2-misc-plugins",
  Chromium: "chromium",
  Firefox: "firefox-esr",
  MediaConch: "mediaconch",
  tstools: "tstools",
  flac: "flac",
  opusinfo: "opus-tools",
  sndfile: "sndfile-programs",
  shntool: "shntool",
} as const;

export type ReaderName = keyof typeof READERS;

/** Debian's interpreter, which has the packaged modules, whatever else stands first on the path. */
export const PYTHON = "/usr/bin/python3";

// VLC and MPlayer are only looked for: one will not start as root, the other calls every question for help a failure.
const PROBES: Record<ReaderName, string[]> = {
  ffmpeg: ["ffprobe -version", "ffmpeg -version"],
  GStreamer: [
    "command -v gst-discoverer-1.0",
    ...["asfdemux", "h264parse", "avdec_h264", "checksumsink"].map((element) => `gst-inspect-1.0 --exists ${element}`),
  ],
  MediaInfo: ["mediainfo --Version"],
  ExifTool: ["exiftool -ver"],
  mutagen: [`${PYTHON} -c "import mutagen.asf"`],
  MKVToolNix: ["mkvmerge --version"],
  MPlayer: ["command -v mplayer"],
  VLC: ["command -v cvlc"],
  mpv: ["mpv --version"],
  libmms: [`${PYTHON} -c "import ctypes; ctypes.CDLL('libmms.so.0')"`],
  xine: [`${PYTHON} -c "import ctypes; ctypes.CDLL('libxine.so.2')"`, "find /usr/lib -name xineplug_decode_ff.so"],
  Chromium: ["command -v chromium"],
  Firefox: ["command -v firefox-esr"],
  MediaConch: ["mediaconch --Version"],
  tstools: ["command -v tsreport", "command -v tsinfo"],
  flac: ["flac --version"],
  opusinfo: ["command -v opusinfo"],
  sndfile: ["command -v sndfile-info"],
  shntool: ["command -v shntool"],
};

const known = new Map<ReaderName, boolean>();

function succeeds(line: string): boolean {
  const nowhere = "null" as const;
  const shell = new Deno.Command("sh", { args: ["-c", line], stdin: nowhere, stdout: nowhere, stderr: nowhere });
  return shell.outputSync().success;
}

/** Whether the reader is installed; asked once a process. */
export function hasReader(name: ReaderName): boolean {
  let has = known.get(name);
  if (has === undefined) known.set(name, has = PROBES[name].every(succeeds));
  return has;
}

/** Whether a test that needs these readers is to be skipped: one is missing, and this is not CI. */
export function skipWithout(...names: ReaderName[]): boolean {
  return !Deno.env.get("CI") && !names.every(hasReader);
}

/** Registers a test that needs these readers. */
export function readerTest(name: string, readers: ReaderName[], fn: (t: Deno.TestContext) => void | Promise<void>) {
  const missing = readers.filter((reader) => !hasReader(reader));
  const title = missing.length === 0 ? name : `${name} (without ${missing.join(", ")})`;
  Deno.test({ name: title, ignore: skipWithout(...readers), fn: (t) => (requireReaders(...readers), fn(t)) });
}

/** Throws with the names of what is missing. */
export function requireReaders(...names: ReaderName[]): void {
  const missing = names.filter((name) => !hasReader(name));
  if (missing.length === 0) return;
  throw new Error(`Missing readers: ${missing.map((name) => `${name} (${READERS[name]})`).join("; ")}`);
}
