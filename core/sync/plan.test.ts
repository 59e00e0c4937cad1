import { describe, expect, it } from "vitest";
import type { Side } from "../items/observed.ts";
import { observe } from "./evidence.ts";
import type { ItemLink } from "./item-link.ts";
import {
  contextOf,
  knowing,
  linkOf,
  note,
  telling,
  type Note,
  type Telling,
  type World,
} from "./notes.testing.ts";
import { decide, type Decision } from "./plan.ts";

interface Given extends World {
  was?: Partial<Note>;
  link?: (link: ItemLink) => ItemLink;
  here?: Telling;
  there?: Telling;
  /** Other people on the mailbox's item. */
  meeting?: boolean;
}

function decided(given: Given): Decision<Note> {
  const {
    was = {},
    link: change = (each) => each,
    here = "untold",
    there = "untold",
    meeting,
    ...world
  } = given;
  const link = change(linkOf({ ...note, ...was }, world));
  const whole = (what: Telling) => (typeof what === "string" ? what : { ...was, ...what });
  const context = contextOf(world);
  const { kind } = context.rules;
  const crm = observe(kind, link.sides.crm, telling("crm", whole(here), world));
  const traits = meeting ? { participants: 2 } : {};
  const mailbox = observe(kind, link.sides.mailbox, telling("mailbox", whole(there), world, traits));
  return decide(link, crm, mailbox, context);
}

/** A decision in words: `13 delete crm`, `61 untouched direction`. */
function words({ row, link, writes, open, lift, forget }: Decision<Note>): string {
  return [
    row,
    ...writes.map(({ operation, target, fields, counted }) =>
      [
        operation,
        target,
        ...(operation === "delete" ? [] : [[...fields].toSorted().join("+")]),
        ...(counted ? ["!"] : []),
      ].join(" "),
    ),
    ...(link.state === "untouched" ? [`untouched ${link.reason}`] : []),
    ...(link.state === "linked" && link.reason !== null ? [`waits ${link.reason}`] : []),
    ...(link.pending ? ["pending"] : []),
    ...open.map(({ code }) => `tells ${code}`),
    ...lift.map((code) => `lifts ${code}`),
    ...(forget ? ["forgets"] : []),
  ].join(", ");
}

const all = "body+day+privacy+start+title";
const only =
  (name: Side) =>
  (link: ItemLink): ItemLink => ({
    ...link,
    state: "single",
    sides: { crm: null, mailbox: null, [name]: link.sides[name] },
  });
const untouched =
  (reason: ItemLink["reason"], then: (link: ItemLink) => ItemLink = (each) => each) =>
  (link: ItemLink): ItemLink =>
    then({ ...link, state: "untouched", reason });
const alone =
  (name: Side, reason: ItemLink["reason"]) =>
  (link: ItemLink): ItemLink => ({
    ...only(name)(link),
    state: "untouched",
    reason,
  });
const doubted = (name: Side) => (link: ItemLink) => knowing(link, name, { unverified: true });
const buried = (link: ItemLink): ItemLink => ({ ...link, state: "deleted" });
const held =
  (name: Side) =>
  (link: ItemLink): ItemLink => ({ ...link, held: name });
const failed = (link: ItemLink): ItemLink => ({ ...link, attempts: 2 });
const oneWay = { settings: { direction: "crm-to-mailbox" } } as const;
const otherWay = { settings: { direction: "mailbox-to-crm" } } as const;
const title = { title: "X" };

/** [what, what is given, what is decided] */
const table: [string, Given, string][] = [
  // Both sides known.
  ["nothing is told", {}, "11"],
  ["the same on both", { here: {}, there: {} }, "11"],
  ["changed in the mailbox", { there: title }, "12, update crm title"],
  ["changed in the CRM", { here: title }, "21, update mailbox title"],
  ["changed on both", { here: title, there: { body: "M" } }, "22, update crm body, update mailbox title"],
  ["a text is emptied", { here: { body: "" } }, "21, update mailbox body !"],
  ["deleted in the mailbox", { there: "gone" }, "13, delete crm !"],
  ["deleted in the CRM", { here: "gone" }, "31, delete mailbox !"],
  [
    "a held delete is taken back, for the mailbox",
    { link: held("crm"), here: {}, there: "gone", restore: ["mailbox"] },
    `14, create mailbox ${all}`,
  ],
  [
    "a held delete is taken back, for the CRM",
    { link: held("mailbox"), there: {}, here: "gone", restore: ["crm"] },
    `34, create crm ${all}`,
  ],
  [
    "taken back, and the source was not read",
    { link: held("crm"), there: "gone", restore: ["mailbox"] },
    "14, pending",
  ],
  ["deleted after held deletes were taken back", { there: "gone", restore: ["mailbox"] }, "13, delete crm !"],
  ["the same in the CRM", { here: "gone", restore: ["crm"] }, "31, delete mailbox !"],
  ["an edit beats a delete in the mailbox", { here: title, there: "gone" }, `23, create mailbox ${all}`],
  ["an edit beats a delete in the CRM", { there: title, here: "gone" }, `32, create crm ${all}`],
  ["deleted on both", { here: "gone", there: "gone" }, "33, forgets"],
  ["a delete against the direction", { there: "gone", ...oneWay }, "61, untouched direction"],
  ["the other delete against the direction", { here: "gone", ...otherWay }, "61, untouched direction"],
  [
    "an edit beats a delete against the direction",
    { there: title, here: "gone", ...oneWay },
    "61, untouched direction",
  ],

  // One side.
  ["new in the CRM", { link: only("crm"), here: {} }, `41, create mailbox ${all}`],
  ["new in the mailbox", { link: only("mailbox"), there: {} }, `42, create crm ${all}`],
  ["new in the CRM, and changed since", { link: only("crm"), here: title }, `41, create mailbox ${all}`],
  ["new in the mailbox, and changed since", { link: only("mailbox"), there: title }, `42, create crm ${all}`],
  ["new, and not read", { link: only("crm") }, "41, pending"],
  ["new, and gone before it had a counterpart", { link: only("crm"), here: "gone" }, "44, forgets"],
  ["new in the mailbox, and gone", { link: only("mailbox"), there: "gone" }, "44, forgets"],
  ["on no side", { link: (link) => ({ ...link, sides: { crm: null, mailbox: null } }) }, "44, forgets"],
  ["new against the direction", { link: only("mailbox"), there: {}, ...oneWay }, "61, untouched direction"],
  [
    "left alone for the direction, unchanged since",
    { link: alone("crm", "direction"), here: {} },
    "61, untouched direction",
  ],
  [
    "left alone for the direction, changed since",
    { link: alone("crm", "direction"), here: title },
    `41, create mailbox ${all}`,
  ],
  [
    "left alone as a meeting that is none any more",
    { link: alone("mailbox", "meeting"), there: {} },
    "54, untouched meeting",
  ],
  ["left alone for its own sake", { link: alone("crm", "free"), here: {} }, `41, create mailbox ${all}`],
  [
    "a single one that once waited",
    { link: (link) => ({ ...only("crm")(link), reason: "direction" }), here: {} },
    `41, create mailbox ${all}`,
  ],

  // Just matched.
  ["matched and equal", { link: single, here: {}, there: {} }, "43"],
  ["matched and different", { link: single, here: title, there: {} }, "43, update mailbox title !"],
  [
    "matched, changed in the mailbox",
    { link: (link) => ({ ...link, state: "single" }), there: title, here: {} },
    "43, update crm title",
  ],
  [
    "matched, changed on both",
    { link: (link) => ({ ...link, state: "single" }), there: { body: "M" }, here: title },
    "43, update crm body, update mailbox title",
  ],

  // Left alone.
  ["a meeting", { there: {}, meeting: true }, "54, untouched meeting, tells meeting"],
  [
    "a meeting that was told before",
    { link: untouched("meeting"), there: {}, meeting: true },
    "54, untouched meeting",
  ],
  [
    "a meeting that was left alone for something else",
    { link: untouched("unreadable"), there: {}, meeting: true },
    "54, untouched meeting, tells meeting, lifts unreadable",
  ],
  [
    "a meeting that had failed before",
    { link: failed, there: {}, meeting: true },
    "54, untouched meeting, tells meeting, lifts unreadable, lifts refused, lifts loop",
  ],
  ["left alone, and not read", { link: untouched("meeting") }, "54, untouched meeting"],
  [
    "left alone, not read, one side gone",
    { link: untouched("meeting"), there: "gone" },
    "54, untouched meeting",
  ],
  [
    "left alone, not read, both gone",
    { link: untouched("meeting"), here: "gone", there: "gone" },
    "33, lifts meeting, forgets",
  ],
  ["a meeting no longer", { link: untouched("meeting"), here: {}, there: {} }, "11, lifts meeting"],
  ["a meeting no longer, one side read", { link: untouched("meeting"), there: {} }, "11, lifts meeting"],
  [
    "linked, with a reason of old",
    { link: (link) => ({ ...link, reason: "meeting" }), here: {} },
    "11, lifts meeting",
  ],

  // Conflicts that wait.
  [
    "a person is asked",
    { here: title, there: { title: "M" }, settings: { conflict: "ask" } },
    "22, waits conflict, tells conflict",
  ],
  [
    "asked about one field, the other flows",
    { here: { title: "C", day: "2" }, there: { title: "M" }, settings: { conflict: "ask" } },
    "22, update mailbox day, waits conflict, tells conflict",
  ],
  [
    "it goes on waiting while nothing happens",
    { link: (link) => ({ ...link, reason: "conflict" }) },
    "11, waits conflict",
  ],
  [
    "it goes on waiting, and other findings end",
    {
      link: (link) => ({ ...failed(link), reason: "conflict" }),
      here: title,
      there: { title: "M" },
      settings: { conflict: "ask" },
    },
    "22, waits conflict, tells conflict, lifts unreadable, lifts refused, lifts loop",
  ],
  [
    "somebody has settled it himself",
    { link: (link) => ({ ...link, reason: "conflict" }), here: title, there: title },
    "22, lifts conflict",
  ],

  // Failures that are over.
  [
    "what failed is well again",
    { link: failed, here: {} },
    "11, lifts unreadable, lifts refused, lifts loop",
  ],
  [
    "what failed is written",
    { link: failed, here: title },
    "21, update mailbox title, lifts unreadable, lifts refused, lifts loop",
  ],
  [
    "what failed is deleted",
    { link: failed, here: "gone" },
    "31, delete mailbox !, lifts unreadable, lifts refused, lifts loop",
  ],
  [
    "what failed is made again",
    { link: failed, here: title, there: "gone" },
    `23, create mailbox ${all}, lifts unreadable, lifts refused, lifts loop`,
  ],

  // A backup.
  [
    "lost in a mailbox that came back from a backup",
    { link: doubted("mailbox"), here: {}, there: "gone" },
    `96, create mailbox ${all}`,
  ],
  [
    "lost in a CRM that came back from a backup",
    { link: doubted("crm"), there: {}, here: "gone" },
    `96, create crm ${all}`,
  ],
  [
    "lost in a mailbox, edited in the CRM",
    { link: doubted("mailbox"), here: title, there: "gone" },
    `96, create mailbox ${all}`,
  ],
  [
    "lost in a CRM, edited in the mailbox",
    { link: doubted("crm"), there: title, here: "gone" },
    `96, create crm ${all}`,
  ],
  [
    "the side in doubt has it, the other one is gone",
    { link: doubted("crm"), here: {}, there: "gone" },
    "13, delete crm !",
  ],
  [
    "what the backup took back is given again",
    { link: doubted("crm"), here: title, there: {} },
    "95, update crm title",
  ],
  ["deleted on both, and back in the CRM", { link: buried, here: {}, there: "gone" }, "98, delete crm !"],
  [
    "deleted on both, and back in the mailbox",
    { link: buried, there: {}, here: "gone" },
    "98, delete mailbox !",
  ],
  [
    "back, and it is to stay: for the mailbox",
    { link: (link) => held("crm")(buried(link)), here: {}, there: "gone", restore: ["mailbox"] },
    `14, create mailbox ${all}`,
  ],
  [
    "back, and it is to stay: for the CRM",
    { link: (link) => held("mailbox")(buried(link)), there: {}, here: "gone", restore: ["crm"] },
    `34, create crm ${all}`,
  ],
  ["back, and the other side was not read", { link: buried, here: {} }, "98, pending"],
  ["back on both", { link: buried, here: {}, there: {} }, "11"],
  ["back on both, changed", { link: buried, here: title, there: {} }, "21, update mailbox title"],
  ["deleted for good", { link: buried, here: "gone", there: "gone" }, "44, forgets"],
  ["deleted, and nothing is told", { link: buried }, "44, forgets"],
];

/** As matching leaves it: both sides, and no base. */
function single(link: ItemLink): ItemLink {
  return {
    ...knowing(knowing(link, "crm", { base: {} }), "mailbox", { base: {} }),
    state: "single",
    agreed: {},
  };
}

describe("the decision about one item", () => {
  it.each(table)("%s", (_what, given, decision) => {
    expect(words(decided(given))).toBe(decision);
  });
});

describe("contacts are subscriptions to the CRM's persons", () => {
  const rules = { subscribes: "crm" } as const;
  const left = untouched("left-selection");
  const cases: [string, Given, string][] = [
    ["the copy is deleted: the subscription ends", { here: {}, there: "gone" }, "82, untouched unsubscribed"],
    ["also while the person changes", { here: title, there: "gone" }, "82, untouched unsubscribed"],
    ["it stays ended", { link: alone("crm", "unsubscribed"), here: title }, "82, untouched unsubscribed"],
    ["until the person is gone", { link: alone("crm", "unsubscribed"), here: "gone" }, "44, forgets"],
    ["both are gone", { here: "gone", there: "gone" }, "33, forgets"],
    ["the person is gone: our own copy goes", { here: "gone", there: {} }, "83, delete mailbox !"],
    [
      "the person is gone, the copy was edited",
      { here: "gone", there: title },
      "84, untouched left-selection, tells left-selection",
    ],
    [
      "the person is gone, the copy was there before us",
      { link: theirs, here: "gone", there: {} },
      "84, untouched left-selection, tells left-selection",
    ],
    [
      "the person is gone, something of the copy is not known",
      { link: partly, here: "gone", there: {} },
      "84, untouched left-selection, tells left-selection",
    ],
    ["the person is still gone", { link: left, there: {} }, "84, untouched left-selection"],
    [
      "the person is gone for good: what was left is left",
      { link: left, here: "gone", there: {} },
      "84, untouched left-selection",
    ],
    ["what was left is deleted", { link: left, there: "gone" }, "44, lifts left-selection, forgets"],
    ["the person comes back", { link: left, here: {}, there: {} }, "11, lifts left-selection"],
    [
      "the person comes back, the copy is gone",
      { link: left, here: {}, there: "gone" },
      "82, untouched unsubscribed, lifts left-selection",
    ],
    [
      "a mailbox that came back from a backup ends no subscription",
      { link: doubted("mailbox"), here: {}, there: "gone" },
      `96, create mailbox ${all}`,
    ],
    [
      "a CRM that came back from a backup ends none either",
      { link: doubted("crm"), here: "gone", there: {} },
      "84, untouched left-selection, tells left-selection",
    ],
    ["a person without a copy yet", { link: only("crm"), here: {} }, `41, create mailbox ${all}`],
    ["a person who left before there was a copy", { link: only("crm"), here: "gone" }, "44, forgets"],
    [
      "another reason of old is no subscription's end",
      { link: untouched("unreadable"), here: {}, there: {} },
      "11, lifts unreadable",
    ],
    ["an edit of the copy is taken back", { here: {}, there: title, ...oneWay }, "81, update mailbox title"],
    ["the person not read: it waits, and says nothing yet", { there: title, ...oneWay }, "11, pending"],
    [
      "an edit of the copy and of the person",
      { here: { body: "C" }, there: title, ...oneWay },
      "22, update mailbox body+title",
    ],
  ];

  it.each(cases)("%s", (_what, given, decision) => {
    expect(words(decided({ ...given, rules }))).toBe(decision);
  });

  it("whoever has left is known, out of reach, and found again", () => {
    const { link } = decided({ rules, here: "gone", there: title });
    expect(link.sides.crm).toMatchObject({ ref: "ref", out: true });
    expect(link.sides.mailbox).toMatchObject({ ref: "ref", out: false });
  });

  function theirs(link: ItemLink): ItemLink {
    return knowing(link, "mailbox", { stamp: null });
  }

  function partly(link: ItemLink): ItemLink {
    return { ...link, agreed: { title: link.agreed["title"] } };
  }
});

describe("what a decision leaves on the link", () => {
  const handled = { pending: false, notBefore: null, attempts: 0, held: null };
  const busy = (link: ItemLink): ItemLink => ({
    ...link,
    pending: true,
    notBefore: 9,
    attempts: 1,
    held: "crm",
  });

  it.each<[string, Given]>([
    ["11", { link: busy, here: {} }],
    ["12", { link: busy, there: title }],
    ["33", { link: busy, here: "gone", there: "gone" }],
    ["54", { link: busy, there: {}, meeting: true }],
  ])("row %s: nothing is left to be handled", (row, given) => {
    const decision = decided(given);
    expect([String(decision.row), decision.link]).toMatchObject([row, handled]);
  });

  it("new versions, UIDs and stamps are noted; no field is rebased by looking at it", () => {
    const { link } = decided({ here: {}, there: title });
    expect(link.sides.mailbox).toMatchObject({ version: "2", stamp: "el.1", base: { title: '"T"' } });
    expect(link.sides.crm).toMatchObject({ version: "2" });
    expect(decided({ there: {} }).link.sides.crm).toMatchObject({ version: "1" });
  });

  it("what needs no write is the base of both from then on, and what they have in common", () => {
    const { link } = decided({ here: title, there: title });
    expect(link.sides.crm?.base).toMatchObject({ title: '"X"', body: '"B"' });
    expect(link.sides.mailbox?.base).toMatchObject({ title: '"X"' });
    expect(link.agreed).toMatchObject({ title: '"X"', body: '"B"' });
    const one = decided({ there: title, ...oneWay }).link;
    // Not allowed to flow: they have nothing in common there any more.
    expect(one.sides.mailbox?.base).toMatchObject({ title: '"X"' });
    expect(one.sides.crm?.base).toMatchObject({ title: '"T"' });
    expect("title" in one.agreed).toBe(false);
    expect(one.agreed).toMatchObject({ body: '"B"' });
  });

  it("an item that is made again gets a new stamp, a new item the link's own", () => {
    const again = decided({ here: title, there: "gone" });
    expect([again.link.key, again.writes[0]?.key, again.link.sides.mailbox]).toEqual([
      "el.1.again",
      "el.1.again",
      null,
    ]);
    const fresh = decided({ link: only("crm"), here: {} });
    expect([fresh.link.key, fresh.writes[0]?.key]).toEqual(["el.1", "el.1"]);
  });

  it("a side that is gone is no side of what is left alone", () => {
    const { link } = decided({ there: "gone", ...oneWay });
    expect([link.sides.mailbox, link.sides.crm?.ref]).toEqual([null, "ref"]);
  });

  it("an item in doubt counts as before once it was found and handled", () => {
    const found = decided({ link: doubted("crm"), here: {}, there: {} }).link;
    expect(found.sides.crm?.unverified).toBe(false);
    const written = decided({ link: doubted("crm"), here: title, there: {} }).link;
    expect(written.sides.crm?.unverified).toBe(true);
  });

  it("the mask begins and ends with the write that makes it true", () => {
    const hidden = decided({ there: { privacy: "private" } });
    expect([hidden.link.masked, hidden.writes[0]?.masked]).toEqual([false, true]);
    const fresh = decided({ was: { privacy: "private" }, link: only("mailbox"), there: {} });
    expect(fresh.writes[0]).toMatchObject({ masked: true, values: { title: "Private", body: "" } });
    const shown = { settings: { privateItems: "hide" } } as const;
    expect(
      decided({ was: { privacy: "private" }, link: only("mailbox"), there: {}, ...shown }).writes[0],
    ).toMatchObject({
      masked: false,
      values: { title: "T" },
    });
    const toMailbox = decided({ was: { privacy: "private" }, link: only("crm"), here: {} });
    expect(toMailbox.writes[0]).toMatchObject({ masked: false, values: { title: "T" } });
    const masked = (link: ItemLink): ItemLink => ({ ...link, masked: true });
    // Nothing is to be written: it is true already.
    expect(
      decided({ link: masked, here: { title: "Private", body: "" }, there: {}, ...otherWay }).link.masked,
    ).toBe(true);
  });
});

describe("a person's decision about an item", () => {
  const choice = { kind: "take", side: "crm", state: {} } as const;
  const chosen = (link: ItemLink): ItemLink => ({ ...link, choice });
  const ask = { settings: { conflict: "ask" } } as const;
  const has = (given: Given) => "choice" in decided(given).link;

  it.each<[string, Given, boolean]>([
    [
      "stays while its write is still to come",
      { link: chosen, here: title, there: { title: "M" }, ...ask },
      true,
    ],
    ["is over when it applies to nothing", { link: chosen, here: {}, there: {} }, false],
    [
      "is over when something else is written, to the other side",
      { link: chosen, there: title, here: {} },
      false,
    ],
    ["stays while a source has to be read first", { link: (link) => chosen(only("crm")(link)) }, true],
    [
      "a restore is no matter of the table",
      { link: (link) => ({ ...link, choice: { kind: "restore", archiveId: "a" } }), here: title, there: {} },
      false,
    ],
  ])("%s", (_what, given, stays) => {
    expect(has(given)).toBe(stays);
  });

  it("discards what it was about, archived, and does not count for the brake", () => {
    const { writes, losses } = decided({ link: chosen, here: title, there: { title: "M" }, ...ask });
    expect(writes.map(({ target, counted }) => [target, counted])).toEqual([["mailbox", false]]);
    expect(losses).toEqual([{ side: "mailbox", row: 22, fields: ["title"], values: { title: "M" } }]);
  });
});

describe("what is discarded", () => {
  it.each<[string, Given, object[]]>([
    [
      "a conflict's loser",
      { here: title, there: { title: "M" } },
      [{ side: "mailbox", row: 22, values: { title: "M" } }],
    ],
    [
      "an edit that is taken back",
      { rules: { subscribes: "crm" }, here: {}, there: title, ...oneWay },
      [{ side: "mailbox", row: 81, values: { title: "X" } }],
    ],
    [
      "what a backup had",
      { link: doubted("crm"), here: title, there: {} },
      [{ side: "crm", row: 95, values: { title: "X" } }],
    ],
    ["nothing, where one side alone changed", { here: title }, []],
    ["nothing, when what loses was not read", { link: single, here: title }, []],
  ])("%s is archived", (_what, given, losses) => {
    expect(decided(given).losses).toMatchObject(losses);
    expect(decided(given).losses).toHaveLength(losses.length);
  });

  it("counts for the brake, when a person has written it", () => {
    expect(decided({ here: title, there: { title: "M" } }).writes[0]?.counted).toBe(true);
    expect(decided({ here: title }).writes[0]?.counted).toBe(false);
    expect(decided({ link: only("crm"), here: { title: "" } }).writes[0]?.counted).toBe(false);
  });
});

describe("series", () => {
  const date = "d/2026-05-02";
  const far = "d/2028-05-02";
  const elements = { recurrence: { endless: true, exceptions: false } };

  it("what is only a date is saved before what changes the whole", () => {
    const { writes } = decided({ here: { [date]: "X" }, there: title });
    expect(writes.map(({ target }) => target)).toEqual(["mailbox", "crm"]);
    expect(decided({ here: title, there: { [date]: "X" } }).writes.map(({ target }) => target)).toEqual([
      "crm",
      "mailbox",
    ]);
  });

  it("a new one comes with its dates, where the system can tell them", () => {
    const was = { [date]: "X" };
    expect(decided({ link: only("crm"), was, here: {} }).writes[0]?.values).toMatchObject({ [date]: "X" });
    const without = decided({ link: only("crm"), was, here: {}, mailbox: elements }).writes[0];
    expect([without?.fields.includes(date), without?.operation]).toEqual([false, "create"]);
    const none = decided({ link: only("crm"), was, here: {}, mailbox: { recurrence: undefined as never } });
    expect(none.writes[0]?.fields.includes(date)).toBe(false);
    const timeless = { elementDate: undefined as never };
    expect(decided({ link: only("crm"), was, here: {}, rules: timeless }).writes[0]?.fields).toContain(date);
  });

  it("none beyond the end that it will have there", () => {
    const rolling = {
      bound: (item: Note) => ({ item, end: "2027-03-01" }),
      endOf: () => null,
      unbound: (item: Note) => item,
      nextAfter: () => null,
    };
    const given: Given = {
      link: only("mailbox"),
      was: { [date]: "X", [far]: "Y", "d/2027-03-01": "Z" },
      there: {},
      crm: { recurrence: { endless: false, exceptions: true } },
      rules: { rolling },
    };
    const fields = decided(given).writes[0]?.fields.filter((field) => field.startsWith("d/"));
    expect(fields?.toSorted()).toEqual([date, "d/2027-03-01"]);
  });
});
