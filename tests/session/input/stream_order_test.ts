/** In which order a stream takes samples. */

import { assertEquals, assertThrows } from "@std/assert";
import { MuxError } from "../../../src/errors.ts";
import { IncomingSample } from "../../../src/session/input/incoming_sample.ts";
import { StreamOrder } from "../../../src/session/input/stream_order.ts";

function take(order: StreamOrder, timestamp: number, decodeTimestamp: number | undefined, type: "key" | "delta"): void {
  const incoming = new IncomingSample();
  incoming.read({ data: new Uint8Array(1), timestamp, decodeTimestamp, type }, 3);
  order.check(incoming);
  order.commit(timestamp, decodeTimestamp ?? NaN, type === "key");
}

const ORDERS: { name: string; samples: [number, number | undefined, "key" | "delta"][]; refused?: [string, string] }[] =
  [
    { name: "equal times", samples: [[0, , "key"], [0, , "delta"], [0, , "key"]] },
    {
      name: "B-frames without decode times",
      samples: [[0, , "key"], [80, , "delta"], [40, , "delta"], [120, , "key"]],
    },
    { name: "B-frames before their key frame with decode times", samples: [[80, 0, "key"], [40, 10, "delta"]] },
    { name: "mixed decode times", samples: [[0, 0, "key"], [40, , "delta"], [80, 40, "delta"]] },
    { name: "negative times", samples: [[-100, -200, "key"], [-60, -100, "delta"]] },
    {
      name: "a delta frame first",
      samples: [[0, , "delta"]],
      refused: ["bad-media", "must be a key frame"],
    },
    {
      name: "a time below the last key frame's",
      samples: [[0, , "key"], [100, , "key"], [99, , "delta"]],
      refused: ["time-order", "last key frame's 100 µs, got 99 µs"],
    },
    {
      name: "a decode time that goes back",
      samples: [[0, 0, "key"], [90, 50, "delta"], [95, 49, "delta"]],
      refused: ["time-order", "go back from 50 µs, got 49 µs"],
    },
    {
      name: "a decode time after the presentation time",
      samples: [[10, 12, "key"]],
      refused: ["time-order", "12 µs must not be after presentation time 10 µs"],
    },
  ];

for (const { name, samples, refused } of ORDERS) {
  Deno.test(`StreamOrder ${refused ? "refuses" : "takes"} ${name}`, () => {
    const order = new StreamOrder(3, true);
    for (const sample of refused ? samples.slice(0, -1) : samples) take(order, ...sample);
    if (!refused) return;
    const last = samples.at(-1)!;
    for (let i = 0; i < 2; i++) { // a refusal leaves no trace
      const error = assertThrows(() => take(order, ...last), MuxError, refused[1]);
      assertEquals([error.code, error.streamNumber, error.timestamp], [refused[0], 3, last[0]]);
    }
  });
}

Deno.test("StreamOrder lets audio begin with anything", () => {
  take(new StreamOrder(1, false), 0, undefined, "delta");
});
