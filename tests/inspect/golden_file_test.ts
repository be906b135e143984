import { assertEquals } from "@std/assert";
import { AsfReader, formatTree, inspectLines, inspectTree } from "../../src/inspect/mod.ts";
import { GOLDEN_FILE } from "./support/golden.ts";

Deno.test("AsfReader reads the header of the golden file", async () => {
  const { header, data } = await AsfReader.open(GOLDEN_FILE);
  assertEquals(header.size, 0x134);
  assertEquals(header.object.children.map(({ name, offset, size }) => [name, offset, size]), [
    ["File Properties Object", 0x1e, 104],
    ["Header Extension Object", 0x86, 46],
    ["Stream Properties Object", 0xb4, 96],
    ["Stream Bitrate Properties Object", 0x114, 32],
  ]);
  assertEquals(header.fileProperties, {
    fileId: "12345678-9ABC-4DEF-8123-456789ABCDEF",
    fileBytes: 486,
    creationTicks: 133_000_000_000_000_000n,
    packetCount: 1,
    playDurationTicks: 10_100_000,
    sendDurationTicks: 100_000,
    prerollMs: 1000,
    flags: 2,
    isBroadcast: false,
    isSeekable: true,
    minPacketBytes: 128,
    maxPacketBytes: 128,
    maxBitsPerSecond: 102_400,
  });
  assertEquals(data, {
    offset: 0x134,
    size: 178,
    fileId: "12345678-9ABC-4DEF-8123-456789ABCDEF",
    packetCount: 1,
    reserved: 0x0101,
  });
});

Deno.test("AsfReader describes the stream of the golden file", async () => {
  const [stream, ...others] = (await AsfReader.open(GOLDEN_FILE)).header.streams;
  assertEquals(others.length, 0);
  assertEquals([stream!.streamNumber, stream!.kind, stream!.isHidden, stream!.bitsPerSecond], [
    1,
    "audio",
    false,
    102_400,
  ]);
  assertEquals(stream!.audio, {
    formatTag: 1,
    channelCount: 1,
    sampleRate: 8000,
    bytesPerSecond: 8000,
    blockBytes: 1,
    bitsPerSample: 8,
    codecData: new Uint8Array(0),
  });
});

Deno.test("AsfReader gives the packet and the sample of the golden file", async () => {
  const reader = await AsfReader.open(GOLDEN_FILE);
  const packets = await Array.fromAsync(reader.packets());
  assertEquals(packets, [{
    number: 0,
    offset: 0x166,
    byteLength: 128,
    errorCorrectionBytes: 3,
    lengthTypeFlags: 0x08,
    propertyFlags: 0x5d,
    packetLength: undefined,
    paddingBytes: 21,
    sendTimeMs: 0,
    durationMs: 10,
    payloads: [{
      streamNumber: 1,
      isKey: false,
      objectNumber: 1,
      offset: 0,
      objectSize: 80,
      presentationMs: 1000,
      replicatedData: Uint8Array.of(80, 0, 0, 0, 0xe8, 3, 0, 0),
      extensionData: new Uint8Array(0),
      isCompressed: false,
      data: new Uint8Array(80).fill(0x80),
    }],
  }]);
  assertEquals(await Array.fromAsync(reader.samples()), [{
    streamNumber: 1,
    data: new Uint8Array(80).fill(0x80),
    presentationMs: 0,
    decodeMs: 0,
    presentationTicks: undefined,
    isKey: true,
    objectNumber: 1,
    packetNumber: 0,
    extensions: undefined,
  }]);
  assertEquals((await reader.indexes()).objects, []);
  assertEquals(reader.problems, []);
});

const GOLDEN_TEXT = `ASF file
  Header Object  @0  308 bytes
    object count: 4
    reserved1: 1
    reserved2: 2
    File Properties Object  @30  104 bytes
      file id: 12345678-9ABC-4DEF-8123-456789ABCDEF
      file size: 486 bytes
      creation time: 2022-06-18T04:26:40.000Z
      packet count: 1
      play duration: 1.01 s (10100000)
      send duration: 0.01 s (100000)
      preroll: 1000 ms
      flags: 0x2
      is broadcast: no
      is seekable: yes
      min packet size: 128 bytes
      max packet size: 128 bytes
      max bit rate: 102400 bit/s
    Header Extension Object  @134  46 bytes
      reserved1: ABD3D211-A9BA-11CF-8EE6-00C00C205365
      reserved2: 6
      data size: 0 bytes
    Stream Properties Object  @180  96 bytes
      stream number: 1
      kind: audio
      stream type: audio (F8699E40-5B4D-11CF-A8FD-00805F5C442B)
      error correction type: no error correction (20FB5700-5B55-11CF-A8FD-00805F5C442B)
      time offset: 0 s (0)
      flags: 0x1
      is encrypted: no
      audio:
        format tag: 0x0001
        channel count: 1
        sample rate: 8000 Hz
        byte rate: 8000 bytes/s
        block size: 1 bytes
        bits per sample: 8
        codec data: 0 bytes
      error correction data: 0 bytes
    Stream Bitrate Properties Object  @276  32 bytes
      bitrates:
        - stream number 1, bit rate 102400 bit/s
  Data Object  @308  178 bytes
    file id: 12345678-9ABC-4DEF-8123-456789ABCDEF
    packet count: 1
    reserved: 0x101
    packet 0  @358  send 0 ms  duration 10 ms  padding 21  | 1 #1 0+80/80 1000 ms
  486 bytes, no problems
`;

Deno.test("formatTree() writes the golden file for people", async () => {
  assertEquals(formatTree(await inspectTree(GOLDEN_FILE, { packets: true })), GOLDEN_TEXT);
});

Deno.test("inspectLines() writes what formatTree() writes", async () => {
  const lines = await Array.fromAsync(inspectLines(GOLDEN_FILE, { packets: true }));
  assertEquals(lines.join("\n") + "\n", GOLDEN_TEXT);
});

Deno.test("inspectTree() survives JSON as it is", async () => {
  const tree = await inspectTree(GOLDEN_FILE, { packets: true });
  assertEquals(JSON.parse(JSON.stringify(tree)), tree);
  const properties = tree.children[0]!.children[0]!;
  assertEquals(properties.guid, "8CABDCA1-A947-11CF-8EE4-00C00C205365");
  // Above 2^53: a number would not be exact.
  assertEquals(properties.fields.creationTicks, "133000000000000000");
});
