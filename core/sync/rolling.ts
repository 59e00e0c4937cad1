import type { ItemKind } from "../items/kind.ts";
import { otherSide, sides, type Side, type Window } from "../items/observed.ts";
import type { Observation } from "./evidence.ts";
import { seenOf, type Told } from "./evidence.ts";
import type { ItemLink, LinkSide, Prints } from "./item-link.ts";
import { look, type BothCapabilities, type Hash, type Seen } from "./prints.ts";
import type { KindRules } from "./rules.ts";
import type { SyncSettings } from "./settings.ts";

/**
 * Series without an end in a system that has none: a rolling window. What is written there ends some time after the
 * window; that end is ours, is moved on in time, and never flows back.
 *
 * An end is known for ours by its fingerprint beside the fields' own: whoever writes another end makes it theirs, and it
 * flows like any edit. Seen through this, the series is endless on both sides, so that the table needs no rows of its own.
 */
const mark = "recurrenceRule/ours";
const dayMs = 86_400_000;
/** An end lies this far behind the window, so that it need not be moved each day. */
const slackDays = 60;

interface Context<Item> {
  rules: KindRules<Item>;
  capabilities: BothCapabilities<Item>;
  hash: Hash;
  settings: SyncSettings;
  window: Window;
}

/** The part of an endless item that is written to a system without endless ones; `null` where all of it is. */
export function boundFor<Item>(
  item: Item,
  target: Side,
  { rules, capabilities, window }: Context<Item>,
): { item: Item; end: string } | null {
  if (rules.rolling === undefined || capabilities[target].recurrence?.endless === true) return null;
  const until = new Date(Date.parse(window.to) + slackDays * dayMs).toISOString().slice(0, 10);
  return rules.rolling.bound(item, until);
}

/** What is kept of an end that is ours. */
export function marked(end: string | undefined, hash: Hash): Prints {
  return end === undefined ? {} : { [mark]: hash(mark, end) };
}

/** The mark among what a write expects, or a side has. */
export function markIn(prints: Prints): Prints {
  return prints[mark] === undefined ? {} : { [mark]: prints[mark] };
}

/** A base whose rule was written anew has the mark of that writing, or none. */
export function withMark(base: Prints, written: Prints, fields: readonly string[]): Prints {
  if (!fields.includes("recurrenceRule")) return base;
  const { [mark]: _, ...unmarked } = base;
  return { ...unmarked, ...markIn(written) };
}

/** The item as it was meant: endless, where its end is one that we wrote. */
export function unrolled<Item>(
  seen: Seen<Item>,
  side: Side,
  base: Prints,
  { rules, capabilities, hash }: Pick<Context<Item>, "rules" | "capabilities" | "hash">,
): Seen<Item> {
  const end = rules.rolling?.endOf(seen.item) ?? null;
  if (end === null || base[mark] === undefined || hash(mark, end) !== base[mark]) return seen;
  return endless(seen, end, side, { rules, capabilities, hash });
}

/**
 * Both sides as they were meant. Where nothing is known yet (the tables were lost), an end is taken for ours that only
 * one side has, in a system that needs it, under the same rule.
 */
export function unrolledTold<Item>(
  link: ItemLink,
  told: Readonly<Record<Side, Told<Item>>>,
  context: Pick<Context<Item>, "rules" | "capabilities" | "hash">,
): Record<Side, Told<Item>> {
  const result: Record<Side, Told<Item>> = { ...told };
  for (const side of sides) {
    const [here, there] = [told[side], told[otherSide(side)]];
    if (here.kind !== "present") continue;
    const base = link.sides[side]?.base ?? {};
    let seen = unrolled(here.seen, side, base, context);
    const unknown = Object.keys(base).length === 0 && there.kind === "present";
    if (unknown && context.capabilities[side].recurrence?.endless !== true) {
      const end = context.rules.rolling?.endOf(here.seen.item) ?? null;
      const meant = end === null ? null : endless(here.seen, end, side, context);
      if (meant?.narrow["recurrenceRule"] === there.seen.narrow["recurrenceRule"]) seen = meant ?? seen;
    }
    result[side] = { kind: "present", seen };
  }
  return result;
}

/** The mark is kept with a side whose end was recognized. */
export function remembered<Item>(side: LinkSide, observation: Observation<Item>, hash: Hash): LinkSide {
  const end = seenOf(observation)?.rolledTo;
  return end === undefined ? side : { ...side, base: { ...side.base, ...marked(end, hash) } };
}

/** Whether the end, as it is on that side, leaves a date within the window out. */
export function fallsShort<Item>(
  seen: Seen<Item>,
  { rules, window }: Pick<Context<Item>, "rules" | "window">,
): boolean {
  if (seen.rolledTo === undefined || rules.rolling === undefined) return false;
  const last = window.to.slice(0, 10);
  const within = rules.rolling.bound(seen.item, last);
  // A series that begins behind the window has an end behind it as well, and no date in it.
  return within !== null && within.end <= last && within.end > seen.rolledTo;
}

/** When the next date comes into the window that is not there yet. Milliseconds since 1970. */
export function rollsAt<Item>(
  seen: Seen<Item>,
  { rules, settings }: Pick<Context<Item>, "rules" | "settings">,
): number | null {
  const next =
    seen.rolledTo === undefined ? null : (rules.rolling?.nextAfter(seen.item, seen.rolledTo) ?? null);
  return next === null ? null : Date.parse(next) - (settings.window.daysAhead - 1) * dayMs;
}

function endless<Item>(
  seen: Seen<Item>,
  end: string,
  side: Side,
  { rules, capabilities, hash }: Pick<Context<Item>, "rules" | "capabilities" | "hash">,
): Seen<Item> {
  const { rolling } = rules;
  if (rolling === undefined) return seen;
  const kind: ItemKind<Item> = rules.kind;
  const observed = { ...seen.observed, item: rolling.unbound(kind.normalize(seen.observed.item)) };
  return { ...look(kind, observed, side, capabilities, hash), rolledTo: end };
}
