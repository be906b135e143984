/**
 * What the core and its host must agree on. Compiled by both compilers, so it is a leaf: no imports, no AssemblyScript
 * types, integers below 2^31 only. `wasm/README.md` has the whole agreement on one page.
 *
 * @module
 */

/** Smallest packet: Windows refuses less, and this layout has room in it for the extension and data to speak of. */
export const PACKET_BYTES_MIN = 100;
/** A packet's size must fit the WORD fields that count inside it. */
export const PACKET_BYTES_MAX = 65535;
/** Stream numbers are 1–127 ([ASF] 3.5), so there are no more slots. */
export const STREAM_COUNT_MAX = 127;

/** `configure` flag: every payload carries the timing extension. */
export const WITH_TIMING_EXTENSION = 1;
/** `describeStream` flag: key frames are recorded and marked. */
export const STREAM_INDEXED = 1;
/** `describeStream` flag: small objects at equal distances share payloads; not with extensions. */
export const STREAM_PACKED = 2;
/** `describeStream` flag: every object comes with extension data of its own, in EXTENSION. */
export const STREAM_EXTENDED = 4;
/** `describeStream` flag: all its objects are recorded. */
export const STREAM_TRACED = 8;
/** `describeStream` flag: key frames are marked, though not recorded. */
export const STREAM_MARKED = 16;

/*
 * Memory map. Below TABLES everything stands still; the block table, the packet notes and the blocks follow it in sizes
 * that `configure` settles, and their addresses come out through RANGE.
 */

/** What the host looks at after every write, so without a call: words, in this order. */
export const STATUS = 64;
/** Packets closed so far. */
export const STATUS_PACKET_COUNT = 0;
/** Full blocks that wait for `takeRange`. */
export const STATUS_FULL_BLOCKS = 1;
/** 1: a block is free beside the one being filled. */
export const STATUS_FREE_BLOCK = 2;

/** What `takeRange` hands out: words, in this order. */
export const RANGE = 96;
/** Address of the first packet. */
export const RANGE_ADDRESS = 0;
/** Number of the first packet. */
export const RANGE_FIRST_PACKET = 1;
/** Send time of the first packet, ms. */
export const RANGE_SEND_TIME = 2;
/** Address of the packet notes, a half-word a packet. */
export const RANGE_NOTES = 3;
/** The block, to be named in `releaseRange`. */
export const RANGE_BLOCK = 4;
/** Words in RANGE. */
export const RANGE_WORDS = 5;

/** Size of a packet note. */
export const NOTE_BYTES = 2;
/** Bits 0–14 of a packet note: media objects that begin in the packet, none of fewer than 6 bytes if it is packed. */
export const NOTE_OBJECTS = 0x7fff;
/** Bit 15 of a packet note: a reader may start here. */
export const NOTE_CLEAN = 0x8000;

/** The state of one `fillIndex` job: words, in this order. The host keeps it between calls. */
export const JOB = 128;
/** Slot whose key frames count. */
export const JOB_SLOT = 0;
/** Milliseconds between entries. */
export const JOB_INTERVAL = 1;
/** First packet of the output. */
export const JOB_FIRST_PACKET = 2;
/** Packets of the output. */
export const JOB_PACKET_COUNT = 3;
/** Subtracted from key frame times, ms. */
export const JOB_TIME_BASE = 4;
/** Entries wanted in all. */
export const JOB_ENTRY_COUNT = 5;
/** Entries made so far. */
export const JOB_ENTRY = 6;
/** Packet of the key frame reached. */
export const JOB_KEY_PACKET = 7;
/** Packets it spans; 0: no key frame was met yet. */
export const JOB_KEY_SPAN = 8;
/** Largest span in any entry so far. */
export const JOB_MAX_SPAN = 9;
/** Facts in INDEX_FACTS. */
export const JOB_FACT_COUNT = 10;
/** Facts read of these. */
export const JOB_FACT = 11;
/** 1: no fact comes after these. */
export const JOB_LAST = 12;
/** Entries there is room for in this call. */
export const JOB_ROOM = 13;
/** Words in JOB. */
export const JOB_WORDS = 14;

/** One stream's state. */
export const STREAM_BYTES = 64;
/** All streams' state. */
export const STREAMS = 256;

/** Fragments of one `plan`: pairs of words, address and byte count. */
export const FRAGMENTS = STREAMS + STREAM_COUNT_MAX * STREAM_BYTES;
/** Most fragments of one `plan`. */
export const FRAGMENT_CAPACITY = 256;

/** An object: time ms (u32), packet (u32), span in packets (u16), slot (u8), kind (u8). */
export const FACT_BYTES = 12;
/** Kind of a fact: a key frame of an indexed stream. */
export const FACT_KEY_FRAME = 0;
/** Kind of a fact: an object of a traced stream that is not marked as a key frame. */
export const FACT_TRACED = 1;
/** Kind of a fact: a key frame of a traced stream that marks them. */
export const FACT_TRACED_KEY = 2;
/** Objects laid out since the last `takeFacts`; a key frame of a traced stream stands there twice. */
export const FACTS = FRAGMENTS + FRAGMENT_CAPACITY * 8;
/** Most facts before `takeFacts` must be called; also the most in INDEX_FACTS. */
export const FACT_CAPACITY = 1024;

/** Key frames coming back for an index. */
export const INDEX_FACTS = FACTS + FACT_CAPACITY * FACT_BYTES;
/** A Simple Index entry ([ASF] 6.1): DWORD packet, WORD packet count. */
export const INDEX_ENTRY_BYTES = 6;
/** Entries coming out. */
export const INDEX_ENTRIES = INDEX_FACTS + FACT_CAPACITY * FACT_BYTES;
/** Most entries of one `fillIndex`. */
export const INDEX_ENTRY_CAPACITY = 4096;

/** Where bytes wait that `pour` distributes. Larger than any packet that is filled through it. */
export const ARENA = INDEX_ENTRIES + INDEX_ENTRY_CAPACITY * INDEX_ENTRY_BYTES;
/** Size of the arena. */
export const ARENA_BYTES = 65536;

/** Extension data of the object that `place` begins: its size (u32), then its bytes. */
export const EXTENSION = ARENA + ARENA_BYTES;
/** Most of these: replicated data have at most 255 bytes, 8 for size and time, 24 for the timing extension. */
export const EXTENSION_BYTES_MAX = 223;

/** First address `configure` gives out. */
export const TABLES = EXTENSION + 256;
