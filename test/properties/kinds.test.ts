import { describe, expect, it } from "vitest";
import {
  crmLikeContacts,
  crmLikeTasks,
  mailboxLikeContacts,
  mailboxLikeTasks,
} from "../../connectors/memory/flavours.ts";
import { createMemoryStore } from "../../connectors/memory/store.ts";
import { MemorySystem } from "../../connectors/memory/system.ts";
import type { Capabilities } from "../../connectors/contract.ts";
import type { OrganizationId, UserId } from "../../core/ids.ts";
import { emptyContact } from "../../core/items/contact-kind.ts";
import type { Contact } from "../../core/items/contact.ts";
import type { Task } from "../../core/items/task.ts";
import { contactRules } from "../../core/sync/kinds/contact.ts";
import { taskRules } from "../../core/sync/kinds/task.ts";
import type { KindRules } from "../../core/sync/rules.ts";
import { defaultSettings, type SyncSettings } from "../../core/sync/settings.ts";
import { MemoryRepository } from "../../engine/memory-repository.ts";
import { runSlice } from "../../engine/slice.ts";
import { fingerprint } from "./simulation.ts";

const start = Date.parse("2026-03-02T08:00:00Z");

/** Two systems with items of one kind, and the engine between them. */
class Pair<Item extends object> {
  readonly crm: MemorySystem<Item>;
  readonly mailbox: MemorySystem<Item>;
  readonly repository = new MemoryRepository();
  now = start;
  #ids = 0;

  readonly rules: KindRules<Item>;
  readonly settings: SyncSettings;

  constructor(
    rules: KindRules<Item>,
    crm: Capabilities<Item>,
    mailbox: Capabilities<Item>,
    settings: Partial<SyncSettings> = {},
  ) {
    this.rules = rules;
    this.crm = new MemorySystem("crm", crm, rules.kind);
    this.mailbox = new MemorySystem("mailbox", mailbox, rules.kind);
    this.settings = { ...defaultSettings, ...settings };
  }

  /** A cycle: slices until there is no more, then one that must find nothing to do. */
  async cycle(): Promise<void> {
    for (let slice = 0; slice < 20; slice += 1) {
      this.now += 60_000;
      const { more, problem } = await runSlice(
        {
          crm: createMemoryStore({ system: this.crm }),
          mailbox: createMemoryStore({ system: this.mailbox }),
          repository: this.repository,
          clock: { now: () => this.now },
          random: { uuid: () => `id-${++this.#ids}` },
          fingerprint,
          seal: async (content) => content,
          unseal: async (sealed) => sealed,
          heartbeat: () => {},
          log: () => {},
        },
        {
          organizationId: "o" as OrganizationId,
          userId: "u" as UserId,
          fence: 1,
          rules: this.rules,
          settings: this.settings,
          budget: { ms: 25_000, writes: 100 },
        },
        new AbortController().signal,
      );
      expect(problem).toBeNull();
      if (!more) return;
    }
    throw new Error("no rest after 20 slices");
  }

  rows(): number[] {
    return this.repository.events.map(({ row }) => row);
  }

  findings(): string[] {
    return [...this.repository.findings.values()].flatMap((codes) => [...codes]);
  }
}

const task: Task = {
  title: "Call back",
  description: "About the offer",
  due: "2026-03-05",
  start: null,
  progress: { status: "needs-action", percentComplete: 0, completedOn: null },
  priority: "high",
  privacy: "public",
  alert: "2026-03-05T07:00:00Z",
  category: "Phone",
};

const contact: Contact = {
  ...emptyContact,
  "name/given": "Kari",
  "name/surname": "Nordmann",
  "emails/first": "kari@example.com",
  "phones/mobile": "+47 22 12 34 56",
};

const tasks = (settings: Partial<SyncSettings> = {}) =>
  new Pair(taskRules, crmLikeTasks, mailboxLikeTasks, settings);
const contacts = (settings: Partial<SyncSettings> = {}) =>
  new Pair(contactRules, crmLikeContacts, mailboxLikeContacts, {
    direction: "crm-to-mailbox",
    ...settings,
  });

describe("tasks", () => {
  it("flow both ways, and what a side cannot hold is left alone on the other (rows 12, 21, 42)", async () => {
    const world = tasks();
    const ref = world.mailbox.put(task);
    await world.cycle();
    const [made] = world.crm.all();
    expect(made?.item).toMatchObject({ title: "Call back", start: "2026-03-05", priority: "high" });

    const done = { status: "completed", percentComplete: 100, completedOn: "2026-03-04" } as const;
    world.mailbox.change(ref, { progress: done });
    world.crm.change(made?.ref ?? "", { title: "Call back soon" });
    await world.cycle();
    expect(world.crm.all()[0]?.item.progress.status).toBe("completed");
    expect(world.mailbox.get(ref)?.item).toEqual({ ...task, title: "Call back soon", progress: done });
    const events = world.rows().length;
    await world.cycle();
    expect(world.rows()).toHaveLength(events);
  });

  it("take along what the CRM keeps by means of a field that is written: it is nobody's edit (row 12)", async () => {
    const world = tasks();
    const ref = world.mailbox.put(task);
    await world.cycle();
    world.mailbox.change(ref, { due: "2026-03-03" });
    await world.cycle();
    await world.cycle();
    expect(world.crm.all()[0]?.item).toMatchObject({ start: "2026-03-03", due: "2026-03-03" });
    expect(world.mailbox.get(ref)?.item).toEqual({ ...task, due: "2026-03-03" });
    expect([world.findings(), world.rows().filter((row) => row === 21)]).toEqual([[], []]);
  });

  it("say to the mailbox since when they run once the CRM moves only the day on which they are due (row 12)", async () => {
    const world = tasks();
    const ref = world.mailbox.put(task);
    await world.cycle();
    const made = world.crm.all()[0]?.ref ?? "";
    world.crm.change(made, { due: "2026-03-06" });
    await world.cycle();
    expect(world.crm.get(made)?.item).toMatchObject({ due: "2026-03-06", start: "2026-03-05" });
    expect(world.mailbox.get(ref)?.item).toEqual({ ...task, due: "2026-03-06", start: "2026-03-05" });
    world.mailbox.change(ref, { title: "Call again" });
    await world.cycle();
    expect(world.crm.get(made)?.item).toMatchObject({ title: "Call again", start: "2026-03-05" });
  });

  it("keep what somebody changed in the CRM meanwhile (row 22)", async () => {
    const world = tasks();
    const ref = world.mailbox.put({ ...task, start: "2026-03-01" });
    await world.cycle();
    const made = world.crm.all()[0]?.ref ?? "";
    world.mailbox.change(ref, { due: "2026-03-09" });
    world.crm.change(made, { start: "2026-03-04" });
    await world.cycle();
    expect(world.crm.get(made)?.item).toMatchObject({ start: "2026-03-04", due: "2026-03-09" });
    expect(world.mailbox.get(ref)?.item).toMatchObject({ start: "2026-03-04", due: "2026-03-09" });
  });

  it("without what the CRM requires stay where they are, with a finding, until they are complete (row 64)", async () => {
    const world = tasks();
    const ref = world.mailbox.put({ ...task, due: null });
    await world.cycle();
    expect(world.crm.all()).toEqual([]);
    expect(world.findings()).toEqual(["incomplete"]);
    world.mailbox.change(ref, { due: "2026-03-06" });
    await world.cycle();
    expect(world.crm.all()).toHaveLength(1);
    expect(world.findings()).toEqual([]);
  });

  it("that are private go to the CRM without content (row 42)", async () => {
    const world = tasks();
    world.mailbox.put({ ...task, privacy: "private" });
    await world.cycle();
    expect(world.crm.all()[0]?.item).toMatchObject({
      title: "Private",
      description: "",
      category: "",
      due: "2026-03-05",
    });
  });

  it("that were done before the window stay where they are", async () => {
    const world = tasks();
    const done = { status: "completed", percentComplete: 100, completedOn: "2025-01-04" } as const;
    world.mailbox.put({ ...task, progress: done });
    await world.cycle();
    expect(world.crm.all()).toEqual([]);
    expect(world.mailbox.all()).toHaveLength(1);
  });
});

describe("contacts", () => {
  it("made in the CRM have there what only the CRM says, and the mailbox keeps its own (row 42)", async () => {
    const fields = { ...crmLikeContacts.fields, "organizations/company": "read-only" } as const;
    const world = new Pair(contactRules, { ...crmLikeContacts, fields }, mailboxLikeContacts, {
      direction: "two-way",
      createPersons: true,
    });
    world.crm.given = { "organizations/company": "" };
    const own = { ...contact, "organizations/company": "Fjord" };
    const ref = world.mailbox.put(own);
    await world.cycle();
    await world.cycle();
    expect(world.crm.all()[0]?.item["organizations/company"]).toBe("");
    expect(world.mailbox.get(ref)?.item["organizations/company"]).toBe("Fjord");
    world.crm.change(world.crm.all()[0]?.ref ?? "", { "organizations/company": "Fjord Shipping" });
    await world.cycle();
    expect(world.mailbox.get(ref)?.item["organizations/company"]).toBe("Fjord Shipping");
  });

  async function subscribed(settings: Partial<SyncSettings> = {}) {
    const world = contacts(settings);
    const person = world.crm.put(contact);
    await world.cycle();
    const copy = world.mailbox.all()[0]?.ref ?? "";
    expect(copy).not.toBe("");
    return { world, person, copy };
  }

  it("go to the mailbox, and a number spelt differently is no change (row 41)", async () => {
    const { world, copy } = await subscribed();
    expect(world.mailbox.get(copy)?.item).toEqual(contact);
    world.mailbox.change(copy, { "phones/mobile": "+4722123456" });
    await world.cycle();
    expect(world.mailbox.get(copy)?.item["phones/mobile"]).toBe("+4722123456");
    expect(world.rows()).toEqual([41]);
  });

  it("edited in the mailbox become again what the CRM says; the edit is archived (row 81)", async () => {
    const { world, person, copy } = await subscribed();
    world.mailbox.change(copy, { "titles/job": "Director" });
    await world.cycle();
    expect(world.mailbox.get(copy)?.item).toEqual(contact);
    expect(world.crm.get(person)?.item).toEqual(contact);
    expect(world.rows()).toEqual([41, 81]);
    expect(world.repository.archive).toMatchObject([{ side: "mailbox", row: 81, fields: ["titles/job"] }]);
  });

  it("edited in the mailbox are left as they are where the setting says so (row 12)", async () => {
    const { world, person, copy } = await subscribed({ outsideEdits: "keep" });
    world.mailbox.change(copy, { "titles/job": "Director" });
    await world.cycle();
    expect(world.mailbox.get(copy)?.item["titles/job"]).toBe("Director");
    expect(world.crm.get(person)?.item).toEqual(contact);
  });

  it("edited in the mailbox change the person where both ways are wanted (row 12)", async () => {
    const { world, person, copy } = await subscribed({ direction: "two-way" });
    world.mailbox.change(copy, { "titles/job": "Director" });
    await world.cycle();
    expect(world.crm.get(person)?.item["titles/job"]).toBe("Director");
  });

  it.each(["crm-to-mailbox", "two-way"] as const)(
    "deleted in the mailbox stay deleted there, and the person stays (row 82, %s)",
    async (direction) => {
      const { world, person, copy } = await subscribed({ direction });
      world.mailbox.remove(copy);
      await world.cycle();
      world.crm.change(person, { "titles/job": "Director" });
      await world.cycle();
      world.crm.forgetCursors();
      world.mailbox.forgetCursors();
      await world.cycle();
      expect(world.mailbox.all()).toEqual([]);
      expect(world.crm.get(person)?.item["titles/job"]).toBe("Director");
      world.crm.remove(person);
      await world.cycle();
      world.crm.restore(person);
      await world.cycle();
      expect(world.mailbox.all()).toHaveLength(1);
    },
  );

  it("of persons that leave go, if they are ours and as we made them (row 83)", async () => {
    const { world, person } = await subscribed();
    world.crm.remove(person);
    await world.cycle();
    expect(world.mailbox.all()).toEqual([]);
    expect(world.rows()).toEqual([41, 83]);
  });

  it("of persons that leave stay where somebody has changed them, and are found again (row 84)", async () => {
    const { world, person, copy } = await subscribed({ outsideEdits: "keep" });
    world.mailbox.change(copy, { "notes/note": "Likes tea" });
    await world.cycle();
    world.crm.remove(person);
    await world.cycle();
    expect(world.mailbox.all()).toHaveLength(1);
    expect(world.findings()).toEqual(["left-selection"]);
    world.mailbox.change(copy, { "notes/note": "Likes coffee" });
    await world.cycle();
    expect(world.crm.all()).toEqual([]);
    world.crm.restore(person);
    await world.cycle();
    expect(world.mailbox.all()).toHaveLength(1);
    expect(world.findings()).toEqual([]);
  });

  it.each(["crm-to-mailbox", "two-way"] as const)(
    "of the mailbox alone make no persons (row 61, %s)",
    async (direction) => {
      const world = contacts({ direction });
      world.mailbox.put(contact);
      await world.cycle();
      expect(world.crm.all()).toEqual([]);
    },
  );
});
