import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AssociateId, OrganizationId } from "../../core/ids.ts";
import { connectionOfKind } from "../../db/connections.ts";
import { saveAssociates } from "../../db/directory.ts";
import { createBrowser } from "./browser.ts";
import type { Client } from "./client.ts";
import { startInstallation, type Installation } from "./installation.ts";
import { createInvitees, type Invitees } from "./invitees.ts";

interface Problem {
  code: string;
  title: string;
  detail: string;
  status: number;
  requestId: string;
  errors?: { field: string; message: string }[];
}

describe("bad input", () => {
  let everlink: Installation;
  let north: Invitees;
  let api: Client;

  beforeAll(async () => {
    everlink = await startInstallation();
    north = await createInvitees(everlink, "north");
    api = north.api;
  });
  afterAll(() => everlink.close());

  /** Everything that a request could have changed. */
  async function state(organizationId: OrganizationId = north.organizationId): Promise<string> {
    return await everlink.database.inOrganization(organizationId, async (tx) => {
      const [row] = await tx<{ state: string }[]>`
        select concat_ws('/', (select count(*) from users), (select count(*) from invitation),
          (select count(*) from command), (select count(*) from audit), (select count(*) from outbox),
          (select count(*) from invitation_secret), (select count(*) from link), (select count(*) from lifecycle),
          (select coalesce(sum(seq), 0) from lifecycle)) as state`;
      return row!.state;
    });
  }

  async function refused(
    request: () => Promise<{ status: number; body: Problem; headers: Headers }>,
  ): Promise<Problem> {
    const before = await state();
    const answer = await request();
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(answer.body).toMatchObject({
      status: answer.status,
      requestId: answer.headers.get("x-request-id"),
    });
    expect(answer.body.title).not.toBe("");
    expect(await state()).toBe(before);
    return answer.body;
  }

  it.each([
    ["no associates", { associateIds: [] }, "associateIds"],
    ["text for a number", { associateIds: ["12"] }, "associateIds.0"],
    ["a fraction", { associateIds: [1.5] }, "associateIds.0"],
    ["a negative number", { associateIds: [-1] }, "associateIds.0"],
    ["a number beyond the database", { associateIds: [2 ** 31] }, "associateIds.0"],
    ["a header in the subject", { associateIds: [1], subject: "a\r\nBcc: eve@evil.example" }, "subject"],
    ["a header in the sender", { associateIds: [1], senderName: "a\nb" }, "senderName"],
    ["a malformed reply address", { associateIds: [1], replyTo: "nobody" }, "replyTo"],
    ["two reply addresses", { associateIds: [1], replyTo: "a@x.example,b@y.example" }, "replyTo"],
    ["an endless message", { associateIds: [1], message: "x".repeat(4001) }, "message"],
    ["an expiry in the past", { associateIds: [1], expiresInDays: 0 }, "expiresInDays"],
    ["an unknown field", { associateIds: [1], colour: "red" }, ""],
    ["nothing", {}, "associateIds"],
    ["a list", [], ""],
  ])("400 for an invitation with %s, naming the field", async (_, body, field) => {
    const problem = await refused(() => api.post<Problem>("/invitations", body));
    expect([problem.code, problem.errors?.[0]?.field]).toEqual(["request.invalid", field]);
  });

  it("400 for what is not JSON, 415 for what does not say so, 413 for too much", async () => {
    expect((await refused(() => api.post<Problem>("/invitations", "{", {}))).code).toBe("request.invalid");
    const form = await refused(() =>
      api.post<Problem>("/invitations", "associateIds=1", {
        "content-type": "application/x-www-form-urlencoded",
      }),
    );
    expect([form.status, form.code]).toEqual([415, "request.not-json"]);
    const large = await refused(() =>
      api.post<Problem>("/invitations", `{"message":"${"x".repeat(1_000_001)}"}`),
    );
    expect([large.status, large.code]).toEqual([413, "request.too-large"]);
  });

  it("404 for an unknown associate, one by one or among others", async () => {
    const alone = await refused(() => api.post<Problem>("/invitations", { associateIds: [999_999] }));
    expect([alone.status, alone.code]).toEqual([404, "request.not-found"]);
    expect(alone.detail).toContain("999999");
    const known = north.somebody();
    const { status, body } = await api.post<{
      invited: number;
      refused: number;
      results: { outcome: string; problem: { code: string } | null }[];
    }>("/invitations", {
      associateIds: [999_999, known.associateId],
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({ invited: 1, refused: 1 });
    expect(body.results.map((result) => result.problem?.code ?? result.outcome)).toEqual([
      "request.not-found",
      "invited",
    ]);
  });

  it.each(["", "nobody", "a@b", "a@x.example\r\nBcc: eve@evil.example", "a@x.example, b@y.example"])(
    "422 for the address %j in SuperOffice",
    async (address) => {
      const associateId = (70_000 + Math.floor(Math.random() * 9_000)) as AssociateId;
      await everlink.database.inOrganization(north.organizationId, async (tx) => {
        const connection = await connectionOfKind(tx, "superoffice");
        await saveAssociates(tx, north.organizationId, connection!.id, [
          ...(await everlink.people()).map((person) => ({
            associateId: person.associateId as AssociateId,
            name: person.fullName,
            address: person.address,
            retired: false,
          })),
          { associateId, name: "Odd", address, retired: false },
        ]);
      });
      const problem = await refused(() => api.post<Problem>("/invitations", { associateIds: [associateId] }));
      expect([problem.status, problem.code]).toEqual([422, "invitation.no-address"]);
    },
  );

  it("409 for a second invitation of the same person, before and after it was carried out; it names resend", async () => {
    const person = north.somebody();
    const first = await api.post<{ results: { userId: string }[] }>("/invitations", {
      associateIds: [person.associateId],
    });
    for (let round = 0; round < 2; round += 1) {
      const problem = await refused(() =>
        api.post<Problem>("/invitations", { associateIds: [person.associateId] }),
      );
      expect([problem.status, problem.code]).toEqual([409, "invitation.exists"]);
      expect(problem.detail).toContain("resend");
      await everlink.carryOut(north.organizationId, first.body.results[0]!.userId);
    }
  });

  it("invites the same person once when two administrators press at the same time", async () => {
    const person = north.somebody();
    const answers = await Promise.all(
      [1, 2, 3, 4].map(() => api.post<Problem>("/invitations", { associateIds: [person.associateId] })),
    );
    expect(answers.map((answer) => answer.status).toSorted((a, b) => a - b)).toEqual([200, 409, 409, 409]);
  });

  it("goes on with the same person when an ended invitation is followed by another", async () => {
    const person = north.somebody();
    const { userId, invitationId } = await north.invited(person);
    await api.post(`/invitations/${invitationId}/revoke`);
    await everlink.carryOut(north.organizationId, userId);
    expect((await north.detailOf(userId)).user.state).toBe("ended");
    const again = await north.invited(person);
    expect(again.userId).toBe(userId);
    expect((await north.detailOf(userId)).user.state).toBe("invited");
    for (const action of ["resend", "revoke", "links"]) {
      const problem = await refused(() => api.post<Problem>(`/invitations/${invitationId}/${action}`));
      expect([action, problem.status]).toEqual([action, 409]);
    }
  });

  it("404 for unknown ids, the same for all, and 400 for what is no id", async () => {
    const id = randomUUID();
    for (const [method, path] of [
      ["get", `/users/${id}`],
      ["get", `/users/${id}/timeline`],
      ["post", `/users/${id}/pause`],
      ["post", `/users/${id}/link`],
      ["delete", `/users/${id}`],
      ["get", `/commands/${id}`],
      ["get", `/erasures/${id}`],
      ["post", `/invitations/${id}/resend`],
      ["delete", `/tokens/${id}`],
    ] as const) {
      const call = (at: string) => (method === "post" ? api.post<Problem>(at, {}) : api[method]<Problem>(at));
      expect([path, (await refused(() => call(path))).code]).toEqual([path, "request.not-found"]);
      const malformed = await refused(() => call(path.replace(id, "not-an-id")));
      expect([path, malformed.code]).toEqual([path, "request.invalid"]);
    }
  });

  it("409 with the state machine's own reason for what is not allowed now", async () => {
    const { userId } = await north.invited(north.somebody());
    const other = await north.invited(north.somebody());
    for (const [path, reason] of [
      ["link", "The mailbox is not registered yet."],
      ["unlink", "Not linked with a mailbox yet."],
      ["sync-now", "The mailbox is not registered yet."],
      ["pause", "Not linked with a mailbox yet."],
      ["resume", "Not paused."],
      ["reauth", "Not registered yet. Send the invitation again instead."],
    ]) {
      const problem = await refused(() => api.post<Problem>(`/users/${userId}/${path}`, {}));
      expect([path, problem.status, problem.detail]).toEqual([path, 409, reason]);
    }
    const unregistered = await refused(() =>
      api.post<Problem>(`/users/${userId}/link`, { mailboxId: randomUUID() }),
    );
    expect([unregistered.status, unregistered.code]).toEqual([409, "link.mailbox-unregistered"]);
    expect((await north.detailOf(other.userId)).user.state).toBe("invited");
  });

  it("409 for a mailbox of somebody else and for one that is linked already", async () => {
    const [first, second] = [north.somebody(), north.somebody()];
    const registered = [];
    for (const person of [first, second]) {
      const { userId, link } = await north.invited(person);
      const browser = createBrowser();
      await browser.signIn(await north.begin(browser, link), person);
      await everlink.carryOut(north.organizationId, userId);
      registered.push({ userId, mailboxId: (await north.detailOf(userId)).mailbox!.id });
    }
    const [ours, theirs] = registered as [(typeof registered)[0], (typeof registered)[0]];
    const foreign = await refused(() =>
      api.post<Problem>(`/users/${ours.userId}/link`, { mailboxId: theirs.mailboxId }),
    );
    expect([foreign.status, foreign.code]).toEqual([409, "link.mailbox-foreign"]);

    const wrong = await refused(() =>
      api.post<Problem>(`/users/${ours.userId}/link`, { settings: { diary: { direction: "sideways" } } }),
    );
    expect(wrong.errors?.[0]?.field).toBe("settings.diary.direction");

    const many = await api.post<{ linked: number; refused: number }>("/links", {
      links: [ours, { userId: theirs.userId, mailboxId: ours.mailboxId }, { userId: randomUUID() }],
    });
    expect([many.status, many.body.linked, many.body.refused]).toEqual([200, 1, 2]);
    await everlink.carryOut(north.organizationId, ours.userId);
    const again = await refused(() => api.post<Problem>(`/users/${ours.userId}/link`, {}));
    expect([again.status, again.detail]).toEqual([
      409,
      "Already linked. Unlink first to choose another mailbox.",
    ]);
  });

  it("400 for forged cursors and unknown filters", async () => {
    for (const query of [
      "cursor=xyz",
      `cursor=${Buffer.from('["name/asc",1,2]').toString("base64url")}`,
      "state=happy",
      "limit=0",
      "limit=501",
      "sort=salary",
      "order=up",
      `search=${"x".repeat(201)}`,
    ]) {
      const problem = await refused(() => api.get<Problem>(`/associates?${query}`));
      expect([query, problem.code]).toEqual([query, "request.invalid"]);
    }
  });

  it("records the wish while Temporal is down: 202, undelivered, nothing lost", async () => {
    const person = north.somebody();
    everlink.setTemporal(false);
    try {
      const answer = await api.post<{ results: { commandId: string }[] }>("/invitations", {
        associateIds: [person.associateId],
      });
      expect(answer.status).toBe(200);
      const command = await api.get<{ deliveredAt: string | null; outcome: null }>(
        `/commands/${answer.body.results[0]!.commandId}`,
      );
      expect(command.body).toMatchObject({ deliveredAt: null, outcome: null });
      const ready = await fetch(`${everlink.publicUrl}/health/ready`);
      expect([ready.status, await ready.json()]).toMatchObject([
        503,
        { dependencies: { postgres: { ok: true }, temporal: { ok: false } } },
      ]);
      expect((await api.post<Problem>("/associates/refresh")).status).toBe(503);
    } finally {
      everlink.setTemporal(true);
    }
  });
});
