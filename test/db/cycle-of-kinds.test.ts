import { createHmac, randomUUID } from "node:crypto";
import { MockActivityEnvironment } from "@temporalio/testing";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SliceAnswer, SliceRequest, SyncActivities } from "../../activities/contract.ts";
import { createSyncActivities, type OpenedUser } from "../../activities/sync.ts";
import {
  crmLike,
  crmLikeContacts,
  crmLikeTasks,
  mailboxLike,
  mailboxLikeContacts,
  mailboxLikeTasks,
} from "../../connectors/memory/flavours.ts";
import { createMemoryStore } from "../../connectors/memory/store.ts";
import { MemorySystem } from "../../connectors/memory/system.ts";
import { Failure } from "../../core/errors/failure.ts";
import type { OrganizationId, UserId } from "../../core/ids.ts";
import { appointmentKind } from "../../core/items/appointment-kind.ts";
import { contactKind, emptyContact } from "../../core/items/contact-kind.ts";
import { taskKind } from "../../core/items/task-kind.ts";
import type { Task } from "../../core/items/task.ts";
import { kindReadings } from "../../db/kinds.ts";
import { changeLinkSettings, changeOrganizationSettings } from "../../db/links.ts";
import { createSyncRepository } from "../../db/sync.ts";
import { runSlice } from "../../engine/slice.ts";
import { appointment } from "../contracts/appointments.ts";
import { freshDatabase } from "../support/postgres.ts";

const task: Task = {
  title: "Call back",
  description: "",
  due: null,
  start: null,
  progress: { status: "needs-action", percentComplete: 0, completedOn: null },
  priority: "normal",
  privacy: "public",
  alert: null,
  category: "",
};
const contact = { ...emptyContact, "name/given": "Kari", "name/surname": "Nordmann" };

/** The real activity over PostgreSQL, with memory systems on both sides. */
describe("a cycle of three kinds", () => {
  const organizationId = randomUUID() as OrganizationId;
  let db: Awaited<ReturnType<typeof freshDatabase>>;
  let associates = 0;

  beforeAll(async () => {
    db = await freshDatabase();
    await db.database.inOrganization(
      organizationId,
      (tx) =>
        tx`insert into organization ${tx({ organization_id: organizationId, slug: "acme", name: "Acme" })}`,
    );
  });
  afterAll(() => db.drop());

  async function life() {
    const userId = randomUUID() as UserId;
    const mailboxId = randomUUID();
    associates += 1;
    const own = { organization_id: organizationId, user_id: userId };
    await db.database.inOrganization(organizationId, async (tx) => {
      await tx`insert into users ${tx({ ...own, associate_id: associates })}`;
      await tx`insert into lifecycle ${tx({ ...own, stage: "syncing", link_generation: 1 })}`;
      await tx`insert into mailbox ${tx({ ...own, mailbox_id: mailboxId, connection_id: randomUUID(), tenant_id: randomUUID(), object_id: randomUUID() })}`;
      await tx`insert into link ${tx({ ...own, mailbox_id: mailboxId })}`;
    });
    const day = Date.parse("2026-03-02T08:00:00Z");
    let now = day;
    const systems = {
      appointment: {
        crm: new MemorySystem("crm", crmLike, appointmentKind),
        mailbox: new MemorySystem("mailbox", mailboxLike, appointmentKind),
      },
      task: {
        crm: new MemorySystem("crm", crmLikeTasks, taskKind),
        mailbox: new MemorySystem("mailbox", mailboxLikeTasks, taskKind),
      },
      contact: {
        crm: new MemorySystem("crm", crmLikeContacts, contactKind),
        mailbox: new MemorySystem("mailbox", mailboxLikeContacts, contactKind),
      },
    };
    const world = {
      userId,
      systems,
      /** Thrown by everything that is asked of the contacts' mailbox. */
      contactsFail: null as Failure | null,
      openFails: null as Failure | null,
      tasksKnown: true,
      slices: 0,

      async cycle(): Promise<SliceAnswer> {
        let request: SliceRequest = {
          organizationId,
          userId,
          startedAt: new Date(now).toISOString(),
          totals: { created: 0, updated: 0, deleted: 0, adopted: 0, conflicts: 0, findings: 0 },
          phase: 0,
          chance: 0.5,
        };
        for (let slices = 0; slices < 30; slices += 1) {
          world.slices += 1;
          now += 60_000;
          const answer = await new MockActivityEnvironment().run<
            [SliceRequest],
            SliceAnswer,
            SyncActivities["syncSlice"]
          >(activities.syncSlice, request);
          if (!answer.more) return answer;
          request = { ...request, totals: answer.totals, progress: answer.progress };
        }
        throw new Error("no end");
      },
      readings: () => db.database.inOrganization(organizationId, (tx) => kindReadings(tx, userId)),
      settings: (change: Parameters<typeof changeLinkSettings>[2]) =>
        db.database.inOrganization(organizationId, (tx) => changeLinkSettings(tx, userId, change)),
    };
    const activities = createSyncActivities({
      database: db.database,
      intervalMs: 300_000,
      log: pino({ level: "silent" }),
      runSlice,
      open: (_user, { fence }): Promise<OpenedUser> => {
        if (world.openFails) return Promise.reject(world.openFails);
        const contacts = createMemoryStore({ system: systems.contact.mailbox });
        const failing = (): Promise<never> => Promise.reject(world.contactsFail);
        return Promise.resolve({
          stores: {
            appointment: {
              crm: createMemoryStore({ system: systems.appointment.crm }),
              mailbox: createMemoryStore({ system: systems.appointment.mailbox }),
            },
            ...(world.tasksKnown
              ? {
                  task: {
                    crm: createMemoryStore({ system: systems.task.crm }),
                    mailbox: createMemoryStore({ system: systems.task.mailbox }),
                  },
                }
              : {}),
            contact: {
              crm: createMemoryStore({ system: systems.contact.crm }),
              mailbox: world.contactsFail ? { ...contacts, changes: failing } : contacts,
            },
          },
          repository: (kind) => createSyncRepository(db.database, { organizationId, userId, fence, kind }),
          clock: { now: () => now },
          random: { uuid: randomUUID },
          fingerprint: (field, value) =>
            createHmac("sha256", "key").update(`${field} ${value}`).digest("base64url"),
          seal: (content) => Promise.resolve(content),
          unseal: (sealed) => Promise.resolve(sealed),
        });
      },
    });
    return world;
  }

  const everything = {
    tasks: { direction: "two-way" },
    contacts: { direction: "crm-to-mailbox" },
  } as const;

  async function filled(appointments = 3) {
    const world = await life();
    for (let n = 0; n < appointments; n += 1)
      world.systems.appointment.crm.put(appointment({ title: `Visit ${n}` }));
    for (let n = 0; n < 4; n += 1)
      world.systems.task.mailbox.put({ ...task, title: `Task ${n}`, due: "2026-03-05" });
    for (let n = 0; n < 5; n += 1)
      world.systems.contact.crm.put({ ...contact, "name/surname": `Nordmann ${n}` });
    return world;
  }

  it("runs the diary alone until somebody switches on the others; each kind keeps its own counts", async () => {
    const world = await filled();
    expect(await world.cycle()).toMatchObject({ problem: null, totals: { created: 3 } });
    expect([world.systems.task.crm.all(), world.systems.contact.mailbox.all()]).toEqual([[], []]);
    await world.settings(everything);
    expect(await world.cycle()).toMatchObject({ problem: null, totals: { created: 9 } });
    const { appointment: diary, task: tasks, contact: contacts } = await world.readings();
    expect([diary.linked, tasks.linked, contacts.linked]).toEqual([3, 4, 5]);
    const written = await db.database.inOrganization(
      organizationId,
      (tx) => tx`select kind, sum(created_crm + created_mailbox)::int as made from sync_hour
        where user_id = ${world.userId} group by kind order by kind`,
    );
    expect(written.map(({ kind, made }) => [kind, made] as unknown)).toEqual([
      ["appointment", 3],
      ["contact", 5],
      ["task", 4],
    ]);
  });

  it("goes on with the others when one kind fails, and says which", async () => {
    const world = await filled();
    await world.settings(everything);
    world.contactsFail = new Failure("ews.access-denied");
    const answer = await world.cycle();
    expect(answer).toMatchObject({ problem: "ews.access-denied", partial: true, totals: { created: 7 } });
    expect(answer.nextDue).not.toBeNull();
    const readings = await world.readings();
    expect([readings.appointment.problem, readings.task.problem]).toEqual([null, null]);
    expect(readings.contact.problem?.code).toBe("ews.access-denied");
    world.contactsFail = null;
    expect(await world.cycle()).toMatchObject({ problem: null });
    expect((await world.readings()).contact).toMatchObject({ problem: null, linked: 5 });
  });

  it("remembers over many slices what one kind came to in the first", async () => {
    const world = await filled(260);
    await world.settings(everything);
    world.contactsFail = new Failure("ews.access-denied");
    expect(await world.cycle()).toMatchObject({ problem: "ews.access-denied", partial: true });
    expect(world.slices).toBeGreaterThan(2);
    expect(world.systems.appointment.mailbox.all()).toHaveLength(260);
  });

  it("is everybody's problem when neither side can be opened", async () => {
    const world = await filled();
    await world.settings(everything);
    world.openFails = new Failure("network.unreachable");
    const answer = await world.cycle();
    expect(answer.problem).toBe("network.unreachable");
    expect(answer.partial).toBeUndefined();
    expect((await world.readings()).task.problem?.code).toBe("network.unreachable");
  });

  it("leaves out a kind that one side does not know, without a problem", async () => {
    const world = await filled();
    await world.settings(everything);
    world.tasksKnown = false;
    expect(await world.cycle()).toMatchObject({ problem: null, totals: { created: 8 } });
    expect(world.systems.task.crm.all()).toEqual([]);
  });

  it("takes what was left alone when the settings change, and makes nothing twice", async () => {
    const world = await life();
    await world.settings({ diary: { direction: "crm-to-mailbox" } });
    world.systems.appointment.mailbox.put(appointment({ title: "Of the mailbox" }));
    world.systems.appointment.crm.put(appointment({ title: "Of the CRM" }));
    await world.cycle();
    expect(world.systems.appointment.crm.all()).toHaveLength(1);
    await world.settings({ diary: null });
    await world.cycle();
    const titles = () => world.systems.appointment.crm.all().map(({ item }) => item.title);
    expect(titles().toSorted()).toEqual(["Of the CRM", "Of the mailbox"]);
    await world.settings({ diary: { direction: "crm-to-mailbox" } });
    await world.cycle();
    await world.settings({ diary: { direction: "two-way" } });
    await world.cycle();
    expect([titles().length, world.systems.appointment.mailbox.all().length]).toEqual([2, 2]);
  });

  it("heeds the organization's defaults for whoever has no word of their own, and its locks for everybody", async () => {
    const world = await filled();
    const own = await filled();
    await own.settings({ tasks: { direction: "off" } });
    const organization = (change: Parameters<typeof changeOrganizationSettings>[1]["change"]) =>
      db.database.inOrganization(organizationId, (tx) =>
        changeOrganizationSettings(tx, { organizationId, actor: "operator", change }),
      );
    await organization({ tasks: { direction: "two-way" } });
    await world.cycle();
    await own.cycle();
    expect([world.systems.task.crm.all().length, own.systems.task.crm.all().length]).toEqual([4, 0]);
    await organization({ locked: ["tasks"] });
    await own.cycle();
    expect(own.systems.task.crm.all()).toHaveLength(4);
    await organization({ tasks: null, locked: [] });
  });
});
