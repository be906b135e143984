/**
 * The body of a PushSetup ([MS-WMHTTP] 2.2.2): directives, one a line.
 *
 * ```text
 * Template-URL: "/template"
 * AutoDestroy: 1
 * ```
 *
 * @module
 */

/** What an encoder asks for beside the permission to push. */
export interface PushDirectives {
  /** Path of the publishing point that a new one is to be like. */
  readonly templateUrl?: string;
  /** Whether the publishing point goes with its session. */
  readonly autoDestroy: boolean;
}

/** Reads directives: in any order and case, with or without the last line end. What is none is passed over. */
export function readDirectives(text: string): PushDirectives {
  let templateUrl: string | undefined;
  let autoDestroy = false;
  for (const line of text.split(/[\r\n]/)) {
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(0, colon)).toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (name === "autodestroy") autoDestroy ||= value === "1";
    else if (name === "template-url") templateUrl ??= unquoted(value);
  }
  return { templateUrl, autoDestroy };
}

/** The text between quotes, either of which may be missing; `undefined` where there is none, or a quote in it. */
function unquoted(value: string): string | undefined {
  const text = value.slice(value.startsWith('"') ? 1 : 0, value.length > 1 && value.endsWith('"') ? -1 : undefined);
  return text === "" || text.includes('"') ? undefined : text;
}
