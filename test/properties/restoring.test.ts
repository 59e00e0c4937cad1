import { describe, expect, it } from "vitest";
import type { Appointment } from "../../core/items/appointment.ts";
import { appointmentKind } from "../../core/items/appointment-kind.ts";
import type { Side } from "../../core/items/observed.ts";
import { observe, untold, type Told } from "../../core/sync/evidence.ts";
import type { ItemLink } from "../../core/sync/item-link.ts";
import { restore, type Archive } from "../../core/sync/restoring.ts";
import { overrideField } from "../../core/items/overrides.ts";
import { weekly } from "./appointments.ts";
import { base, capabilities, context, gone, linked, told } from "./links.ts";

const lost: Archive = { side: "mailbox", fields: ["title"], values: { title: "Mine" } };

interface Given {
  link?: Partial<ItemLink>;
  crm?: Told;
  mailbox?: Told;
  archive?: Archive | null;
  direction?: "crm-to-mailbox" | "mailbox-to-crm";
  follows?: Record<string, string[]>;
}

function restored(given: Given = {}) {
  const link = linked(base, base, given.link);
  const plain = context(given.direction === undefined ? {} : { direction: given.direction });
  const follows = given.follows ?? {};
  const able = { ...capabilities, mailbox: { ...capabilities.mailbox, follows } } as never;
  const observed = {
    crm: observe(appointmentKind, link.sides.crm, given.crm ?? told("crm", base)),
    mailbox: observe(appointmentKind, link.sides.mailbox, given.mailbox ?? told("mailbox", base)),
  };
  const archive = given.archive === undefined ? lost : given.archive;
  return restore(link, observed, archive, { ...plain, capabilities: able });
}

const edited = (side: Side, patch: Partial<Appointment>) => told(side, { ...base, ...patch });

describe("having a conflict's loser back (row 91)", () => {
  it("writes it to the side that lost it, archives what it replaces, and counts for no brake", () => {
    const decision = restored();
    expect(decision).toMatchObject({
      row: 91,
      writes: [
        {
          row: 91,
          target: "mailbox",
          operation: "update",
          fields: ["title"],
          values: { title: "Mine" },
          source: {},
          masked: false,
          key: "el.key",
          counted: false,
        },
      ],
      losses: [{ side: "mailbox", row: 91, fields: ["title"], values: { title: "Base" } }],
      open: [],
      lift: [],
      forget: false,
    });
    const [write] = decision?.writes ?? [];
    expect(Object.keys(write?.values ?? {})).toEqual(["title"]);
    expect(Object.keys(write?.expected ?? {})).toEqual(["title"]);
    expect(Object.keys(write?.narrow ?? {})).toEqual(["title"]);
    expect(write?.expected["title"]).toBeDefined();
    expect(decision?.link.sides.mailbox).toMatchObject({ version: "v2" });
    expect(decision?.link.sides.crm).toMatchObject({ version: "v1" });
  });

  it("what has no value in the archive is made empty again", () => {
    const none: Archive = { side: "mailbox", fields: ["alertMinutes"], values: {} };
    const reminded = { ...base, alertMinutes: 15 };
    const link = linked(reminded);
    const observed = {
      crm: observe(appointmentKind, link.sides.crm, told("crm", reminded)),
      mailbox: observe(appointmentKind, link.sides.mailbox, told("mailbox", reminded)),
    };
    expect(restore(link, observed, none, context())?.writes[0]?.values).toEqual({ alertMinutes: null });
  });

  it("what the system keeps by means of it is written as it is", () => {
    const follows = { location: ["title"], description: ["time"] };
    const decision = restored({ follows });
    expect(decision?.writes[0]).toMatchObject({
      fields: ["title", "location"],
      values: { title: "Mine", location: "Oslo" },
    });
    expect(decision?.losses[0]?.fields).toEqual(["title", "location"]);
    const both: Archive = {
      ...lost,
      fields: ["title", "location"],
      values: { title: "Mine", location: "Home" },
    };
    expect(restored({ follows, archive: both })?.writes[0]?.fields).toEqual(["title", "location"]);
  });

  it("gives a single date of a series back", () => {
    const field = overrideField("2026-03-09");
    const date: Archive = { side: "mailbox", fields: [field], values: { [field]: { title: "Once" } } };
    const series = { ...base, recurrenceRule: weekly };
    const link = linked(series);
    const observed = {
      crm: observe(appointmentKind, link.sides.crm, told("crm", series)),
      mailbox: observe(appointmentKind, link.sides.mailbox, told("mailbox", series)),
    };
    expect(restore(link, observed, date, context())?.writes[0]).toMatchObject({
      fields: [field],
      values: { [field]: { title: "Once" } },
    });
  });

  it.each<[string, Given]>([
    ["nothing is in the archive any more", { archive: null }],
    ["the item is left alone", { link: { state: "untouched" } }],
    ["its content is private", { link: { masked: true } }],
    ["its side is gone", { mailbox: gone }],
    ["the other side is gone", { crm: gone }],
    ["its side was not read", { mailbox: untold }],
    ["the other side was not read", { crm: untold }],
    ["the direction would take it back", { direction: "crm-to-mailbox" }],
    ["somebody has edited it there since", { mailbox: edited("mailbox", { title: "New" }) }],
    ["somebody has edited it on the other side since", { crm: edited("crm", { title: "New" }) }],
    ["it is what is there already", { archive: { ...lost, values: { title: "Base" } } }],
    ["there is nothing in it", { archive: { ...lost, fields: [] } }],
    [
      "its side cannot hold it",
      { archive: { side: "crm", fields: ["timeZone"], values: { timeZone: "Europe/Oslo" } } },
    ],
  ])("is not done when %s (row 92)", (_what, given) => {
    expect(restored(given)).toBeNull();
  });

  it.each<[string, Given]>([
    ["somebody has edited something else", { crm: edited("crm", { location: "Bergen" }) }],
    ["somebody has edited something else there", { mailbox: edited("mailbox", { location: "Bergen" }) }],
    ["the direction lets it flow", { direction: "mailbox-to-crm" }],
    [
      "its side holds it with loss",
      { archive: { side: "crm", fields: ["freeBusyStatus"], values: { freeBusyStatus: "free" } } },
    ],
  ])("is done when %s", (_what, given) => {
    expect(restored(given)?.row).toBe(91);
  });
});
