import type { OutputFacts } from "../../container/container.ts";
import type { PacketCore } from "../../core/types.ts";
import type { AsfStream } from "../stream.ts";
import type { IndexFacts } from "./index_facts.ts";
import type { IndexSettings } from "./options.ts";

/** What indexes are made for, and of. */
export interface IndexSource extends IndexSettings {
  /** 16 wire bytes. */
  readonly fileId: Uint8Array;
  readonly prerollMs: number;
  readonly packetBytes: number;
  readonly indexIntervalMs: number;
  readonly core: PacketCore;
  readonly facts: IndexFacts;
  /** By slot. */
  readonly streams: readonly AsfStream[];
  /** Whether the times are kept at which packets leave. */
  readonly leadsMarkers: boolean;
  /** Latest presentation time of what an output has, microseconds. */
  latestTimestamp(output: OutputFacts): number;
}
