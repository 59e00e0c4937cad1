import { describe, expect, it } from "vitest";
import { sides } from "../items/observed.ts";
import type { ItemLink } from "./item-link.ts";
import { empties, merge, outward, type Merge } from "./merge.ts";
import {
  contextOf,
  hash,
  knowing,
  linkOf,
  note,
  observing,
  see,
  supporting,
  telling,
  type Note,
  type Telling,
  type World,
} from "./notes.testing.ts";
import { observe } from "./evidence.ts";

interface Given extends World {
  /** What both sides held when they were last handled. */
  was?: Partial<Note>;
  link?: (link: ItemLink) => ItemLink;
  /** What each side tells now. */
  here?: Telling;
  there?: Telling;
  /** Where the CRM's series ends, by our doing. */
  rolledTo?: string;
}

/** What a merge asks for, without what is empty: `{ "to crm": "title" }`. */
function merged({
  was = {},
  link: change = (each) => each,
  here = {},
  there = {},
  rolledTo,
  ...world
}: Given) {
  const link = change(linkOf({ ...note, ...was }, world));
  const told = telling("crm", typeof here === "string" ? here : { ...was, ...here }, world);
  if (rolledTo !== undefined && told.kind === "present") told.seen.rolledTo = rolledTo;
  const crm = observe(contextOf(world).rules.kind, link.sides.crm, told);
  const mailbox = observing(link, "mailbox", typeof there === "string" ? there : { ...was, ...there }, world);
  return words(merge(link, crm, mailbox, contextOf(world)));
}

function words(result: Merge<Note>): Record<string, string | boolean> {
  const text = (fields: readonly string[]) => [...fields].toSorted().join(" ");
  const entries: [string, string | boolean][] = [
    ...sides.flatMap((side): [string, string][] => [
      [`to ${side}`, text(result.to[side])],
      [`lost ${side}`, text(result.lost[side])],
      [`reverted ${side}`, text(result.reverted[side])],
      [`recalled ${side}`, text(result.recalled[side])],
    ]),
    ["settled", text(result.settled)],
    ["asked", text(result.asked)],
    ["decided", text(result.decided)],
    ["masked", result.masked],
    ["unread", result.unread],
  ];
  return Object.fromEntries(entries.filter(([, value]) => value !== "" && value !== false));
}

const date = "d/2026-03-02";
const ask = { settings: { conflict: "ask" } } as const;
const oneWay = { settings: { direction: "crm-to-mailbox" } } as const;
const otherWay = { settings: { direction: "mailbox-to-crm" } } as const;
const subscribed = { rules: { subscribes: "crm" } } as const;
const crmDoubted = (link: ItemLink) => knowing(link, "crm", { unverified: true });
const mailboxDoubted = (link: ItemLink) => knowing(link, "mailbox", { unverified: true });
const adopted = (link: ItemLink) => ({
  ...knowing(knowing(link, "crm", { base: {} }), "mailbox", { base: {} }),
  agreed: {},
});
const all = "body day privacy start title";

/** [what, what is given, what is asked for] */
const table: [string, Given, Record<string, string | boolean>][] = [
  ["nobody changed anything", {}, {}],
  ["changed in the CRM", { here: { title: "C" } }, { "to mailbox": "title" }],
  ["changed in the mailbox", { there: { title: "M" } }, { "to crm": "title" }],
  [
    "changed in the mailbox, the CRM not read",
    { there: { title: "M" }, here: "untold" },
    { "to crm": "title" },
  ],
  [
    "different fields",
    { here: { title: "C" }, there: { body: "M" } },
    { "to mailbox": "title", "to crm": "body" },
  ],
  ["alike on both", { here: { title: "X" }, there: { title: "X" } }, { settled: "title" }],
  [
    "a conflict",
    { here: { title: "C" }, there: { title: "M" } },
    { "to mailbox": "title", "lost mailbox": "title" },
  ],
  [
    "a conflict that the mailbox wins",
    { here: { title: "C" }, there: { title: "M" }, settings: { conflict: "mailbox" } },
    { "to crm": "title", "lost crm": "title" },
  ],
  [
    "a conflict that a person decides",
    { here: { title: "C" }, there: { title: "M" }, ...ask },
    { asked: "title" },
  ],

  // Directions and what fields can.
  ["against the direction", { there: { title: "M" }, ...oneWay }, { settled: "title" }],
  ["against the other direction", { here: { title: "C" }, ...otherWay }, { settled: "title" }],
  [
    "a conflict that has only one way",
    { here: { title: "C" }, there: { title: "M" }, ...oneWay },
    { "to mailbox": "title", "lost mailbox": "title" },
  ],
  [
    "a conflict that has only the other way, whoever should win",
    { here: { title: "C" }, there: { title: "M" }, ...otherWay },
    { "to crm": "title", "lost crm": "title" },
  ],
  [
    "only one way is no matter for a person",
    {
      here: { title: "C" },
      there: { title: "M" },
      settings: { conflict: "ask", direction: "mailbox-to-crm" },
    },
    { "to crm": "title", "lost crm": "title" },
  ],
  [
    "no way at all",
    { here: { title: "C" }, there: { title: "M" }, settings: { direction: "off" } },
    { settled: "title" },
  ],
  [
    "into what the other side only reads",
    { here: { title: "C" }, mailbox: supporting({ title: "read-only" }) },
    { settled: "title" },
  ],
  [
    "into what the other side has not",
    { here: { title: "C" }, mailbox: supporting({ title: "none" }) },
    { settled: "title" },
  ],
  [
    "out of what a side has not",
    { here: { title: "C" }, crm: supporting({ title: "none" }) },
    { settled: "title" },
  ],
  [
    "out of what a side only reads",
    { here: { title: "C" }, crm: supporting({ title: "read-only" }) },
    { "to mailbox": "title" },
  ],
  [
    "into what holds it with loss",
    { here: { title: "C" }, mailbox: supporting({ title: "lossy" }) },
    { "to mailbox": "title" },
  ],
  [
    "back to what both had in common",
    {
      here: { title: "T" },
      link: (link) => knowing(link, "crm", { base: { ...link.sides.crm?.base, title: '"C"' } }),
    },
    { settled: "title" },
  ],
  [
    "changed, and nothing is known to be in common",
    { here: { title: "C" }, link: (link) => ({ ...link, agreed: {} }) },
    { "to mailbox": "title" },
  ],

  // What a system makes of one field by means of another.
  [
    "a lossy field shifts under the change of another: it goes along",
    {
      there: { day: "2" },
      crm: {
        ...supporting({ start: "lossy" }),
        project: (item) => ({ ...item, start: item.start === "none" ? item.day : item.start }),
      },
      was: { start: "none" },
    },
    { "to crm": "day start" },
  ],
  [
    "what follows a written field is written with it",
    { here: { day: "2" }, mailbox: { follows: { start: ["day"] } } },
    { "to mailbox": "day start" },
  ],
  [
    "one of its leaders is enough",
    { here: { day: "2" }, mailbox: { follows: { start: ["title", "day"] } } },
    { "to mailbox": "day start" },
  ],
  [
    "nothing that leads it is written",
    { here: { body: "C" }, mailbox: { follows: { start: ["day"] } } },
    { "to mailbox": "body" },
  ],
  [
    "it was written there by somebody: it is theirs",
    { here: { day: "2" }, there: { start: "9" }, mailbox: { follows: { start: ["day"] } } },
    { "to mailbox": "day", "to crm": "start" },
  ],
  [
    "it may not go there",
    { here: { day: "2" }, mailbox: { follows: { start: ["day"] }, ...supporting({ start: "read-only" }) } },
    { "to mailbox": "day" },
  ],
  [
    "it is written anyway, once",
    { here: { day: "2", start: "2" }, mailbox: { follows: { start: ["day"] } } },
    { "to mailbox": "day start" },
  ],
  [
    "what the source keeps by it reads the same there: nothing is said again",
    { here: { day: "2" }, crm: { follows: { start: ["day"] } } },
    { "to mailbox": "day" },
  ],
  [
    "one that would read otherwise there is said again",
    {
      here: { day: "2" },
      crm: { follows: { start: ["title", "day"] } },
      // The mailbox holds another start, with which the day would tell another one.
      link: (link) => knowing(link, "mailbox", { base: { ...link.sides.mailbox?.base, start: '"7"' } }),
      there: { start: "7" },
    },
    { "to mailbox": "day start" },
  ],
  [
    "whether it would cannot be told without the target",
    { here: { day: "2" }, there: "untold", crm: { follows: { start: ["day"] } } },
    { "to mailbox": "day", unread: true },
  ],
  [
    "what follows something else is not asked about",
    { here: { body: "C" }, there: "untold", crm: { follows: { start: ["day"] } } },
    { "to mailbox": "body" },
  ],
  [
    "what waits for a person is not said again",
    {
      ...ask,
      here: { day: "2", start: "2" },
      there: { start: "9" },
      crm: { follows: { start: ["day"] } },
    },
    { "to mailbox": "day", asked: "start" },
  ],

  // Subscriptions.
  [
    "a subscriber's edit is taken back",
    { there: { title: "M" }, ...oneWay, ...subscribed },
    { "to mailbox": "title", "reverted mailbox": "title" },
  ],
  [
    "or left, by the setting",
    { there: { title: "M" }, ...subscribed, settings: { direction: "crm-to-mailbox", outsideEdits: "keep" } },
    { settled: "title" },
  ],
  [
    "in both directions it is an edit like any other",
    { there: { title: "M" }, ...subscribed },
    { "to crm": "title" },
  ],
  [
    "it cannot be taken back where nothing may flow",
    { there: { title: "M" }, ...subscribed, settings: { direction: "off" } },
    { settled: "title" },
  ],
  [
    "the person's own side takes nothing back",
    { here: { title: "C" }, ...subscribed, ...otherWay },
    { settled: "title" },
  ],

  // A store that came back from a backup.
  [
    "what a backup took back is given again",
    { here: { title: "old" }, link: crmDoubted },
    { "to crm": "title", "recalled crm": "title" },
  ],
  [
    "in the mailbox as well",
    { there: { title: "old" }, link: mailboxDoubted },
    { "to mailbox": "title", "recalled mailbox": "title" },
  ],
  [
    "also against an edit of the other side",
    { here: { title: "old" }, there: { title: "M" }, link: crmDoubted },
    { "to crm": "title", "recalled crm": "title" },
  ],
  [
    "an edit of the other side alone flows",
    { there: { title: "M" }, link: crmDoubted },
    { "to crm": "title" },
  ],
  [
    "equal after all",
    { here: { title: "M" }, there: { title: "M" }, link: crmDoubted },
    { settled: "title" },
  ],
  [
    "the better side was not read",
    { here: { title: "old" }, there: "untold", link: crmDoubted },
    { unread: true },
  ],
  [
    "where it may not flow it counts as it is",
    { here: { title: "old" }, link: crmDoubted, ...oneWay },
    { "to mailbox": "title" },
  ],

  // Single dates.
  ["a date that is new", { here: { [date]: "X" } }, { "to mailbox": date }],
  ["a date made regular again", { was: { [date]: "X" }, there: { [date]: null } }, { "to crm": date }],
  [
    "dates that the other side cannot tell",
    { here: { [date]: "X" }, mailbox: { recurrence: { endless: true, exceptions: false } } },
    { settled: date },
  ],
  [
    "dates in a system that has none",
    { here: { [date]: "X" }, mailbox: { recurrence: undefined as never } },
    { settled: date },
  ],
  ["a date that is over", { here: { "d/2025-12-31": "X" } }, { settled: "d/2025-12-31" }],
  ["the first day of the window", { here: { "d/2026-01-01": "X" } }, { "to mailbox": "d/2026-01-01" }],
  ["a date beyond an end that is ours", { there: { [date]: "X" }, rolledTo: "2026-03-01" }, {}],
  ["the very last date", { there: { [date]: "X" }, rolledTo: "2026-03-02" }, { "to crm": date }],
  [
    "dates of a kind that have no time of their own",
    { here: { "d/2025-12-31": "X" }, rules: { elementDate: () => null } },
    { "to mailbox": "d/2025-12-31" },
  ],
  [
    "a date that says the same on both sides",
    {
      here: { [date]: "X" },
      there: { [date]: "X" },
      link: (link) => knowing(link, "mailbox", { base: { ...link.sides.mailbox?.base, [date]: '"X"' } }),
    },
    { settled: date },
  ],
  [
    "a date that both had in common, and only one was told of",
    {
      here: { [date]: "X" },
      there: "untold",
      link: (link) => ({ ...link, agreed: { ...link.agreed, [date]: '"X"' } }),
    },
    { settled: date },
  ],
  ["a date, the other side not read", { here: { [date]: "X" }, there: "untold" }, { "to mailbox": date }],
  [
    "a field with the date: told apart only when the target is known",
    { here: { title: "C", [date]: "X" }, there: "untold" },
    { "to mailbox": `${date} title`, unread: true },
  ],
  [
    "a date that comes to the same once the whole has gone over",
    {
      here: { title: "C", [date]: "X" },
      there: { [date]: "Y" },
      link: sameAfter,
      mailbox: { project: derived },
    },
    { "to mailbox": "title", settled: date },
  ],

  // Just matched: no base at all.
  ["equal", { link: adopted }, { settled: all }],
  [
    "different",
    { link: adopted, here: { title: "C" } },
    { settled: "body day privacy start", "to mailbox": "title", "lost mailbox": "title" },
  ],
];

/** The mailbox's series makes of a date what the title says. */
function derived(item: Note): Note {
  return item[date] == null ? item : { ...item, [date]: item.title === "C" ? "X" : "Y" };
}

function sameAfter(link: ItemLink): ItemLink {
  const base = { ...link.sides.mailbox?.base, [date]: '"Z"' };
  return knowing(link, "mailbox", { base });
}

describe("what a comparison field by field asks for", () => {
  it.each(table)("%s", (_what, given, asked) => {
    expect(merged(given)).toEqual(asked);
  });
});

describe("a person's answer to a conflict", () => {
  const conflict = { here: { title: "C" }, there: { title: "M" }, ...ask };
  const link = linkOf();
  const shown = merge(
    link,
    observing(link, "crm", conflict.here),
    observing(link, "mailbox", conflict.there),
    contextOf(ask),
  ).askedState;

  it("names what both sides hold of it", () => {
    expect(shown).toEqual({ crm: 'title="C"', mailbox: 'title="M"' });
  });

  it.each([
    ["crm", { "to mailbox": "title", "lost mailbox": "title", decided: "title" }],
    ["mailbox", { "to crm": "title", "lost crm": "title", decided: "title" }],
  ] as const)("for %s", (side, result) => {
    const choice = { kind: "take", side, state: shown } as const;
    expect(merged({ ...conflict, link: (each) => ({ ...each, choice }) })).toEqual(result);
  });

  it("does not count when something has changed since, or when it was about something else", () => {
    const old = { kind: "take", side: "crm", state: { crm: "other" } } as const;
    expect(merged({ ...conflict, link: (each) => ({ ...each, choice: old }) })).toEqual({ asked: "title" });
    const restore = { kind: "restore", archiveId: "a" } as const;
    expect(merged({ ...conflict, link: (each) => ({ ...each, choice: restore }) })).toEqual({
      asked: "title",
    });
  });

  it("does not ask where nothing is asked", () => {
    const choice = { kind: "take", side: "crm", state: {} } as const;
    expect(merged({ here: { title: "C" }, ...ask, link: (each) => ({ ...each, choice }) })).toEqual({
      "to mailbox": "title",
    });
  });
});

describe("the mask over a private item's copy", () => {
  const secret = { privacy: "private" } as const;
  const masked = (link: ItemLink): ItemLink => ({
    ...knowing(link, "crm", { base: { ...link.sides.crm?.base, title: '"Private"', body: '""' } }),
    masked: true,
  });
  const copy = { title: "Private", body: "", ...secret } as const;

  const cases: [string, Given, Record<string, string | boolean>][] = [
    ["made private: the content goes", { there: secret }, { "to crm": "body privacy title", masked: true }],
    [
      "made private: what the CRM alone had of it is lost, and archived",
      { there: secret, here: { title: "C" } },
      { "to crm": "body privacy title", "lost crm": "title", masked: true },
    ],
    [
      "made private, and such are shown",
      { there: secret, settings: { privateItems: "hide" } },
      { "to crm": "privacy" },
    ],
    ["made private in the CRM: it keeps what it has", { here: secret }, { "to mailbox": "privacy" }],
    [
      "private for long: content flows neither way",
      { was: secret, link: masked, here: copy, there: { ...secret, title: "M" } },
      { settled: "body title", masked: true },
    ],
    [
      "everything else flows",
      { was: secret, link: masked, here: copy, there: { ...secret, day: "2" } },
      { "to crm": "day", settled: "body title", masked: true },
    ],
    [
      "public again: the content comes back",
      { was: secret, link: masked, here: copy, there: { privacy: "public" } },
      { "to crm": "body privacy title" },
    ],
    [
      "public again: what somebody wrote into the copy is lost, and archived",
      { was: secret, link: masked, here: { ...copy, body: "written there" }, there: { privacy: "public" } },
      { "to crm": "body privacy title", "lost crm": "body" },
    ],
    [
      "public again, the copy not read: nothing is known to be lost",
      { was: secret, link: masked, here: "untold", there: { privacy: "public" } },
      { "to crm": "body privacy title" },
    ],
    [
      "public again in the CRM, the mailbox not read: it stays until its content is at hand",
      { was: secret, link: masked, here: { ...copy, privacy: "public" }, there: "untold" },
      { "to mailbox": "privacy", settled: "body title", masked: true },
    ],
    [
      "nobody says a word",
      { was: secret, link: masked, here: "untold", there: "untold" },
      { settled: "body title", masked: true },
    ],
    [
      "public again where nothing flows to the CRM",
      { was: secret, link: masked, here: copy, there: { privacy: "public" }, ...oneWay },
      { settled: "body privacy title" },
    ],
    [
      "dates come back with it, once",
      {
        was: { ...secret, [date]: "X" },
        link: masked,
        here: { ...copy, [date]: "X" },
        there: { privacy: "public", [date]: "X" },
      },
      { "to crm": `body ${date} privacy title` },
    ],
    [
      "dates that changed as well",
      {
        was: { ...secret, [date]: "X" },
        link: masked,
        here: { ...copy, [date]: "X" },
        there: { privacy: "public", [date]: "Z" },
      },
      { "to crm": `body ${date} privacy title` },
    ],
    [
      "a person is asked about nothing that is hidden",
      { ...ask, there: { ...secret, title: "M", day: "3" }, here: { title: "C", day: "2" } },
      { "to crm": "body privacy title", "lost crm": "title", asked: "day", masked: true },
    ],
    [
      "just matched with the copy that was made once",
      { was: secret, link: adopted, here: copy, there: secret },
      { settled: "body day privacy start title", masked: true },
    ],
    [
      "just matched with something else",
      { was: secret, link: adopted, here: { ...secret, title: "Other" }, there: secret },
      { settled: "body day privacy start", "to mailbox": "title", "lost mailbox": "title" },
    ],
    [
      "a backup took it back: content is not called back through the mask",
      {
        was: secret,
        link: (each) => crmDoubted(masked(each)),
        here: { ...copy, title: "old", day: "0" },
        there: secret,
      },
      { "to crm": "day", "recalled crm": "day", settled: "body title", masked: true },
    ],
    [
      "a kind without privacy has no mask",
      { there: secret, rules: { privacy: null } },
      { "to crm": "privacy" },
    ],
  ];

  it.each(cases)("%s", (_what, given, asked) => {
    expect(merged(given)).toEqual(asked);
  });
});

describe("the values as they may stand on the target", () => {
  const secret: Note = { ...note, privacy: "private" };
  const plain = contextOf();
  const rules = {
    maskParts: (item: Note) => ({ ...item, start: "hidden" }),
    keepContent: (item: Note, present: Note) => ({ ...item, body: present.body }),
  };
  const able = contextOf({ rules });
  const present = see("mailbox", { ...note, body: "there" });

  it.each([
    ["to the CRM, masked", secret, null, "crm", true, plain, { ...secret, title: "Private", body: "" }],
    ["to the CRM, not masked", note, null, "crm", false, plain, note],
    ["to the CRM, parts of it private", note, null, "crm", false, able, { ...note, start: "hidden" }],
    [
      "to the CRM, where such are shown",
      note,
      null,
      "crm",
      false,
      contextOf({ rules, settings: { privateItems: "hide" } }),
      note,
    ],
    ["to the mailbox", note, present, "mailbox", false, able, note],
    ["to the mailbox, from a masked copy", note, present, "mailbox", true, able, { ...note, body: "there" }],
    ["to the mailbox, from a masked copy, not there yet", note, null, "mailbox", true, able, note],
    ["to the mailbox, of a kind without parts", note, present, "mailbox", true, plain, note],
  ] as const)("%s", (_what, item, there, target, masked, context, values) => {
    expect(outward(item, there, target, masked, context)).toEqual(values);
  });
});

describe("what empties something, for the brake", () => {
  it.each([
    ["a text that was there", ["title"], { title: '""' }, { title: '"T"' }, true],
    ["a text that was empty already", ["title"], { title: '""' }, { title: '""' }, false],
    ["a text that was never known", ["title"], { title: '""' }, {}, false],
    ["another text", ["title"], { title: '"X"' }, { title: '"T"' }, false],
    ["a field that may be emptied", ["day"], { day: '""' }, { day: '"1"' }, false],
    ["one of several", ["day", "title"], { day: '"2"', title: '""' }, { day: '"1"', title: '"T"' }, true],
    ["a field that is not written", ["day"], { title: '""' }, { title: '"T"' }, false],
  ] as const)("%s", (_what, fields, written, base, counted) => {
    expect(empties(fields, written, base, { rules: contextOf().rules, hash })).toBe(counted);
  });
});
