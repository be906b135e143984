import { assertEquals } from "@std/assert";
import { allContainers, containerByName, containerForPath, containersFor } from "../src/containers.ts";
import { CONTAINER_CASES } from "./support/containers.ts";
import { testContainer } from "./support/container_tests.ts";
import { problemsOf } from "./support/problems.ts";

Deno.test("containerForPath() knows every extension, in either case", () => {
  for (const { name, extensions } of allContainers()) {
    for (const extension of extensions) {
      assertEquals(containerForPath(`some.where/a${extension}`)?.name, name);
      assertEquals(containerForPath(`A${extension.toUpperCase()}`)?.name, name);
      assertEquals(containerForPath(new URL(`file:///a${extension}?b=.avi`))?.name, name);
    }
    assertEquals(containerByName(name)?.name, name);
  }
  for (const path of ["a", "a.", "a.avi", "mp4", "a.mp4/b", ""]) assertEquals(containerForPath(path), undefined);
});

Deno.test("containersFor() answers who could hold the streams", () => {
  const names = (...streams: Parameters<typeof containersFor>[0]) => containersFor(streams).map(({ name }) => name);
  assertEquals(names({ kind: "audio", codec: "mp4a.40.2", sampleRate: 48_000, numberOfChannels: 2 }), [
    ...["asf", "mp4", "matroska", "adts", "mpegts", "mov", "3gp"],
  ]);
  assertEquals(names({ kind: "audio", codec: "opus", sampleRate: 48_000, numberOfChannels: 2 }), [
    ...["asf", "mp4", "matroska", "webm", "mpegts", "ogg", "mov"],
  ]);
  assertEquals(names({ kind: "video", codec: "WMV3", codedWidth: 16, codedHeight: 16 }), ["asf", "matroska"]);
  assertEquals(names(), []);
});

Deno.test("the shared cases cover every container", () => {
  assertEquals(
    new Set(CONTAINER_CASES.map(({ create }) => create().name)),
    new Set(allContainers().map(({ name }) => name)),
  );
  for (const { create, streams } of CONTAINER_CASES) assertEquals(problemsOf(create(), streams), []);
});

for (const one of CONTAINER_CASES) testContainer(one);

for (const container of allContainers()) {
  Deno.test(`${container.name} says whether its samples can carry payload extensions`, () => {
    const stream = { kind: "audio" as const, codec: "mp3", sampleRate: 44_100, numberOfChannels: 2 };
    if (problemsOf(container, [stream]).length > 0) return; // it holds other codecs
    const problems = problemsOf(container, [{ ...stream, payloadExtensions: ["sampleDuration"] }]);
    assertEquals(problems.length, container.name === "asf" ? 0 : 1, problems.join());
  });
}
