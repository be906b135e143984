/** A queue whose head moves. */

import { assertEquals } from "@std/assert";
import { Fifo } from "../../src/session/fifo.ts";

Deno.test("Fifo gives back what was put in, in order, through many turns", () => {
  const fifo = new Fifo<number>();
  let put = 0;
  let got = 0;
  for (let round = 0; round < 200; round++) {
    for (let i = 0; i < 37; i++) fifo.push(put++);
    for (let i = 0; i < 30; i++) {
      assertEquals(fifo.peek(), got);
      assertEquals(fifo.shift(), got++);
    }
    assertEquals(fifo.length, put - got);
  }
  while (fifo.length > 0) assertEquals(fifo.shift(), got++);
  assertEquals([got, fifo.shift(), fifo.peek()], [put, undefined, undefined]);
});
