/** Refuses a number that the core does not take. @throws {RangeError} */
export function checkInteger(name: string, value: number, min: number, max: number): void {
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new RangeError(`Cannot lay out packets: ${name} must be an integer from ${min} to ${max}, got ${value}`);
  }
}
