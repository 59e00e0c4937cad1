import { MockActivityEnvironment } from "@temporalio/testing";
import { pino } from "pino";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { SliceAnswer, SliceRequest, SyncActivities } from "../../activities/contract.ts";
import { createSyncActivities } from "../../activities/sync.ts";
import type { UserId } from "../../core/ids.ts";
import { runSlice } from "../../engine/slice.ts";
import type { ListedContact, ListedTask } from "../../sandbox/samples.ts";
import { createConnections } from "../../worker/connections.ts";
import { createOpenUser } from "../../worker/open-user.ts";
import { createBrowser } from "./browser.ts";
import { startInstallation, type Installation } from "./installation.ts";
import { createInvitees, type Invitees } from "./invitees.ts";

type SystemName = "superoffice" | "exchange";
type Listed = { task: ListedTask; contact: ListedContact };

/**
 * Tasks and contacts of one person with a mailbox on Graph, switched on by the API and carried by the worker's own parts
 * over the real protocols; what came of it is read from outside.
 */
let everlink: Installation;
let north: Invitees;
let userId: string;
let associateId: number;
let activities: SyncActivities;

beforeAll(async () => {
  everlink = await startInstallation();
  north = await createInvitees(everlink, "north");
  const { database, vault, entra } = everlink;
  await database.inOrganization(
    north.organizationId,
    (tx) => tx`
      update connection set configuration = configuration || '{"backend": "graph"}' where kind = 'microsoft'`,
  );
  const person = north.somebody();
  associateId = person.associateId;
  const invited = await north.invited(person);
  userId = invited.userId;
  const browser = createBrowser();
  await browser.signIn(await north.begin(browser, invited.link), person);
  await everlink.carryOut(north.organizationId, userId);
  const wished = { tasks: { direction: "two-way" }, contacts: { direction: "crm-to-mailbox" } };
  expect((await north.api.post(`/users/${userId}/link`, { settings: wished })).status).toBe(202);
  await everlink.carryOut(north.organizationId, userId);
  activities = createSyncActivities({
    database,
    intervalMs: 300_000,
    log: pino({ level: "silent" }),
    runSlice,
    open: createOpenUser({ database, vault, entra, connections: createConnections(database, vault) }),
  });
});
afterAll(() => everlink?.close());

const items = <K extends keyof Listed>(side: SystemName, kind: K): Promise<Listed[K][]> =>
  everlink.control(`items?side=${side}&associateId=${associateId}&kind=${kind}`);
const edit = (side: SystemName, kind: keyof Listed, more: Record<string, unknown>) =>
  everlink.control<{ id: string }>("edit", { side, associateId, kind, ...more });

/** As the workflow asks for it: slices until there is no more. */
async function cycle(): Promise<SliceAnswer> {
  let request: SliceRequest = {
    organizationId: north.organizationId,
    userId: userId as UserId,
    startedAt: new Date().toISOString(),
    totals: { created: 0, updated: 0, deleted: 0, adopted: 0, conflicts: 0, findings: 0 },
    phase: 0,
    chance: 0.5,
  };
  for (let slices = 0; slices < 30; slices += 1) {
    const answer = await new MockActivityEnvironment().run<
      [SliceRequest],
      SliceAnswer,
      SyncActivities["syncSlice"]
    >(activities.syncSlice, request);
    if (!answer.more) return answer;
    request = { ...request, totals: answer.totals, progress: answer.progress };
  }
  throw new Error("no end");
}

async function settled(): Promise<SliceAnswer["totals"]> {
  const { problem, held, totals } = await cycle();
  expect([problem, held]).toEqual([null, null]);
  await cycle();
  const quiet = (await cycle()).totals;
  expect([quiet.created, quiet.updated, quiet.deleted]).toEqual([0, 0, 0]);
  return totals;
}

const byName = (a: string, b: string) => (a < b ? -1 : 1);
async function taskNames(side: SystemName) {
  return (await items(side, "task")).map(({ subject, due }) => `${due} ${subject}`).toSorted(byName);
}
async function people(side: SystemName) {
  const all = await items(side, "contact");
  return all
    .map(({ givenName, surname, companyName, jobTitle, emails }) =>
      [givenName, surname, companyName, jobTitle, ...emails].join("|"),
    )
    .toSorted(byName);
}

it("switched on for a linked person, tasks flow both ways and contacts to the mailbox, edits and deletes too", async () => {
  const before = { crm: await items("superoffice", "task"), mailbox: await items("exchange", "task") };
  const persons = await people("superoffice");
  const own = await people("exchange");
  expect([before.crm.length, persons.length]).not.toContain(0);
  await settled();

  // Every task with a day, except those that repeat or were done before the window, is on both sides.
  const crm = await taskNames("superoffice");
  const flowing = before.mailbox.filter(
    ({ due, recurrence, status }) => due && !recurrence && status !== "completed",
  );
  for (const { subject, due, private: hidden } of flowing)
    expect(crm).toContain(`${due} ${hidden ? "Private" : subject}`);
  const mailbox = await taskNames("exchange");
  for (const { subject, due, status } of before.crm)
    if (status !== "completed") expect(mailbox).toContain(`${due} ${subject}`);
  const subscribed = await people("exchange");
  expect(subscribed).toEqual(expect.arrayContaining(persons));
  expect(await people("superoffice")).toEqual(persons);
  expect(subscribed).toHaveLength(own.length + persons.length);

  // Edits and deletes on either side.
  const due = "2027-01-04";
  const { id: made } = await edit("superoffice", "task", {
    action: "create",
    item: { subject: "Call back", due },
  });
  const { id: theirs } = await edit("exchange", "task", {
    action: "create",
    item: { subject: "Write report", due },
  });
  await settled();
  expect(await taskNames("exchange")).toContain(`${due} Call back`);
  const copy = (await items("exchange", "task")).find(({ subject }) => subject === "Call back");
  const report = (await items("superoffice", "task")).find(({ subject }) => subject === "Write report");
  await edit("exchange", "task", { action: "change", id: copy?.id, item: { status: "completed" } });
  await edit("superoffice", "task", { action: "delete", id: report?.id });
  await settled();
  expect((await items("superoffice", "task")).find(({ id }) => id === made)?.status).toBe("completed");
  expect((await items("exchange", "task")).map(({ id }) => id)).not.toContain(theirs);

  const [person, another] = await items("superoffice", "contact");
  await edit("superoffice", "contact", {
    action: "change",
    id: person?.id,
    item: { jobTitle: "Head of everything" },
  });
  const selections = await everlink.control<{ selectionId: number; name: string }[]>(
    `selections?associateId=${associateId}`,
  );
  const favourites = selections.find(({ name }) => name === "Contacts I favour");
  await everlink.control(`selections/${favourites?.selectionId}`, { remove: [Number(another?.id)] });
  await settled();
  const now = await people("superoffice");
  expect(now).toHaveLength(persons.length - 1);
  expect(now.join()).toContain("Head of everything");
  const theirCopies = await people("exchange");
  expect(theirCopies).toEqual(expect.arrayContaining(now));
  expect(theirCopies).toHaveLength(own.length + now.length);
});
