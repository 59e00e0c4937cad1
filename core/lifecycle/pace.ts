import type { Instant, UserState } from "./state.ts";
import type { Moment } from "./events.ts";

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** A first `invalid_grant` is looked at once more after this; only a second one asks the person (I15). */
export const confirmAfterMs = 30 * second;
/** Days after the first failure mail on which it is repeated (design §5). */
export const reminderDays = [1, 3, 7, 14] as const;
/** So many shared failures in a row make a gate that people see; fewer are weather. */
export const gateAfterAttempts = 3;
/** Invitations without an expiry of their own (design §4). */
export const invitationDays = 14;

/** First wait and longest wait of a back-off that doubles. */
export interface BackOff {
  firstMs: number;
  longestMs: number;
}

/** Transient and shared problems: soon again, then patiently. */
export const retryPace: BackOff = { firstMs: 10 * second, longestMs: 15 * minute };
/** Matters of an administrator: looked at rarely; "sync now" looks at once. */
export const blockedPace: BackOff = { firstMs: 15 * minute, longestMs: 6 * hour };
export const mailPace: BackOff = { firstMs: 20 * second, longestMs: 30 * minute };

/** An unlink that removes something begins after this, unless the installation says otherwise. */
export const undoMsByDefault = 10 * minute;

export function later(instant: Instant, ms: number): Instant {
  return new Date(Date.parse(instant) + Math.round(ms)).toISOString();
}

export function daysLater(instant: Instant, days: number): Instant {
  return later(instant, days * day);
}

export function isDue(instant: Instant | null | undefined, now: Instant): boolean {
  return instant !== null && instant !== undefined && Date.parse(instant) <= Date.parse(now);
}

/** Doubling, ± 25 % so that those who failed together do not come back together. `attempts` counts from 1. */
export function backOffMs(pace: BackOff, attempts: number, chance: number): number {
  const doubled = pace.firstMs * 2 ** Math.min(attempts - 1, 20);
  return Math.min(doubled, pace.longestMs) * (0.75 + chance / 2);
}

/**
 * When the cycle after this one is due: the user's own place in the interval, ± 5 %, at least half an interval
 * away. A user keeps the phase for ever, so users stay spread over the interval however they were started.
 */
export function nextCycle({
  now,
  chance,
  intervalMs,
  phase,
}: Pick<Moment, "now" | "chance" | "intervalMs" | "phase">): Instant {
  const earliest = Date.parse(now) + intervalMs / 2;
  const slot = Math.ceil(earliest / intervalMs - phase) + phase;
  return new Date(Math.round((slot + (chance - 0.5) / 10) * intervalMs)).toISOString();
}

/** The next reminder after `reminders` have been made, counted from the hold's beginning; `null` after the last. */
export function nextReminder(since: Instant, reminders: number): Instant | null {
  const days = reminderDays[reminders];
  return days === undefined ? null : daysLater(since, days);
}

/** Where in the interval a user's cycles lie: a hash of the id (FNV-1a, its bits mixed once more), evenly spread. */
export function phaseOf(userId: string): number {
  let hash = 0x811c9dc5;
  for (const character of userId) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

/** The holds under which no cycle runs. Under `blocked` and `gate` a cycle is the probe; the brake holds deletes only. */
const stopping: ReadonlySet<string> = new Set(["needs-reauth", "paused", "preview", "removal"]);

/** Linked, and the plan of the first sync is still to be made. */
export function mayPreview(state: UserState): boolean {
  const made = state.holds.find((hold) => hold.code === "preview");
  const stopped = state.holds.some((hold) => hold.code !== "preview" && stopping.has(hold.code));
  return state.stage === "linked" && made !== undefined && made.madeAt === undefined && !stopped;
}

/** A removal that can no longer be undone; a pause was about sync. */
export function mayRemove(state: UserState): boolean {
  const begun = state.holds.some((hold) => hold.code === "removal" && hold.removal?.begunAt != null);
  return begun && !state.holds.some((hold) => hold.code === "needs-reauth");
}

export function mayCycle(state: UserState): boolean {
  return state.stage === "syncing" && !state.holds.some((hold) => stopping.has(hold.code));
}
