/**
 * A server for live ASF: receives pushes, serves players, records; and the player's side of it. Needs Deno.
 *
 * - {@linkcode PublishingServer}: listens, and is a sink for a session in the same process through its `feed()`.
 * - {@linkcode openMmsh}: plays another server's stream, as bytes of ASF.
 * - {@linkcode ServerStatus}: what goes on, as `GET /status.json` says it too.
 *
 * ```ts
 * import { asf, Writer } from "@muxwell/muxwell";
 * import { PublishingServer } from "@muxwell/muxwell/server";
 *
 * const server = PublishingServer.listen();
 * await using writer = new Writer({
 *   container: asf(),
 *   sinks: [server.feed("radio")],
 *   streams: [{ kind: "audio", codec: "pcm-s16", sampleRate: 8000, numberOfChannels: 1 }],
 * });
 * await writer.beginWriting();
 * await writer.writeSample(1, { data: new Uint8Array(1600), timestamp: 0, duration: 100_000 });
 * console.log(`Play ${server.url.replace("http:", "mmsh:")}radio`);
 * await writer.endWriting();
 * await server.close();
 * ```
 *
 * @module
 */

export { type MmshOptions, openMmsh } from "../mmsh/client.ts";
export { PublishingServer, type PushCredentials, type ServerOptions } from "./server.ts";
export type { PlayerStatus, PointStatus, ServerStatus } from "./status.ts";
export type { PlayerKind } from "./player.ts";
export type { DataInfo, Sink } from "../sinks/sink.ts";
export type { OnServerEvent, ServerEvent } from "./events.ts";
