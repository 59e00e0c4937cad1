import { createHmac } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { blankContact } from "../samples.ts";
import { openOffice, type Json, type TestOffice } from "./testOffice.ts";

interface Told {
  body: string;
  headers: Record<string, unknown>;
}

let office: TestOffice;
let receiver: Server;
let target: string;
let told: Told[] = [];
let status = 200;
beforeAll(async () => {
  office = await openOffice();
  office.office.configure({ webhookRetryMs: 1 });
  receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      told.push({ body: Buffer.concat(chunks).toString(), headers: request.headers });
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  target = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
});
afterAll(async () => {
  await office.close();
  receiver.closeAllConnections();
  receiver.close();
});

const register = (events: string[]) =>
  office.call("POST", "/Webhook", { Name: "Test", Events: events, TargetUrl: target, Secret: "s3cret" });
const events = (): string[] => told.map((each) => (JSON.parse(each.body) as { Event: string }).Event);

describe("webhooks", () => {
  it("try their target, then tell each change, signed over the raw body", async () => {
    const registered = await register(["person.created", "person.changed", "person.deleted"]);
    expect(registered).toMatchObject({ status: 200, body: { State: "Active", Secret: null } });
    expect(events()).toEqual(["webhook.test"]);
    told = [];
    const store = office.office.samples!.contacts;
    const id = store.put(office.ada, { ...blankContact, displayName: "Cleo", givenName: "Cleo" });
    store.change(office.ada, id, { jobTitle: "CEO" });
    store.remove(office.ada, id);
    await vi.waitFor(() => expect(told).toHaveLength(3));
    expect(events()).toEqual(["person.created", "person.changed", "person.deleted"]);
    for (const { body, headers } of told) {
      const signature = createHmac("sha256", "s3cret").update(body).digest("base64");
      expect(headers["x-superoffice-signature"]).toBe(signature);
      expect(JSON.parse(body)).toMatchObject({ PrimaryKey: Number(id), ChangedByAssociateId: 101 });
    }
    await office.call("DELETE", `/Webhook/${String(registered.body["WebhookId"])}`);
  });

  it("give up an event after three attempts, and stop after nine failed ones until set active again", async () => {
    told = [];
    status = 200;
    const id = String((await register(["activity.created"])).body["WebhookId"]);
    told = [];
    status = 500;
    for (let count = 0; count < 4; count++) {
      office.office.samples!.tasks.put(office.ada, {
        subject: `No. ${count}`,
        body: "",
        start: null,
        due: null,
        status: "not-started",
        percentComplete: 0,
        completedOn: null,
        importance: "normal",
        private: false,
        reminderAt: null,
        categories: [],
        recurrence: null,
      });
    }
    await vi.waitFor(async () =>
      expect((await office.call("GET", `/Webhook/${id}`)).body).toMatchObject({
        State: "TooManyErrors",
        ConsecutiveErrors: 9,
      }),
    );
    expect(told).toHaveLength(9);
    expect(told.slice(0, 3).map((each) => each.headers["x-superoffice-retry"])).toEqual(["0", "1", "2"]);
    expect(new Set(told.map((each) => (JSON.parse(each.body) as Json)["EventId"])).size).toBe(3);
    status = 200;
    const back = await office.call("PUT", `/Webhook/${id}`, { State: "Active" });
    expect(back.body).toMatchObject({ State: "Active", ConsecutiveErrors: 0 });
    await office.call("DELETE", `/Webhook/${id}`);
  });

  it("refuse a target that does not answer, and plain HTTP elsewhere", async () => {
    status = 404;
    expect((await register(["person.created"])).status).toBe(400);
    status = 200;
    const elsewhere = await office.call("POST", "/Webhook", {
      Events: ["person.created"],
      TargetUrl: "http://receiver.example/hook",
    });
    expect(elsewhere.status).toBe(400);
    expect((await office.call("GET", "/Webhook")).body).toEqual([]);
  });
});

describe("selections and backups", () => {
  it("static selections have members that are added and removed, dynamic ones whoever fits", async () => {
    const store = office.office.samples!.contacts;
    const put = (name: string, jobTitle: string): number =>
      Number(store.put(office.ada, { ...blankContact, givenName: name, displayName: name, jobTitle }));
    const [cleo, dina] = [put("Cleo", "CEO"), put("Dina", "Buyer")];
    const listed = (await office.call("GET", "/Selection?$select=selectionId,name,memberCount")).body;
    const [favourites] = listed["value"] as Json[];
    // "May be imprecise/outdated" (archive-providers/reference/findselection.md): it counts the deleted one too.
    expect(favourites).toMatchObject({ name: "Contacts I favour", memberCount: 3 });
    const path = `/Selection/${String(favourites!["selectionId"])}`;
    const members = async (of = path): Promise<unknown[]> =>
      ((await office.call("GET", `${of}/Members?$select=personId`)).body["value"] as Json[]).map(
        (row) => row["personId"],
      );
    expect(await members()).toEqual([cleo, dina]);
    await office.call("POST", `${path}/Members/Remove`, [cleo]);
    expect(await members()).toEqual([dina]);
    await office.call("POST", `${path}/Members/Add`, [cleo, dina]);
    expect(await members()).toEqual([cleo, dina]);
    const buyers = office.office.selections.save({
      associateId: 101,
      name: "Buyers",
      kind: "Dynamic",
      filter: "title is 'Buyer'",
    });
    expect(await members(`/Selection/${buyers.selectionId}`)).toEqual([dina]);
    store.change(office.ada, String(cleo), { jobTitle: "Buyer" });
    expect(await members(`/Selection/${buyers.selectionId}`)).toEqual([cleo, dina]);
    const refused = await office.call("POST", `/Selection/${buyers.selectionId}/Members/Add`, [cleo]);
    expect(refused.status).toBe(400);
  });

  it("a restored backup loses what came since and gives its ids out again", () => {
    const store = office.office.samples!.contacts;
    const before = store.list(office.ada);
    office.office.configure({ snapshot: "monday" });
    const lost = store.put(office.ada, { ...blankContact, displayName: "Lost", givenName: "Lost" });
    store.change(office.ada, before[0]!.id, { jobTitle: "Changed since" });
    office.office.configure({ restore: "monday" });
    expect(store.list(office.ada)).toEqual(before);
    expect(store.put(office.ada, { ...blankContact, displayName: "Other", givenName: "Other" })).toBe(lost);
    expect(() => office.office.configure({ restore: "tuesday" })).toThrow("there is no snapshot tuesday");
  });
});
