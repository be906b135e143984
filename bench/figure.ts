/** The median of one measurement. */
export interface Figure {
  readonly row: string;
  readonly name: string;
  readonly ms?: number;
  /** Of a whole process, on all processors. */
  readonly processorMs?: number;
  readonly peakBytes?: number;
  readonly byteLength?: number;
  readonly sampleCount?: number;
  readonly others?: Record<string, number>;
}
