/** What ObjectTracker makes of payloads, event by event. */

import { assertEquals } from "@std/assert";
import { AsfReader } from "../../src/inspect/mod.ts";
import {
  type BreakReason,
  type ObjectListener,
  ObjectTracker,
  type TrackedObject,
} from "../../src/inspect/asf/object_tracker.ts";
import { PacketWalker, PayloadFields } from "../../src/inspect/asf/packet_walker.ts";
import { ProblemList } from "../../src/inspect/problems.ts";
import { counting, file, packet, type PayloadOptions } from "./support/bytes.ts";

/** Writes the events down: `stream event number received/size`. */
class Listed implements ObjectListener {
  readonly events: string[] = [];

  beginPacket(_bytes: Uint8Array, number: number): void {
    this.events.push(`packet ${number}`);
  }

  undeclared({ streamNumber }: PayloadFields): void {
    this.events.push(`${streamNumber} is not declared`);
  }

  begin(object: TrackedObject): void {
    this.#add("begin", object);
  }

  append(object: TrackedObject): void {
    this.#add("append", object);
  }

  complete(object: TrackedObject): void {
    this.#add("complete", object);
  }

  abandon(object: TrackedObject, reason: BreakReason, payload: PayloadFields | undefined): void {
    this.#add(`abandon (${reason}${payload === undefined ? "" : ` at ${payload.offset}`})`, object);
  }

  stray(_object: TrackedObject, { streamNumber, objectNumber, offset }: PayloadFields): void {
    this.events.push(`${streamNumber} stray #${objectNumber} at ${offset}`);
  }

  #add(event: string, { stream, number, received, size }: TrackedObject): void {
    this.events.push(`${stream.streamNumber} ${event} #${number} ${received}/${size}`);
  }
}

async function eventsOf(packets: readonly PayloadOptions[][]): Promise<string[]> {
  const { header } = await AsfReader.open(file([packet([{ stream: 1, object: 0, data: counting(10) }])]));
  const listed = new Listed();
  const tracker = new ObjectTracker(header, listed);
  const walker = new PacketWalker(128, new ProblemList());
  for (const [number, payloads] of packets.entries()) {
    const bytes = packet(payloads);
    tracker.beginPacket(bytes, number, 128 * number);
    walker.walk(bytes, 0, bytes.byteLength, 128 * number, tracker);
  }
  tracker.finish();
  return listed.events.filter((event) => !event.startsWith("packet"));
}

const first = { stream: 2, object: 4, offset: 0, size: 50, data: counting(20) };
const rest = { ...first, offset: 20, data: counting(30) };
const BEGUN = "2 begin #4 20/50";

const CASES: { name: string; payloads: PayloadOptions[]; events: string[] }[] = [
  {
    name: "an object in one payload",
    payloads: [{ ...first, size: 20 }],
    events: ["2 begin #4 20/20", "2 complete #4 20/20"],
  },
  {
    name: "an object in two payloads",
    payloads: [first, rest],
    events: [BEGUN, "2 append #4 50/50", "2 complete #4 50/50"],
  },
  {
    name: "an object smaller than its payload",
    payloads: [{ ...first, size: 15 }],
    events: ["2 begin #4 20/15", "2 complete #4 20/15"],
  },
  {
    name: "an object that another one cuts short",
    payloads: [first, { ...first, object: 5, size: 20 }],
    events: [BEGUN, "2 abandon (begins at 0) #4 20/50", "2 begin #5 20/20", "2 complete #5 20/20"],
  },
  {
    name: "a gap, and what comes behind it",
    payloads: [first, { ...rest, offset: 21, data: counting(9) }, { ...rest, offset: 30, data: counting(20) }],
    events: [BEGUN, "2 abandon (offset at 21) #4 20/50", "2 stray #4 at 30"],
  },
  {
    name: "a fragment of another object",
    payloads: [first, { ...rest, object: 5 }],
    events: [BEGUN, "2 abandon (number at 20) #4 20/50"],
  },
  {
    name: "a fragment of another size",
    payloads: [first, { ...rest, size: 51 }],
    events: [BEGUN, "2 abandon (size at 20) #4 20/50"],
  },
  {
    name: "a fragment that is too long",
    payloads: [first, { ...rest, data: counting(31) }],
    events: [BEGUN, "2 abandon (overruns at 20) #4 20/50"],
  },
  { name: "data that end", payloads: [first], events: [BEGUN, "2 abandon (end) #4 20/50"] },
  { name: "a fragment without a start", payloads: [rest], events: ["2 stray #4 at 20"] },
  { name: "a stream that nobody declares", payloads: [{ ...first, stream: 9 }], events: ["9 is not declared"] },
  {
    name: "fragments of another time or key bit, which still belong together",
    payloads: [first, { ...rest, time: 4000, key: true }],
    events: [BEGUN, "2 append #4 50/50", "2 complete #4 50/50"],
  },
];

for (const { name, payloads, events } of CASES) {
  Deno.test(`ObjectTracker follows ${name}, in one packet or in several`, async () => {
    assertEquals(await eventsOf([payloads]), events);
    assertEquals(await eventsOf(payloads.map((one) => [one])), events);
  });
}

Deno.test("ObjectTracker keeps streams apart, and gives an object without a time that of the one before", async () => {
  const other = { stream: 1, object: 7, offset: 0, size: 10, time: 1234, data: counting(10) };
  assertEquals(await eventsOf([[first, other, rest]]), [
    BEGUN,
    "1 begin #7 10/10",
    "1 complete #7 10/10",
    "2 append #4 50/50",
    "2 complete #4 50/50",
  ]);
  const { header } = await AsfReader.open(file([packet([other])]));
  const times: [number, number, boolean][] = [];
  const listener: ObjectListener = {
    beginPacket() {},
    undeclared() {},
    begin: ({ timeMs, previousTimeMs, isNext }) => times.push([timeMs, previousTimeMs, isNext]),
    append() {},
    complete() {},
    abandon() {},
    stray() {},
  };
  const tracker = new ObjectTracker(header, listener);
  const payload = Object.assign(new PayloadFields(), { streamNumber: 1, end: 10 });
  for (const [objectNumber, timeMs] of [[0, -1], [1, 1500], [2, -1], [4, 1600], [5, 1400]] as const) {
    tracker.visitPayload(Object.assign(payload, { objectNumber, timeMs }));
  }
  const preroll = header.fileProperties!.prerollMs;
  assertEquals(times, [
    [preroll, -1, true],
    [1500, preroll, true],
    [1500, 1500, true],
    [1600, 1500, false],
    [1400, 1600, true],
  ]);
});
