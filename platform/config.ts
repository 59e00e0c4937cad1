import { resolve } from "node:path";
import { z } from "zod";

const port = (name: string, fallback: number) =>
  z.coerce
    .number(`${name} must be a number`)
    .int(`${name} must be a whole number`)
    .min(1, `${name} must be between 1 and 65535`)
    .max(65535, `${name} must be between 1 and 65535`)
    .default(fallback);

const schema = z.object({
  EVERLINK_MODE: z
    .enum(["sandbox", "production"], "EVERLINK_MODE must be 'sandbox' or 'production'")
    .default("sandbox"),
  EVERLINK_DATA_DIR: z.string().min(1, "EVERLINK_DATA_DIR must name a folder").default(".everlink"),
  EVERLINK_CACHE_DIR: z.string().min(1, "EVERLINK_CACHE_DIR must name a folder").optional(),
  EVERLINK_HOST: z.string().min(1, "EVERLINK_HOST must be an address to listen on").default("127.0.0.1"),
  EVERLINK_PORT: port("EVERLINK_PORT", 8080),
  EVERLINK_WORKER_PORT: port("EVERLINK_WORKER_PORT", 8081),
  EVERLINK_PUBLIC_URL: z
    .url("EVERLINK_PUBLIC_URL must be an address such as https://everlink.example.com")
    .optional(),
  EVERLINK_ROOT_KEY_FILE: z.string().min(1, "EVERLINK_ROOT_KEY_FILE must name a file").optional(),
  EVERLINK_LOG_LEVEL: z
    .enum(["debug", "info", "warn", "error"], "EVERLINK_LOG_LEVEL must be debug, info, warn or error")
    .default("info"),
  DATABASE_URL: z
    .url({
      protocol: /^postgres(ql)?$/,
      error: "DATABASE_URL must be an address such as postgres://user@host/name",
    })
    .optional(),
  POSTGRES_PORT: port("POSTGRES_PORT", 5433),
  TEMPORAL_ADDRESS: z.string().min(1, "TEMPORAL_ADDRESS must be host:port").optional(),
  TEMPORAL_NAMESPACE: z.string().min(1, "TEMPORAL_NAMESPACE must not be empty").default("default"),
  TEMPORAL_PORT: port("TEMPORAL_PORT", 7233),
  TEMPORAL_UI_PORT: port("TEMPORAL_UI_PORT", 8233),
  TEMPORAL_CLI_PATH: z.string().min(1, "TEMPORAL_CLI_PATH must name a file").optional(),
  SANDBOX_PORT: port("SANDBOX_PORT", 8443),
  SANDBOX_SMTP_PORT: port("SANDBOX_SMTP_PORT", 2525),
  EVERLINK_SYNC_INTERVAL_SECONDS: z.coerce
    .number("EVERLINK_SYNC_INTERVAL_SECONDS must be a number")
    .int("EVERLINK_SYNC_INTERVAL_SECONDS must be a whole number")
    .min(5, "EVERLINK_SYNC_INTERVAL_SECONDS must be 5 or more")
    .max(86_400, "EVERLINK_SYNC_INTERVAL_SECONDS must be 86400 or less")
    .default(300),
  EVERLINK_UNLINK_UNDO_SECONDS: z.coerce
    .number("EVERLINK_UNLINK_UNDO_SECONDS must be a number")
    .int("EVERLINK_UNLINK_UNDO_SECONDS must be a whole number")
    .min(0, "EVERLINK_UNLINK_UNDO_SECONDS must be 0 or more")
    .max(604_800, "EVERLINK_UNLINK_UNDO_SECONDS must be 604800 or less")
    .default(600),
});

export type Mode = "sandbox" | "production";

/** Settings of this process. Connections to real systems are not here: they live in the database and the vault. */
export interface Config {
  mode: Mode;
  dataDir: string;
  host: string;
  port: number;
  /** Health and metrics of the worker. */
  workerPort: number;
  /** Without a trailing slash. */
  publicUrl: string;
  rootKeyFile: string;
  logLevel: "debug" | "info" | "warn" | "error";
  databaseUrl: string;
  /** True when `databaseUrl` names the PostgreSQL that the launcher runs itself. */
  databaseEmbedded: boolean;
  postgresPort: number;
  temporalAddress: string;
  temporalEmbedded: boolean;
  temporalNamespace: string;
  temporalPort: number;
  temporalUiPort: number;
  sandboxPort: number;
  sandboxSmtpPort: number;
  syncIntervalSeconds: number;
  /** So long can an unlink be undone that removes what Everlink made on one side. */
  unlinkUndoSeconds: number;
}

/** All that is wrong with the environment, one line each. The process prints it and ends with exit code 2. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly mistakes: readonly string[];

  constructor(mistakes: readonly string[]) {
    super(
      `The configuration has ${mistakes.length === 1 ? "a mistake" : `${mistakes.length} mistakes`}:\n${mistakes.map((m) => `  - ${m}`).join("\n")}\nSee .env.example for every setting.`,
    );
    this.mistakes = mistakes;
  }
}

/** The names of all settings, for the test that compares them with `.env.example`. */
export const settingNames: readonly string[] = Object.keys(schema.shape);

/**
 * Reads the environment. An empty variable counts as absent.
 *
 * @throws ConfigError listing every mistake at once
 */
export function readConfig(environment: Record<string, string | undefined>): Config {
  const present = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ""),
  );
  const parsed = schema.safeParse(present);
  const mistakes = parsed.success ? [] : parsed.error.issues.map((issue) => issue.message);
  const mode = present.EVERLINK_MODE === "production" ? "production" : "sandbox";
  if (mode === "production") {
    for (const [name, why] of [
      ["EVERLINK_PUBLIC_URL", "the https address under which people reach Everlink"],
      ["EVERLINK_ROOT_KEY_FILE", "a file with the root key, kept outside of the data folder and its backups"],
      ["DATABASE_URL", "the PostgreSQL database"],
    ] as const) {
      if (present[name] === undefined) mistakes.push(`${name} is required in production: ${why}`);
    }
    if (present.EVERLINK_PUBLIC_URL !== undefined && !present.EVERLINK_PUBLIC_URL.startsWith("https://")) {
      mistakes.push("EVERLINK_PUBLIC_URL must start with https:// in production");
    }
  }
  const ports = [
    "EVERLINK_PORT",
    "EVERLINK_WORKER_PORT",
    "TEMPORAL_PORT",
    "TEMPORAL_UI_PORT",
    "POSTGRES_PORT",
    "SANDBOX_PORT",
    "SANDBOX_SMTP_PORT",
  ] as const;
  if (parsed.success) {
    for (const [index, name] of ports.entries()) {
      const twin = ports.slice(0, index).find((other) => parsed.data[other] === parsed.data[name]);
      if (twin) mistakes.push(`${name} and ${twin} are both ${parsed.data[name]}: give each its own port`);
    }
  }
  if (!parsed.success || mistakes.length > 0) throw new ConfigError(mistakes);
  const env = parsed.data;
  const dataDir = resolve(env.EVERLINK_DATA_DIR);
  return {
    mode: env.EVERLINK_MODE,
    dataDir,
    host: env.EVERLINK_HOST,
    port: env.EVERLINK_PORT,
    workerPort: env.EVERLINK_WORKER_PORT,
    publicUrl: (env.EVERLINK_PUBLIC_URL ?? `http://localhost:${env.EVERLINK_PORT}`).replace(/\/+$/, ""),
    rootKeyFile: resolve(env.EVERLINK_ROOT_KEY_FILE ?? `${dataDir}/root.key`),
    logLevel: env.EVERLINK_LOG_LEVEL,
    databaseUrl: env.DATABASE_URL ?? `postgres://everlink:everlink@127.0.0.1:${env.POSTGRES_PORT}/everlink`,
    databaseEmbedded: env.DATABASE_URL === undefined,
    postgresPort: env.POSTGRES_PORT,
    temporalAddress: env.TEMPORAL_ADDRESS ?? `127.0.0.1:${env.TEMPORAL_PORT}`,
    temporalEmbedded: env.TEMPORAL_ADDRESS === undefined,
    temporalNamespace: env.TEMPORAL_NAMESPACE,
    temporalPort: env.TEMPORAL_PORT,
    temporalUiPort: env.TEMPORAL_UI_PORT,
    sandboxPort: env.SANDBOX_PORT,
    sandboxSmtpPort: env.SANDBOX_SMTP_PORT,
    syncIntervalSeconds: env.EVERLINK_SYNC_INTERVAL_SECONDS,
    unlinkUndoSeconds: env.EVERLINK_UNLINK_UNDO_SECONDS,
  };
}
