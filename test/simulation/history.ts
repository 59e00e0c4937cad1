import type { Kind, Side } from "../../core/items/observed.ts";

/**
 * A history is data: who did what, in which order, and what went wrong where. It runs the same way each time, and
 * still runs when steps or faults are taken out of it, which is how a failing one is made small.
 */
export interface History {
  seed: number;
  weather: Weather;
  /** One user each, with items of one kind. */
  lanes: readonly Kind[];
  steps: readonly Step[];
  /** Only these things go wrong, by place; absent: whatever the dice say, as often as `weather` wants. */
  troubles?: Readonly<Record<Place, Trouble>>;
}

/** How hostile the world is. */
export interface Weather {
  /** Probability per remote call of a fault. */
  faults: number;
  /** Probability per await of a kill. */
  kills: number;
  /** Probability per transaction of a database that fails. */
  database: number;
  /** Listings that claim to be complete may be cut short; what they hide is found days later. */
  shortened: boolean;
  /** The clocks of the machines that slices run on are up to two days off. */
  skewed: boolean;
  /** A newer slice may be started while an older one goes on. */
  zombies: boolean;
  pageSize: number;
  budget: { ms: number; writes: number };
}

/** The point of a slice at which something goes wrong: `<id of the step that began it>.<number of the await>`. */
export type Place = `${number}.${number}`;
export type Trouble = string;

/** One thing that happens. All that is left open is drawn from `roll`, so that no step depends on another's luck. */
export interface Step {
  id: number;
  /** Awaits of the running slices that come first. */
  after: number;
  do: Deed;
  lane: number;
  side: Side;
  /** Which item, as a share of all that are there. */
  nth: number;
  roll: number;
}

/** Acts of people and administrators: these count as operations. */
export const acts = [
  "create",
  "twin",
  "import",
  "edit",
  "edit-both",
  "change",
  "change-both",
  "leave-window",
  "enter-window",
  "remove",
  "remove-both",
  "restore",
  "copy",
  "save-unchanged",
  "readdress",
  "recur",
  "change-occurrence",
  "split",
  "attend",
  "make-private",
  "hostile",
  "rename-company",
  "set-settings",
  "choose-held",
  "relink",
  "rotate-key",
  "forget-cursors",
  "blind",
] as const;
export type Act = (typeof acts)[number];

/** What else happens: time passes, slices begin, everything comes to rest and is looked at. */
export type Event = "slice" | "wait" | "cancel" | "restart" | "rest";
export type Deed = Act | Event;

const isActName = new Set<Deed>(acts);
export function isAct(deed: Deed): deed is Act {
  return isActName.has(deed);
}
