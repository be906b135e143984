/**
 * Players of live streams. Each is given a URL or a file, plays it to the end as fast as it comes, and leaves behind what
 * it decoded or took; the same player with the same content leaves the same behind.
 *
 * @module
 */

import { PYTHON, type ReaderName } from "../readers.ts";
import { lines, PROGRAM_HANG_MS } from "../run.ts";

/** One way of one program to play. */
export interface LivePlayer {
  name: string;
  reader: ReaderName;
  /** Of the URL it is given. */
  scheme: "mmsh" | "http" | "mms";
  /** It hurries at the end, and leaves out what its decoders still hold: so many lines of each kind may be others. */
  looseEnd?: number;
  /** Answers what it left behind, one line each. `folder` is its own. */
  play(source: string, folder: string): Promise<string[]>;
}

/** Of decoded pictures or sound. */
const PIECE_BYTES = 16_384;

/** All of them. */
export const LIVE_PLAYERS: LivePlayer[] = [
  { name: "FFmpeg", reader: "ffmpeg", scheme: "mmsh", play: playFfmpeg },
  { name: "FFmpeg", reader: "ffmpeg", scheme: "http", play: playFfmpeg },
  { name: "MPlayer", reader: "MPlayer", scheme: "mmsh", play: playMplayer },
  { name: "mpv", reader: "mpv", scheme: "mmsh", play: playMpv },
  { name: "VLC", reader: "VLC", scheme: "mmsh", looseEnd: 10, play: playVlc },
  { name: "VLC", reader: "VLC", scheme: "http", looseEnd: 10, play: playVlc },
  { name: "VLC's dump", reader: "VLC", scheme: "mmsh", play: dumpVlc },
  { name: "VLC's dump", reader: "VLC", scheme: "http", play: dumpVlc },
  { name: "libmms", reader: "libmms", scheme: "mms", play: playLibmms },
  { name: "xine", reader: "xine", scheme: "http", play: playXine }, // over mmsh it does not notice the end
];

/** MD5 and time of every decoded frame. */
async function playFfmpeg(source: string, folder: string): Promise<string[]> {
  const output = `${folder}/frames.txt`;
  await spawn("ffmpeg", [
    ...["-v", "error", "-nostdin", "-i", source, "-map", "0", "-fps_mode", "passthrough", "-f", "framemd5", output],
  ]);
  return await frames(output);
}

/** MD5 of every picture shown, and of all sound. */
async function playMplayer(source: string, folder: string): Promise<string[]> {
  await spawn("mplayer", [
    ...["-noconfig", "all", "-nolirc", "-nojoystick", "-noautosub", "-noconsolecontrols", "-nocache"],
    ...["-msglevel", "avsync=1", "-benchmark", "-vo", `md5sum:outfile=${folder}/frames.txt`],
    ...["-ao", `pcm:fast:nowaveheader:file=${folder}/sound`, source],
  ], { HOME: folder, MPLAYER_HOME: folder });
  const { size } = await Deno.stat(`${folder}/sound`);
  const pictures = await Deno.readTextFile(`${folder}/frames.txt`).catch(() => ""); // without video there is none
  return [...lines(pictures), `${size} bytes of sound`];
}

/** MD5 of every frame it would have shown. */
async function playMpv(source: string, folder: string): Promise<string[]> {
  const output = `${folder}/frames.txt`;
  await spawn("mpv", [
    ...["--no-config", "--no-terminal", `--o=${output}`, "--of=framemd5", "--ovc=rawvideo", "--oac=pcm_s16le", source],
  ]);
  return await frames(output);
}

/** What VLC's demuxer and decoders make of it: pictures and sound, piece by piece. */
async function playVlc(source: string, folder: string): Promise<string[]> {
  const outputs = ["video", "audio"].map((kind) => `dst-${kind}=${folder}/${kind}`);
  const decoded = `#transcode{vcodec=I420,acodec=s16l}:es{access=file,mux=dummy,${outputs.join()}}`;
  await vlc(folder, [source, "--sout", decoded]);
  return (await Promise.all(["video", "audio"].map((kind) => pieces(kind, `${folder}/${kind}`)))).flat();
}

/** What VLC's access hands on, every byte of it, as FFmpeg decodes it. */
async function dumpVlc(source: string, folder: string): Promise<string[]> {
  const output = `${folder}/stream.asf`;
  await vlc(folder, [source, "--demux=demuxdump", `--demuxdump-file=${output}`]);
  return await playFfmpeg(output, folder);
}

/** VLC refuses to run as root. */
async function vlc(folder: string, args: string[]): Promise<void> {
  await Deno.chmod(folder, 0o777);
  const player = ["env", `HOME=${folder}`, "cvlc", "-I", "dummy", "--no-color", ...args, "vlc://quit"];
  const [command, ...rest] = Deno.uid() === 0 ? ["runuser", "-u", "nobody", "--", ...player] : player;
  await spawn(command!, rest);
}

/** A line for each whole piece of a file, which need not be there. */
async function pieces(kind: string, path: string): Promise<string[]> {
  const bytes = await Deno.readFile(path).catch(() => new Uint8Array(0));
  const found: string[] = [];
  for (let at = 0; at + PIECE_BYTES <= bytes.byteLength; at += PIECE_BYTES) {
    const hash = await crypto.subtle.digest("SHA-256", bytes.subarray(at, at + PIECE_BYTES));
    found.push(`${kind} ${at} ${new Uint8Array(hash).toHex()}`);
  }
  return found;
}

/** Every byte as libmms hands it on; a file is not for it. */
async function playLibmms(source: string, folder: string): Promise<string[]> {
  const output = `${folder}/stream.asf`;
  await spawn(PYTHON, ["-c", LIBMMS_CLIENT, source, output]);
  return await playFfmpeg(output, folder);
}

/** The smallest program that uses libmms. */
const LIBMMS_CLIENT = `
import ctypes, sys
mms = ctypes.CDLL("libmms.so.0")
mms.mmsx_connect.restype = ctypes.c_void_p
mms.mmsx_connect.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int]
mms.mmsx_read.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int]
stream = mms.mmsx_connect(None, None, sys.argv[1].encode(), 1000000)
if not stream: sys.exit("libmms cannot connect")
buffer = ctypes.create_string_buffer(65536)
with open(sys.argv[2], "wb") as output:
    while True:
        count = mms.mmsx_read(None, stream, buffer, len(buffer))
        if count <= 0: break
        output.write(buffer.raw[:count])
`;

/** That it played sound, and came to the end: how much depends on the machine, since it plays in real time. */
async function playXine(source: string, folder: string): Promise<string[]> {
  await spawn(PYTHON, ["-c", XINE_PLAYER, source], { HOME: folder }, folder);
  const { size } = await Deno.stat(`${folder}/xine-out.wav`);
  return size > XINE_BYTES_PER_SECOND ? ["more than a second of sound"] : [];
}

/** 44.1 kHz, two channels of 16 bits. */
const XINE_BYTES_PER_SECOND = 176_400;

/** The smallest program that uses libxine: sound goes into `xine-out.wav`, pictures nowhere. */
const XINE_PLAYER = `
import ctypes, sys, time
xine = ctypes.CDLL("libxine.so.2")
def call(name, *args, result=ctypes.c_int):
    function = getattr(xine, name)
    function.restype = result
    return function(*[ctypes.c_void_p(arg) if arg is None or isinstance(arg, int) and arg > 255 else arg for arg in args])
engine = call("xine_new", result=ctypes.c_void_p)
call("xine_init", engine)
sound = call("xine_open_audio_driver", engine, b"file", None, result=ctypes.c_void_p)
pictures = call("xine_open_video_driver", engine, b"none", 0, None, result=ctypes.c_void_p)
stream = call("xine_stream_new", engine, sound, pictures, result=ctypes.c_void_p)
if not call("xine_open", stream, sys.argv[1].encode()) or not call("xine_play", stream, 0, 0): sys.exit("xine cannot play")
while call("xine_get_status", stream) == 2: time.sleep(0.05)
for name, *args in [("close", stream), ("dispose", stream), ("close_audio_driver", engine, sound), ("exit", engine)]:
    call("xine_" + name, *args)
`;

/** Each frame with the kind of its stream, pictures and sound apart: mpv numbers streams by which decoder is ready first. */
async function frames(path: string): Promise<string[]> {
  const all = lines(await Deno.readTextFile(path));
  const kinds = new Map(all.flatMap((line) => {
    const [, stream, kind] = /^#media_type (\d+): (\w+)$/.exec(line) ?? [];
    return stream === undefined ? [] : [[stream, kind!] as const];
  }));
  const named = all.filter((line) => !line.startsWith("#"))
    .map((line) => line.replace(/^\d+/, (stream) => kinds.get(stream) ?? stream));
  return [...new Set(kinds.values())].sort().flatMap((kind) => named.filter((line) => line.startsWith(`${kind},`)));
}

/** Unlike the other readers' calls these do not take turns: all players watch one broadcast. */
async function spawn(command: string, args: string[], env: Record<string, string> = {}, cwd?: string): Promise<void> {
  const child = new Deno.Command(command, { args, env, cwd, stdin: "null", stdout: "null", stderr: "piped" }).spawn();
  const timer = setTimeout(() => child.kill("SIGKILL"), PROGRAM_HANG_MS);
  const { code, stderr } = await child.output();
  clearTimeout(timer);
  if (code !== 0) throw new Error(`${command}: exit code ${code}\n${new TextDecoder().decode(stderr).slice(-2000)}`);
}
