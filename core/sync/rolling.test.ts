import { describe, expect, it } from "vitest";
import { link, seen, side } from "./builders.testing.ts";
import type { Told } from "./evidence.ts";
import {
  boundFor,
  fallsShort,
  marked,
  markIn,
  remembered,
  rollsAt,
  unrolled,
  unrolledTold,
  withMark,
} from "./rolling.ts";
import type { Prints } from "./item-link.ts";
import type { Seen } from "./prints.ts";
import { defaultSettings } from "./settings.ts";

/** A series on the first of each month, until a date or without an end. */
interface Monthly {
  from: string;
  end: string | null;
}

const firsts = (from: string, until: string) => {
  const dates: string[] = [];
  for (let month = 0; month < 40; month += 1) {
    const date = new Date(Date.UTC(2026, month, 1)).toISOString().slice(0, 10);
    if (date >= from && date <= until) dates.push(date);
  }
  return dates;
};

const hash = (field: string, value: string) => `${field}(${value})`;
const mark = "recurrenceRule/ours";
const window = { from: "2026-01-01T00:00:00Z", to: "2027-01-01T00:00:00Z" };
const context = {
  rules: {
    kind: {
      kind: "appointment",
      fields: ["recurrenceRule"],
      compared: {},
      normalize: (item: object) => item,
    },
    rolling: {
      bound: (item: Monthly, until: string) => {
        if (item.end !== null) return null;
        const end = firsts(item.from, until).at(-1) ?? item.from;
        return { item: { ...item, end }, end };
      },
      endOf: (item: Monthly) => item.end,
      unbound: (item: Monthly) => ({ ...item, end: null }),
      nextAfter: (item: Monthly, date: string) =>
        firsts(item.from, "2029-01-01").find((each) => each > date) ?? null,
    },
  },
  capabilities: {
    crm: { recurrence: { endless: false }, project: (item: object) => item },
    mailbox: { recurrence: { endless: true }, project: (item: object) => item },
  },
  hash,
  settings: defaultSettings,
  window,
} as never;
const without = { ...(context as object), rules: { kind: {} } } as never;

const series = (end: string | null, from = "2026-01-01") => ({ from, end }) as never;
const shown = (end: string | null, patch: object = {}, narrow: Prints = {}) =>
  ({ ...seen({}, {}, narrow), item: series(end), ...patch }) as Seen<never>;
const present = (of: Seen<never>): Told<never> => ({ kind: "present", seen: of });

describe("an endless series in a system that has none", () => {
  it("is written with an end 60 days behind the window, where it has to be", () => {
    expect(boundFor(series(null), "crm", context)).toEqual({ item: series("2027-03-01"), end: "2027-03-01" });
    expect(boundFor(series(null), "mailbox", context)).toBeNull();
    expect(boundFor(series("2026-05-01"), "crm", context)).toBeNull();
    expect(boundFor(series(null), "crm", without)).toBeNull();
  });

  it("has its end known for ours by a mark beside the rule", () => {
    expect(marked("2027-03-01", hash)).toEqual({ [mark]: `${mark}(2027-03-01)` });
    expect(marked(undefined, hash)).toEqual({});
    expect(markIn({ [mark]: "E", title: "T" })).toEqual({ [mark]: "E" });
    expect(markIn({ title: "T" })).toEqual({});
  });

  it("a rule written anew has the mark of that writing, or none", () => {
    const base = { title: "T", [mark]: "old" };
    expect(withMark(base, { [mark]: "new" }, ["recurrenceRule"])).toEqual({ title: "T", [mark]: "new" });
    expect(withMark(base, {}, ["recurrenceRule"])).toEqual({ title: "T" });
    expect(withMark(base, { [mark]: "new" }, ["title"])).toBe(base);
  });

  it.each([
    ["the end that we wrote", "2027-03-01", marked("2027-03-01", hash), true],
    ["an end that somebody else wrote", "2026-06-01", marked("2027-03-01", hash), false],
    ["an end without a mark", "2027-03-01", {}, false],
    ["no end", null, marked("2027-03-01", hash), false],
  ] as const)("is seen as it was meant: %s", (_what, end, base, ours) => {
    const now = shown(end);
    const meant = unrolled(now, "crm", base, context);
    if (!ours) return expect(meant).toBe(now);
    expect(meant).toMatchObject({ item: { end: null }, rolledTo: "2027-03-01" });
    expect(meant.own["recurrenceRule"]).toBeDefined();
    return expect(unrolled(now, "crm", base, without)).toBe(now);
  });

  it("keeps its mark with a side whose end was recognized", () => {
    const known = side(null);
    expect(
      remembered(known, { change: "same", seen: shown(null, { rolledTo: "2027-03-01" }) }, hash).base,
    ).toEqual({
      ...known.base,
      ...marked("2027-03-01", hash),
    });
    expect(remembered(known, { change: "same", seen: shown(null) }, hash)).toBe(known);
    expect(remembered(known, { change: "deleted" }, hash)).toBe(known);
  });

  it.each([
    ["no end of ours", shown(null), false],
    ["its end is behind the window", shown(null, { rolledTo: "2027-03-01" }), false],
    ["its last date in the window is there", shown(null, { rolledTo: "2027-01-01" }), false],
    ["a date within the window is missing", shown(null, { rolledTo: "2026-12-01" }), true],
    [
      "it begins behind the window",
      shown(null, { rolledTo: "2026-12-01", item: series(null, "2027-02-01") }),
      false,
    ],
    ["it has another end by now", shown("2026-12-01", { rolledTo: "2026-10-01" }), false],
  ] as const)("falls short: %s", (_what, now, short) => {
    expect(fallsShort(now as never, context)).toBe(short);
    expect(fallsShort(now as never, without)).toBe(false);
  });

  it("is looked at again a day before the first missing date comes into the window", () => {
    expect(rollsAt(shown(null, { rolledTo: "2027-03-01" }) as never, context)).toBe(
      Date.parse("2027-04-01") - 364 * 86_400_000,
    );
    expect(rollsAt(shown(null) as never, context)).toBeNull();
    expect(rollsAt(shown(null, { rolledTo: "2029-01-01" }) as never, context)).toBeNull();
    expect(rollsAt(shown(null, { rolledTo: "2027-03-01" }) as never, without)).toBeNull();
  });
});

describe("both sides as they were meant", () => {
  const bases = (crm: Prints, mailbox: Prints = {}) =>
    link({ sides: { crm: side(null, { base: crm }), mailbox: side(null, { base: mailbox }) } });
  const rule = (item: object) => ({ recurrenceRule: hash("recurrenceRule", JSON.stringify(item)) });
  const endOfCrm = (told: Record<"crm" | "mailbox", Told<never>>) =>
    told.crm.kind === "present" ? (told.crm.seen.item as unknown as Monthly | undefined)?.end : told.crm.kind;

  it("by the mark where something is known", () => {
    const told = { crm: present(shown("2027-03-01")), mailbox: present(shown(null)) };
    expect(endOfCrm(unrolledTold(bases(marked("2027-03-01", hash)), told, context))).toBeNull();
    expect(endOfCrm(unrolledTold(bases({ title: "T" }), told, context))).toBe("2027-03-01");
  });

  it("what is not present stays as it was told", () => {
    const told = { crm: { kind: "untold" }, mailbox: present(shown(null)) } as const;
    expect(unrolledTold(bases({}), told, context)).toEqual(told);
  });

  it("where nothing is known, an end counts as ours that only one side has, under the same rule", () => {
    const endless = { ...shown(null), narrow: rule({}) };
    const ended = shown("2027-03-01");
    const meant = unrolled(ended, "crm", marked("2027-03-01", hash), context);
    const told = { crm: present(ended), mailbox: present({ ...endless, narrow: meant.narrow }) };
    expect(endOfCrm(unrolledTold(bases({}), told, context))).toBeNull();
    // Another rule there, or something known here: somebody's own end.
    const other = { ...told, mailbox: present({ ...endless, narrow: { recurrenceRule: "another" } }) };
    expect(endOfCrm(unrolledTold(bases({}), other, context))).toBe("2027-03-01");
    expect(endOfCrm(unrolledTold(bases({ title: "T" }), told, context))).toBe("2027-03-01");
    const alone = { ...told, mailbox: { kind: "untold" } } as const;
    expect(endOfCrm(unrolledTold(bases({}), alone, context))).toBe("2027-03-01");
  });
});
