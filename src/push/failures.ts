/**
 * What can go wrong while pushing, with the original's error values.
 *
 * @module
 */

import { MuxError, type MuxErrorCode } from "../errors.ts";

/** The original's error values. */
export const HRESULT = {
  NS_E_NOCONNECTION: 0xC00D0005,
  NS_E_CANNOTCONNECT: 0xC00D0006,
  NS_E_ALREADY_CONNECTED: 0xC00D0010,
  NS_E_CONNECTION_FAILURE: 0xC00D0029,
  NS_E_SERVER_NOT_FOUND: 0xC00D0035,
  NS_E_REFUSED_BY_SERVER: 0xC00D2EE7,
  NS_E_PROXY_ACCESSDENIED: 0xC00D2EF6,
  NS_E_SERVER_ACCESSDENIED: 0xC00D2EFB,
  NS_E_CONNECT_TIMEOUT: 0xC00D2F06,
  NS_E_INCOMPATIBLE_PUSH_SERVER: 0xC00D2F0C,
} as const;

/** An error of the push, with the original's value. */
export function pushError(
  code: MuxErrorCode,
  hresult: keyof typeof HRESULT,
  message: string,
  details: { cause?: unknown; state?: string; allowed?: readonly string[] } = {},
): MuxError {
  return new MuxError(code, message, { ...details, hresult: HRESULT[hresult] });
}

/** The link broke, or the peer fell silent. Whether that matters is for whoever holds the link to say. */
export class LinkLost extends Error {
  override name = "LinkLost";
}

/** The peer says more than it may: another connection to it would bring the same. */
export class AnswerLimit extends LinkLost {
  override name = "AnswerLimit";
}

/** What stands behind an error, in one line. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
