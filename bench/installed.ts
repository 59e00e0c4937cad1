import { readFileSync } from "node:fs";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import postgres from "postgres";
import { Everlink } from "../scripts/demo/everlink.ts";
import { json } from "../scripts/demo/http.ts";
import { startInstallation, type Installation } from "../scripts/demo/installation.ts";
import { register } from "../scripts/demo/registration.ts";
import { until } from "../scripts/demo/report.ts";
import { Sandbox, type Person } from "../scripts/demo/sandbox.ts";

/** An installation to measure, seen from all its sides. */
export interface Installed {
  installation: Installation;
  everlink: Everlink;
  sandbox: Sandbox;
  sql: postgres.Sql;
}

/** Starts an installation whose cycles run only when they are asked for, and ends it after `work`. */
export async function installed<Result>(work: (bench: Installed) => Promise<Result>): Promise<Result> {
  // An interval of a day.
  const installation = await startInstallation({ syncIntervalSeconds: 86_400 });
  const sql = postgres(installation.databaseUrl, { max: 1, onnotice: () => {} });
  try {
    setDefaultCACertificates([
      ...getCACertificates("default"),
      readFileSync(join(installation.dataDir, "tls/ca.pem"), "utf8"),
    ]);
    await sql`create extension if not exists pg_stat_statements`;
    const token = await installation.cli(["token", "create", "--role", "administrator"]);
    const everlink = new Everlink(installation.origin, token.split("\n").at(-1)!.trim());
    return await work({ installation, everlink, sandbox: new Sandbox(installation.sandboxOrigin), sql });
  } finally {
    await sql.end();
    await installation.stop();
  }
}

/** Asks the sandbox's `/control/`. */
export async function control<Answer>(
  { installation }: Pick<Installed, "installation">,
  path: string,
  body: object,
): Promise<Answer> {
  return await json<Answer>(`${installation.sandboxOrigin}/control/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(300_000),
  });
}

/** Invites people and signs them in, as they would. @returns their ids, in the order of `people` */
export async function bringToRegistered(
  { installation, everlink, sandbox }: Installed,
  people: readonly Person[],
): Promise<string[]> {
  await everlink.refresh();
  const wanted = new Set(people.map((person) => person.associateId));
  const rowsOf = async () => (await everlink.rows()).filter((row) => wanted.has(row.associateId));
  await until("everybody is listed", async () => (await rowsOf()).length === people.length, 60_000, 1_000);
  await everlink.invite({
    associateIds: [...wanted],
    subject: "Benchmark",
    message: "Please connect.",
    senderName: "Benchmark",
  });
  const waiting = [...people];
  const next = async (): Promise<void> => {
    for (let person = waiting.shift(); person; person = waiting.shift()) {
      const address = person.address;
      const mail = await until(
        `${address} has a mail`,
        async () => (await sandbox.mails(address))[0],
        300_000,
      );
      const link = mail.links.find(
        (each) => each.startsWith(`${installation.origin}/register/`) && !each.includes("/register/code"),
      );
      await register({ link: link! }, person);
    }
  };
  await Promise.all([next(), next(), next(), next()]);
  const rows = await until(
    "everybody is registered",
    async () => {
      const registered = (await rowsOf()).filter((row) => row.state === "registered");
      return registered.length === people.length && registered;
    },
    300_000,
    1_000,
  );
  const idOf = new Map(rows.map((row) => [row.associateId, row.userId!]));
  return people.map((person) => idOf.get(person.associateId)!);
}

/** Links users and waits until each of them has come to the end of a first sync. */
export async function firstSync(
  { everlink }: Pick<Installed, "everlink">,
  userIds: readonly string[],
  withinMs = 900_000,
): Promise<void> {
  await everlink.link([...userIds]);
  await until(
    "everybody has synced once",
    async () =>
      (await everlink.rows()).filter(
        (row) => userIds.includes(row.userId ?? "") && row.lastSyncAt !== null && row.state === "syncing",
      ).length === userIds.length,
    withinMs,
    500,
  );
}

/** Asks for one cycle of each user and waits until all of them are done. @returns how many cycles ran */
export async function runCycles(
  { sql, everlink }: Pick<Installed, "sql" | "everlink">,
  userIds: readonly string[],
): Promise<number> {
  const done = async () => {
    const [row] = await sql<
      { cycles: number }[]
    >`select coalesce(sum(cycles), 0)::int as cycles from sync_status`;
    return row!.cycles;
  };
  const before = await done();
  for (const userId of userIds) await everlink.syncNow(userId);
  await until("all cycles are done", async () => (await done()) >= before + userIds.length, 600_000, 200);
  return (await done()) - before;
}

/** How many statements the application has sent since the last reset of the statistics. */
export async function statements(sql: postgres.Sql): Promise<number> {
  const [row] = await sql<{ calls: number }[]>`
    select coalesce(sum(calls), 0)::int as calls from pg_stat_statements s join pg_roles r on r.oid = s.userid
    where r.rolname = 'everlink_app'`;
  return row!.calls;
}
