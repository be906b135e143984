/** The import rules of the house, read from the sources themselves. The rules in words: src/README.md. */

import { assert, assertEquals } from "@std/assert";

const ROOT = new URL("../", import.meta.url);

/** What one file asks for. */
interface Import {
  from: string;
  to: string;
  isType: boolean;
  /** Loaded when it is needed. */
  isDynamic?: boolean;
}

/** The containers, each with an entry of its own. */
const CONTAINER_ROOMS = [
  "asf",
  "wave",
  "adts",
  "mp3",
  "mp4",
  "matroska",
  "mpegts",
  "flac",
  "ogg",
  "ac3",
  "eac3",
  "amr",
];

/** Who may import whom: rooms of src/, files beside them, files elsewhere. */
const MAY_IMPORT: Record<string, { values?: string[]; types?: string[] }> = {
  "src/errors.ts": { types: ["src/report.ts"] },
  "src/report.ts": { types: ["sinks"] },
  bytes: {},
  media: {},
  container: { values: ["media"], types: ["sinks"] },
  sinks: { types: ["media"] },
  core: {},
  packets: {},
  asf: { values: ["container", "core", "media", "packets"] },
  wave: { values: ["container", "media"] },
  adts: { values: ["container", "media"] },
  mp3: { values: ["container", "media"] },
  mp4: { values: ["container", "media"] },
  flac: { values: ["container", "media"] },
  ogg: { values: ["container", "media"] },
  ac3: { values: ["container", "media"] },
  eac3: { values: ["container", "media"] },
  amr: { values: ["container", "media"] },
  matroska: { values: ["container", "media"], types: ["sinks"] },
  mpegts: { values: ["container", "media"] },
  // Whoever gives a WritableStream for a sink gets it wrapped.
  session: { values: ["media", "src/sinks/stream_sink.ts"], types: ["container", "sinks", "src/report.ts"] },
  wire: {},
  push: { values: ["wire"] },
  facades: { values: ["session", "sinks", "push", "wire", "media"], types: ["src/report.ts"] },
  "src/facades/sink_writer.ts": { types: ["container"] },
  "src/facades/sink_writer_from_url.ts": { values: ["src/containers.ts"], types: ["container"] },
  "src/containers.ts": { values: CONTAINER_ROOMS, types: ["container", "media"] },
  "src/writer.ts": {
    values: ["facades", "media", "sinks"],
    types: ["container", "push", "session", "src/report.ts"],
  },
  inspect: { values: ["src/bytes/growing_bytes.ts"] }, // which only readers need
  demux: { values: ["media", "inspect", "src/wire/url.ts"], types: ["asf"] },
  repair: {
    values: ["inspect", "asf", "core", "packets", "sinks", "src/matroska/ids.ts", "src/media/metadata_check.ts"],
    types: ["media"],
  },
  mmsh: { values: ["wire", "inspect", "packets", "src/asf/objects/data.ts"] },
  server: {
    values: [
      "wire",
      "mmsh",
      "sinks",
      "inspect",
      "packets",
      "src/asf/header_fields.ts",
      "src/asf/indexes/interval.ts",
      "src/asf/indexes/simple_index.ts",
      "src/asf/objects/data.ts",
      "src/core/abi.ts",
      "src/core/index_entries.ts",
      "src/core/key_frames.ts",
    ],
  },
  cli: {
    values: [
      "mod.ts",
      "src/writer.ts",
      "src/containers.ts",
      ...CONTAINER_ROOMS.map((name) => `src/${name}/mod.ts`),
      "src/inspect/mod.ts",
      "src/demux/mod.ts",
      "src/repair/mod.ts",
      "src/server/mod.ts",
      "src/wire/pause.ts",
      "src/wire/url.ts",
    ],
  },
  "src/workerd.ts": { values: ["mod.ts", "wasm/core.wasm"] },
};

/** Who does without the ground room: the oracle shares no code with what it judges, and the tool uses public entries. */
const OWN_BYTES = ["inspect", "cli"];

/** Constants that the core's compiler reads, too: leaves. */
const SHARED_WITH_CORE = ["src/core/abi.ts", "src/bytes/ticks.ts"];

/** Who may import a package, and who may touch what only some runtimes have. */
const PACKAGES: Record<string, string[]> = { mediabunny: ["demux"] };
const MAY_TOUCH_THE_SYSTEM = [
  "src/sinks/positioned_file.ts",
  "src/sinks/editable_file.ts",
  "src/demux/file_source.ts",
  "src/wire/digest.ts",
  "src/wire/http_connection.ts",
  "push",
  "mmsh",
  "server",
  "cli",
];

const FOLDERS = ["src", "wasm", "tests", "bench", "findings", "node_modules", "coverage"];

async function* walk(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder, ROOT))) {
    if (isDirectory) yield* walk(`${folder}${name}/`);
    else yield `${folder}${name}`;
  }
}

async function sources(folder: string): Promise<string[]> {
  return (await Array.fromAsync(walk(folder))).filter((path) => path.endsWith(".ts")).sort();
}

/** The text without comments, whose examples import too. */
async function codeOf(path: string): Promise<string> {
  const text = await Deno.readTextFile(new URL(path, ROOT));
  return text.replace(/\/\*[^]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "$1");
}

async function importsOf(path: string): Promise<Import[]> {
  const code = await codeOf(path);
  const statements = code.matchAll(/^(?:import|export)\b([^"';]*?)\bfrom\s*"([^"]+)"|^import\s*"([^"]+)"/gm);
  const dynamic = code.matchAll(/\bimport\(\s*"([^"]+)"/g);
  return [
    ...Array.from(
      statements,
      ([, names, from, bare]) => ({ names: names ?? "", specifier: (from ?? bare)!, isDynamic: false }),
    ),
    ...Array.from(dynamic, ([, specifier]) => ({ names: "", specifier: specifier!, isDynamic: true })),
  ].map(({ names, specifier, isDynamic = false }) => ({
    from: path,
    to: specifier.startsWith(".") ? new URL(specifier, new URL(path, ROOT)).href.slice(ROOT.href.length) : specifier,
    isType: /^\s*type\b/.test(names) || onlyTypes(names),
    isDynamic,
  }));
}

/** `{ type A, type B }`. */
function onlyTypes(names: string): boolean {
  const listed = names.match(/^\s*\{([^}]*)\}\s*$/)?.[1]?.split(",").map((name) => name.trim()).filter(Boolean);
  return listed !== undefined && listed.length > 0 && listed.every((name) => name.startsWith("type "));
}

/** `src/asf/objects/data.ts` is in the room `asf`; a file beside the rooms is its own. */
function roomOf(path: string): string {
  return path.match(/^src\/([^/]+)\//)?.[1] ?? path;
}

function matches(path: string, names: string[] = []): boolean {
  return names.includes(path) || names.includes(roomOf(path));
}

function mayImport({ from, to, isType }: Import): boolean {
  const isOutside = !to.includes("/") || /^(node|npm|jsr):/.test(to) || to in PACKAGES;
  if (isOutside && to !== "mod.ts") {
    return to.startsWith("node:") ? matches(from, MAY_TOUCH_THE_SYSTEM) : matches(from, PACKAGES[to]);
  }
  if (roomOf(from) === roomOf(to)) return true;
  if (to === "src/errors.ts") return true;
  if (roomOf(to) === "bytes" && !OWN_BYTES.includes(roomOf(from))) return true;
  const rules = [MAY_IMPORT[from], MAY_IMPORT[roomOf(from)]].filter((rule) => rule !== undefined);
  return rules.some(({ values, types }) => matches(to, values) || (isType && matches(to, types)));
}

Deno.test("every file of src imports only what its room may import", async () => {
  const broken: string[] = [];
  for (const path of await sources("src/")) {
    for (const edge of await importsOf(path)) {
      if (!mayImport(edge)) broken.push(`${edge.from} → ${edge.to}${edge.isType ? " (types)" : ""}`);
    }
  }
  assertEquals(broken, []);
});

/** The imports that lie on a circle, `from ↔ to` once a pair of files, each with the files that lead back. */
function circlesOf(edges: readonly Import[]): Map<string, string[]> {
  const targets = Map.groupBy(edges, ({ from }) => from);
  const wayBack = ({ from, to }: Import): string[] | undefined => {
    const before = new Map<string, string>([[to, from]]);
    for (const path of before.keys()) { // grows on the way
      if (path === from) break;
      for (const next of targets.get(path) ?? []) if (!before.has(next.to)) before.set(next.to, path);
    }
    if (!before.has(from)) return undefined;
    const way = [from];
    while (way[0] !== to) way.unshift(before.get(way[0]!)!);
    return way;
  };
  const circles = new Map<string, string[]>();
  for (const edge of edges) {
    const way = wayBack(edge);
    const pair = [edge.from, edge.to].sort().join(" ↔ ");
    if (way && !circles.has(pair)) circles.set(pair, [edge.from, ...way]);
  }
  return circles;
}

Deno.test("no file of src and bench imports one that imports it, types included, over however many steps", async () => {
  const edges: Import[] = [];
  for (const path of [...await sources("src/"), ...await sources("bench/")]) edges.push(...await importsOf(path));
  const circles = circlesOf(edges);
  assertEquals(Array.from(circles.values(), (circle) => circle.join(" → ")), []);
});

Deno.test("a circle of imports is found, over however many steps", () => {
  const edge = (from: string, to: string) => ({ from, to, isType: false });
  const chain = [edge("a", "b"), edge("b", "c"), edge("a", "c"), edge("x", "a")];
  assertEquals(circlesOf(chain).size, 0);
  assertEquals(
    [...circlesOf([...chain, edge("c", "a")])],
    [["a ↔ b", ["a", "b", "c", "a"]], ["b ↔ c", ["b", "c", "a", "b"]], ["a ↔ c", ["a", "c", "a"]]],
  );
  assertEquals([...circlesOf([edge("a", "b"), edge("b", "a"), edge("c", "c")]).keys()], ["a ↔ b", "c ↔ c"]);
});

Deno.test("no file imports one module by two statements", async () => {
  const twice: string[] = [];
  for (const path of [...await sources("src/"), ...await sources("bench/"), ...await sources("tests/")]) {
    const code = (await codeOf(path)).replaceAll(/`[^`]*`/g, "``"); // programs that tests write
    const modules = Array.from(code.matchAll(/^import\b[^"';]*?\bfrom\s*"([^"]+)"/gm), ([, specifier]) => specifier!);
    for (const module of new Set(modules.filter((one, index) => modules.indexOf(one) !== index))) {
      twice.push(`${path}: ${module}`);
    }
  }
  assertEquals(twice, []);
});

Deno.test("properties are all run with the seed that the run is given", async () => {
  const direct: string[] = [];
  for (const path of await sources("tests/")) {
    if ((await importsOf(path)).some(({ to }) => to === "fast-check")) direct.push(path);
  }
  assertEquals(direct, ["tests/support/fast_check.ts"]);
});

Deno.test("the import rules tell allowed from forbidden", () => {
  const edge = (from: string, to: string, isType = false) => mayImport({ from, to, isType });
  assert(edge("src/asf/muxer.ts", "src/core/core.ts"));
  assert(edge("src/session/session.ts", "src/container/container.ts", true));
  assert(edge("src/demux/mediabunny.ts", "mediabunny"));
  assert(edge("src/cli/mux.ts", "mod.ts"));
  assert(!edge("src/session/session.ts", "src/asf/mod.ts"));
  assert(!edge("src/session/session.ts", "src/container/container.ts"));
  assert(!edge("src/asf/muxer.ts", "src/sinks/sink.ts", true));
  assert(!edge("src/core/core.ts", "src/asf/mod.ts"));
  assert(!edge("src/inspect/reader.ts", "src/core/types.ts", true));
  assert(!edge("src/session/session.ts", "src/facades/writer.ts"));
  assert(!edge("src/asf/muxer.ts", "mediabunny"));
  assert(!edge("src/session/session.ts", "node:fs"));
  assert(edge("src/cli/mux.ts", "src/asf/mod.ts"));
  assert(!edge("src/cli/mux.ts", "src/asf/muxer.ts"));
  assert(edge("src/push/link.ts", "src/wire/framing.ts"));
  assert(!edge("src/server/server.ts", "src/push/client.ts"));
  assert(!edge("src/push/client.ts", "src/server/server.ts", true));
  assert(!edge("src/wire/http_connection.ts", "src/server/server.ts", true));
});

Deno.test("mod.ts holds no code, and the core's sources import themselves and the shared constants", async () => {
  const code = (await codeOf("mod.ts")).replace(/^export (\*|(type )?\{[^}]*\}) from "[^"]+";$/gm, "").trim();
  assertEquals(code, "");
  for (const path of await sources("wasm/assembly/")) {
    for (const { to } of await importsOf(path)) {
      assert(to.startsWith("wasm/assembly/") || SHARED_WITH_CORE.includes(to), `${path} → ${to}`);
    }
  }
  for (const path of SHARED_WITH_CORE) assertEquals(await importsOf(path), []);
});

/** What is loaded with a module, itself included: imports of values, over however many steps. */
async function loadedWith(path: string, loaded: Set<string> = new Set()): Promise<Set<string>> {
  if (loaded.has(path) || !path.endsWith(".ts")) return loaded;
  loaded.add(path);
  for (const { to, isType, isDynamic } of await importsOf(path)) {
    if (!isType && !isDynamic) await loadedWith(to, loaded);
  }
  return loaded;
}

/** What only one of them needs. */
const OWN_ROOMS: Readonly<Record<string, readonly string[]>> = { asf: ["core", "packets"] };

Deno.test("whoever names one container loads no other, and whoever names a writer loads none", async () => {
  const roomsOf = async (path: string) => new Set(Array.from(await loadedWith(path), roomOf));
  const apart = [...CONTAINER_ROOMS, ...Object.values(OWN_ROOMS).flat(), "src/containers.ts"];
  const writer = await roomsOf("src/writer.ts");
  assertEquals(apart.filter((room) => writer.has(room)), []);
  for (const name of CONTAINER_ROOMS) {
    const rooms = await roomsOf(`src/${name}/mod.ts`);
    assertEquals(apart.filter((room) => rooms.has(room)), [name, ...OWN_ROOMS[name] ?? []]);
    assertEquals(["facades", "session"].filter((room) => rooms.has(room)), [], `${name} needs a session`);
  }
});

Deno.test("a command loads no container, no reader and no server before it knows which", async () => {
  const known = (path: string) => [...CONTAINER_ROOMS, "core", "inspect", "demux", "push", "server"].includes(path);
  const mux = new Set(Array.from(await loadedWith("src/cli/mux.ts"), roomOf));
  assertEquals([...mux].filter(known), ["push"]); // of the writers' entry
  const main = new Set(Array.from(await loadedWith("src/cli/mod.ts"), roomOf));
  assertEquals([...main].filter((room) => known(room) || room === "session"), []);
});

Deno.test("each container has an entry, and mod.ts exports all of it", async () => {
  const { exports } = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
  const code = await codeOf("mod.ts");
  for (const name of CONTAINER_ROOMS) {
    assertEquals(exports[`./${name}`], `./src/${name}/mod.ts`);
    assert(code.includes(`export * from "./src/${name}/mod.ts";`), name);
  }
});

Deno.test("only the files that may touch the system touch it", async () => {
  const broken: string[] = [];
  for (const path of await sources("src/")) {
    if (matches(path, MAY_TOUCH_THE_SYSTEM)) continue;
    const touched = (await codeOf(path)).match(/\b(Deno|process|Buffer)\.\w+/);
    if (touched) broken.push(`${path}: ${touched[0]}`);
  }
  assertEquals(broken, []);
});

Deno.test("src disposes of nothing by using declarations, which not every runtime parses", async () => {
  for (const path of await sources("src/")) {
    assert(!/^\s*(await\s+)?using\s+\w+\s*=/m.test(await codeOf(path)), path);
  }
});

Deno.test("every specification that the sources name is in the README's table", async () => {
  const table = await Deno.readTextFile(new URL("README.md", ROOT));
  const named = new Set<string>();
  for (const path of [...await sources("src/"), ...await sources("wasm/assembly/")]) {
    const text = await Deno.readTextFile(new URL(path, ROOT));
    // A name in brackets in front of a clause: [ASF] 3.2, [ISO 14496-3] Table 1.18.
    for (const [, name] of text.matchAll(/(\[[A-Z][\w .-]*\]) (?:[A-Z]?[\d.]+\d|[A-Z]\.\d|\d|Table)/g)) {
      named.add(name!);
    }
  }
  assertEquals([...named].filter((name) => !table.includes(`| ${name}`)), []);
});

Deno.test("files are named in snake_case, and the top level stays as it is", async () => {
  for (const path of await sources("src/")) {
    assert(/^[a-z0-9_]+\.ts$/.test(path.slice(path.lastIndexOf("/") + 1)), `${path}: not snake_case`);
  }
  const top = (await Array.fromAsync(Deno.readDir(ROOT))).filter(({ name }) => !name.startsWith("."));
  const folders = top.filter(({ isDirectory }) => isDirectory).map(({ name }) => name);
  assertEquals(folders.filter((name) => !FOLDERS.includes(name)), []);
  assert(
    !top.some(({ name }) => name === "package.json"),
    "a package.json in the root changes how Deno resolves modules",
  );
});

/** Rooms that share no values with the others: the oracle, and the tool that has public entries alone. */
const APART = ["inspect", "cli"];

/** What is not brought together yet. Whoever does it takes the name off. */
const STILL_TWICE: Readonly<Record<string, readonly string[]>> = {
  "codecs whose standards have the same numbers": ["MAX_FRAMERATE", "MAX_SIDE", "REORDER_DEPTH"],
  "what demux carries is limited by what asf writes, of which it has the types alone": [
    ...["LENGTH_BYTES", "MAX_CODEC_TEXT_LENGTH", "MAX_INFO_BYTES", "MAX_MARKER_LENGTH", "MAX_NAME_LENGTH"],
    ...["MAX_PICTURE_TYPE", "MAX_STREAM_COUNT", "MAX_TEXT_LENGTH", "MAX_TYPE_LENGTH", "UNDETERMINED"],
  ],
  "both ends of files": ["FROM_START"],
  "measures that are alike by chance": ["BLOCK_COUNT"],
};

/** Numbers of specifications that nobody writes by chance. */
const NAMED_NUMBERS = ["116_444_736_000_000_000", "10_000_000"];

/** Where in src something stands, by what stands there; what stands in one file alone is left out. */
async function foundTwice(
  isSearched: (path: string) => boolean,
  find: (code: string) => Iterable<string>,
): Promise<Map<string, readonly string[]>> {
  const places = new Map<string, Set<string>>();
  for (const path of await sources("src/")) {
    if (!isSearched(path)) continue;
    for (const found of find(await codeOf(path))) places.set(found, (places.get(found) ?? new Set()).add(path));
  }
  return new Map(
    Array.from(places, ([found, paths]) => [found, [...paths]] as const).filter(([, { length }]) => length > 1),
  );
}

Deno.test("a constant with a name is defined in one place", async () => {
  const twice = await foundTwice(
    (path) => !APART.includes(roomOf(path)),
    (code) =>
      Array.from(
        code.matchAll(/^(?:export )?const ([A-Z][A-Z\d_]*)(?::[^=\n]+)? = (?!new )([^;]*);/gm),
        ([, name, value]) => `${name} ${value!.replace(/(?<=[\da-f])_|\s+/gi, "").toLowerCase()}`,
      ),
  );
  const known = new Set(Object.values(STILL_TWICE).flat());
  const names = new Set(Array.from(twice.keys(), (found) => found.split(" ", 1)[0]!));
  assertEquals([...twice].filter(([found]) => !known.has(found.split(" ", 1)[0]!)), []);
  assertEquals([...known].filter((name) => !names.has(name)), [], "defined once by now: to be taken off the list");
});

Deno.test("GUIDs and long numbers of specifications are written in one place", async () => {
  // Demux tells GUIDs by their text, as inspect gives it.
  const twice = await foundTwice((path) => !["inspect", "demux"].includes(roomOf(path)), (code) => [
    ...NAMED_NUMBERS.filter((number) => code.includes(number)),
    ...Array.from(
      code.matchAll(/[([:=,]\s*"([\dA-F]{8}(?:-[\dA-F]{4}){3}-[\dA-F]{12})"/gi),
      ([, guid]) => guid!.toUpperCase(),
    ),
  ]);
  assertEquals([...twice], []);
});
