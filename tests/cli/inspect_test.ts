import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { fixture } from "../support/temp.ts";
import { runIn } from "./support.ts";

Deno.test("inspect shows a file as text, from a path and from standard input alike", async () => {
  const path = fixture("wmv2_wma2.wmv");
  const { code, printed, reported } = await runIn({}, "inspect", path);
  assertEquals([code, reported], [0, ""]);
  assertMatch(printed, /^ASF file\n {2}Header Object {2}@0/);
  assertStringIncludes(printed, "File Properties Object");
  const input = new Blob([await Deno.readFile(path)]).stream();
  assertEquals((await runIn({ input }, "inspect", "-")).printed, printed);
});

Deno.test("inspect --packets lists every packet, in bounded pieces", async () => {
  const { code, printed } = await runIn({}, "inspect", fixture("wmv2_wma2.wmv"), "--packets");
  assertEquals(code, 0);
  const { packetCount } = JSON.parse((await runIn({}, "inspect", fixture("wmv2_wma2.wmv"), "--json")).printed)
    .children[0].children.find(({ name }: { name: string }) => name === "File Properties Object").fields;
  assertEquals(printed.match(/^ +packet \d+ /gm)?.length, packetCount);
});

Deno.test("inspect --json prints JSON, with and without packets", async () => {
  for (const more of [[], ["--packets"]]) {
    const { code, printed } = await runIn({}, "inspect", fixture("wma2.wma"), "--json", ...more);
    assertEquals(code, 0);
    const tree = JSON.parse(printed);
    assertEquals(tree.size, (await Deno.stat(fixture("wma2.wma"))).size);
    assertEquals(tree.children[0].name, "Header Object");
    assertEquals(tree.children[0].children.length > 3, true);
    assertEquals(Array.isArray(tree.problems), true);
    const packets = tree.children[1].children.filter(({ name }: { name: string }) => name === "Packet");
    assertEquals(packets.length > 0, more.length > 0);
  }
});

Deno.test("inspect stops without a word when nobody reads any more", async () => {
  const { code, reported } = await runIn({ readerPatience: 0 }, "inspect", fixture("wmv2_wma2.wmv"), "--packets");
  assertEquals([code, reported], [0, ""]);
});

Deno.test("inspect fails with one line on what is neither ASF, MP4 nor Matroska", async () => {
  const cases: [path: string, says: RegExp][] = [
    [fixture("tone.wav"), /^muxwell: Cannot read .*tone\.wav: it is WAVE, and this is for ASF, MP4 and Matroska\n$/],
    [fixture("nothing.wmv"), /^muxwell: Cannot open .*nothing\.wmv: there is no such file\n$/],
    [fixture("."), /^muxwell: Cannot open .*: it is a directory\n$/],
  ];
  for (const [path, says] of cases) {
    const { code, printed, reported } = await runIn({}, "inspect", path);
    assertEquals([code, printed], [1, ""]);
    assertMatch(reported, says);
  }
});
