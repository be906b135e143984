/**
 * NTLM version 2 ([MS-NLMP]), as far as HTTP needs it: no signing, no sealing.
 *
 * ```text
 * AUTHENTICATE: "NTLMSSP\0" · 3 · six fields {length u16, room u16, offset u32}: LM answer, NT answer, domain, user,
 *               workstation, session key · flags u32 · payload
 * CHALLENGE:    "NTLMSSP\0" · 2 · target name field · flags u32 · 24: server challenge, 8 bytes · 8 reserved
 *               · 40: target information field
 * ```
 *
 * @module
 */

import { concatBytes } from "../bytes/bytes.ts";
import { toFileTime } from "../bytes/file_time.ts";
import type { Credentials } from "./credentials.ts";
import { md5 } from "../wire/digest.ts";
import { md4 } from "./md4.ts";

/** "NTLMSSP" and a zero. */
const SIGNATURE = [0x4E, 0x54, 0x4C, 0x4D, 0x53, 0x53, 0x50, 0];
/** Unicode, request target, NTLM, extended session security ([MS-NLMP] 2.2.2.5). */
const FLAGS = 0x0008_0205;
const CHALLENGE_BYTES = 48;
const AUTHENTICATE_HEAD_BYTES = 64;
const TIMESTAMP_ATTRIBUTE = 7;

/** The first message: what this end can do. */
export function ntlmNegotiate(): Uint8Array {
  const message = new Uint8Array(32);
  message.set(SIGNATURE);
  const view = new DataView(message.buffer);
  view.setUint32(8, 1, true);
  view.setUint32(12, FLAGS, true);
  return message;
}

/** What an answer depends on beside the challenge; chosen by tests. */
export interface NtlmChance {
  /** 8 random bytes. */
  readonly clientChallenge: Uint8Array;
  /** In 100 ns since 1601, for servers that tell no time. */
  readonly timeTicks: bigint;
}

/** The third message. @throws {RangeError} For a challenge that is none. */
export function ntlmAuthenticate(
  challenge: Uint8Array,
  { user: account, password }: Credentials,
  chance: NtlmChance = {
    clientChallenge: crypto.getRandomValues(new Uint8Array(8)),
    timeTicks: toFileTime(Date.now()),
  },
): Uint8Array {
  const view = new DataView(challenge.buffer, challenge.byteOffset, challenge.byteLength);
  if (challenge.byteLength < CHALLENGE_BYTES || view.getUint32(8, true) !== 2) {
    throw new RangeError("Cannot authenticate: the NTLM challenge is none");
  }
  const slash = account.indexOf("\\");
  const domain = slash < 0 ? "" : account.slice(0, slash);
  const user = account.slice(slash + 1);
  const infoOffset = view.getUint32(44, true);
  const info = challenge.subarray(infoOffset, infoOffset + view.getUint16(40, true));
  const serverChallenge = challenge.subarray(24, 32);
  const key = ntlmKey(user, domain, password);
  const { nt, lm } = ntlmAnswers(key, serverChallenge, info, chance);
  return layOut([lm, nt, utf16(domain), utf16(user), new Uint8Array(0), new Uint8Array(0)]);
}

/** NTOWFv2 ([MS-NLMP] 3.3.2). */
export function ntlmKey(user: string, domain: string, password: string): Uint8Array {
  return md5(utf16(user.toUpperCase() + domain), md4(utf16(password)));
}

/** The two answers to a challenge ([MS-NLMP] 3.3.2). */
export function ntlmAnswers(
  key: Uint8Array,
  serverChallenge: Uint8Array,
  info: Uint8Array,
  { clientChallenge, timeTicks }: NtlmChance,
): { nt: Uint8Array; lm: Uint8Array } {
  const serverTime = timestampOf(info);
  const blob = new Uint8Array(28 + info.byteLength + 4);
  blob.set([1, 1]);
  if (serverTime) blob.set(serverTime, 8);
  else new DataView(blob.buffer).setBigUint64(8, timeTicks, true);
  blob.set(clientChallenge, 16);
  blob.set(info, 28);
  const nt = concatBytes(md5(concatBytes(serverChallenge, blob), key), blob);
  // Where the server tells the time, the older answer must be empty.
  const lm = serverTime
    ? new Uint8Array(24)
    : concatBytes(md5(concatBytes(serverChallenge, clientChallenge), key), clientChallenge);
  return { nt, lm };
}

function timestampOf(info: Uint8Array): Uint8Array | undefined {
  const view = new DataView(info.buffer, info.byteOffset, info.byteLength);
  for (let at = 0; at + 4 <= info.byteLength;) {
    const id = view.getUint16(at, true);
    const length = view.getUint16(at + 2, true);
    if (id === TIMESTAMP_ATTRIBUTE && length === 8 && at + 12 <= info.byteLength) return info.subarray(at + 4, at + 12);
    at += 4 + length;
  }
}

function layOut(fields: readonly Uint8Array[]): Uint8Array {
  const payloadBytes = fields.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const message = new Uint8Array(AUTHENTICATE_HEAD_BYTES + payloadBytes);
  const view = new DataView(message.buffer);
  message.set(SIGNATURE);
  view.setUint32(8, 3, true);
  let offset = AUTHENTICATE_HEAD_BYTES;
  fields.forEach((field, i) => {
    view.setUint16(12 + 8 * i, field.byteLength, true);
    view.setUint16(14 + 8 * i, field.byteLength, true);
    view.setUint32(16 + 8 * i, offset, true);
    message.set(field, offset);
    offset += field.byteLength;
  });
  view.setUint32(60, FLAGS, true);
  return message;
}

function utf16(text: string): Uint8Array {
  const bytes = new Uint8Array(2 * text.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < text.length; i++) view.setUint16(2 * i, text.charCodeAt(i), true);
  return bytes;
}
