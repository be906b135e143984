/**
 * What every runtime is asked to do, in plain JavaScript: the same samples through the same sessions, and a hash of what
 * comes out. `api` is the packed package's entry.
 */

/** Numbers that look random and are the same everywhere. */
function* numbers(seed) {
  for (let state = seed;;) yield (state = (Math.imul(state, 1103515245) + 12345) >>> 0);
}

function bytes(next, length) {
  return Uint8Array.from({ length }, () => next.next().value >>> 24);
}

/** Two seconds: pictures with B-frames in Annex B, and PCM. */
function makeSamples() {
  const next = numbers(1);
  const sets = "00000001674d401eeca05a0937fe0080005a20000003002000000641e2c5b2c0" + "0000000168ebe3cb20";
  const header = Uint8Array.from(sets.match(/../g), (digits) => parseInt(digits, 16));
  const samples = [];
  for (let i = 0; i < 50; i++) {
    const isKey = i % 25 === 0;
    const slice = Uint8Array.from([0, 0, 1, isKey ? 0x65 : 0x41, ...bytes(next, 500 + i * 7).map((byte) => byte | 1)]);
    const data = isKey ? Uint8Array.from([...header, ...slice]) : slice;
    const shown = i % 25 === 0 ? i : i % 3 === 1 ? Math.min(i + 2, 49) : i - 1;
    samples.push({ streamNumber: 1, data, timestamp: shown * 40_000, type: isKey ? "key" : "delta" });
  }
  for (let i = 0; i < 20; i++) {
    samples.push({ streamNumber: 2, data: bytes(next, 6400), timestamp: i * 100_000, duration: 100_000 });
  }
  return samples.sort((a, b) => Math.floor(a.timestamp / 120_000) - Math.floor(b.timestamp / 120_000));
}

const STREAMS = [
  { kind: "video", codec: "avc1.4d401e", bitrate: 200_000 },
  { kind: "audio", codec: "pcm-s16", sampleRate: 16_000, numberOfChannels: 2, language: "de" },
];

function container(api) {
  const creationTime = new Date(Date.UTC(2020, 1, 29));
  return api.asf({ fileId: "12345678-9abc-4def-8123-456789abcdef", creationTime });
}

async function hash(bytes) {
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A file through `Writer`, and a live stream through `MuxStream`: sizes and hashes of both. */
export async function muxAll(api) {
  const sink = api.bufferSink();
  const writer = new api.Writer({
    container: container(api),
    sinks: [sink],
    streams: STREAMS,
    metadata: { title: "Prüfung" },
  });
  await writer.beginWriting();
  for (const { streamNumber, ...sample } of makeSamples()) await writer.writeSample(streamNumber, sample);
  await writer.endWriting();

  const samples = makeSamples();
  const source = new ReadableStream({
    pull(controller) {
      const sample = samples.shift();
      if (sample === undefined) controller.close();
      else controller.enqueue(sample);
    },
  });
  const body = source.pipeThrough(new api.MuxStream({ container: container(api), streams: STREAMS }));
  const live = new Uint8Array(await new Response(body).arrayBuffer());
  return `file ${sink.bytes.length} ${await hash(sink.bytes)}; live ${live.length} ${await hash(live)}`;
}
