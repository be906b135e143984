/**
 * Files to copy from one container into another, and whole processes that do it.
 *
 * @module
 */

/** Paths and sizes by kind. */
export interface Sources {
  /** About 1 MB. */
  readonly clip: string;
  readonly paths: Record<"mkv" | "mp4" | "asf", string>;
  readonly byteLength: Record<"mkv" | "mp4" | "asf", number>;
}

async function ffmpeg(...args: string[]): Promise<void> {
  const command = new Deno.Command("ffmpeg", { args: ["-v", "error", "-nostdin", "-y", ...args], stderr: "inherit" });
  if (!(await command.output()).success) throw new Error(`ffmpeg ${args.join(" ")} failed`);
}

/** H.264 at about 5 Mbit/s and AAC: some seconds encoded, then repeated to the length asked for. */
export async function makeSources(folder: string, seconds: number): Promise<Sources> {
  const clip = `${folder}/clip.mkv`;
  const picture = "testsrc2=size=1280x720:rate=30,noise=alls=18:allf=t";
  await ffmpeg(
    ...["-f", "lavfi", "-t", "20", "-i", picture, "-f", "lavfi", "-t", "20", "-i", "sine=sample_rate=48000"],
    ...["-c:v", "libx264", "-preset", "ultrafast", "-b:v", "5M", "-maxrate", "5M", "-bufsize", "5M", "-g", "60"],
    ...["-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "128k", clip],
  );
  const paths = { mkv: `${folder}/source.mkv`, mp4: `${folder}/source.mp4`, asf: `${folder}/source.asf` };
  const loops = String(Math.max(0, Math.ceil(seconds / 20) - 1));
  await ffmpeg("-stream_loop", loops, "-i", clip, "-c", "copy", paths.mkv);
  await ffmpeg("-i", paths.mkv, "-c", "copy", paths.mp4);
  await ffmpeg("-i", paths.mkv, "-c", "copy", paths.asf);
  const short = `${folder}/short.mkv`;
  await ffmpeg("-i", clip, "-t", "1.6", "-c", "copy", short);
  const size = async (path: string) => (await Deno.stat(path)).size;
  return {
    clip: short,
    paths,
    byteLength: { mkv: await size(paths.mkv), mp4: await size(paths.mp4), asf: await size(paths.asf) },
  };
}

/** Runs a command to its end; its processor time and largest resident memory are what GNU time tells. */
export async function timedProcess(
  command: string[],
): Promise<{ ms: number; processorMs: number; peakBytes: number }> {
  const args = ["-f", "%M %U %S", ...command];
  const started = performance.now();
  const { success, stderr } = await new Deno.Command("/usr/bin/time", { args, stdout: "null" }).output();
  const ms = performance.now() - started;
  const said = new TextDecoder().decode(stderr).trim();
  if (!success) throw new Error(`${command.join(" ")} failed: ${said}`);
  const [kilobytes, user, system] = said.split("\n").at(-1)!.split(" ").map(Number);
  return { ms, processorMs: 1000 * (user! + system!), peakBytes: kilobytes! * 1024 };
}
