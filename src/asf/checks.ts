/** What most options are for: the beginning of what is said of them. */
export const CREATE_ASF = "Cannot create ASF container";

/** Checks an option. @param action What it is for. @throws {TypeError} @throws {RangeError} */
export function checkInteger(action: string, name: string, value: number, least: number, most: number): void {
  if (typeof value !== "number") throw new TypeError(`${action}: ${name} must be a number, got ${typeof value}`);
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new RangeError(`${action}: ${name} must be whole and within ${least}–${most}, got ${value}`);
}
