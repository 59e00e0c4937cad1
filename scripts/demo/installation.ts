import { spawn, type ChildProcess } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runEverlink } from "../launcher/everlink-cli.ts";

const root = new URL("../../", import.meta.url).pathname;

/** A whole Everlink with its sandbox, started by `npm start`'s own launcher in a temporary folder on free ports. */
export interface Installation {
  origin: string;
  sandboxOrigin: string;
  databaseUrl: string;
  dataDir: string;
  env: NodeJS.ProcessEnv;
  /** One-time link to the console, as printed. */
  consoleLink: string;
  /** Process ids by name, of the launcher and of everything that it runs now. */
  processes(): Record<string, number>;
  /** `kill -9` of one service; the launcher starts it again. */
  kill(service: "worker" | "temporal" | "api" | "postgres" | "sandbox"): void;
  cli(args: readonly string[]): Promise<string>;
  stop(): Promise<void>;
}

export async function startInstallation(
  options: {
    syncIntervalSeconds?: number;
    onOutput?: (line: string) => void;
    env?: NodeJS.ProcessEnv;
    dataDir?: string;
  } = {},
): Promise<Installation> {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), "everlink-demo-"));
  // PostgreSQL's own account must be able to walk in.
  chmodSync(dataDir, 0o755);
  const [port, workerPort, postgresPort, temporalPort, temporalUiPort, sandboxPort, smtpPort] =
    await freePorts(7);
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    EVERLINK_MODE: "sandbox",
    EVERLINK_DATA_DIR: dataDir,
    EVERLINK_PUBLIC_URL: "",
    EVERLINK_PORT: String(port),
    EVERLINK_WORKER_PORT: String(workerPort),
    POSTGRES_PORT: String(postgresPort),
    TEMPORAL_PORT: String(temporalPort),
    TEMPORAL_UI_PORT: String(temporalUiPort),
    SANDBOX_PORT: String(sandboxPort),
    SANDBOX_SMTP_PORT: String(smtpPort),
    EVERLINK_SYNC_INTERVAL_SECONDS: String(options.syncIntervalSeconds ?? 300),
    ...options.env,
  };
  const child = spawn(
    process.execPath,
    ["--import", import.meta.resolve("tsx"), join(root, "scripts/start.ts")],
    {
      env,
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  const processes = () =>
    Object.fromEntries(
      readdirSync(join(dataDir, "run")).map((file) => {
        const noted = JSON.parse(readFileSync(join(dataDir, "run", file), "utf8")) as { pid: number };
        return [file.replace(/\.json$/, ""), noted.pid];
      }),
    );
  const consoleLink = await untilReady(child, options.onOutput ?? (() => {}));
  return {
    origin: `http://localhost:${env.EVERLINK_PORT}`,
    sandboxOrigin: `https://localhost:${env.SANDBOX_PORT}`,
    databaseUrl: `postgres://everlink:everlink@127.0.0.1:${env.POSTGRES_PORT}/everlink`,
    dataDir,
    env,
    consoleLink,
    processes,
    kill(service) {
      const pid = processes()[service];
      if (pid === undefined) throw new Error(`${service} does not run just now`);
      process.kill(pid, "SIGKILL");
    },
    cli: (args) => runEverlink(env, args),
    async stop() {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      if (child.exitCode === null) {
        child.kill("SIGTERM");
        await ended;
      }
      if (options.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** In the middle of the next cycles, the worker is killed and then Temporal: nothing must be lost or doubled by it. */
export async function killInTheMiddle(installation: Installation): Promise<string[]> {
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  installation.kill("worker");
  await new Promise((resolve) => setTimeout(resolve, 4_000));
  installation.kill("temporal");
  return ["worker", "temporal"];
}

/** Waits for the last lines of the launcher. @returns the one-time console link */
function untilReady(child: ChildProcess, onOutput: (line: string) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = "";
    const read = (chunk: Buffer) => {
      const text = chunk.toString();
      output += text;
      for (const line of text.split("\n")) if (line.trim()) onOutput(line);
      const link = /^ {2}Console\s+(\S+)$/m.exec(output)?.[1];
      if (link && output.includes("Ctrl-C stops everything")) resolve(link);
    };
    child.stdout!.on("data", read);
    child.stderr!.on("data", read);
    child.once("exit", (code) =>
      reject(new Error(`npm start ended with exit code ${code}:\n${output.slice(-3_000)}`)),
    );
  });
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
          const server = createServer();
          server.once("error", reject);
          server.listen(0, "127.0.0.1", () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
