import { describe, expect, it } from "vitest";
import { changedSettings, chosenSettings, defaultSettings, planningText, settingsOf } from "./settings.ts";

describe("settings of three kinds on several levels", () => {
  it("without a word of anybody: the diary both ways, tasks and contacts off", () => {
    const settings = settingsOf({}, {});
    expect(settings.appointment).toEqual(defaultSettings);
    expect([settings.task.direction, settings.contact.direction]).toEqual(["off", "off"]);
    expect(settings.contact.outsideEdits).toBe("revert");
  });

  it("the narrowest level that has a word on a field decides it, field by field", () => {
    const organization = { tasks: { direction: "two-way", conflict: "mailbox" } } as const;
    const user = { tasks: { direction: "crm-to-mailbox" }, diary: { skipFree: true } } as const;
    const { task, appointment } = settingsOf(organization, user);
    expect([task.direction, task.conflict]).toEqual(["crm-to-mailbox", "mailbox"]);
    expect([appointment.direction, appointment.skipFree]).toEqual(["two-way", true]);
  });

  it("a locked kind does not hear the levels below, the others do", () => {
    const organization = { contacts: { direction: "crm-to-mailbox" }, locked: ["contacts"] } as const;
    const user = { contacts: { direction: "two-way" }, tasks: { direction: "two-way" } } as const;
    const { contact, task } = settingsOf(organization, user);
    expect([contact.direction, task.direction]).toEqual(["crm-to-mailbox", "two-way"]);
  });

  it("rows from before there were kinds say something about the diary", () => {
    const chosen = chosenSettings({ direction: "crm-to-mailbox", conflict: "mailbox" });
    expect(chosen).toEqual({ diary: { direction: "crm-to-mailbox", conflict: "mailbox" } });
    const { appointment, task } = settingsOf(chosen);
    expect([appointment.direction, task.direction]).toEqual(["crm-to-mailbox", "off"]);
    expect(chosenSettings({ direction: "off", diary: { direction: "two-way" } })).toEqual({
      diary: { direction: "two-way" },
    });
  });

  it("a change says one thing and leaves the rest; null takes a kind's word back", () => {
    const before = { diary: { direction: "off", skipFree: true }, tasks: { direction: "two-way" } } as const;
    const after = changedSettings(before, { diary: { direction: "two-way" }, tasks: null });
    expect(after).toEqual({ diary: { direction: "two-way", skipFree: true } });
    expect(changedSettings(after, {})).toEqual(after);
    expect(changedSettings(after, { locked: ["tasks"] })).toEqual({ ...after, locked: ["tasks"] });
    expect(changedSettings({ ...after, locked: ["tasks"] }, { locked: [] })).toEqual(after);
  });

  it("what concerns unchanged items and the window asks for a new listing, a title does not", () => {
    const text = planningText(defaultSettings);
    expect(planningText({ ...defaultSettings, privateTitle: "Away" })).toBe(text);
    for (const change of [
      { direction: "crm-to-mailbox" },
      { conflict: "ask" },
      { privateItems: "skip" },
      { skipFree: true },
      { skipAllDay: true },
      { outsideEdits: "keep" },
      { createPersons: true },
      { window: { daysBack: 31, daysAhead: 365 } },
      { window: { daysBack: 30, daysAhead: 366 } },
    ] as const) {
      expect(planningText({ ...defaultSettings, ...change })).not.toBe(text);
    }
  });

  it("two settings that differ are never the same text", () => {
    const flags = ["skipFree", "skipAllDay", "createPersons"] as const;
    const texts = [...Array(8).keys()].map((bits) =>
      planningText({
        ...defaultSettings,
        ...Object.fromEntries(flags.map((flag, n) => [flag, (bits >> n) % 2 === 1])),
      }),
    );
    expect(new Set(texts).size).toBe(8);
  });
});
