/** The originals' error values: on the errors, and in the README. */

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { MuxError, Writer } from "../../mod.ts";
import { SINK_WRITER_HRESULTS, WRITER_HRESULTS } from "../../src/facades/hresults.ts";
import { AUDIO, audioOptions, audioSample, avOptions, guarded, videoSample } from "../support/sessions.ts";
import { fullDisk, TestSink } from "../support/sinks.ts";

Deno.test("Writer: the original's values stand on the errors that have one", () =>
  guarded(async () => {
    const sink = new TestSink();
    const writer = new Writer(avOptions([sink], { maxQueuedBytes: 100_000 }));
    const hresultOf = (action: () => unknown) => assertThrows(action, MuxError).hresult;
    assertEquals(hresultOf(() => writer.writeSample(1, videoSample(0))), undefined); // NS_E_INVALID_STATE
    await writer.beginWriting();
    assertEquals(hresultOf(() => writer.writeSample(7, videoSample(0))), 0xC00D003C); // NS_E_INVALID_STREAM
    assertEquals(hresultOf(() => writer.writeSample(1, videoSample(1))), 0xC00D002F); // NS_E_INVALID_DATA
    sink.isPaused = true;
    const flood = () => {
      for (let i = 0; i < 1000; i++) writer.writeSample(1, videoSample(i, 10_000));
    };
    assertEquals(hresultOf(flood), 0xC00D0BCC); // NS_E_TOO_MUCH_DATA
    await writer.abort();

    const full = new Writer(audioOptions([fullDisk(4000)]));
    await full.beginWriting();
    for (let i = 0; i < 20; i++) full.writeSample(1, audioSample(i));
    assertEquals((await assertRejects(() => full.endWriting(), MuxError)).hresult, 0xC00D0018); // NS_E_FILE_WRITE

    const wrong = new Writer(audioOptions([new TestSink()], { streams: [{ ...AUDIO, codec: "nonsense" }] }));
    const error = await assertRejects(() => wrong.beginWriting(), MuxError);
    assertEquals(error.hresult, 0xC00D0BBB); // NS_E_INVALID_OUTPUT_FORMAT
  }));

Deno.test("The README tells every value of both facades, beside our code", async () => {
  const rows = (await Deno.readTextFile(new URL("../../README.md", import.meta.url))).split("\n");
  for (const [code, value] of [...Object.entries(WRITER_HRESULTS), ...Object.entries(SINK_WRITER_HRESULTS)]) {
    const text = `0x${value.toString(16).toUpperCase()}`;
    assert(rows.some((row) => row.includes(text) && row.includes(`\`${code}\``)), `${text} ${code}`);
  }
});
