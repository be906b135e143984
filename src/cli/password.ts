/**
 * Credentials: the name from the command line, the password from the environment.
 *
 * @module
 */

import { UsageError } from "./arguments.ts";
import type { Io } from "./io.ts";

/** Both, or neither. @throws {UsageError} */
export function password(
  userOption: string,
  user: string | undefined,
  variableOption: string,
  variable: string | undefined,
  io: Io,
): { user: string; password: string } | undefined {
  if (user === undefined && variable === undefined) return undefined;
  if (!user) throw new UsageError(`${variableOption} needs ${userOption}`);
  if (!variable) throw new UsageError(`${userOption} needs ${variableOption}`);
  const password = io.environment(variable);
  if (!password) throw new UsageError(`the environment variable ${variable} is not set`);
  return { user, password };
}
