import type { ItemKind } from "../items/kind.ts";
import { plainTraits, type Capabilities, type Side, type Traits } from "../items/observed.ts";
import { link, side } from "./builders.testing.ts";
import { observe, untold, type Observation, type Told } from "./evidence.ts";
import type { ItemLink, LinkSide } from "./item-link.ts";
import type { PlanContext } from "./plan.ts";
import { look, type Seen } from "./prints.ts";
import type { KindRules } from "./rules.ts";
import { defaultSettings, type SyncSettings } from "./settings.ts";

/**
 * A kind of item that is as small as the rules allow: two texts, a day with a start that may follow it, privacy, and
 * single dates `d/2026-03-02` like those of a series. A print is the value itself, so that tests can be read.
 */
export interface Note {
  title: string;
  body: string;
  day: string;
  start: string;
  privacy: "public" | "private";
  [date: `d/${string}`]: string | null | undefined;
}

export const note: Note = { title: "T", body: "B", day: "1", start: "1", privacy: "public" };
export const hash = (_field: string, value: string) => value;
const fields = ["title", "body", "day", "start", "privacy"] as const;

const kind: ItemKind<Note> = {
  kind: "task",
  fields,
  isElement: (name): name is `d/${string}` => name.startsWith("d/"),
  normalizeField: {} as never,
  normalize: (item) => item,
  compared: {},
  isValid: () => true,
  touches: () => true,
};

const rules: KindRules<Note> = {
  kind,
  content: ["title", "body"],
  privacy: "privacy",
  isPrivate: (item) => item.privacy === "private",
  mask: (item, title) => ({ ...item, title, body: "" }),
  emptied: { title: '""', body: '""' },
  whyUntouched: ({ observed: { traits } }) => (traits.participants > 0 ? "meeting" : null),
  whyFiltered: () => null,
  subscribes: null,
  elementDate: (name) => (name.startsWith("d/") ? name.slice(2) : null),
};

const full = { title: "full", body: "full", day: "full", start: "full", privacy: "full" } as const;

type Able = Partial<Capabilities<Note>>;

function able(own: Able = {}): Capabilities<Note> {
  return {
    fields: full,
    project: (item) => item,
    compareAndSet: "exact",
    createKey: "stamp",
    recurrence: { endless: true, exceptions: true },
    longestRequestMs: 60_000,
    ...own,
  };
}

/** Fields with other support than `full`. */
export const supporting = (support: Partial<Record<keyof typeof full, string>>): Able => ({
  fields: { ...full, ...support } as never,
});

export interface World {
  settings?: Partial<SyncSettings>;
  rules?: Partial<KindRules<Note>>;
  crm?: Able;
  mailbox?: Able;
  restore?: Side[];
}

export function contextOf(world: World = {}): PlanContext<Note> {
  return {
    rules: { ...rules, ...world.rules },
    settings: { ...defaultSettings, ...world.settings },
    capabilities: { crm: able(world.crm), mailbox: able(world.mailbox) },
    hash,
    window: { from: "2026-01-01T00:00:00Z", to: "2027-01-01T00:00:00Z" },
    restore: new Set(world.restore ?? []),
    nextKey: ({ key }) => `${key}.again`,
  };
}

export function see(
  name: Side,
  item: Note,
  world: World = {},
  { traits = {}, key = null }: { traits?: Partial<Traits>; key?: string | null } = {},
): Seen<Note> {
  const { capabilities } = contextOf(world);
  const held = capabilities[name].project(item);
  const observed = {
    ref: "ref",
    version: "2",
    uid: null,
    key,
    item: held,
    traits: { ...plainTraits, ...traits },
  };
  return look(kind, observed, name, capabilities, hash);
}

/** A link whose sides were last seen with this item, and with what both had in common of it. */
export function linkOf(item: Note = note, world: World = {}, patch: Partial<ItemLink> = {}): ItemLink {
  const [crm, mailbox] = [see("crm", item, world), see("mailbox", item, world)];
  return link({
    sides: { crm: side(null, { base: crm.own }), mailbox: side("el.1", { base: mailbox.own }) },
    agreed: crm.narrow,
    ...patch,
  });
}

/** The same link with something else known of one of its sides. */
export function knowing(from: ItemLink, name: Side, patch: Partial<LinkSide>): ItemLink {
  return { ...from, sides: { ...from.sides, [name]: { ...(from.sides[name] as LinkSide), ...patch } } };
}

export const gone = { kind: "gone", by: "deleted" } as const;

/** What a side tells: the item with these changes, a proof that it is gone, or nothing. */
export type Telling = Partial<Note> | "gone" | "untold";

export function telling(
  name: Side,
  what: Telling,
  world: World = {},
  traits: Partial<Traits> = {},
): Told<Note> {
  if (what === "gone") return gone;
  if (what === "untold") return untold;
  const key = name === "mailbox" ? "el.1" : null;
  return { kind: "present", seen: see(name, { ...note, ...what }, world, { traits, key }) };
}

export function observing(from: ItemLink, name: Side, what: Telling, world: World = {}): Observation<Note> {
  return observe(kind, from.sides[name], telling(name, what, world));
}
