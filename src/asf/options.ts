/**
 * What can be chosen about an ASF file.
 *
 * @module
 */

import type { IndexOptions } from "./indexes/options.ts";
import type { RelationOptions } from "./relations.ts";

/** What can be chosen about an ASF file. */
export interface AsfOptions extends RelationOptions, IndexOptions {
  /**
   * Size of every data packet, 100 to 65 535 bytes; smaller where a sink's limit or a wanted latency asks for it ([ASF] 5.2).
   * Default: 3200 for what is live; for files as Windows' writers have it, 3200 to 16 000 by the bit rate, and one superframe
   * of Windows Media Audio where that is alone.
   */
  packetBytes?: number;
  /** How long a player buffers before it begins, in whole milliseconds; default 3000 ([ASF] 3.2). */
  prerollMs?: number;
  /**
   * Distance of index entries, in whole milliseconds from 1; default 200. Seeking is that exact ([ASF] 6.1). Doubled where
   * an index would be larger than 1 MiB and a tenth of the media, as one wrong time makes it.
   */
  indexIntervalMs?: number;
  /**
   * Bytes kept free in the header of a file that is completed at the end, for metadata that is only known then; default
   * 2048. Anything from 1 to 23 counts as 24, the smallest object ([ASF] 3.17).
   */
  headerReserveBytes?: number;
  /**
   * Whether small audio objects (5 to 255 bytes) at equal distances share one payload header, which saves 14 bytes each.
   * Their times are then within 1 ms. Default true; has no effect in a file with B-frames ([ASF] 5.2.3.4).
   */
  compressedPayloads?: boolean;
  /** File ID as GUID text, for files that can be reproduced; default: a new one for each session. */
  fileId?: string;
  /** Creation date, for files that can be reproduced; default: when the session is made. */
  creationTime?: Date;
}
