/** What readers find of what is said in Matroska and WebM beside samples. */

import { assert, assertEquals, assertLess } from "@std/assert";
import { matroska, webm } from "../../mod.ts";
import type { Container } from "../../src/container/container.ts";
import type { Metadata } from "../../src/media/metadata.ts";
import type { StreamSample } from "../../src/media/sample.ts";
import type { StreamConfig, VideoStream } from "../../src/media/stream_config.ts";
import { openMedia } from "../../src/demux/mod.ts";
import { makeMedia } from "../demux/support.ts";
import { readerTest } from "../support/readers.ts";
import { decodeInChromium } from "../support/readers/chromium.ts";
import { mediaconchComplaints, mkvtoolnixComplaints } from "../support/readers/matroska.ts";
import { runOk } from "../support/run.ts";
import { fixture, withTempDir } from "../support/temp.ts";
import { readAll, writeFinal } from "../support/write_all.ts";

const COVER = Uint8Array.fromBase64(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
);

async function ffprobeJson(path: string) {
  const what = ["-show_format", "-show_streams", "-show_chapters"];
  return JSON.parse((await runOk("ffprobe", ["-v", "error", ...what, "-of", "json", path])).stdout);
}

readerTest(
  "FFmpeg, MediaInfo and MKVToolNix find names, languages, chapters, tags, the cover, rotation, shape and colours",
  [
    ...["ffmpeg", "MediaInfo", "MKVToolNix", "MediaConch"] as const,
  ],
  async () => {
    await withTempDir(async (folder) => {
      const { streams, samples } = await readAll(fixture("h264_nob_mp3.mkv"));
      const [video, audio] = streams as [VideoStream, StreamConfig];
      const told: StreamConfig[] = [
        {
          ...video,
          rotation: 90,
          displayAspectWidth: 16,
          displayAspectHeight: 9,
          colorSpace: { primaries: "bt2020", transfer: "pq", matrix: "bt2020-ncl", fullRange: false },
          names: [{ name: "Bild" }],
        },
        { ...audio, language: "de-CH", names: [{ name: "Züritüütsch" }] },
      ];
      const metadata: Metadata = {
        title: "Prüfbild – テスト",
        author: "Wir",
        albumTitle: "Sammlung",
        genre: "Test",
        composer: "Niemand",
        encodingTime: new Date(Date.UTC(2021, 4, 6)),
        markers: [{ timestamp: 0, name: "Eins" }, { timestamp: 2_000_000, name: "Zwei" }],
        pictures: [{ data: COVER, mimeType: "image/png", description: "Vorne" }],
      };
      const path = `${folder}/out.mkv`;
      await Deno.writeFile(
        path,
        await writeFinal({ container: matroska(), streams: told, samples: [...samples], metadata }),
      );
      const { format, streams: [picture, sound, cover], chapters } = await ffprobeJson(path);
      const { title, ARTIST, ALBUM, GENRE, COMPOSER, creation_time } = format.tags;
      assertEquals([title, ARTIST, ALBUM, GENRE, COMPOSER], [
        "Prüfbild – テスト",
        "Wir",
        "Sammlung",
        "Test",
        "Niemand",
      ]);
      assertEquals(creation_time, "2021-05-06T00:00:00.000000Z");
      assertEquals([picture.tags.title, sound.tags.title, sound.tags.language], ["Bild", "Züritüütsch", "ger"]);
      const [wide, high] = picture.display_aspect_ratio.split(":").map(Number);
      assertLess(Math.abs(wide / high - 16 / 9), 0.005); // of whole pixels
      assertEquals(
        [picture.color_primaries, picture.color_transfer, picture.color_space, picture.color_range],
        ["bt2020", "smpte2084", "bt2020nc", "tv"],
      );
      assertEquals(picture.side_data_list[0].rotation, -90); // against the clock
      assertEquals([cover.disposition.attached_pic, cover.tags.filename], [1, "cover.png"]);
      // deno-lint-ignore no-explicit-any
      assertEquals(chapters.map((one: any) => [Number(one.start_time), one.tags.title]), [[0, "Eins"], [2, "Zwei"]]);

      const { stdout } = await runOk("mediainfo", ["--Output=JSON", path]);
      const { track: [general, , , menu] } = JSON.parse(stdout).media;
      assertEquals([general.Title, general.extra.ALBUM, general.Cover], ["Prüfbild – テスト", "Sammlung", "Yes"]);
      assert(menu["@type"] === "Menu" && JSON.stringify(menu.extra).includes("Zwei"));
      assertEquals(await mkvtoolnixComplaints(path), []);
      assertEquals(await mediaconchComplaints([path]), []);

      await using media = await openMedia(path); // and this library finds what it was told
      const { title: name, author, albumTitle, genre, markers, pictures } = media.metadata;
      assertEquals([name, author, albumTitle, genre, markers], [
        ...["Prüfbild – テスト", "Wir", "Sammlung", "Test"],
        metadata.markers,
      ]);
      assertEquals(pictures!.map(({ type, description }) => [type, description]), [[3, "Vorne"]]);
      assertEquals((media.streams[0] as VideoStream).rotation, 90);
    });
  },
);

readerTest("FFmpeg finds text, each cue at its time and as long as it lasts", ["ffmpeg"], async () => {
  await withTempDir(async (folder) => {
    const { streams, samples } = await readAll(fixture("vp8.webm"));
    const texts = ["Guten Tag", "Auf Wiedersehen"];
    const cues = texts.map((text, i): StreamSample => ({
      streamNumber: 2,
      data: new TextEncoder().encode(text),
      timestamp: 500_000 + i * 1_000_000,
      duration: 750_000,
    }));
    const all = [...samples, ...cues].sort((a, b) => a.timestamp - b.timestamp);
    const cases = [[matroska(), "srt", "subrip"], [webm(), "webvtt", "webvtt"]] as const;
    for (const [container, codec, name] of cases) {
      const path = `${folder}/${codec}${container.extensions[0]}`;
      const told: StreamConfig[] = [...streams, { kind: "text", codec, language: "de" }];
      await Deno.writeFile(path, await writeFinal({ container, streams: told, samples: all }));
      assertEquals((await ffprobeJson(path)).streams[1].codec_name, name);
      const srt =
        (await runOk("ffmpeg", ["-v", "error", "-nostdin", "-i", path, "-map", "0:s", "-f", "srt", "-"])).stdout;
      assertEquals(
        srt.replaceAll("\r", "").trim(),
        [
          "1\n00:00:00,500 --> 00:00:01,250\nGuten Tag",
          "2\n00:00:01,500 --> 00:00:02,250\nAuf Wiedersehen",
        ].join("\n\n"),
      );
    }
  });
});

/** A click at 24 000 in 470 123 samples of 48 kHz. */
const CLICK = ["-f", "lavfi", "-i", "aevalsrc='if(eq(n,24000),0.9,0)':s=48000:d=9.794229166"];
const CLICK_AT = 24_000;
const LENGTH = 470_123;

/** As FFmpeg encodes it, with what is not to be heard said by the samples. */
async function clickOf(folder: string, encoder: string, frameSamples: number, primingSamples: number) {
  const { streams, samples } = await readAll(await makeMedia(`${folder}/click.mkv`, ...CLICK, "-c:a", encoder));
  const all = [...samples].map((sample, i): StreamSample => ({
    ...sample,
    timestamp: Math.round((i * frameSamples - primingSamples) / 0.048),
    duration: Math.round(frameSamples / 0.048),
  }));
  all[0] = { ...all[0]!, trimStart: Math.round(primingSamples / 0.048) };
  const trimEnd = Math.max(0, Math.round((all.length * frameSamples - primingSamples - LENGTH) / 0.048));
  all[all.length - 1] = { ...all.at(-1)!, trimEnd };
  return { streams, samples: all };
}

readerTest(
  "the first and the last sample of Opus come out exact in Chromium and FFmpeg, of AAC in Chromium to half a tick",
  [
    ...["Chromium", "ffmpeg"] as const,
  ],
  async () => {
    await withTempDir(async (folder) => {
      const cases: [string, number, number, Container, string][] = [
        ["libopus", 960, 312, webm(), "audio/webm"],
        ["libopus", 960, 312, matroska({ cues: "front" }), "video/x-matroska"],
        ["aac", 1024, 1024, matroska(), "video/x-matroska"],
      ];
      const files = await Promise.all(cases.map(async ([encoder, frame, priming, container, type], i) => {
        const own = `${folder}/${i}`;
        await Deno.mkdir(own);
        return { type, bytes: await writeFinal({ container, ...await clickOf(own, encoder, frame, priming) }) };
      }));
      for (const [i, { error, length, loudest }] of (await decodeInChromium(files, 48_000)).entries()) {
        // Of other codecs than Opus it takes the delay from times, which are whole ticks.
        const tolerance = cases[i]![0] === "libopus" ? 0 : 0.00005 * 48_000;
        assertEquals(error, undefined);
        assert(Math.abs(length - LENGTH) <= tolerance, `${length} samples`);
        assert(Math.abs(loudest - CLICK_AT) <= tolerance + 1, `a click at ${loudest}`);
      }
      const path = `${folder}/out.webm`;
      await Deno.writeFile(path, files[0]!.bytes);
      const raw = `${folder}/out.f32`;
      await runOk("ffmpeg", ["-v", "error", "-nostdin", "-i", path, "-ac", "1", "-f", "f32le", raw]);
      const values = new Float32Array((await Deno.readFile(raw)).buffer);
      const loudest = values.reduce((best, value, i) => Math.abs(value) > Math.abs(values[best]!) ? i : best, 0);
      assertEquals(values.length, LENGTH);
      assert(Math.abs(loudest - CLICK_AT) <= 1, `a click at ${loudest}`);
    });
  },
);
