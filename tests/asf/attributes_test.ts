import { assertEquals, assertThrows } from "@std/assert";
import { routeAttributes } from "../../src/asf/attributes.ts";
import { MuxError } from "../../src/errors.ts";
import type { Metadata } from "../../src/media/metadata.ts";
import { dump, hex } from "./hex.ts";

function names(metadata: Metadata): { extended: string[]; library: string[] } {
  const { extended, library } = routeAttributes(metadata);
  return { extended: extended.map(({ name }) => name), library: library.map(({ name }) => name) };
}

Deno.test("routeAttributes() puts the classic fields into Content Description", () => {
  const routed = routeAttributes({
    title: "T",
    author: "A",
    copyright: "C",
    description: "D",
    attributes: { Rating: "R" },
  });
  assertEquals(routed.contentDescription, { title: "T", author: "A", copyright: "C", description: "D", rating: "R" });
  assertEquals(routed.extended, []);
  assertEquals(routed.library, []);
});

Deno.test("routeAttributes() names the named fields as Windows does", () => {
  const { extended } = routeAttributes({
    albumTitle: "a",
    albumArtist: "b",
    genre: "c",
    year: "2024",
    trackNumber: 7,
  });
  assertEquals(extended, [
    { name: "WM/AlbumTitle", value: { type: "text", value: "a" } },
    { name: "WM/AlbumArtist", value: { type: "text", value: "b" } },
    { name: "WM/Genre", value: { type: "text", value: "c" } },
    { name: "WM/Year", value: { type: "text", value: "2024" } },
    { name: "WM/TrackNumber", value: { type: "text", value: "7" } },
  ]);
});

Deno.test("routeAttributes() types own attributes by their values", () => {
  const { extended } = routeAttributes({
    attributes: { s: "x", n: 5, q: 5n, b: true, u: hex("01") },
  });
  assertEquals(extended.map(({ value }) => value), [
    { type: "text", value: "x" },
    { type: "dword", value: 5 },
    { type: "qword", value: 5n },
    { type: "bool", value: true },
    { type: "binary", value: hex("01") },
  ]);
});

Deno.test("routeAttributes() keeps a second value of a name, in the library", () => {
  assertEquals(names({ genre: "a", attributes: { "WM/Genre": "b" } }), {
    extended: ["WM/Genre"],
    library: ["WM/Genre"],
  });
  const { contentDescription, extended } = routeAttributes({ title: "a", attributes: { Title: "b" } });
  assertEquals(contentDescription.title, "a");
  assertEquals(extended, [{ name: "Title", value: { type: "text", value: "b" } }]);
});

Deno.test("routeAttributes() moves values above 65 535 bytes to the library, behind the others", () => {
  const metadata = {
    attributes: { edge: new Uint8Array(65_535), large: new Uint8Array(65_536), text: "x".repeat(32_767) },
    pictures: [1, 2].map((size) => ({ data: new Uint8Array(size), mimeType: "image/png" })),
  };
  assertEquals(names(metadata), { extended: ["edge", "WM/Picture"], library: ["WM/Picture", "large", "text"] });
});

Deno.test("routeAttributes() lays out WM/Picture, the first as front cover", () => {
  const { extended, library } = routeAttributes({
    pictures: [{ data: hex("ff d8"), mimeType: "a" }, { data: hex("89"), mimeType: "b" }],
  });
  assertEquals(extended[0]?.name, "WM/Picture");
  assertEquals(
    dump((extended[0]!.value as { value: Uint8Array }).value),
    dump(hex("03  02 00 00 00  61 00 00 00  00 00  ff d8")),
  );
  assertEquals(
    dump((library[0]!.value as { value: Uint8Array }).value),
    dump(hex("00 01 00 00 00 62 00 00 00 00 00 89")),
  );
});

Deno.test("routeAttributes() refuses wrong values", () => {
  const wrong: Metadata[] = [
    { attributes: { n: -1 } },
    { attributes: { n: 0x1_0000_0000 } },
    { attributes: { n: NaN } },
    { attributes: { q: -1n } },
    { attributes: { q: 1n << 64n } },
    { attributes: { Duration: 5n } },
  ];
  for (const metadata of wrong) assertThrows(() => routeAttributes(metadata), RangeError, "Cannot write");
});

Deno.test("routeAttributes() refuses what no field can hold", () => {
  const limits: Metadata[] = [{ title: "x".repeat(32_767) }, { attributes: { ["n".repeat(32_767)]: 1 } }];
  for (const metadata of limits) {
    assertEquals(assertThrows(() => routeAttributes(metadata), MuxError, "at most 32766").code, "too-large");
  }
  assertEquals(routeAttributes({ title: "x".repeat(32_766) }).contentDescription.title.length, 32_766);
});

Deno.test("routeAttributes() puts words beside numbers, and GUIDs into the library", () => {
  const { extended, library, streams } = routeAttributes({
    attributes: {
      w: { type: "word", value: 0xffff },
      g: { type: "guid", value: "75B22630-668E-11CF-A6D9-00AA0062CE6C" },
    },
    records: [{ name: "v", value: { type: "word", value: 1 }, streamNumber: 2 }, {
      name: "h",
      value: { type: "guid", value: "75B22630-668E-11CF-A6D9-00AA0062CE6C" },
      streamNumber: 2,
    }],
  });
  const guid = { type: "guid", value: hex("30 26 b2 75 8e 66 cf 11 a6 d9 00 aa 00 62 ce 6c") } as const;
  assertEquals(extended, [{ name: "w", value: { type: "word", value: 0xffff } }]);
  assertEquals(streams, [{ name: "v", value: { type: "word", value: 1 }, streamNumber: 2 }]);
  assertEquals(library.map(({ name, value, streamNumber }) => ({ name, value, streamNumber })), [
    { name: "g", value: guid, streamNumber: 0 },
    { name: "h", value: guid, streamNumber: 2 },
  ]);
});

Deno.test("routeAttributes() says what a picture shows", () => {
  const picture = { data: hex("01 02"), mimeType: "a", description: "b", type: 4 };
  const { extended } = routeAttributes({ pictures: [picture] });
  assertEquals(dump(extended[0]!.value.value as Uint8Array), "04 02 00 00 00 61 00 00 00 62 00 00 00 01 02");
});

Deno.test("routeAttributes() says once what an attribute says in more words than a field, or in another type", () => {
  const route = (metadata: Metadata) => routeAttributes(metadata).extended;
  assertEquals(route({ trackNumber: 3, attributes: { "WM/TrackNumber": "3/12" } }), [
    { name: "WM/TrackNumber", value: { type: "text", value: "3/12" } },
  ]);
  assertEquals(route({ trackNumber: 3, attributes: { "WM/TrackNumber": 3 } }), [
    { name: "WM/TrackNumber", value: { type: "dword", value: 3 } },
  ]);
});
