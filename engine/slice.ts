import type { SliceInput, SlicePorts, SliceResult } from "./ports.ts";

export type { SliceInput, SlicePorts, SliceResult } from "./ports.ts";

/** One bounded part of a sync cycle. */
export declare function runSlice(
  ports: SlicePorts,
  input: SliceInput,
  signal: AbortSignal,
): Promise<SliceResult>;
