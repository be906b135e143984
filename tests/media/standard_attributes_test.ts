import { assertEquals, assertThrows } from "@std/assert";
import { attributesOf } from "../../src/media/tags.ts";
import { plainValue } from "../../src/media/attribute_value.ts";
import { STANDARD_KINDS, standardAttributes, standardName } from "../../src/media/standard_attributes.ts";

Deno.test("standardAttributes() gives fields under Windows' names, several values one by one", () => {
  assertEquals(
    standardAttributes({
      mood: "calm",
      composer: ["Clara", "", "Robert"],
      subtitle: "",
      userRating: 99,
      isLive: false,
      encodingTime: new Date("1970-01-01T00:00:00.001Z"),
    }),
    [
      ["WM/Composer", "Clara"],
      ["WM/Composer", "Robert"],
      ["WM/Mood", "calm"],
      ["WM/EncodingTime", 116_444_736_000_010_000n],
      ["WM/SharedUserRating", 99],
      ["WM/MediaIsLive", false],
    ],
  );
});

Deno.test("No two fields have one name", () => {
  const names = Object.keys(STANDARD_KINDS).map(standardName);
  assertEquals(new Set(names).size, names.length);
});

const WRONG: [Record<string, unknown>, typeof TypeError | typeof RangeError, string][] = [
  [{ lyrics: 5 }, TypeError, "lyrics must be a string, got number"],
  [{ lyrics: ["a"] }, TypeError, "lyrics must be a string, got object"],
  [{ composer: [5] }, TypeError, "composer must be a string, got number"],
  [{ isLive: "yes" }, TypeError, "isLive must be a boolean, got string"],
  [{ userRating: "5" }, TypeError, "userRating must be a number, got string"],
  [{ userRating: 100 }, RangeError, "userRating must be whole and within 0–99, got 100"],
  [{ userRating: 0.5 }, RangeError, "userRating must be whole and within 0–99, got 0.5"],
  [{ encodingTime: 0 }, TypeError, "encodingTime must be a Date"],
  [{ encodingTime: new Date(NaN) }, RangeError, "encodingTime must be a valid date from 1601 on"],
  [{ encodingTime: new Date("1600-12-31") }, RangeError, "encodingTime must be a valid date from 1601 on"],
];

for (const [given, type, message] of WRONG) {
  Deno.test(`standardAttributes() says: ${message} (${JSON.stringify(given)})`, () => {
    assertThrows(() => standardAttributes(given), type, `Cannot write metadata: ${message}`);
  });
}

Deno.test("attributesOf() puts own attributes behind the standard ones", () => {
  assertEquals(attributesOf({ attributes: { a: 1 }, mood: "calm" }), [["WM/Mood", "calm"], ["a", 1]]);
});

Deno.test("plainValue() leaves only the value of what has a type of its own", () => {
  assertEquals(plainValue({ type: "word", value: 5 }), 5);
  assertEquals(plainValue("x"), "x");
  assertEquals(plainValue(new Uint8Array([1])), new Uint8Array([1]));
});
