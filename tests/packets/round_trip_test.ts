/** What is read and built again is the same packet, and the oracle reads in an edited one what the edit left. */

import { assert, assertEquals } from "@std/assert";
import { AsfReader, PacketParser } from "../../src/inspect/mod.ts";
import { cutPacket } from "../../src/packets/cut_packet.ts";
import { filterPayloads } from "../../src/packets/filter_payloads.ts";
import { padPacket } from "../../src/packets/pad_packet.ts";
import { replacePayloads } from "../../src/packets/packet_builder.ts";
import { readPacket } from "../../src/packets/packet_reader.ts";
import { setSendTime } from "../../src/packets/set_send_time.ts";
import { spreadPacket, spreadRoom } from "../../src/packets/spread_packet.ts";
import { dump, hex } from "../asf/hex.ts";
import { take } from "../server/raw_push.ts";
import fc from "../support/fast_check.ts";
import { fixture } from "../support/temp.ts";

interface Stream {
  readonly parser: PacketParser;
  readonly packets: readonly Uint8Array[];
}

async function streamOf(name: string): Promise<Stream> {
  if (!name.endsWith(".wmv") && !name.endsWith(".wma")) {
    const { header, packets } = await take(name);
    return { parser: await PacketParser.fromHeader(header), packets };
  }
  const bytes = await Deno.readFile(fixture(name));
  const reader = await AsfReader.open(bytes);
  const packets: Uint8Array[] = [];
  for await (const { offset, byteLength } of reader.packets()) packets.push(bytes.slice(offset, offset + byteLength));
  return { parser: await PacketParser.fromHeader(bytes.slice(0, reader.header.size + 50)), packets };
}

/** FFmpeg's packets, and ours: with compressed payloads, and with the timing extension. */
const STREAMS: readonly Stream[] = await Promise.all(
  ["wmv2_wma2.wmv", "wma2.wma", "tone.mp3", "clip.mp4"].map(streamOf),
);

const packets = fc.constantFrom(...STREAMS).chain(({ parser, packets }) =>
  fc.constantFrom(...packets).map((packet) => ({ parser, packet }))
);

/** What the oracle finds in a packet, payload by payload; without `number`, which counts packets. */
function contents({ parser }: Pick<Stream, "parser">, packet: Uint8Array) {
  const { payloads, sendTimeMs, durationMs } = parser.packet(packet);
  return {
    sendTimeMs,
    durationMs,
    payloads: payloads.map(({ streamNumber, objectNumber, offset, isKey, replicatedData, data }) =>
      [streamNumber, objectNumber, offset, isKey, dump(replicatedData.slice()), dump(data.slice())].join()
    ),
  };
}

/** The oracle tells the objects of a compressed payload one by one. */
function countOf({ parser }: Pick<Stream, "parser">, packet: Uint8Array): number {
  return parser.packet(packet).payloads.filter(({ replicatedData }, i, all) =>
    replicatedData.byteOffset !== all[i - 1]?.replicatedData.byteOffset
  ).length;
}

Deno.test("build ∘ read is the identity", () => {
  fc.assert(fc.property(packets, ({ packet, parser }) => {
    const read = readPacket(packet)!;
    const payloads = read.payloads.map(({ start, end }) => packet.subarray(start, end));
    assertEquals(replacePayloads(packet, read, payloads), packet);
    assertEquals(read.payloads.length, countOf({ parser }, packet));
  }));
});

Deno.test("a packet without its padding is the same one when it is padded again", () => {
  fc.assert(fc.property(packets, ({ packet }) => {
    const { paddingAt, paddingBytes, sendTimeAt } = readPacket(packet)!;
    const stripped = packet.slice(0, packet.length - paddingBytes);
    stripped.fill(0, paddingAt, sendTimeAt);
    const padded = new Uint8Array(packet.length).fill(0xee);
    assert(padPacket(stripped, packet.length, padded, 0));
    assertEquals(padded, packet);
  }));
});

Deno.test("the oracle finds in a filtered packet the payloads that were kept, and no others", () => {
  fc.assert(
    fc.property(packets, fc.array(fc.boolean(), { minLength: 64, maxLength: 64 }), ({ packet, parser }, kept) => {
      const { payloads } = readPacket(packet)!;
      const filtered = filterPayloads(packet, (_, ordinal) => kept[ordinal]!);
      const all = contents({ parser }, packet);
      const objects = payloads.map((one) => payloadTexts(all.payloads, packet, one, { parser }));
      const wanted = objects.filter((_, ordinal) => kept[ordinal]).flat();
      assertEquals(filtered === undefined, wanted.length === 0);
      if (filtered) assertEquals(contents({ parser }, filtered), { ...all, payloads: wanted });
    }),
  );
});

/** What the oracle says of one payload: of a compressed one several lines. */
function payloadTexts(
  all: readonly string[],
  packet: Uint8Array,
  { start, end }: { start: number; end: number },
  { parser }: Pick<Stream, "parser">,
): string[] {
  return parser.packet(packet).payloads.flatMap(({ data }, i) => {
    const at = data.byteOffset - packet.byteOffset;
    return at >= start && at < end ? [all[i]!] : [];
  });
}

Deno.test("the oracle finds another send time, and the rest as it was", () => {
  fc.assert(fc.property(packets, fc.nat(0xffff_ffff), ({ packet, parser }, sendTimeMs) => {
    const changed = packet.slice();
    setSendTime(changed, sendTimeMs);
    assertEquals(contents({ parser }, changed), { ...contents({ parser }, packet), sendTimeMs });
  }));
});

Deno.test("the oracle finds the same bytes of an object in packets that one was spread over", () => {
  fc.assert(fc.property(
    packets,
    fc.constantFrom("first" as const, "last" as const),
    fc.integer({ min: 2, max: 5 }),
    ({ packet, parser }, part, count) => {
      if (spreadRoom(packet, part) < count - 1) return;
      const bytesOf = (packets: readonly Uint8Array[]) => {
        const streams = new Map<number, number[]>();
        for (const one of packets) {
          for (const { streamNumber, data } of parser.packet(one).payloads) {
            streams.set(streamNumber, [...streams.get(streamNumber) ?? [], ...data]);
          }
        }
        return streams;
      };
      const spread = spreadPacket(packet, count, part);
      assertEquals(spread.map(({ length }) => length), new Array(count).fill(packet.length));
      assertEquals(bytesOf(spread), bytesOf([packet]));
    },
  ));
});

Deno.test("the oracle finds whole objects alone at the end of a packet that was cut", () => {
  fc.assert(fc.property(packets, ({ packet, parser }) => {
    const all = contents({ parser }, packet).payloads;
    const { packet: left, isWhole } = cutPacket(packet.slice());
    const found = left ? contents({ parser }, left).payloads : [];
    assertEquals(found, isWhole ? all : all.slice(0, -1));
  }));
});

const BYTES: { name: string; packet: string; edit: (packet: Uint8Array<ArrayBuffer>) => Uint8Array; wanted: string }[] =
  [
    {
      name: "filterPayloads() widens the padding length, and leaves packet length and sequence out",
      packet: `82 00 00  4b 5d  28 01  07  02  e8 03 00 00 14 00  82
      01 01 00 00 00 00 08 04 00 00 00 d0 07 00 00 04 00 aa aa aa aa
      02 01 00 00 00 00 08 f0 00 00 00 d0 07 00 00 f0 00 ${"bb ".repeat(240)} 00 00`,
      edit: (packet) => filterPayloads(packet, ({ streamNumber }) => streamNumber === 1)!,
      wanted: `82 00 00  11 5d  05 01  e8 03 00 00 14 00  81
      01 01 00 00 00 00 08 04 00 00 00 d0 07 00 00 04 00 aa aa aa aa ${"00 ".repeat(261)}`,
    },
    {
      name: "setSendTime() sets four bytes",
      packet: "82 00 00 00 5d  e8 03 00 00 14 00  01 01 00 00 00 00 08 01 00 00 00 d0 07 00 00 aa",
      edit: (packet) => (setSendTime(packet, 0x0102_0304), packet),
      wanted: "82 00 00 00 5d  04 03 02 01 14 00  01 01 00 00 00 00 08 01 00 00 00 d0 07 00 00 aa",
    },
    {
      name: "spreadPacket() parts the only payload",
      packet: "82 00 00 00 5d  e8 03 00 00 14 00  01 01 00 00 00 00 08 03 00 00 00 d0 07 00 00 aa bb cc",
      edit: (packet) => spreadPacket(packet, 2, "last")[1]!,
      wanted: "82 00 00 08 5d 00 e8 03 00 00 14 00  01 01 01 00 00 00 08 03 00 00 00 d0 07 00 00 bb cc",
    },
  ];

for (const { name, packet, edit, wanted } of BYTES) {
  Deno.test(name, () => assertEquals(dump(edit(hex(packet))), dump(hex(wanted))));
}

const BROKEN = {
  "nothing": "",
  "error correction alone": "82 00 00",
  "no room for its times": "82 00 00 08 5d 00 e8 03 00",
  "several payloads, and none": "82 00 00 09 5d 00  e8 03 00 00 14 00  80",
  "several payloads without lengths": "82 00 00 09 5d 00  e8 03 00 00 14 00  01  01 01 00 00 00 00 00 aa",
  "a payload that runs past its end": "82 00 00 09 5d 00  e8 03 00 00 14 00  81  01 01 00 00 00 00 00 05 00 aa",
  "replicated data that run past its end": "82 00 00 09 5d 00  e8 03 00 00 14 00  81  01 01 00 00 00 00 ff aa",
  "padding of more bytes than it has": "82 00 00 08 5d ff  e8 03 00 00 14 00  01 01 00 00 00 00 00 aa",
};

for (const [name, packet] of Object.entries(BROKEN)) {
  Deno.test(`readPacket() refuses a packet with ${name}`, () => {
    assertEquals(readPacket(hex(packet)), undefined);
    const bytes = hex(packet);
    assertEquals(filterPayloads(bytes, () => false), bytes);
  });
}
