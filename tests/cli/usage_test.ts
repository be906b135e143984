import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { VERSION } from "../../src/cli/run.ts";
import { fixture, withTempDir } from "../support/temp.ts";
import { runIn } from "./support.ts";

Deno.test("muxwell --version says what deno.json says", async () => {
  const config = JSON.parse(await Deno.readTextFile(new URL("../../deno.json", import.meta.url)));
  assertEquals(VERSION, config.version);
  assertEquals(await runIn({}, "--version"), {
    code: 0,
    printed: `muxwell ${config.version}\n`,
    reported: "",
    output: new Uint8Array(),
  });
});

Deno.test("muxwell --help is everywhere, on standard output, in 80 columns", async () => {
  const ways = [
    ["--help"],
    ["-h"],
    ["help"],
    ["mux", "--help"],
    ["mux", "-h"],
    ["inspect", "--help"],
    ["help", "mux"],
    ["help", "inspect"],
    ["validate", "--help"],
    ["repair", "--help"],
    ["index", "--help"],
    ["tag", "--help"],
    ["help", "push"],
    ["push", "--help"],
    ["help", "serve"],
    ["serve", "--help"],
  ];
  for (const args of ways) {
    const { code, printed, reported } = await runIn({}, ...args);
    assertEquals([code, reported], [0, ""], args.join(" "));
    assertMatch(printed, /Usage:/);
    assertMatch(printed, /Examples:\n {2}muxwell /);
    assertEquals(printed.split("\n").filter((line) => line.length > 80), [], args.join(" "));
  }
});

Deno.test("muxwell mux --help names every option", async () => {
  const { printed } = await runIn({}, "mux", "--help");
  const options = ["packet-size", "index-interval", "preroll", "title", "author", "copyright", "description", "set"];
  for (const option of options) assertStringIncludes(printed, `--${option} `);
});

const WRONG: [args: string[], says: RegExp][] = [
  [["frobnicate"], /there is no command "frobnicate"/],
  [["help", "frobnicate"], /there is no command "frobnicate"/],
  [["--frobnicate"], /there is no command "--frobnicate"/],
  [["mux"], /INPUT is missing/],
  [["validate"], /FILE is missing/],
  [["repair", "a.wmv", "b.wmv"], /one FILE is wanted, got 2: a.wmv b.wmv/],
  [["repair", "a.wmv", "--index-interval", "0"], /--index-interval must be a whole number from 1/],
  [["index", "a.wmv", "--interval", "x"], /--interval must be a whole number from 1/],
  [["index", "a.wmv", "--sample-index", "0"], /--sample-index must be a whole number from 1/],
  [["index", "a.wmv", "--points", "key,frame"], /--points must be of key, sample, packet, got "frame"/],
  [["tag", "a.wmv"], /nothing is to be changed/],
  [["tag", "a.wmv", "--set", "x"], /--set must be NAME=VALUE/],
  [["push"], /INPUT is missing/],
  [["push", "a.mp4"], /URL is missing/],
  [["push", "a.mp4", "b", "c"], /INPUT and URL are wanted, got 3: a.mp4 b c/],
  [["push", "a.mp4", "mms://h/live"], /URL must begin with http:\/\/, got "mms:\/\/h\/live"/],
  [["push", "a.mp4", "mms://me:pw@h/live"], /URL must begin with http:\/\/, got "mms:\/\/\*{3}@h\/live"/],
  [["push", "a.mp4", "http://me:pw@h/", "c"], /INPUT and URL are wanted, got 3: a.mp4 http:\/\/\*{3}@h\/ c/],
  [["repair", "a.wmv", "mmsh://me:pw@h/x"], /one FILE is wanted, got 2: a.wmv mmsh:\/\/\*{3}@h\/x/],
  [["push", "a.mp4", "http://h/", "--fast", "--realtime"], /--realtime and --fast exclude each other/],
  [["push", "-", "http://h/", "--loop"], /--loop needs a file/],
  [["push", "a.mp4", "http://h/", "--user", "me"], /--user needs --password-env/],
  [["push", "a.mp4", "http://h/", "--password-env", "X"], /--password-env needs --user/],
  [["push", "a.mp4", "http://h/", "--user", "me", "--password-env", "X"], /environment variable X is not set/],
  [["serve", "x"], /there is no operand, got x/],
  [["serve", "--listen", "8080"], /--listen must be HOST:PORT, got "8080"/],
  [["serve", "--listen", "h:99999"], /--listen must be HOST:PORT/],
  [["serve", "--max-players", "0"], /--max-players must be a whole number from 1/],
  [["serve", "--push-user", "me"], /--push-user needs --push-password-env/],
  [["mux", "a.mp4"], /-o OUTPUT is missing/],
  [["mux", "a.mp4", "-o", ""], /-o OUTPUT is missing/],
  [["mux", "-o", "b.wmv"], /INPUT is missing/],
  [["mux", "a.mp4", "b.mp4", "-o", "c.wmv"], /one INPUT is wanted, got 2: a.mp4 b.mp4/],
  [["mux", "a.mp4", "-o", "b.wav", "--packet-size", "1000"], /--packet-size.* are for .asf, .wmv and .wma/],
  [["mux", "a.mp4", "-o", "b.xyz"], /OUTPUT must end in \.asf, \.wmv, \.wma, .*\.mp3, .*got "b.xyz"/],
  [["mux", "a.mp4", "-o", "b.wmv", "--frobnicate"], /unknown option '--frobnicate'/],
  [["mux", "a.mp4", "-o", "b.wmv", "--packet-size", "99"], /--packet-size .* from 100 to 65535, got "99"/],
  [["mux", "a.mp4", "-o", "b.wmv", "--packet-size", "65536"], /--packet-size .* from 100 to 65535, got "65536"/],
  [["mux", "a.mp4", "-o", "b.wmv", "--packet-size=3.2k"], /--packet-size .* got "3.2k"/],
  [["mux", "a.mp4", "-o", "b.wmv", "--packet-size="], /--packet-size .* got ""/],
  [["mux", "a.mp4", "-o", "b.wmv", "--index-interval", "0"], /--index-interval .* from 1 to 4294967295, got "0"/],
  [["mux", "a.mp4", "-o", "b.wmv", "--preroll=-1"], /--preroll .* from 0 to 4294967295, got "-1"/],
  [["mux", "a.mp4", "-o", "b.wmv", "--preroll", "1e3"], /--preroll .* got "1e3"/],
  [["mux", "a.mp4", "-o", "b.wmv", "--set", "Mood"], /--set must be NAME=VALUE, got "Mood"/],
  [["mux", "a.mp4", "-o", "b.wmv", "--set", "=calm"], /--set must be NAME=VALUE, got "=calm"/],
  [["mux", "file://elsewhere/a%2Fb.mp4", "-o", "b.wmv"], /is not the URL of a file here/],
  [["inspect"], /FILE is missing/],
  [["inspect", "a.wmv", "b.wmv"], /one FILE is wanted, got 2/],
  [["inspect", "a.wmv", "--xml"], /unknown option '--xml'\n/],
  [["muxx"], /there is no command "muxx": did you mean "mux"\?/],
  [["help", "inspekt"], /there is no command "inspekt": did you mean "inspect"\?/],
  [["x"], /there is no command "x"\n/],
  [["mux", "a.mp4", "--ouptut", "b.wmv"], /unknown option '--ouptut': did you mean '--output'\?/],
  [["index", "a.wmv", "--timeindex=9"], /unknown option '--timeindex': did you mean '--time-index'\?/],
  [["serve", "--max-player", "9"], /unknown option '--max-player': did you mean '--max-players'\?/],
  [["mux", "a.mp4", "-x"], /unknown option '-x'\n/],
];

for (const [args, says] of WRONG) {
  Deno.test(`muxwell ${args.join(" ")} exits with 2 and says why`, async () => {
    const { code, printed, reported } = await runIn({}, ...args);
    assertEquals([code, printed], [2, ""]);
    assertMatch(reported, says);
    assertMatch(reported, /\nTry "muxwell( mux| inspect| push| serve| validate| repair| index| tag)? --help"\.\n$/);
  });
}

Deno.test("muxwell --help says what exit codes mean", async () => {
  assertMatch((await runIn({}, "--help")).printed, /Exit codes: 0 .*, 1 .*, 2 /);
});

Deno.test("muxwell alone shows how to use it, and exits with 2", async () => {
  const { code, printed, reported } = await runIn({}, ...[]);
  assertEquals([code, printed], [2, ""]);
  assertMatch(reported, /Usage:/);
});

Deno.test("muxwell does not read from or write media to a terminal", async () => {
  const toScreen = await runIn({ outputIsTerminal: true }, "mux", fixture("tone.mp3"), "-o", "-");
  assertEquals(toScreen.code, 2);
  assertMatch(toScreen.reported, /standard output is a terminal/);
  for (const args of [["mux", "-", "-o", "a.wma"], ["inspect", "-"]]) {
    const { code, reported } = await runIn({ inputIsTerminal: true }, ...args);
    assertEquals(code, 2);
    assertMatch(reported, /standard input is a terminal/);
  }
});

Deno.test("muxwell mux refuses to write over its input, under any name", async () => {
  await withTempDir(async (folder) => {
    const path = `${folder}/song.wma`;
    await Deno.copyFile(fixture("wma2.wma"), path);
    await Deno.symlink(path, `${folder}/link.wma`);
    await Deno.link(path, `${folder}/hard.wma`);
    const before = await Deno.readFile(path);
    for (const output of [path, `${folder}/./song.wma`, `${folder}/link.wma`, `${folder}/hard.wma`]) {
      const { code, reported } = await runIn({}, "mux", path, "-o", output);
      assertEquals(code, 2, output);
      assertStringIncludes(reported, "OUTPUT is the same file as INPUT");
    }
    assertEquals(await Deno.readFile(path), before);
  });
});
