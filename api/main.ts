import { resolve } from "node:path";
import { serve, type ServerType } from "@hono/node-server";
import { openDatabase } from "../db/client.ts";
import { openInstallation } from "../db/installation.ts";
import { entraAccounts } from "../db/registrations.ts";
import { vaultRows } from "../db/vault.ts";
import { ConfigError, readConfig, type Config } from "../platform/config.ts";
import { createEntra } from "../platform/entra.ts";
import { createLogger, type Logger } from "../platform/logger.ts";
import { createApiMetrics } from "../platform/metrics.ts";
import { readRootKeys } from "../platform/root-key.ts";
import { createSecrets } from "../platform/secret.ts";
import { temporalClient } from "../platform/temporal.ts";
import { trustSandbox } from "../platform/trust.ts";
import { createVault } from "../platform/vault.ts";
import { deliver, requestAssociates, requestLook, requestRemovalPlan } from "../workflows/deliver.ts";
import { createApp } from "./app.ts";

/** How long a start waits for PostgreSQL; the launcher starts all processes together. */
const startMs = 60_000;

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const log = createLogger("api", config.logLevel);
  trustSandbox(config);
  const rootKeys = readRootKeys(config.rootKeyFile, { create: config.mode === "sandbox" });
  const database = openDatabase({ url: config.databaseUrl, max: 20 });
  const { lookupKey } = await eventually(log, () => openInstallation(database.sql, config.mode, rootKeys));
  const inOrganization = database.inOrganization.bind(database);
  const vault = createVault({ rootKeys, rows: vaultRows, inOrganization });
  const temporal = temporalClient(config);

  const app = createApp({
    mode: config.mode,
    publicUrl: config.publicUrl,
    database,
    vault,
    secrets: createSecrets(lookupKey),
    entra: createEntra({ vault, accounts: entraAccounts(database, vault), inOrganization }),
    metrics: createApiMetrics(),
    log,
    deliver: (command) => deliver(temporal, command),
    requestAssociates: (organizationId) => requestAssociates(temporal, organizationId),
    requestLook: (look) => requestLook(temporal, look),
    requestRemovalPlan: (plan) => requestRemovalPlan(temporal, plan),
    checks: {
      postgres: async () => {
        await database.sql`select 1`;
      },
      temporal: async () => {
        await temporal.withDeadline(Date.now() + 1_500, () => temporal.workflowService.getSystemInfo({}));
      },
    },
    consoleDir: resolve(import.meta.dirname, "../dist/console"),
    tools: toolsOf(config),
  });

  const server = serve({ fetch: app.fetch, hostname: config.host, port: config.port }, () => {
    log.info({ url: config.publicUrl }, "listening");
  });
  server.on("error", (error: NodeJS.ErrnoException) => {
    const text =
      error.code === "EADDRINUSE"
        ? `Port ${config.port} is taken by another program. Set EVERLINK_PORT to a free port and start again.`
        : `The API cannot listen: ${error.message}`;
    process.stderr.write(`${text}\n`);
    process.exit(1);
  });
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => {
      void stop(server, async () => {
        await database.close();
        await temporal.connection.close();
      });
    });
  }
}

/** Lets requests end; live streams are cut after two seconds. */
async function stop(server: ServerType, close: () => Promise<void>): Promise<void> {
  const closed = new Promise((done) => server.close(done));
  const cut = setTimeout(() => {
    if ("closeAllConnections" in server) server.closeAllConnections();
  }, 2_000);
  await closed;
  clearTimeout(cut);
  await close();
}

function toolsOf({ mode, temporalEmbedded, temporalUiPort, sandboxPort }: Config) {
  return {
    temporal: temporalEmbedded ? `http://localhost:${temporalUiPort}` : null,
    inbox: mode === "sandbox" ? `https://localhost:${sandboxPort}/mail/` : null,
  };
}

/** PostgreSQL may come up after us; anything that it says itself is told at once. */
async function eventually<Result>(log: Logger, work: () => Promise<Result>): Promise<Result> {
  const deadline = Date.now() + startMs;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const code = (error as { code?: string }).code ?? "";
      const waiting = /^(ECONN|CONNECT|57P|42P01)/.test(code);
      if (!waiting || Date.now() > deadline) throw error;
      log.info({ code }, "waiting for PostgreSQL");
      await new Promise((resume) => setTimeout(resume, 500));
    }
  }
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(error instanceof ConfigError ? 2 : 1);
}
