/** The calls of a store. */
export type Call = "changes" | "get" | "create" | "findByKey" | "update" | "remove" | "probe";

/**
 * What can go wrong in one call (the letters are those of the fault table in the design's reliability page):
 * - `unavailable`: refused before anything happened (F5); `throttled`: with a time to wait
 * - `lost-response`: done, but the answer is lost (F3)
 * - `late-commit`: given up; it takes effect some time later (F4)
 * - `empty`, `truncated`: a listing that claims to be complete and is not (F15)
 * - `partial`: some items of the page cannot be read (F9)
 * - `cursor-invalid`: the cursor is forgotten (F6)
 * - `replay`: a page told again (F2, F14)
 * - `stale`: the newest change is not told yet, and the cursor says so (F14)
 * - `overtaken`: a person edits the item between our write and its answer, or right after we read it
 * - `conflict`: refused as changed meanwhile although it was not (F16)
 * - `poison`: this item is refused for good (F18)
 * - `unauthorized`: the credential died (F8)
 */
export type Fault =
  | "unavailable"
  | "throttled"
  | "lost-response"
  | "late-commit"
  | "empty"
  | "truncated"
  | "partial"
  | "cursor-invalid"
  | "replay"
  | "stale"
  | "overtaken"
  | "conflict"
  | "poison"
  | "unauthorized";

/** Decides about each call; `undefined` lets it be. */
export type Weather = (call: Call, subject: string) => Fault | undefined;

export const fair: Weather = () => undefined;

const reads: readonly Fault[] = ["unavailable", "throttled"];
const writes: readonly Fault[] = ["unavailable", "throttled", "lost-response", "late-commit", "conflict"];
const answered: readonly Fault[] = ["overtaken"];

/** The faults that make sense for a call. */
export const possible: Readonly<Record<Call, readonly Fault[]>> = {
  changes: [...reads, "empty", "truncated", "partial", "cursor-invalid", "replay", "stale", ...answered],
  get: [...reads, ...answered],
  create: ["unavailable", "throttled", "lost-response", "late-commit", ...answered],
  findByKey: reads,
  update: [...writes, ...answered],
  remove: writes,
  probe: [],
};
