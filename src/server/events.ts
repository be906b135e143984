/**
 * What happens at a server, for logs.
 *
 * @module
 */

import type { PlayerKind } from "./player.ts";

/** One thing that has happened. */
export type ServerEvent =
  & { /** Name of the publishing point. */ readonly point: string }
  & (
    | {
      /** A broadcast begins, or becomes another; or its encoder is lost, and awaited. */
      readonly kind: "live" | "encoder-lost";
      /** The encoder's IP address; absent: this process. */
      readonly address?: string;
    }
    | { /** A broadcast is over. */ readonly kind: "ended"; readonly packetCount: number }
    | {
      /** A file begins, or is complete; one that fails is in `ServerStatus`. */
      readonly kind: "recording" | "recorded";
      readonly path: string;
    }
    | {
      /** Somebody begins to play. */
      readonly kind: "player";
      readonly address: string;
      readonly protocol: PlayerKind;
    }
    | {
      /** Somebody has left, or was let go of because it did not keep up. */
      readonly kind: "player-gone" | "player-dropped";
      readonly address: string;
      readonly protocol: PlayerKind;
      readonly sentBytes: number;
    }
  );

/** Is told what happens; must not throw. */
export type OnServerEvent = (event: ServerEvent) => void;
