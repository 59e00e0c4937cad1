import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { routes } from "../../api/contract/api.ts";
import type { OrganizationId } from "../../core/ids.ts";
import type { Role } from "../../db/access.ts";
import { createClient, type Client } from "./client.ts";
import { startInstallation, type Installation } from "./installation.ts";

const roles = ["owner", "administrator", "helpdesk", "auditor"] as const satisfies readonly Role[];

/** Who may what, written down a second time on purpose: a change of the table has to be meant. */
const table: Record<string, readonly Role[]> = {
  "signed-in": roles,
  read: roles,
  invite: ["owner", "administrator", "helpdesk"],
  link: ["owner", "administrator", "helpdesk"],
  operate: ["owner", "administrator", "helpdesk"],
  revoke: ["owner", "administrator"],
  decide: ["owner", "administrator"],
  content: ["owner", "administrator"],
  control: ["owner", "administrator"],
  erase: ["owner", "administrator"],
  tokens: ["owner", "administrator"],
  connections: ["owner", "administrator", "auditor"],
};

const isPublic = (route: (typeof routes)[number]) => route["x-everlink-permission"] === "public";
/** The stream never ends by itself: it has a test of its own. */
const guarded = routes.filter((route) => !isPublic(route) && route.path !== "/associates/stream");

it("leaves one route open: the exchange of a one-time link", () => {
  expect(routes.filter(isPublic).map(({ method, path }) => `${method} ${path}`)).toEqual(["post /session"]);
});

describe("access", () => {
  let everlink: Installation;
  let north: OrganizationId;
  const clients = {} as Record<Role, Client>;
  let anybody: Client;

  beforeAll(async () => {
    everlink = await startInstallation();
    north = await everlink.organization("north");
    for (const role of roles)
      clients[role] = createClient(everlink.publicUrl, await everlink.token(north, role));
    anybody = createClient(everlink.publicUrl);
  });
  afterAll(() => everlink.close());

  const call = (client: Client, method: string, path: string) => {
    const filled = path.replace(/\{[^}]+\}/g, randomUUID());
    if (method === "get") return client.get<{ code: string }>(filled);
    if (method === "delete") return client.delete<{ code: string }>(filled);
    if (method === "patch") return client.patch<{ code: string }>(filled, {});
    return client.post<{ code: string }>(filled, {});
  };

  describe.each(guarded)("$method $path", (route) => {
    const permission: string = route["x-everlink-permission"];
    it("401 without a caller", async () => {
      const answer = await call(anybody, route.method, route.path);
      expect([answer.status, answer.body.code]).toEqual([401, "access.unauthenticated"]);
    });

    it.each(roles)("403 or further for the %s as the table says", async (role) => {
      const answer = await call(clients[role], route.method, route.path);
      if (table[permission]!.includes(role)) expect(answer.status).not.toBe(403);
      else expect([answer.status, answer.body.code]).toEqual([403, "access.denied"]);
    });
  });

  it("denies by default: 401 outside, 404 inside, for paths and methods that the contract does not know", async () => {
    for (const path of ["/nothing", "/api/v2/associates", "/associates/1/secret", "/users"]) {
      expect((await anybody.get(path)).status).toBe(401);
      expect((await clients.owner.get(path)).status).toBe(404);
    }
    expect((await clients.owner.delete("/associates")).status).toBe(404);
  });

  it("refuses malformed, unknown, revoked and expired tokens alike", async () => {
    const made = await clients.owner.post<{ id: string; token: string }>("/tokens", {
      name: "short",
      role: "auditor",
    });
    expect(made.status).toBe(201);
    const client = createClient(everlink.publicUrl, made.body.token);
    expect((await client.get("/session")).status).toBe(200);
    expect((await clients.owner.delete(`/tokens/${made.body.id}`)).status).toBe(204);
    for (const token of [
      made.body.token,
      "",
      "x",
      `evl_${"x".repeat(43)}`,
      "a b",
      "'; drop table api_token",
    ]) {
      const answer = await createClient(everlink.publicUrl, token).get("/session");
      expect(answer.status).toBe(401);
    }
    const late = await clients.owner.post<{ id: string; token: string }>("/tokens", {
      name: "late",
      role: "auditor",
      expiresInDays: 1,
    });
    await everlink.database.inOrganization(
      north,
      (tx) => tx`update api_token set expires_at = now() where token_id = ${late.body.id}`,
    );
    expect((await createClient(everlink.publicUrl, late.body.token).get("/session")).status).toBe(401);
  });

  it("hands out no token above the caller's own role", async () => {
    const answer = await clients.administrator.post<{ code: string }>("/tokens", {
      name: "up",
      role: "owner",
    });
    expect([answer.status, answer.body.code]).toEqual([403, "access.denied"]);
    const { body } = await clients.administrator.get<{ tokens: { name: string; token?: string }[] }>(
      "/tokens",
    );
    expect(body.tokens.some((token) => token.name === "up" || token.token !== undefined)).toBe(false);
  });

  describe("console sign-in", () => {
    async function signIn(role: Role = "owner") {
      const { url } = await everlink.consoleLink(north, role);
      const token = new URL(url).hash.replace("#sign-in=", "");
      const answer = await anybody.post<{ role: string; code: string }>("/session", { token });
      const cookie = answer.headers.getSetCookie()[0] ?? "";
      return { url, token, answer, cookie, session: cookie.split(";")[0]! };
    }

    it("is one link, once, exchanged by POST, for a locked-down cookie", async () => {
      const { url, token, answer, cookie, session } = await signIn();
      expect(new URL(url).search).toBe("");
      expect(answer.status).toBe(201);
      expect(cookie).toMatch(/^__Host-everlink=evs_[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Strict$/);
      expect((await anybody.get("/session", { cookie: session })).status).toBe(200);
      const again = await anybody.post<{ code: string }>("/session", { token });
      expect([again.status, again.body.code]).toEqual([401, "access.link-spent"]);
    });

    it("refuses an expired link", async () => {
      const { url } = await everlink.consoleLink(north, "owner");
      await everlink.database.inOrganization(
        north,
        (tx) => tx`update console_link set expires_at = now() where used_at is null`,
      );
      const answer = await anybody.post("/session", { token: new URL(url).hash.slice("#sign-in=".length) });
      expect(answer.status).toBe(401);
    });

    it("takes writes with the cookie only from its own pages", async () => {
      const { session } = await signIn();
      const write = (headers: Record<string, string>) =>
        anybody.post<{ code: string }>(
          "/invitations",
          { associateIds: [999_999] },
          { cookie: session, ...headers },
        );
      expect((await write({})).body.code).toBe("access.foreign-origin");
      expect((await write({ origin: "https://evil.example" })).body.code).toBe("access.foreign-origin");
      expect((await write({ origin: "null" })).body.code).toBe("access.foreign-origin");
      expect((await write({ origin: everlink.publicUrl })).body.code).toBe("request.not-found");
    });

    it("begins no session for a foreign page", async () => {
      const { url } = await everlink.consoleLink(north, "owner");
      const token = new URL(url).hash.slice("#sign-in=".length);
      const answer = await anybody.post<{ code: string }>(
        "/session",
        { token },
        { origin: "https://evil.example" },
      );
      expect([answer.status, answer.body.code]).toEqual([403, "access.foreign-origin"]);
    });

    it("ends by signing out, by idleness and by age", async () => {
      const first = await signIn();
      const out = await anybody.delete("/session", { cookie: first.session, origin: everlink.publicUrl });
      expect(out.status).toBe(204);
      expect((await anybody.get("/session", { cookie: first.session })).status).toBe(401);
      for (const column of ["seen_at = now() - interval '61 minutes'", "expires_at = now()"]) {
        const { session } = await signIn();
        await everlink.database.inOrganization(north, (tx) => tx`update session set ${tx.unsafe(column)}`);
        expect((await anybody.get("/session", { cookie: session })).status).toBe(401);
      }
    });
  });

  it("stores no secret as it is: not a link, a code, a session or a token", async () => {
    const client = clients.owner;
    const token = await everlink.token(north, "auditor");
    const { url } = await everlink.consoleLink(north, "auditor");
    const consoleToken = new URL(url).hash.slice("#sign-in=".length);
    const invited = await client.post<{ results: { invitationId: string }[] }>("/invitations", {
      associateIds: [(await everlink.people())[0]!.associateId],
    });
    const minted = await client.post<{ link: string; code: string }>(
      `/invitations/${invited.body.results[0]!.invitationId}/links`,
    );
    const canaries = [
      token,
      consoleToken,
      minted.body.link.split("/").at(-1)!,
      minted.body.code,
      minted.body.code.replaceAll("-", ""),
    ];
    const dump = await everlink.database.inOrganization(north, async (tx) => {
      const tables = await tx<
        { name: string }[]
      >`select table_name as name from information_schema.tables where table_schema = current_schema() and table_name <> 'migration'`;
      const texts = await Promise.all(
        tables.map(async ({ name }) =>
          (await tx<{ row: string }[]>`select t::text as row from ${tx(name)} t`).map((row) => row.row),
        ),
      );
      return texts.flat().join("\n");
    });
    for (const canary of canaries) {
      expect(dump).not.toContain(canary);
      expect(dump).not.toContain(Buffer.from(canary).toString("hex"));
      expect(everlink.logged.join("\n")).not.toContain(canary);
    }
  });
});
