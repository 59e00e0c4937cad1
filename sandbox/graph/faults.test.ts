import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { FaultEffect } from "../context.ts";
import { startGraph, type Json, type TestGraph } from "./testing/server.ts";

let at: TestGraph;
beforeAll(async () => {
  at = await startGraph();
  for (const subject of ["One", "Two"])
    expect((await at.send("POST", "/me/events", { body: event(subject) })).status).toBe(201);
});
afterEach(() => at.sandbox.rules.clear());
afterAll(async () => {
  expect(at.errors).toEqual([]);
  expect(at.graph.counters()["responsesInvalid"]).toBe(0);
  await at.close();
});

const event = (subject: string): Json => ({
  subject,
  start: { dateTime: "2026-03-02T09:00:00", timeZone: "UTC" },
  end: { dateTime: "2026-03-02T10:00:00", timeZone: "UTC" },
});
const fault = (operation: string, effect: FaultEffect, times = 1): void =>
  void at.sandbox.rules.add({ system: "graph", operation, effect, times });
const subjects = async (): Promise<string[]> =>
  (await at.send("GET", "/me/events?$top=100")).body.value.map((each: Json) => each.subject);

describe("faults", () => {
  it("are named by method and template, for /users too", async () => {
    fault("GET /me/events", { kind: "status", status: 503, retryAfterSeconds: 7 });
    const answer = await at.send("GET", `/users/${at.person.userPrincipalName}/events`);
    expect([answer.status, answer.headers["retry-after"]]).toEqual([503, "7"]);
    expect((await at.send("GET", "/me/events")).status).toBe(200);
  });

  it("empty listings and delta rounds, which lose nothing by it", async () => {
    fault("GET /me/events", { kind: "empty" });
    expect(await subjects()).toEqual([]);
    const delta = "/me/calendarView/delta?startDateTime=2026-03-01&endDateTime=2026-04-01";
    fault("GET /me/calendarView/delta", { kind: "empty" });
    const empty = await at.send("GET", delta);
    expect(empty.body.value).toEqual([]);
    const next = await at.send("GET", empty.body["@odata.deltaLink"]);
    expect(next.body.value).toHaveLength(2);
  });

  it("cut answers short, lose them, or do the work late", async () => {
    fault("POST /me/events", { kind: "truncate", bytes: 20 });
    expect(typeof (await at.send("POST", "/me/events", { body: event("Cut") })).body).toBe("string");
    fault("POST /me/events", { kind: "lostResponse" });
    await expect(at.send("POST", "/me/events", { body: event("Lost") })).rejects.toThrow(/socket|reset/i);
    fault("POST /me/events", { kind: "lateCommit", ms: 50 });
    await expect(at.send("POST", "/me/events", { body: event("Late") })).rejects.toThrow(/socket|reset/i);
    await expect.poll(subjects).toEqual(expect.arrayContaining(["Cut", "Lost", "Late"]));
  });

  it("slow calls down, of which a mailbox takes four at once", async () => {
    fault("GET /me/events", { kind: "latency", ms: 300 }, 100);
    const answers = await Promise.all(Array.from({ length: 6 }, () => at.send("GET", "/me/events")));
    const refused = answers.filter((answer) => answer.status === 429);
    expect(refused).toHaveLength(2);
    expect(refused[0]).toMatchObject({
      headers: { "retry-after": "1" },
      body: { error: { code: "ApplicationThrottled" } },
    });
    at.graph.configure({ mailboxConcurrency: 1, retryAfterSeconds: null });
    const [first, other, second] = await Promise.all([
      at.send("GET", "/me/events"),
      at.send("GET", "/me/events", { associateId: 2 }),
      new Promise<void>((resolve) => setTimeout(resolve, 50)).then(() => at.send("GET", "/me/events")),
    ]);
    expect([first.status, other.status, second.status, second.headers["retry-after"]]).toEqual([
      200,
      200,
      429,
      undefined,
    ]);
    at.graph.configure({ mailboxConcurrency: 4, retryAfterSeconds: 1 });
  });
});

describe("$batch", () => {
  it("answers each part by itself", async () => {
    const { status, body } = await at.send("POST", "/$batch", {
      body: {
        requests: [
          {
            id: "1",
            method: "POST",
            url: "/me/events",
            headers: { "Content-Type": "application/json" },
            body: event("Batch"),
          },
          { id: "2", method: "GET", url: "/me/events/nonsense" },
          { id: "3", method: "GET", url: "me/calendar", headers: { Prefer: 'IdType="ImmutableId"' } },
          { id: "4", method: "GET", url: "/me/events?$top=1", dependsOn: ["1"] },
          { id: "5", method: "GET", url: "/me/events", dependsOn: ["2"] },
        ],
      },
    });
    expect(status).toBe(200);
    expect(body.responses.map((each: Json) => [each.id, each.status])).toEqual([
      ["1", 201],
      ["2", 400],
      ["3", 200],
      ["4", 200],
      ["5", 424],
    ]);
    expect(body.responses[0].body.subject).toBe("Batch");
    expect(body.responses[0].headers.Location).toContain("/me/events/");
    expect(body.responses[1].body.error.code).toBe("ErrorInvalidIdMalformed");
  });

  it("takes 20 parts at most, and no doubled ids", async () => {
    const headers = { "x-broken-on-purpose": "1" };
    const parts = (count: number, id = (n: number) => String(n)): Json => ({
      requests: Array.from({ length: count }, (_, n) => ({ id: id(n), method: "GET", url: "/me/calendar" })),
    });
    expect((await at.send("POST", "/$batch", { body: parts(20) })).status).toBe(200);
    expect((await at.send("POST", "/$batch", { body: parts(21), headers })).status).toBe(400);
    expect((await at.send("POST", "/$batch", { body: parts(2, () => "same"), headers })).status).toBe(400);
    const late = {
      requests: [
        { id: "1", method: "GET", url: "/me/calendar", dependsOn: ["2"] },
        { id: "2", method: "GET", url: "/me/calendar" },
      ],
    };
    expect((await at.send("POST", "/$batch", { body: late, headers })).status).toBe(400);
  });
});

describe("switches", () => {
  it("refuse what they do not know, all or nothing", () => {
    expect(() => at.graph.configure({ nonsense: true, lostToken: "x", ifMatch: "ignored" })).toThrow(
      /nonsense.*lostToken/,
    );
    expect(at.graph.configure({})["ifMatch"]).toBe("honoured");
  });
});
