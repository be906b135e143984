/** Files that FFmpeg makes, compared sample by sample with what ffprobe says of them. */

import { assert, assertEquals, assertGreater } from "@std/assert";
import { AsfReader, type AsfSample, type ByteSource } from "../../src/inspect/mod.ts";

const hasFfmpeg = await new Deno.Command("ffmpeg", { args: ["-version"], stdout: "null", stderr: "null" })
  .output().then(({ success }) => success, () => false);
const ignore = !hasFfmpeg && Deno.env.get("CI") !== "true";

async function run(command: string, args: string[]): Promise<Uint8Array<ArrayBuffer>> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args, stdout: "piped", stderr: "piped" })
    .output();
  assert(success, `${command} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
  return stdout;
}

const ffmpeg = (...args: string[]) => run("ffmpeg", ["-nostdin", "-v", "error", "-y", ...args]);

const VIDEO = ["-f", "lavfi", "-i", "testsrc=size=160x120:rate=25:duration=2"];
const AUDIO = ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100:duration=2"];
const WMV = [...VIDEO, ...AUDIO, "-c:v", "wmv2", "-g", "12", "-b:v", "400k", "-c:a", "wmav2", "-b:a", "96k"];

const CASES: { name: string; args: string[]; indexCount: number; toPipe?: boolean }[] = [
  { name: "WMV 8 and WMA 2 in packets of 100 bytes", args: [...WMV, "-packet_size", "100"], indexCount: 1 },
  { name: "WMV 8 and WMA 2 in packets of 1450 bytes", args: [...WMV, "-packet_size", "1450"], indexCount: 1 },
  { name: "WMV 8 and WMA 2 in packets of 3200 bytes", args: WMV, indexCount: 1 },
  { name: "WMV 8 and WMA 2 in packets of 65535 bytes", args: [...WMV, "-packet_size", "65535"], indexCount: 1 },
  { name: "WMV 8 and WMA 2 written to a pipe", args: WMV, indexCount: 1, toPipe: true },
  {
    name: "H.264 with B-frames and AAC",
    args: [...VIDEO, ...AUDIO, "-c:v", "libx264", "-bf", "3", "-g", "12", "-c:a", "aac"],
    indexCount: 1,
  },
  { name: "WMA 1 alone", args: [...AUDIO, "-c:a", "wmav1"], indexCount: 0 },
  { name: "MP3 alone", args: [...AUDIO, "-c:a", "libmp3lame"], indexCount: 0 },
  { name: "PCM alone", args: [...AUDIO, "-c:a", "pcm_s16le"], indexCount: 0 },
  { name: "MJPEG alone", args: [...VIDEO, "-c:v", "mjpeg"], indexCount: 1 },
];

interface ProbedPacket {
  stream_index: number;
  pts?: number;
  dts?: number;
  size: string;
  flags: string;
  data_hash: string;
}

/** Per stream: decode time, size, key flag, MD5 of each packet. */
async function probe(path: string): Promise<Map<number, string[]>> {
  const entries = "packet=stream_index,pts,dts,size,flags,data_hash";
  const args = ["-v", "error", "-show_entries", entries, "-show_data_hash", "md5", "-of", "json", path];
  const { packets } = JSON.parse(new TextDecoder().decode(await run("ffprobe", args))) as { packets: ProbedPacket[] };
  return group(packets.map((one) => [
    one.stream_index + 1,
    `${one.dts ?? one.pts} ms ${one.size} bytes ${one.flags[0] === "K"} ${one.data_hash.replace("MD5:", "")}`,
  ]));
}

async function read(source: ByteSource): Promise<{ samples: Map<number, string[]>; reader: AsfReader }> {
  const { createHash } = await import("node:crypto");
  const reader = await AsfReader.open(source);
  const line = ({ streamNumber, decodeMs, data, isKey }: AsfSample): [number, string] => [
    streamNumber,
    `${decodeMs} ms ${data.byteLength} bytes ${isKey} ${createHash("md5").update(data).digest("hex")}`,
  ];
  return { samples: group(await Array.fromAsync(reader.samples(), line)), reader };
}

function group(lines: [number, string][]): Map<number, string[]> {
  const groups = new Map<number, string[]>();
  for (const [stream, line] of lines) groups.set(stream, [...groups.get(stream) ?? [], line]);
  return new Map([...groups].sort(([a], [b]) => a - b));
}

for (const { name, args, indexCount, toPipe } of CASES) {
  Deno.test({
    name: `AsfReader gives the samples that ffprobe finds: ${name}`,
    ignore,
    async fn() {
      const path = await Deno.makeTempFile({ suffix: ".asf" });
      try {
        if (toPipe) await Deno.writeFile(path, await ffmpeg(...args, "-f", "asf", "pipe:1"));
        else await ffmpeg(...args, "-f", "asf", path);
        const bytes = await Deno.readFile(path);
        const expected = await probe(path);
        assertGreater(expected.size, 0);
        const { samples, reader } = await read(bytes);
        assertEquals(samples, expected);
        assertEquals((await reader.indexes()).simple.length, indexCount);
        // Into a pipe it ends with a chunk of another protocol, 12 bytes.
        assertEquals(reader.problems.map(({ rule }) => rule), toPipe ? ["T06"] : []);
        const file = await Deno.open(path);
        assertEquals((await read(file.readable)).samples, expected);
      } finally {
        await Deno.remove(path);
      }
    },
  });
}
