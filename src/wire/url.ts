/**
 * URLs from people and from peers: where they lead, and what of them may go into a head, and into a message.
 *
 * @module
 */

/**
 * Whether a URL, or a text that goes into a head, holds control characters, percent-encoded ones included. URL parsers
 * drop the former in silence, and servers decode the latter.
 */
export function hasControls(text: string): boolean {
  return /\p{Cc}|%[01][\da-f]|%7f/iu.test(text);
}

/** Text from elsewhere for messages: what moves a cursor, or turns the direction of writing, is replaced by U+FFFD. */
export function plainText(text: string): string {
  return text.replace(UNPLAIN, "\ufffd");
}

/** Whether a text is one that {@linkcode plainText} changes, or has several lines. */
export function isPlain(text: string): boolean {
  return !/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u.test(text);
}

const UNPLAIN = /[^\P{Cc}\n\t]|[\p{Bidi_Control}\u2028\u2029]/gu;

/** A URL for messages: without user and password, also where it is none. */
export function redactUrl(url: string | URL): string {
  const text = String(url);
  const end = text.lastIndexOf("@");
  if (end < 0) return text;
  const scheme = text.slice(0, end).match(/^[a-z][a-z\d+.-]*:[\\/]+/i)?.[0] ?? "";
  return `${scheme}***${text.slice(end)}`;
}

/** Where to connect for a URL of HTTP. */
export function addressOf({ hostname, port }: URL): { hostname: string; port: number } {
  return { hostname: hostname.replace(/^\[|\]$/g, ""), port: Number(port || HTTP_PORT) };
}

const HTTP_PORT = 80;
