import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serve } from "@hono/node-server";
import { pino } from "pino";
import { createMailActivities } from "../../activities/mail.ts";
import { createApp } from "../../api/app.ts";
import type { HappenedEvent } from "../../core/lifecycle/index.ts";
import type { AssociateId, CommandId, OrganizationId, UserId } from "../../core/ids.ts";
import { createApiToken, createConsoleLink, type Role } from "../../db/access.ts";
import { connectionOfKind, saveConnections } from "../../db/connections.ts";
import { saveAssociates } from "../../db/directory.ts";
import { openInstallation } from "../../db/installation.ts";
import { entraAccounts } from "../../db/registrations.ts";
import { vaultRows } from "../../db/vault.ts";
import { parseConnections } from "../../platform/connections.ts";
import { createEntra } from "../../platform/entra.ts";
import { createApiMetrics } from "../../platform/metrics.ts";
import { newRootKeyLine, parseRootKeys } from "../../platform/root-key.ts";
import { createSecrets } from "../../platform/secret.ts";
import { trustSandbox } from "../../platform/trust.ts";
import { createVault } from "../../platform/vault.ts";
import { startSandbox, type Sandbox } from "../../sandbox/server.ts";
import { allSystems } from "../../sandbox/systems.ts";
import { freePort, freshDatabase } from "../support/postgres.ts";
import { carryOut, happened } from "./life.ts";

export interface SandboxPerson {
  associateId: number;
  fullName: string;
  address: string;
  userPrincipalName: string;
  password: string;
}

/** A whole installation but for Temporal: database, vault, API on a free port, and the sandbox around it. */
export async function startInstallation() {
  const folder = mkdtempSync(join(tmpdir(), "everlink-api-"));
  const sandbox = await startSandbox({
    dataDir: folder,
    port: 0,
    smtpPort: 0,
    systems: allSystems,
    seed: { people: 25, appointmentsPerPerson: 1 },
  });
  trustSandbox({ mode: "sandbox", dataDir: folder });
  const { database, drop, url: databaseUrl } = await freshDatabase();
  const rootKeys = parseRootKeys(newRootKeyLine(), "root.key");
  const { lookupKey } = await openInstallation(database.sql, "sandbox", rootKeys);
  const inOrganization = database.inOrganization.bind(database);
  const vault = createVault({ rootKeys, rows: vaultRows, inOrganization });
  const secrets = createSecrets(lookupKey);
  const entra = createEntra({ vault, accounts: entraAccounts(database, vault), inOrganization });
  const port = await freePort();
  const publicUrl = `http://localhost:${port}`;
  const mails = createMailActivities({ database, vault, secrets, publicUrl });
  const logged: string[] = [];
  const delivered: { userId: UserId; commandId: CommandId; kind: string }[] = [];
  const planned: { userId: UserId; removalId: string }[] = [];
  let temporalUp = true;
  /** What the worker would do when somebody wants to see an item's values; a test says what. */
  let looks: (look: { organizationId: OrganizationId; userId: UserId; lookId: string }) => void = () => {};

  const app = createApp({
    mode: "sandbox",
    publicUrl,
    database,
    vault,
    secrets,
    entra,
    metrics: createApiMetrics(),
    log: pino({ level: "debug" }, { write: (line: string) => void logged.push(line) }),
    deliver: (command) => {
      if (temporalUp) delivered.push(command);
      return Promise.resolve(temporalUp);
    },
    requestLook: (look) => {
      if (temporalUp) looks(look);
      return Promise.resolve(temporalUp);
    },
    requestRemovalPlan: (plan) => {
      if (temporalUp) planned.push(plan);
      return Promise.resolve(temporalUp);
    },
    requestAssociates: () => Promise.resolve(temporalUp),
    checks: {
      postgres: async () => {
        await database.sql`select 1`;
      },
      temporal: () => (temporalUp ? Promise.resolve() : Promise.reject(new Error("down"))),
    },
    consoleDir: join(folder, "console"),
    tools: { temporal: null, inbox: null },
  });
  const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port });
  await new Promise((resolve) => server.once("listening", resolve));

  async function control<Result>(path: string, body?: unknown): Promise<Result> {
    const init =
      body === undefined
        ? undefined
        : { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
    const response = await fetch(`${sandbox.origin}/control/${path}`, init);
    if (!response.ok) throw new Error(`/control/${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Result;
  }

  /** An organization connected with the sandbox, knowing all its people. */
  async function organization(slug: string): Promise<OrganizationId> {
    const { organizationId } = await saveConnections(database, vault, await connectionsOf(sandbox, slug));
    const people = await control<SandboxPerson[]>("people");
    await inOrganization(organizationId, async (tx) => {
      const superoffice = await connectionOfKind(tx, "superoffice");
      if (!superoffice) throw new Error("not connected");
      await saveAssociates(
        tx,
        organizationId,
        superoffice.id,
        people.map((person) => ({
          associateId: person.associateId as AssociateId,
          name: person.fullName,
          address: person.address,
          retired: false,
        })),
      );
    });
    return organizationId;
  }

  return {
    folder,
    sandbox,
    database,
    databaseUrl,
    vault,
    secrets,
    entra,
    mails,
    publicUrl,
    logged,
    delivered,
    planned,
    control,
    organization,
    onLook(answer: typeof looks) {
      looks = answer;
    },
    setTemporal(up: boolean) {
      temporalUp = up;
    },
    async token(organizationId: OrganizationId, role: Role): Promise<string> {
      const made = await createApiToken(database, secrets, {
        organizationId,
        name: role,
        role,
        createdBy: "test",
      });
      return made.token.reveal();
    },
    consoleLink: (organizationId: OrganizationId, role: Role) =>
      createConsoleLink(database, secrets, { organizationId, publicUrl, role }),
    people: () => control<SandboxPerson[]>("people"),
    carryOut: (organizationId: OrganizationId, userId: string) =>
      carryOut(database, mails, organizationId, userId as UserId),
    happened: (organizationId: OrganizationId, userId: UserId, event: HappenedEvent) =>
      happened(database, organizationId, userId, event),
    async close() {
      server.close();
      if ("closeAllConnections" in server) server.closeAllConnections();
      await drop();
      await sandbox.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export type Installation = Awaited<ReturnType<typeof startInstallation>>;

async function connectionsOf(sandbox: Sandbox, slug: string) {
  const answer = await fetch(`${sandbox.origin}/control/connections`);
  const told = (await answer.json()) as {
    microsoft: Record<string, string>;
    superoffice: Record<string, string>;
    smtp: { host: string; port: number; secure: boolean };
  };
  const { tenantId, clientId, ewsUrl, clientSecret } = told.microsoft;
  const { superoffice } = told;
  return parseConnections({
    organization: { slug, name: `Nordlys ${slug}` },
    connections: [
      {
        kind: "microsoft",
        configuration: {
          tenantId,
          clientId,
          authorityHost: sandbox.origin,
          ewsUrl,
          graphUrl: sandbox.origin,
        },
        secrets: { clientSecret },
      },
      {
        kind: "superoffice",
        configuration: {
          tenant: superoffice["tenant"],
          loginUrl: superoffice["loginUrl"],
          baseUrl: superoffice["baseUrl"],
          clientId: superoffice["clientId"],
          timeZone: "Europe/Oslo",
        },
        secrets: {
          applicationToken: superoffice["clientSecret"],
          systemUserToken: superoffice["systemUserToken"],
          privateKeyPem: superoffice["privateKeyPem"],
        },
      },
      {
        kind: "mail",
        configuration: { ...told.smtp, from: "everlink@nordlys.example", fromName: "Ada Holm" },
        secrets: {},
      },
    ],
  });
}
