import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { shownState, type Hold, type Stage } from "../../core/lifecycle/index.ts";
import { holdCodes, stages } from "../../core/lifecycle/index.ts";
import { createClient } from "./client.ts";
import { startInstallation, type Installation } from "./installation.ts";
import { createInvitees, type Invitees } from "./invitees.ts";

interface Row {
  associateId: number;
  name: string;
  address: string;
  state: string;
  problem: { code: string; message: string; since: string } | null;
  actions: { kind: string; allowed: boolean; reason: string | null }[];
}
interface List {
  rows: Row[];
  next: string | null;
  total: number;
  all: number;
  withProblem: number;
  counts: Record<string, number>;
}

describe("the table of associates", () => {
  let everlink: Installation;
  let north: Invitees;
  const users: Record<string, string> = {};

  beforeAll(async () => {
    everlink = await startInstallation();
    north = await createInvitees(everlink, "north");
    for (const stage of ["syncing", "needs-reauth", "blocked", "invited"]) {
      users[stage] = (await north.invited(north.somebody())).userId;
    }
    const hold = (code: string, problem: string) => [
      { code, problem, actor: "everlink", since: "2026-03-02T08:00:00.000Z", clearedBy: "register" },
    ];
    await everlink.database.inOrganization(north.organizationId, async (tx) => {
      await tx`update lifecycle set stage = 'syncing' where user_id <> ${users.invited!}`;
      for (const [code, problem] of [
        ["needs-reauth", "entra.grant-revoked"],
        ["blocked", "ews.forbidden"],
      ] as const) {
        await tx`update lifecycle set holds = ${tx.json(hold(code, problem))} where user_id = ${users[code]!}`;
      }
    });
  });
  afterAll(() => everlink.close());

  const list = async (query = "") => (await north.api.get<List>(`/associates${query}`)).body;

  it("counts by state are the filters, and stay when one is chosen", async () => {
    const everybody = await list();
    expect(everybody.counts).toMatchObject({
      syncing: 1,
      "needs-reauth": 1,
      blocked: 1,
      invited: 1,
      erased: 0,
    });
    expect(everybody.counts["not-invited"]).toBe(everybody.all - 4);
    expect(everybody.withProblem).toBe(2);
    const some = await list("?state=needs-reauth,blocked");
    expect(some.rows.map((row) => row.state).toSorted()).toEqual(["blocked", "needs-reauth"]);
    expect(some).toMatchObject({ total: 2, all: everybody.all, counts: everybody.counts });
    expect((await list("?problem=any")).total).toBe(2);
    expect((await list("?problem=none")).total).toBe(everybody.all - 2);
  });

  it("says in words what the problem is, since when, and which buttons help", async () => {
    const { rows } = await list("?state=needs-reauth");
    expect(rows[0]!.problem).toMatchObject({
      code: "entra.grant-revoked",
      since: "2026-03-02T08:00:00.000Z",
    });
    expect(rows[0]!.problem!.message).toContain(rows[0]!.name);
    expect(JSON.stringify(rows)).not.toContain("{person}");
    const action = (kind: string) => rows[0]!.actions.find((each) => each.kind === kind);
    expect(action("reauth")).toEqual({ kind: "reauth", allowed: true, reason: null });
    expect(action("syncNow")).toMatchObject({
      allowed: false,
      reason: "Needs sign-in first. Send a sign-in link.",
    });
  });

  it("disables with the role's reason what the role may not do", async () => {
    const auditor = createClient(everlink.publicUrl, await everlink.token(north.organizationId, "auditor"));
    const { body } = await auditor.get<List>("/associates?limit=1");
    expect(
      body.rows[0]!.actions.every((action) => !action.allowed && action.reason!.includes("auditor")),
    ).toBe(true);
  });

  it.each(["name", "address", "state", "lastSync", "nextSync"])(
    "pages through all by %s, up and down, each once and in order",
    async (sort) => {
      const seen: number[][] = [];
      for (const order of ["asc", "desc"]) {
        const ids: number[] = [];
        let cursor: string | null = "";
        while (cursor !== null) {
          const page: List = await list(
            `?sort=${sort}&order=${order}&limit=7${cursor && `&cursor=${cursor}`}`,
          );
          ids.push(...page.rows.map((row) => row.associateId));
          cursor = page.next;
        }
        expect(new Set(ids).size).toBe(ids.length);
        expect(ids.length).toBe((await list()).all);
        seen.push(ids);
      }
      expect(seen[1]).toEqual(seen[0]!.toReversed());
    },
  );

  it("finds parts of names and addresses as text, not as patterns", async () => {
    const person = (await everlink.people())[5]!;
    const found = await list(`?search=${encodeURIComponent(person.fullName.slice(2, 8).toUpperCase())}`);
    expect(found.rows.map((row) => row.name)).toContain(person.fullName);
    expect((await list(`?search=${encodeURIComponent("%")}`)).total).toBe(0);
    expect((await list(`?search=${encodeURIComponent("_")}`)).total).toBe(0);
    expect((await list(`?search=${encodeURIComponent("\\")}`)).total).toBe(0);
  });

  it("shows in SQL the same word as the state machine, for every stage and pair of holds", async () => {
    const cases: { stage: Stage; holds: Pick<Hold, "code">[] }[] = [];
    for (const stage of stages) {
      cases.push({ stage, holds: [] });
      for (const first of holdCodes) {
        for (const second of holdCodes) cases.push({ stage, holds: [{ code: first }, { code: second }] });
      }
    }
    const shown = await everlink.database.inOrganization(north.organizationId, async (tx) => {
      const rows = await tx<{ word: string }[]>`
        select shown_state(c ->> 'stage', c -> 'holds') as word
        from jsonb_array_elements(${tx.json(cases)}) with ordinality as x(c, n) order by n`;
      return rows.map((row) => row.word);
    });
    expect(shown).toEqual(
      cases.map((each) => shownState({ stage: each.stage, holds: each.holds as Hold[] })),
    );
  });

  it("ticks live streams when something changed, and only then", async () => {
    const token = await everlink.token(north.organizationId, "auditor");
    const aborter = new AbortController();
    const response = await fetch(`${everlink.publicUrl}/api/v1/associates/stream`, {
      headers: { authorization: `Bearer ${token}` },
      signal: aborter.signal,
    });
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    const until = async (event: string) => {
      while (!text.includes(`event: ${event}`)) text += (await reader.read()).value ?? "";
    };
    await until("ready");
    expect(text).not.toContain("changed");
    // The stream learns how things stand at its first look; a change after that is told.
    const change = setInterval(() => {
      void everlink.database.inOrganization(
        north.organizationId,
        (tx) => tx`update lifecycle set updated_at = clock_timestamp() where user_id = ${users.syncing!}`,
      );
    }, 300);
    try {
      await until("changed");
    } finally {
      clearInterval(change);
      aborter.abort();
    }
  });

  it("shows nothing of another organization, and takes none of its ids", async () => {
    const south = await createInvitees(everlink, "south");
    const { userId, invitationId } = await north.invited(north.somebody());
    expect((await south.api.get<List>("/associates?state=syncing")).body.total).toBe(0);
    for (const answer of [
      await south.api.get(`/users/${userId}`),
      await south.api.post(`/users/${userId}/pause`),
      await south.api.delete(`/users/${userId}`),
      await south.api.post(`/invitations/${invitationId}/links`),
      await south.api.post(`/users/${userId}/link`, {}),
    ]) {
      expect(answer.status).toBe(404);
    }
    expect((await north.detailOf(userId)).user.state).toBe("invited");
  });

  it("publishes the whole contract, with the permission of each route", async () => {
    const document = (await (await fetch(`${everlink.publicUrl}/api/openapi.json`)).json()) as {
      openapi: string;
      paths: Record<string, Record<string, { "x-everlink-permission"?: string }>>;
    };
    expect(document.openapi).toBe("3.1.0");
    const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
    expect(operations.length).toBeGreaterThanOrEqual(28);
    expect(operations.every((operation) => typeof operation["x-everlink-permission"] === "string")).toBe(
      true,
    );
  });
});
