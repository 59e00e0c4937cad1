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
import { untouchedBecause } from "../scripts/demo/compare.ts";
import { pidOf, usage } from "./processes.ts";

const EDITS_PER_SIDE = 5;
const SETTLE_MS = 15_000;
const processes = ["worker", "temporal", "postgres", "api"] as const;

/** What one cycle costs when nothing changed, and when ten items of a user did; for 1 user and for 200. */
export async function benchCycle(): Promise<Record<string, unknown>> {
  const figures: Record<string, unknown> = {};
  for (const users of [1, 200]) {
    const measured = await withUsers(users);
    figures[`${users} ${users === 1 ? "user" : "users"}`] = measured;
    console.log(`\n${users} ${users === 1 ? "user" : "users"}, per cycle:`);
    console.table({ idle: flatten(measured.idle), busy: flatten(measured.busy) });
    console.log("Idle, remote calls by operation:", measured.idle.remoteCallsByOperation);
    console.log("Resident MiB afterwards:", measured.residentMiB);
  }
  return figures;
}

async function withUsers(count: number) {
  // An interval of a day: cycles run only when they are asked for.
  const installation = await startInstallation({ syncIntervalSeconds: 86_400 });
  const sql = postgres(installation.databaseUrl, { max: 1, onnotice: () => {} });
  try {
    setDefaultCACertificates([
      ...getCACertificates("default"),
      readFileSync(join(installation.dataDir, "tls/ca.pem"), "utf8"),
    ]);
    const sandbox = new Sandbox(installation.sandboxOrigin);
    if (count > 25) {
      await json(`${installation.sandboxOrigin}/control/seed`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ people: count, randomSeed: 1, appointmentsPerPerson: 30 }),
        signal: AbortSignal.timeout(300_000),
      });
    }
    const token = await installation.cli(["token", "create", "--role", "administrator"]);
    const everlink = new Everlink(installation.origin, token.split("\n").at(-1)!.trim());
    const people = (await sandbox.people()).slice(0, count);
    await bringToSyncing(installation, everlink, sandbox, people);
    await sql`create extension if not exists pg_stat_statements`;
    const userIds = (await everlink.rows())
      .filter((row) => row.state === "syncing")
      .map((row) => row.userId!);
    // SuperOffice's times have seconds: what was written is looked at once more after ten. The round that does so, and
    // sees the echoes of the first sync, is not an idle one.
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    await runCycles(sql, everlink, userIds);
    await runCycles(sql, everlink, userIds);
    const idle = await measure(installation, sandbox, sql, () => runCycles(sql, everlink, userIds));
    for (const person of people) await edit(sandbox, person);
    const busy = await measure(installation, sandbox, sql, () => runCycles(sql, everlink, userIds));
    const residentMiB = Object.fromEntries(
      processes.map((name) => [name, usage(pidOf(installation.dataDir, name)).residentMiB]),
    );
    return { idle, busy, residentMiB };
  } finally {
    await sql.end();
    await installation.stop();
  }
}

async function bringToSyncing(
  installation: Installation,
  everlink: Everlink,
  sandbox: Sandbox,
  people: readonly Person[],
) {
  await everlink.refresh();
  await until(
    "everybody is listed",
    async () => (await everlink.rows()).length >= people.length,
    60_000,
    1_000,
  );
  await everlink.invite({
    associateIds: people.map((person) => person.associateId),
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
  const userIds = await until(
    "everybody is registered",
    async () => {
      const rows = (await everlink.rows()).filter((row) => row.state === "registered");
      return rows.length === people.length && rows.map((row) => row.userId!);
    },
    300_000,
    1_000,
  );
  await everlink.link(userIds);
  await until(
    "everybody has synced once",
    async () =>
      (await everlink.rows()).filter((row) => row.lastSyncAt !== null && row.state === "syncing").length ===
      people.length,
    900_000,
    2_000,
  );
}

/** Asks for one cycle of each user and waits until all of them are done. @returns how many cycles ran */
async function runCycles(sql: postgres.Sql, everlink: Everlink, userIds: readonly string[]): Promise<number> {
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

async function measure(
  installation: Installation,
  sandbox: Sandbox,
  sql: postgres.Sql,
  work: () => Promise<number>,
) {
  const cpu = () => processes.map((name) => usage(pidOf(installation.dataDir, name)).cpuSeconds);
  const remoteBefore = await remote(sandbox);
  await sql`select pg_stat_statements_reset()`;
  const cpuBefore = cpu();
  const startedAt = Date.now();
  const cycles = await work();
  const seconds = (Date.now() - startedAt) / 1000;
  const cpuAfter = cpu();
  const [row] = await sql<{ calls: number }[]>`
    select coalesce(sum(calls), 0)::int as calls from pg_stat_statements s join pg_roles r on r.oid = s.userid
    where r.rolname = 'everlink_app'`;
  const remoteAfter = await remote(sandbox);
  const each = (value: number) => Math.round((value / cycles) * 10) / 10;
  return {
    cycles,
    cyclesPerSecond: Math.round((cycles / seconds) * 10) / 10,
    cpuMs: Object.fromEntries(
      processes.map((name, index) => [name, each((cpuAfter[index]! - cpuBefore[index]!) * 1000)]),
    ),
    remoteCalls: each(sum(remoteAfter, "calls") - sum(remoteBefore, "calls")),
    remoteBytes: Math.round((sum(remoteAfter, "bytes") - sum(remoteBefore, "bytes")) / cycles),
    remoteCallsByOperation: Object.fromEntries(
      [...remoteAfter]
        .map(([operation, { calls }]) => [operation, each(calls - (remoteBefore.get(operation)?.calls ?? 0))])
        .filter(([, calls]) => calls !== 0),
    ),
    databaseStatements: each(row!.calls),
  };
}

interface Traffic {
  calls: number;
  bytes: number;
}

/** Calls and bytes of the product to Entra, Exchange and SuperOffice so far by operation, as the sandbox counted them. */
async function remote(sandbox: Sandbox): Promise<Map<string, Traffic>> {
  const { traffic } = (await sandbox.counters()) as {
    traffic: Record<string, Record<string, { calls: number; bytesIn: number; bytesOut: number }>>;
  };
  return new Map(
    ["exchange", "superoffice", "entra"].flatMap((system) =>
      Object.entries(traffic[system] ?? {}).map(([operation, { calls, bytesIn, bytesOut }]) => [
        `${system} ${operation}`,
        { calls, bytes: bytesIn + bytesOut },
      ]),
    ),
  );
}

function sum(traffic: Map<string, Traffic>, what: keyof Traffic): number {
  return [...traffic.values()].reduce((total, each) => total + each[what], 0);
}

async function edit(sandbox: Sandbox, person: Person): Promise<void> {
  for (const side of ["superoffice", "exchange"] as const) {
    const items = (await sandbox.items(side, person.associateId)).filter(
      (item) => !item.recurrence && untouchedBecause(item) === undefined,
    );
    const chosen = side === "superoffice" ? items.slice(0, EDITS_PER_SIDE) : items.slice(-EDITS_PER_SIDE);
    for (const item of chosen) {
      await sandbox.edit(side, person.associateId, {
        action: "change",
        id: item.id,
        item: { subject: `${item.subject} (changed)`.slice(0, 200) },
      });
    }
  }
}

function flatten({
  cpuMs,
  remoteCallsByOperation: _listed,
  ...rest
}: { cpuMs: Record<string, number> } & Record<string, unknown>): Record<string, unknown> {
  return {
    ...rest,
    ...Object.fromEntries(Object.entries(cpuMs).map(([name, ms]) => [`${name} CPU ms`, ms])),
  };
}
