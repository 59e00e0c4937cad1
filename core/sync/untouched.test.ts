import { describe, expect, it } from "vitest";
import {
  mayFlow,
  mayMakeNew,
  untouchedRow,
  whyNotNew,
  whyUntouched,
  type UntouchedContext,
} from "./untouched.ts";
import { seen } from "./builders.testing.ts";
import { isFinding } from "./findings.ts";
import type { UntouchedReason } from "./item-link.ts";
import { defaultSettings, type SyncSettings } from "./settings.ts";

interface Note {
  title: string;
  due: string | null;
  valid: boolean;
  inWindow: boolean;
  secret: boolean;
  says: UntouchedReason | null;
  filtered: UntouchedReason | null;
}

const plain: Note = {
  title: "T",
  due: "2026-03-02",
  valid: true,
  inWindow: true,
  secret: false,
  says: null,
  filtered: null,
};

function context(
  settings: Partial<SyncSettings> = {},
  subscribes: "crm" | null = null,
): UntouchedContext<Note> {
  return {
    rules: {
      kind: { isValid: (item: Note) => item.valid, touches: (item: Note) => item.inWindow },
      isPrivate: (item: Note) => item.secret,
      whyUntouched: ({ item }: { item: Note }) => item.says,
      whyFiltered: (item: Note) => item.filtered,
      subscribes,
    } as never,
    settings: { ...defaultSettings, ...settings },
    capabilities: { crm: { requires: ["due"] }, mailbox: { requires: ["title"] } } as never,
    window: { from: "2026-01-01T00:00:00Z", to: "2027-01-01T00:00:00Z" },
  };
}

const noteSeen = (patch: Partial<Note>) => ({ ...seen({}), item: { ...plain, ...patch } }) as never;
const skipping = { privateItems: "skip" } as const;

describe("why an item is left alone, linked or not", () => {
  it.each([
    ["nothing speaks against it", {}, skipping, null],
    [
      "its kind's own reason comes first",
      { says: "meeting", valid: false, secret: true },
      skipping,
      "meeting",
    ],
    ["no system could hold it", { valid: false, due: null, secret: true }, skipping, "malformed"],
    ["the CRM needs what it lacks", { due: null, secret: true }, skipping, "incomplete"],
    ["the mailbox needs what is empty", { title: "" }, {}, "incomplete"],
    ["private, and such are skipped", { secret: true }, skipping, "private"],
    ["private, and such are hidden", { secret: true }, { privateItems: "hide" }, null],
  ] as const)("%s", (_what, patch, settings, reason) => {
    expect(whyUntouched(noteSeen(patch), context(settings))).toBe(reason);
  });

  it("asks for nothing where no system does", () => {
    const undemanding = { ...context(), capabilities: { crm: {}, mailbox: {} } as never };
    expect(whyUntouched(noteSeen({ due: null, title: "" }), undemanding)).toBeNull();
  });
});

describe("why a new item stays where it is", () => {
  it.each([
    ["nothing speaks against it", {}, {}, null],
    ["a filter comes first", { filtered: "free", inWindow: false }, { direction: "off" }, "free"],
    ["then the window", { inWindow: false }, { direction: "off" }, "out-of-window"],
    ["then the direction", {}, { direction: "mailbox-to-crm" }, "direction"],
  ] as const)("%s", (_what, patch, settings, reason) => {
    expect(whyNotNew(noteSeen(patch), "crm", context(settings))).toBe(reason);
  });
});

describe("directions", () => {
  it.each([
    ["two-way", true, true],
    ["crm-to-mailbox", true, false],
    ["mailbox-to-crm", false, true],
    ["off", false, false],
  ] as const)("%s", (direction, fromCrm, fromMailbox) => {
    const settings = { ...defaultSettings, direction };
    expect([mayFlow(settings, "crm"), mayFlow(settings, "mailbox")]).toEqual([fromCrm, fromMailbox]);
    const made = (subscribes: "crm" | null, createPersons: boolean) =>
      (["crm", "mailbox"] as const).map((side) =>
        mayMakeNew(side, context({ direction, createPersons }, subscribes)),
      );
    expect(made(null, false)).toEqual([fromCrm, fromMailbox]);
    // A subscriber's own item makes no person, unless the setting says so.
    expect(made("crm", false)).toEqual([fromCrm, false]);
    expect(made("crm", true)).toEqual([fromCrm, fromMailbox]);
  });
});

describe("what is told to people of what is left alone", () => {
  it("is everything but their own settings and plain distance", () => {
    const silent = Object.keys(untouchedRow).filter((reason) => !isFinding(reason as UntouchedReason));
    expect(silent.toSorted()).toEqual([
      "all-day",
      "direction",
      "free",
      "out-of-window",
      "private",
      "unsubscribed",
    ]);
  });
});
