import type { Appointment } from "../items/appointment.ts";
import { held } from "../items/compare.ts";
import type { FieldOf } from "../items/kind.ts";
import { otherSide, type Side } from "../items/observed.ts";
import { seenOf, type Observation } from "./evidence.ts";
import type { ItemLink } from "./item-link.ts";
import type { Decision, PlanContext } from "./plan.ts";
import { narrowPrints, only, printsOf } from "./prints.ts";
import { mayFlow } from "./untouched.ts";

/** What a conflict's loser had, opened again. */
export interface Archive<Item = Appointment> {
  side: Side;
  fields: readonly FieldOf<Item>[];
  values: Partial<Item>;
}

/** The archived values go back to the side that lost them. */
export const restoreRow = 91;
/** They do not: the item has moved on since, or is not what it was. The timeline says so. */
export const notRestoredRow = 92;

/**
 * Row 91: a person wants a conflict's loser back. Its values are written to the side that lost them, and to that side
 * only, without becoming its base: what follows is the edit of an owner and goes through the table like any other
 * (rows 12, 21, 22). What they replace is archived in turn, so that this too can be taken back.
 *
 * @returns `null` where nothing may be written over: a side is gone or not read, the item is left alone or its content
 *   is private, somebody has edited these fields since, or the direction would take the edit back (row 92)
 */
export function restore<Item>(
  link: ItemLink,
  observed: Readonly<Record<Side, Observation<Item>>>,
  archive: Archive<Item> | null,
  context: PlanContext<Item>,
): Decision<Item> | null {
  if (archive === null || link.state !== "linked" || link.masked) return null;
  const { side } = archive;
  const [present, other] = [seenOf(observed[side]), seenOf(observed[otherSide(side)])];
  if (present === null || other === null || !mayFlow(context.settings, side)) return null;
  const { kind } = context.rules;
  const writable = (field: FieldOf<Item>) => {
    const support = context.capabilities[side].fields[field];
    return kind.isElement?.(field) === true || support === "full" || support === "lossy";
  };
  const fields = archive.fields.filter(writable);
  const edited = (on: Side) => {
    const observation = observed[on];
    return observation.change === "changed" && observation.fields.some((field) => fields.includes(field));
  };
  if (fields.length === 0 || edited("crm") || edited("mailbox")) return null;

  const given = Object.fromEntries(fields.map((field) => [field, archive.values[field] ?? null]));
  // What the system keeps by means of these is written as it is, so that what they do to it is nobody's edit.
  const follows = Object.entries(context.capabilities[side].follows ?? {}) as [FieldOf<Item>, string[]][];
  const along = follows.flatMap(([name, leaders]) =>
    writable(name) && !fields.includes(name) && leaders.some((leader) => leader in given) ? [name] : [],
  );
  const values = { ...given, ...Object.fromEntries(along.map((name) => [name, present.item[name]])) };
  fields.push(...along);
  const item = kind.normalize({ ...present.item, ...values });
  const there = held(kind, item, context.capabilities[side]);
  const expected = printsOf(kind, there, context.hash);
  if (fields.every((field) => expected[field] === present.own[field])) return null;
  const known = link.sides[side];
  return {
    row: restoreRow,
    link: {
      ...link,
      sides: { ...link.sides, [side]: known && { ...known, version: present.observed.version } },
    },
    writes: [
      {
        row: restoreRow,
        target: side,
        operation: "update",
        values: Object.fromEntries(
          fields.map((field) => [field, kind.isElement?.(field) === true ? values[field] : item[field]]),
        ) as Partial<Item>,
        fields,
        source: {},
        expected: only(expected, fields),
        narrow: only(narrowPrints(kind, item, side, context.capabilities, context.hash), fields),
        masked: link.masked,
        key: link.key,
        // A person has decided about this very item.
        counted: false,
      },
    ],
    losses: [
      {
        side,
        row: restoreRow,
        fields,
        values: Object.fromEntries(fields.map((field) => [field, present.item[field]])) as Partial<Item>,
      },
    ],
    open: [],
    lift: [],
    forget: false,
  };
}
