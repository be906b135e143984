/** What the header of a live stream says: as Windows' own broadcasts do, and a recording of it as any file. */

import { assertEquals } from "@std/assert";
import { AsfReader, PacketParser, validate } from "../../src/inspect/mod.ts";
import { readLiveHeader } from "../../src/server/live_header.ts";
import { PublishingServer } from "../../src/server/mod.ts";
import { withTempDir } from "../support/temp.ts";
import { broadcast } from "./live.ts";
import { liveHeader } from "./live_header.ts";

Deno.test("a live header says broadcast, bit 3 and 2^32-1 packets, as Windows' does", async () => {
  const { bytes } = await readLiveHeader((await liveHeader()).bytes);
  const { flags, packetCount } = (await PacketParser.fromHeader(bytes)).header.fileProperties!;
  assertEquals([flags, packetCount], [9, 0xffff_ffff]);
});

Deno.test("the bit of live headers is no issue", async () => {
  const { bytes } = await readLiveHeader((await liveHeader()).bytes);
  const { issues } = await validate(bytes);
  assertEquals(issues.map(({ rule }) => rule).filter((rule) => rule === "F11"), []);
});

Deno.test("a recording says what it holds", async () => {
  await withTempDir(async (folder) => {
    const server = PublishingServer.listen({ recordFolder: folder });
    await broadcast({ input: "tone.mp3", sinks: [[server.feed("live")]] });
    await server.close();
    const [{ name }] = await Array.fromAsync(Deno.readDir(folder)) as [Deno.DirEntry];
    const reader = await AsfReader.open(await Deno.readFile(`${folder}/${name}`));
    const { flags, packetCount } = reader.header.fileProperties!;
    assertEquals([flags, packetCount], [2, reader.data!.packetCount]);
  });
});
