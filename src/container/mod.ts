/**
 * For authors of containers: what a container is to a session, and what containers share. How one is made:
 * `src/README.md`, "A new container".
 *
 * @module
 */

export { Pieces } from "../bytes/pieces.ts";
export { checkStreams, type Found } from "./checks.ts";
export type {
  Chunk,
  Container,
  Header,
  Interleaving,
  LocalCopy,
  Muxer,
  MuxSample,
  NumberedStream,
  Opening,
  OutputFacts,
  Packetizer,
  Patch,
  Patches,
  Plan,
  Reserve,
  Salvage,
  SinkAbilities,
  SinkNeeds,
  StreamFacts,
} from "./container.ts";
export { lostMetadata } from "./losses.ts";
export { type Filler, UnitBuffer, type UnitBufferOptions, type UnitLayout } from "./unit_buffer.ts";
export { type Failure, MuxError, type Problem } from "../errors.ts";
