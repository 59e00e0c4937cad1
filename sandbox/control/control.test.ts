import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls from "node:tls";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Person, SampleAppointment } from "../context.ts";
import { startSandbox, type Sandbox } from "../server.ts";
import { allSystems } from "../systems.ts";

const dataDir = mkdtempSync(join(tmpdir(), "sandbox-control-"));
let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ dataDir, systems: allSystems, seed: false });
  tls.setDefaultCACertificates([...tls.getCACertificates("default"), readFileSync(sandbox.caFile, "utf8")]);
});
afterAll(async () => {
  await sandbox.close();
  rmSync(dataDir, { recursive: true, force: true });
});

interface Said {
  status: number;
  body: never;
}
async function call(method: string, path: string, body?: unknown): Promise<Said> {
  const answer = await fetch(`${sandbox.origin}/control/${path}`, {
    method,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
  });
  return { status: answer.status, body: (await answer.json()) as never };
}

beforeEach(async () => {
  await call("POST", "reset");
  await call("POST", "seed", { people: 2, randomSeed: 3, appointmentsPerPerson: 5 });
});

const people = async (): Promise<Person[]> => (await call("GET", "people")).body;
const items = async (side: string, associateId = 101): Promise<(SampleAppointment & { id: string })[]> =>
  (await call("GET", `items?side=${side}&associateId=${associateId}`)).body;

describe("/control/", () => {
  it("tells the people with all that a test needs of them", async () => {
    const [first] = await people();
    expect(first).toMatchObject({
      associateId: 101,
      address: expect.stringContaining("@nordlys.example") as string,
      userPrincipalName: expect.stringContaining("@") as string,
      password: expect.any(String) as string,
      tenant: sandbox.context.directory.tenants()[0]!.id,
      capabilities: { mailbox: true, ews: true, graph: true, enabled: true, retired: false },
    });
  });

  it("adds and changes people, one switch at a time, and refuses an address that is taken", async () => {
    const added = await call("POST", "people", {
      firstName: "Ny",
      lastName: "Mann",
      timeZone: "Europe/Berlin",
    });
    expect(added.body).toMatchObject({ associateId: 103, fullName: "Ny Mann", timeZone: "Europe/Berlin" });
    const changed = await call("POST", "people", { associateId: 103, capabilities: { ews: false } });
    expect(changed.body).toMatchObject({ fullName: "Ny Mann", capabilities: { ews: false, mailbox: true } });
    const [first] = await people();
    expect((await call("POST", "people", { associateId: 103, address: first!.address })).status).toBe(409);
    const wrong = await call("POST", "people", { associateId: 103, capabilites: {}, timeZone: "Mars/North" });
    expect(wrong).toMatchObject({ status: 400, body: { issues: [{ path: "timeZone" }, { path: "" }] } });
    expect(await items("exchange", 103)).toEqual([]);
  });

  it("turns Graph's switches, or names what is wrong", async () => {
    const turned = await call("POST", "graph", { deltaOccurrences: "full" });
    expect(turned.body).toMatchObject({ deltaOccurrences: "full", lostToken: "410 syncStateNotFound" });
    expect(await call("POST", "graph", { deltaOccurences: "full" })).toMatchObject({
      status: 400,
      body: { error: expect.stringContaining("no switch is called deltaOccurences") as string },
    });
    await call("POST", "graph", { deltaOccurrences: "slim" });
  });

  it.each(["exchange", "superoffice"])(
    "creates, changes, deletes and lists on the side of %s",
    async (side) => {
      const before = await items(side);
      const made = await call("POST", "edit", {
        side,
        associateId: 101,
        action: "create",
        item: { subject: "Ny avtale", start: "2026-12-01T09:00:00", end: "2026-12-01T10:00:00" },
      });
      const { id } = made.body as { id: string };
      expect((await items(side)).find((each) => each.id === id)).toMatchObject({ subject: "Ny avtale" });
      await call("POST", "edit", {
        side,
        associateId: 101,
        action: "change",
        id,
        item: { subject: "Endret" },
      });
      expect((await items(side)).find((each) => each.id === id)).toMatchObject({
        subject: "Endret",
        start: "2026-12-01T09:00:00",
      });
      expect((await call("POST", "edit", { side, associateId: 101, action: "delete", id })).status).toBe(200);
      expect(await items(side)).toHaveLength(before.length);
      expect((await call("POST", "edit", { side, associateId: 101, action: "delete", id })).status).toBe(422);
      expect((await call("POST", "edit", { side, associateId: 999, action: "delete", id })).status).toBe(404);
    },
  );

  it.each(["exchange", "superoffice"])(
    "tasks, contacts, single occurrences and whole files go in on the side of %s",
    async (side) => {
      const edit = async (body: object): Promise<{ status: number; id: string }> => {
        const { status, body: said } = await call("POST", "edit", { side, associateId: 101, ...body });
        return { status, id: (said as { id: string }).id };
      };
      const listed = async (kind: string): Promise<{ id: string }[]> =>
        (await call("GET", `items?side=${side}&associateId=101&kind=${kind}`)).body;
      const task = await edit({
        action: "create",
        kind: "task",
        item: { subject: "Ring", percentComplete: 100 },
      });
      expect(
        (await edit({ action: "change", kind: "task", id: task.id, item: { subject: "Ring nå" } })).status,
      ).toBe(200);
      expect((await listed("task")).find((each) => each.id === task.id)).toMatchObject({
        subject: "Ring nå",
        status: "completed",
      });
      const contact = await edit({
        action: "create",
        kind: "contact",
        item: { displayName: "Kari Ås", givenName: "Kari", surname: "Ås" },
      });
      expect((await listed("contact")).find((each) => each.id === contact.id)).toMatchObject({
        surname: "Ås",
      });
      expect((await edit({ action: "delete", kind: "contact", id: contact.id })).status).toBe(200);
      const series = await edit({
        action: "create",
        item: {
          subject: "Serie",
          start: "2026-12-01T09:00:00",
          end: "2026-12-01T10:00:00",
          recurrence: { frequency: "daily", interval: 1, end: { kind: "count", count: 5 } },
        },
      });
      await edit({ action: "delete", id: series.id, originalStart: "2026-12-02T09:00:00" });
      await edit({
        action: "change",
        id: series.id,
        originalStart: "2026-12-03T09:00:00",
        item: { subject: "Endret" },
      });
      expect((await items(side)).find((each) => each.id === series.id)?.recurrence).toMatchObject({
        deleted: ["2026-12-02T09:00:00"],
        modified: [{ originalStart: "2026-12-03T09:00:00", subject: "Endret" }],
      });
      const later = await edit({
        action: "change",
        id: series.id,
        originalStart: "2026-12-04T09:00:00",
        following: true,
        item: { location: "Bergen" },
      });
      expect(later.status).toBe(200);
      const file =
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Fil\nDTSTART:20261210T090000Z\nEND:VEVENT\nEND:VCALENDAR\n";
      const base64 = Buffer.from(file).toString("base64");
      const { body } = await call("POST", "import", { side, associateId: 101, base64 });
      expect(body).toMatchObject({
        components: [{ component: "VEVENT", outcome: "stored", kind: "appointment" }],
      });
      expect((await call("POST", "import", { side, associateId: 101 })).status).toBe(400);
    },
  );

  it("replaces a mailbox, restores a backup and edits selections", async () => {
    expect((await items("exchange")).length).toBeGreaterThan(0);
    expect((await call("POST", "exchange", { replaceMailbox: 101 })).status).toBe(200);
    expect(await items("exchange")).toEqual([]);
    expect((await items("exchange", 102)).length).toBeGreaterThan(0);
    const before = await items("superoffice");
    await call("POST", "superoffice", { snapshot: "before" });
    for (const { id } of before) {
      await call("POST", "edit", { side: "superoffice", associateId: 101, action: "delete", id });
    }
    expect(await items("superoffice")).toEqual([]);
    await call("POST", "superoffice", { restore: "before" });
    expect(await items("superoffice")).toEqual(before);
    const made = await call("POST", "selections", { associateId: 101, name: "Mine" });
    const { selectionId } = made.body as { selectionId: number };
    const person = (await people())[0]!.personId;
    expect((await call("POST", `selections/${selectionId}`, { add: [person] })).body).toMatchObject({
      members: [person],
    });
    const all = (await call("GET", "selections?associateId=101")).body as { name: string }[];
    expect(all.map((each) => each.name)).toEqual(["Contacts I favour", "Mine"]);
  });

  it("the same seed makes the same diaries again", async () => {
    const comparable = async () =>
      (await items("exchange")).map(({ subject, start, end }) => ({ subject, start, end }));
    const before = await comparable();
    await call("POST", "seed", { people: 2, randomSeed: 3, appointmentsPerPerson: 5 });
    expect(await comparable()).toEqual(before);
    await call("POST", "seed", { people: 2, randomSeed: 4, appointmentsPerPerson: 5 });
    expect(await comparable()).not.toEqual(before);
  });

  it("keeps fault rules, which systems obey", async () => {
    const { id } = (
      await call("POST", "faults", { system: "mail", effect: { kind: "status", status: 503 }, times: 1 })
    ).body as { id: number };
    expect((await fetch(`${sandbox.origin}/mail/`)).status).toBe(503);
    expect((await fetch(`${sandbox.origin}/mail/`)).status).toBe(200);
    expect((await call("GET", "faults")).body).toMatchObject([{ id, hits: 1, system: "mail" }]);
    expect((await call("DELETE", `faults/${id}`)).status).toBe(200);
    expect((await call("DELETE", `faults/${id}`)).status).toBe(404);
    expect((await call("POST", "faults", { system: "mail", effect: { kind: "nonsense" } })).status).toBe(400);
  });

  it("takes a seed for a rule that draws, so that the same calls meet the same faults again", async () => {
    const rule = { system: "mail", effect: { kind: "status", status: 503 }, probability: 0.5, seed: 11 };
    const statuses = async () => {
      await call("DELETE", "faults");
      await call("POST", "faults", rule);
      const answers: number[] = [];
      for (let count = 0; count < 12; count += 1)
        answers.push((await fetch(`${sandbox.origin}/mail/`)).status);
      return answers;
    };
    const first = await statuses();
    expect(new Set(first)).toEqual(new Set([200, 503]));
    expect(await statuses()).toEqual(first);
    expect((await call("GET", "faults")).body).toMatchObject([{ seed: 11 }]);
    expect((await call("POST", "faults", { ...rule, seed: 1.5 })).status).toBe(400);
    await call("DELETE", "faults");
  });

  it("moves the clock", async () => {
    await call("POST", "clock", { advanceMs: 86_400_000 });
    const { now } = (await call("GET", "clock")).body as { now: string };
    expect(Date.parse(now)).toBeGreaterThan(Date.now() + 86_000_000);
    expect((await call("POST", "clock", { reset: true })).body).toMatchObject({
      offsetMs: expect.closeTo(0, -2) as number,
    });
  });

  it("counts calls and bytes per system and operation, and attendee mails", async () => {
    await call("DELETE", "counters");
    await fetch(`${sandbox.origin}/mail/messages`);
    expect((await call("GET", "counters")).body).toMatchObject({
      traffic: { mail: { "GET inbox": { calls: 1, bytesIn: 0, statuses: { "2xx": 1 } } } },
    });
    expect((await call("GET", "attendee-mails")).body).toEqual({ count: 0, mails: [] });
  });

  it("tells how to connect, and an installation stays connected over a reset", async () => {
    const connections = async () =>
      (await call("GET", "connections")).body as Record<string, Record<string, unknown>>;
    const before = await connections();
    expect(before["microsoft"]).toMatchObject({
      authorityHost: new URL(sandbox.origin).host,
      clientId: expect.any(String) as string,
      clientSecret: expect.any(String) as string,
      ewsUrl: `${sandbox.origin}/EWS/Exchange.asmx`,
      graphUrl: `${sandbox.origin}/v1.0`,
    });
    expect(before["superoffice"]).toMatchObject({
      tenant: "Cust12345",
      systemUserToken: expect.any(String) as string,
    });
    expect(before["smtp"]).toMatchObject({ host: "localhost", port: sandbox.smtpPort });
    await call("POST", "reset");
    await call("POST", "seed", { people: 1, randomSeed: 9, appointmentsPerPerson: 0 });
    expect(await connections()).toEqual(before);
  });

  it("does what an Entra administrator does", async () => {
    const reset = await call("POST", "entra/reset-password", { associateId: 101, password: "fresh" });
    expect(reset.body).toEqual({ password: "fresh" });
    await call("POST", "entra/disable", { associateId: 101 });
    expect((await people())[0]).toMatchObject({ password: "fresh", capabilities: { enabled: false } });
    await call("POST", "entra/user-type", { associateId: 102, userType: "Guest" });
    expect((await people())[1]).toMatchObject({ userType: "Guest" });
    for (const [action, body] of [
      ["revoke", { associateId: 101 }],
      ["conditional-access", { associateId: 101, blocked: true }],
      ["require-admin-consent", { required: true }],
      ["grant-admin-consent", {}],
      ["withdraw-consent", {}],
      ["access-tokens", { seconds: 60 }],
    ] as const) {
      expect((await call("POST", `entra/${action}`, body)).status).toBe(200);
    }
    const application = await call("POST", "entra/application", {
      redirectUris: ["https://sync.example/cb"],
    });
    expect(application.body).toMatchObject({ redirectUris: ["https://sync.example/cb"] });
    await call("POST", "entra/access-tokens", { seconds: 3600 });
  });

  it("answers nonsense precisely", async () => {
    expect((await call("GET", "nothing")).status).toBe(404);
    expect((await call("DELETE", "people")).status).toBe(405);
    const broken = await fetch(`${sandbox.origin}/control/clock`, { method: "POST", body: "{" });
    expect(broken.status).toBe(400);
    expect(await (await fetch(`${sandbox.origin}/`)).text()).toContain("/control/people");
  });
});
