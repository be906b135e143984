/**
 * What ASF writers can do: the README's table. The others' columns are what was measured with FFmpeg 5.1 to 9.0,
 * GStreamer 1.22 (asfmux) and VLC 3.0, and what Microsoft documents of the Windows Media Format SDK and of Media
 * Foundation; ours is backed by a test.
 *
 * @module
 */

/** Y: yes; ~: in part, or wrong; –: no. */
export type Mark = "Y" | "~" | "–";

/** A row. `marks`: FFmpeg, GStreamer, VLC, Windows Media Format SDK, Media Foundation. */
export interface Feature {
  readonly name: string;
  readonly marks: readonly [Mark, Mark, Mark, Mark, Mark];
  /** A file under tests/, and the beginning of the name of a test in it, which shows that we do. */
  readonly path: string;
  readonly test: string;
}

function feature(name: string, marks: string, path: string, test: string): Feature {
  return { name, marks: [...marks] as unknown as Feature["marks"], path, test };
}

/** The table. */
export const FEATURES: readonly Feature[] = [
  feature("File Properties complete", "~~~YY", "asf/header_test.ts", "encodeHeader() says in a final header"),
  feature(
    "header object count right with every option",
    "~~~YY",
    "golden/golden_test.ts",
    "a file that uses every option",
  ),
  feature(
    "Content Description, any script",
    "~Y~YY",
    "conformance/metadata_test.ts",
    "every reader reads back the metadata",
  ),
  feature(
    "Extended Content Description, every type",
    "~~–YY",
    "asf/attributes_test.ts",
    "routeAttributes() types own attributes",
  ),
  feature("Metadata, per stream", "~~~YY", "asf/conformance_test.ts", "metadata of every kind"),
  feature(
    "Metadata Library: values above 64 KiB, languages",
    "–––YY",
    "asf/attributes_test.ts",
    "routeAttributes() moves values above",
  ),
  feature("pictures (`WM/Picture`)", "–––YY", "asf/conformance_test.ts", "a picture is found as the cover"),
  feature("markers, at the right packets", "~––YY", "asf/conformance_test.ts", "metadata of every kind"),
  feature("script commands in the header", "–––Y~", "asf/header_test.ts", "encodeHeader() writes its children"),
  feature(
    "script commands as a stream",
    "–––Y~",
    "conformance/data_streams_test.ts",
    "a file with ${nameOf(one)} is accepted",
  ),
  feature(
    "languages (BCP-47), language mutual exclusion",
    "~––YY",
    "golden/golden_test.ts",
    "a file that uses every option",
  ),
  feature(
    "Extended Stream Properties, always complete",
    "~~~YY",
    "asf/header_test.ts",
    "encodeHeader() declares the timing extension",
  ),
  feature("Stream Bitrate Properties", "–––YY", "asf/header_test.ts", "encodeHeader() says in a final header"),
  feature("Codec List", "Y–YYY", "asf/header_test.ts", "encodeHeader() writes its children"),
  feature(
    "bit-rate mutual exclusion, prioritization, bandwidth sharing",
    "–––YY",
    "golden/golden_test.ts",
    "a file that uses every option",
  ),
  feature("compressed payloads", "–––YY", "core/packed_test.ts", "Core.write() keeps every packed object"),
  feature("several payloads in a packet", "YYYYY", "core/packet_test.ts", "Core.write() ends a packet at 63 payloads"),
  feature("fragmentation of audio, too", "~YYYY", "core/packet_test.ts", "Core.write() splits objects anywhere"),
  feature("packet size checked and chosen", "~~–YY", "asf/muxer_test.ts", "AsfMuxer chooses a packet size"),
  feature("preroll and buffer from the real data", "–––YY", "asf/leaky_bucket_test.ts", "LeakyBucket measures"),
  feature(
    "payload extensions: time codes, durations, own ones",
    "–––YY",
    "conformance/extensions_test.ts",
    "every extension and index around",
  ),
  feature("packet durations never 0", "~––YY", "core/packet_test.ts", "Core.write() never writes a duration of 0"),
  feature("error correction data", "Y–YYY", "core/packet_test.ts", "Core.write() lays out the worked packets"),
  feature(
    "a Simple Index for each video stream, past 24 hours",
    "~~–YY",
    "core/index_test.ts",
    "Core.index() stays right past 24 hours",
  ),
  feature("Index Object", "–––Y~", "asf/indexes/block_index_test.ts", "an Index Object has a column a stream"),
  feature(
    "Media Object Index, Timecode Index",
    "–––Y~",
    "asf/indexes/block_index_test.ts",
    "a Timecode Index Object begins a block",
  ),
  feature("an index for sound alone", "–––YY", "asf/index_targets_test.ts", "an Index Object and markers lead"),
  feature("buffer figures of variable bit rates", "–––YY", "asf/leaky_bucket_test.ts", "LeakyBucket measures"),
  feature("presentation times of B-frames", "~~~–~", "conformance/mux_test.ts", "mux carries"),
  feature("127 streams, checked", "Y––––", "property/edges_test.ts", "127 streams are carried"),
  feature(
    "HEVC, VP9, AV1, Opus beside the Windows codecs",
    "~––~~",
    "conformance/codecs_test.ts",
    "every codec is carried",
  ),
  feature(
    "H.264 as `H264` says: start codes, parameter sets",
    "––~––",
    "media/nal_framing_test.ts",
    "H.264 framing turns an MP4's samples",
  ),
  feature("live form without junk behind it", "~YYY–", "asf/muxer_test.ts", "AsfMuxer writes a live header"),
  feature("serves players (mmsh)", "––YY–", "conformance/live_test.ts", "every player plays"),
  feature("pushes to a server (WMS HTTP push)", "–––Y–", "push/client_test.ts", "PushClient asks for permission"),
  feature("several sinks of one session", "YYYY–", "fault/several_sinks_test.ts", "One of two slow sinks"),
  feature(
    "a killed recording plays, with its duration",
    "–––~~",
    "fault/kill_test.ts",
    "a file whose writer is killed",
  ),
  feature(
    "a full disk leaves a finished file, and an error",
    "––––~",
    "fault/full_disk_test.ts",
    "a disk that gets full holds",
  ),
  feature(
    "samples out of order are refused, not written wrong",
    "–~–YY",
    "session/running_test.ts",
    "A video time that goes back names",
  ),
  feature("repairs and indexes in place", "–––~–", "repair/readers_test.ts", "every reader accepts a recording"),
  feature("judges files (`validate`)", "–––~–", "inspect/validator_peers_test.ts", "validate() tells of FFmpeg's file"),
  feature(
    "runs everywhere JavaScript does",
    "–––––",
    "runtimes/runtimes_test.ts",
    "the package makes the same bytes in Deno",
  ),
];

/** The table in Markdown; the title of each link is the test's name. */
export function featureTable(features: readonly Feature[]): string {
  const rows = features.map(({ name, marks, path, test }) =>
    `| ${name} | [Y](tests/${path} "${test.replaceAll('"', "'")} …") | ${marks.join(" | ")} |`
  );
  const head = ["", "Muxwell", "FFmpeg", "GStreamer", "VLC", "WMF SDK", "Media Foundation"];
  return [`| ${head.join(" | ")} |`, `| --- ${"| :-: ".repeat(head.length - 1)}|`, ...rows].join("\n");
}
