/**
 * Why a connection cannot be made, from what the runtimes say.
 *
 * @module
 */

/** What kept a connection from being made; `undefined` where the runtime does not tell it apart. */
export function connectTrouble(error: unknown): "no-host" | "refused" | undefined {
  const { code, message } = error as { code?: string; message?: string };
  if (code === "ECONNREFUSED") return "refused";
  // Deno's error has no code.
  return code === "ENOTFOUND" || code === "EAI_AGAIN" || /failed to lookup/.test(message ?? "") ? "no-host" : undefined;
}

/** The same in words, for a connection to this URL's host. */
export function connectReason(error: unknown, { host, hostname }: URL): string {
  switch (connectTrouble(error)) {
    case "no-host":
      return `there is no host ${hostname}`;
    case "refused":
      return `nobody listens at ${host}`;
    default:
      return error instanceof Error ? error.message : String(error);
  }
}
