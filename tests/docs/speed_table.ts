/**
 * The README's table of speeds and sizes, from what `deno task bench` and `deno task bench:live` have written.
 *
 * @module
 */

/** What libavformat in C was measured at elsewhere, where a run had none: audio and video, MB/s; small samples a second. */
const LIBAVFORMAT = { media: 9600, samples: 2.3e6 } as const;
/** What FFmpeg holds back of sound at 32 kbit/s, measured elsewhere, ms. */
const FFMPEG_HELD_MS = 690;

/** Tables in Markdown, by the heading above each: rows by their first cell, cells by the head of their column. */
export class Results {
  readonly #tables = new Map<string, Record<string, string>[]>();

  constructor(text: string) {
    for (const section of text.split(/^## /m).slice(1)) {
      const [heading, ...lines] = section.split("\n");
      const table = lines.filter((line) => line.startsWith("|")).map((line) =>
        line.split("|").slice(1, -1).map((cell) => cell.trim())
      );
      const [head = [], , ...rows] = table;
      const named = rows.map((row) => Object.fromEntries(row.map((cell, i) => [i === 0 ? "" : head[i]!, cell])));
      this.#tables.set(heading!, named);
    }
  }

  /** The number in a column of the rows whose first cell, or first two, are or begin with `row`. */
  all(heading: string, row: string, column: string): number[] {
    const rows = this.#tables.get(heading)?.filter((cells) => Object.values(cells).join(" ").startsWith(row)) ?? [];
    const numbers = rows.map((cells) => parseFloat((cells[column] ?? "").replaceAll(",", "")));
    if (numbers.length === 0 || numbers.some(Number.isNaN)) {
      throw new Error(`the results have no "${column}" of "${row}" under "${heading}"`);
    }
    return numbers;
  }

  /** Whether there is such a row. */
  has(heading: string, row: string): boolean {
    return this.#tables.get(heading)?.some((cells) => Object.values(cells).join(" ").startsWith(row)) ?? false;
  }

  /** As {@linkcode all}, of one row. */
  one(heading: string, row: string, column: string): number {
    return this.all(heading, row, column)[0]!;
  }
}

/** One decimal below ten, none above. */
function short(value: number): string {
  return value < 9.95 ? value.toFixed(1) : value.toFixed(0);
}

function thousandth(value: number): string {
  return short(value / 1000);
}

function won(ours: number, theirs: number): string {
  return ours > theirs ? "yes" : "no";
}

/** The table and its notes in Markdown. */
export function speedTable(bench: Results, live: Results): string {
  const into = (what: string, run: string) => (row: string) =>
    bench.all(`Mux ${what} into nothing, ${run}`, row, what.startsWith("60") ? "MB/s" : "samples/s");
  const [warm, first] = [
    into("60 s of audio and video", "warm"),
    into("60 s of audio and video", "first run of a process"),
  ];
  const small = into("200 k samples of 200–1500 B", "warm");
  const ms = (heading: string, row: string) => bench.one(heading, row, "ms");
  const whole = (input: string, row: string) => ms(`Whole process: ${input} to ASF`, row);
  const inputs = ["MKV", "MP4", "ASF"];
  const [ours, peer] = [warm("Muxwell, not awaited")[0]!, Math.max(...warm("mp4-muxer"))];
  const [firstOurs, firstPeer] = [first("Muxwell, not awaited")[0]!, Math.max(...first("mp4-muxer"))];
  const [loose, awaited] = [small("Muxwell, not awaited")[0]!, small("Muxwell, every")[0]!];
  const smallPeer = Math.max(...small("mp4-muxer"));
  const isMeasured = bench.has("Mux 60 s of audio and video into nothing, warm", "libavformat");
  const [inC, smallInC] = isMeasured
    ? [warm("libavformat")[0]!, small("libavformat")[0]!]
    : [LIBAVFORMAT.media, LIBAVFORMAT.samples];
  const elsewhere = isMeasured ? "" : " (1)";
  const memory = "Samples in memory to a file";
  const [toFile, ffmpegToFile] = [ms(memory, "Muxwell"), ms(memory, "ffmpeg")];
  const [muxed, copied] = ["muxwell mux", "ffmpeg"].map((row) => inputs.map((input) => whole(input, row)));
  const peak = (row: string) => bench.one("Whole process: ASF to ASF", row, "peak MiB");
  const place = "Repair and index of a file of 600 s, in place";
  const held = (what: string) =>
    bench.one("Held back while live, 32 kbit/s", `Muxwell, maxLatencyMs 100 ${what}`, "value");
  const players = (column: string) => live.one("Players", "1000", column);
  const load = (row: string) => ms("Import and instantiate, bundled", row);
  const size = (row: string) => bench.one("Size to load, minified and gzipped", row, "kB").toFixed(0);
  const rows = [
    [
      "a minute of audio and video into nothing, warm",
      `${thousandth(ours)} GB/s`,
      `mp4-muxer ${thousandth(peer)}, libavformat in C ${thousandth(inC)}${elsewhere}`,
      ours > inC ? "yes" : ours > peer ? "in JavaScript" : "no",
    ],
    [
      "the same, first run of a process",
      `${thousandth(firstOurs)} GB/s`,
      `mp4-muxer ${thousandth(firstPeer)}`,
      won(firstOurs, firstPeer),
    ],
    [
      "200 000 small samples, not awaited; each awaited",
      `${short(loose / 1e6)}; ${short(awaited / 1e6)} million/s`,
      `mp4-muxer ${short(smallPeer / 1e6)}, libavformat ${short(smallInC / 1e6)}${elsewhere}`,
      awaited > smallInC ? "yes" : won(awaited, smallPeer) === "yes" ? "in JavaScript" : "no",
    ],
    [
      "400 MB of samples from memory to a file",
      `${thousandth(toFile)} s`,
      `\`ffmpeg -c copy\` ${thousandth(ffmpegToFile)} s`,
      won(ffmpegToFile, toFile),
    ],
    [
      "`muxwell mux`, 400 MB of MKV; MP4; ASF",
      `${muxed!.map(thousandth).join("; ")} s`,
      `\`ffmpeg -c copy\` ${copied!.map(thousandth).join("; ")} s (2)`,
      muxed!.every((time, i) => time < copied![i]!) ? "yes" : "no",
    ],
    [
      "memory of that, ASF in",
      `${peak("muxwell mux")} MiB`,
      `\`ffmpeg\` ${peak("ffmpeg")} MiB`,
      won(peak("ffmpeg"), peak("muxwell")),
    ],
    [
      "`repair`, `index` of 400 MB in place",
      `${["repair(), cut", "index()"].map((row) => thousandth(bench.one(place, row, "MB/s"))).join("; ")} GB/s`,
      "nobody does",
      "",
    ],
    [
      "held back while live at 32 kbit/s, by the media's clock",
      `${held("held at most")} ms at ${held("bytes")} ×`,
      `FFmpeg ${FFMPEG_HELD_MS} ms (1)`,
      won(FFMPEG_HELD_MS, held("held at most")),
    ],
    [
      "1000 players of 300 kbit/s: one core's share, memory",
      `${players("processor")} %, ${players("last")} MB`,
      "",
      "",
    ],
    [
      "from import to a writer that takes samples",
      `${short(load("muxwell"))} ms`,
      `Mediabunny ${short(load("mediabunny"))} ms`,
      won(load("mediabunny"), load("muxwell")),
    ],
    [
      "bundle with ASF and everything in it, minified and gzipped",
      `${size("Muxwell, ASF")} kB`,
      `Mediabunny's MP4 ${size("Mediabunny")} kB, mp4-muxer ${size("mp4-muxer")} kB`,
      won(parseFloat(size("mp4-muxer")), parseFloat(size("Muxwell, ASF"))),
    ],
    ["bundle with WAVE alone", `${size("Muxwell, WAVE")} kB`, "", ""],
  ];
  const readers = ["MKV", "MP4"].map((input) => thousandth(whole(input, "the same reader")));
  return [
    "| | Muxwell | others | won? |",
    "| --- | --: | --: | :-: |",
    ...rows.map((row) => `| ${row.join(" | ")} |`),
    "",
    "1. Measured elsewhere, on a machine of this kind.",
    "2. Of MKV and MP4 the reader, which is Mediabunny's, and one bare copy alone take " +
    `${[...new Set(readers)].join(" and ")} s.`,
  ].join("\n");
}
