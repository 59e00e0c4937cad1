import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { inject } from "vitest";
import { openDatabase, type Database } from "../../db/client.ts";
import { migrate } from "../../db/migrate.ts";
import { initialiseCluster, postgresCommand } from "../../scripts/provision/postgres.ts";

declare module "vitest" {
  interface ProvidedContext {
    postgresUrl: string;
  }
}

/** A free port of this machine's loopback. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        typeof address === "object" && address ? resolve(address.port) : reject(new Error("no port")),
      );
    });
  });
}

/** One real PostgreSQL in a temporary folder, with a migrated template database. Used by the global set-up. */
export async function startPostgres(): Promise<{ url: string; close(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), "everlink-postgres-"));
  chmodSync(folder, 0o755);
  const cluster = {
    dataDir: join(folder, "data"),
    port: await freePort(),
    user: "everlink",
    password: "everlink",
  };
  await initialiseCluster(cluster);
  // Tests need speed, not durability; tests of durability start a cluster of their own.
  const { command, args, uid, gid } = await postgresCommand(cluster, [
    "-c",
    "fsync=off",
    "-c",
    "synchronous_commit=off",
    "-c",
    "full_page_writes=off",
  ]);
  const child = spawn(command, args, {
    stdio: "ignore",
    ...(uid === undefined ? {} : { uid, gid: gid ?? uid }),
  });
  const url = `postgres://everlink:everlink@127.0.0.1:${cluster.port}/postgres`;
  await untilReady(url, child);
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  await sql.unsafe("create database template_everlink");
  await sql.end();
  await migrate(url.replace(/postgres$/, "template_everlink"));
  return {
    url,
    async close() {
      const exited = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGINT");
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function untilReady(url: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`PostgreSQL ended with exit code ${child.exitCode}`);
    const sql = postgres(url, { max: 1, connect_timeout: 2, onnotice: () => {} });
    try {
      await sql`select 1`;
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    } finally {
      await sql.end({ timeout: 1 });
    }
  }
}

/** A new, migrated, empty database of the suite's PostgreSQL. Drop it in `afterAll`. */
export async function freshDatabase(): Promise<{ url: string; database: Database; drop(): Promise<void> }> {
  const server = inject("postgresUrl");
  const name = `test_${randomBytes(6).toString("hex")}`;
  const admin = postgres(server, { max: 1, onnotice: () => {} });
  await admin.unsafe(`create database ${name} template template_everlink strategy file_copy`);
  const url = server.replace(/postgres$/, name);
  const database = openDatabase({ url, max: 5 });
  return {
    url,
    database,
    async drop() {
      await database.close();
      await admin.unsafe(`drop database if exists ${name} with (force)`);
      await admin.end({ timeout: 5 });
    },
  };
}
