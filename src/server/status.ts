/**
 * What a server says about itself.
 *
 * @module
 */

import type { PlayerKind } from "./player.ts";
import type { PublishingPoint } from "./publishing_point.ts";
import type { Recordings } from "./recordings.ts";

/** Somebody who watches. */
export interface PlayerStatus {
  /** IP address; empty in what the pages show to others than `statusReaders`. */
  readonly address: string;
  /** `"mmsh"`: Windows Media framing; `"http"`: plain ASF. */
  readonly kind: PlayerKind;
  /** Milliseconds since it began. */
  readonly playingMs: number;
  /** Bytes it has taken. */
  readonly sentBytes: number;
  /** Bytes that wait for it. */
  readonly queuedBytes: number;
}

/** A publishing point. */
export interface PointStatus {
  /** Its path without the first slash. */
  readonly name: string;
  /** Whether there is something to play. */
  readonly isLive: boolean;
  /** Milliseconds since the broadcast began; 0 without one. */
  readonly liveMs: number;
  /** Who feeds it; absent: nobody. */
  readonly encoder?: {
    readonly kind: "push" | "feed";
    readonly address?: string;
    /** Whether it is connected, and not awaited after a break or before it begins. */
    readonly isStreaming: boolean;
  };
  /** What came in over the last seconds, bit/s. */
  readonly bitsPerSecond: number;
  /** Bit/s of each of the last 120 seconds, the oldest first. */
  readonly history: readonly number[];
  /** Packets of the present broadcast. */
  readonly packetCount: number;
  /** Bytes taken in by all broadcasts. */
  readonly byteCount: number;
  /** What a player gets at once, bytes. */
  readonly backlogBytes: number;
  /** Packets that could not be used. */
  readonly refusedPacketCount: number;
  /** Players that were let go of because they did not keep up. */
  readonly droppedPlayerCount: number;
  /** File being recorded. */
  readonly recording?: string;
  /** Those who watch, the first 1000. */
  readonly players: readonly PlayerStatus[];
  /** How many watch. */
  readonly playerCount: number;
}

/** A server. */
export interface ServerStatus {
  /** Milliseconds since it began to listen. */
  readonly uptimeMs: number;
  /** Its publishing points. */
  readonly points: readonly PointStatus[];
  /** The last recordings that failed, at most 16, one line each. */
  readonly recordingFailures: readonly string[];
  /** How many recordings have failed. */
  readonly recordingFailureCount: number;
  /** What the system said when a connection last could not be taken; absent: that has not happened. */
  readonly lastAcceptFailure?: string;
  /** How often a connection could not be taken. */
  readonly acceptFailureCount: number;
}

/** What kept connections from being taken. */
export interface AcceptFailures {
  readonly count: number;
  readonly last: string | undefined;
}

const MAX_LISTED_PLAYERS = 1000;

/** Takes stock. */
export function statusOf(
  points: Iterable<PublishingPoint>,
  since: number,
  { failures, failureCount }: Recordings,
  acceptFailures: AcceptFailures,
): ServerStatus {
  const now = Date.now();
  return {
    uptimeMs: now - since,
    points: Array.from(points, (point) => pointStatus(point, now)),
    recordingFailures: [...failures],
    recordingFailureCount: failureCount,
    lastAcceptFailure: acceptFailures.last,
    acceptFailureCount: acceptFailures.count,
  };
}

function pointStatus(point: PublishingPoint, now: number): PointStatus {
  const { since, ...facts } = point.facts;
  const players: PlayerStatus[] = [];
  for (const { address, kind, since, sentBytes, queuedBytes } of point.players) {
    if (players.length === MAX_LISTED_PLAYERS) break;
    players.push({ address, kind, playingMs: now - since, sentBytes, queuedBytes });
  }
  const { encoder } = point;
  return {
    name: point.name,
    isLive: facts.isLive,
    liveMs: since === undefined ? 0 : now - since,
    encoder: encoder && { kind: encoder.kind, address: encoder.address, isStreaming: encoder.isStreaming },
    bitsPerSecond: point.bitRate.current,
    history: point.bitRate.history,
    packetCount: facts.packetCount,
    byteCount: facts.byteCount,
    backlogBytes: facts.backlogBytes,
    refusedPacketCount: facts.refusedPacketCount,
    droppedPlayerCount: facts.droppedPlayerCount,
    recording: facts.recording,
    players,
    playerCount: point.playerCount,
  };
}

/** The same for Prometheus, in its text format 0.0.4. */
export function metricsText(status: ServerStatus): string {
  const { uptimeMs, points, recordingFailureCount, acceptFailureCount } = status;
  const lines = [
    ...metric("muxwell_uptime_seconds", "gauge", "Time since the server began to listen", [["", uptimeMs / 1000]]),
    ...metric("muxwell_recording_failures_total", "counter", "Recordings that failed", [["", recordingFailureCount]]),
    ...metric("muxwell_accept_failures_total", "counter", "Connections not taken", [["", acceptFailureCount]]),
  ];
  for (const { name, type, help, value } of POINT_METRICS) {
    lines.push(...metric(name, type, help, points.map((point) => [`{point="${escaped(point.name)}"}`, value(point)])));
  }
  return lines.join("\n") + "\n";
}

const POINT_METRICS: { name: string; type: string; help: string; value(point: PointStatus): number }[] = [
  {
    name: "muxwell_point_live",
    type: "gauge",
    help: "Whether there is something to play",
    value: (p) => Number(p.isLive),
  },
  {
    name: "muxwell_point_live_seconds",
    type: "gauge",
    help: "Time since the broadcast began",
    value: (p) => p.liveMs / 1000,
  },
  {
    name: "muxwell_point_encoder_connected",
    type: "gauge",
    help: "Whether somebody feeds it",
    value: (p) => Number(p.encoder?.isStreaming ?? false),
  },
  {
    name: "muxwell_point_recording",
    type: "gauge",
    help: "Whether it is being recorded",
    value: (p) => Number(p.recording !== undefined),
  },
  { name: "muxwell_point_packets", type: "gauge", help: "Packets of the broadcast", value: (p) => p.packetCount },
  { name: "muxwell_point_players", type: "gauge", help: "Players", value: (p) => p.playerCount },
  { name: "muxwell_point_received_bytes_total", type: "counter", help: "Bytes taken in", value: (p) => p.byteCount },
  { name: "muxwell_point_bits_per_second", type: "gauge", help: "Rate taken in", value: (p) => p.bitsPerSecond },
  {
    name: "muxwell_point_backlog_bytes",
    type: "gauge",
    help: "What a player gets at once",
    value: (p) => p.backlogBytes,
  },
  {
    name: "muxwell_point_dropped_players_total",
    type: "counter",
    help: "Players too slow",
    value: (p) => p.droppedPlayerCount,
  },
  {
    name: "muxwell_point_refused_packets_total",
    type: "counter",
    help: "Packets of no use",
    value: (p) => p.refusedPacketCount,
  },
];

function metric(name: string, type: string, help: string, values: readonly (readonly [string, number])[]): string[] {
  return [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} ${type}`,
    ...values.map(([labels, value]) => `${name}${labels} ${value}`),
  ];
}

function escaped(label: string): string {
  return label.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
