import { createServer, type Server } from "node:https";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import type { AddressInfo } from "node:net";
import type { SandboxContext, System } from "./context.ts";
import { callers } from "./attendee-mails.ts";
import { createControl, emptySystems } from "./control/index.ts";
import type { Entra } from "./entra/index.ts";
import type { FaultRules } from "./faults.ts";
import type { Settings } from "./database.ts";
import { createFrame, type Frame } from "./frame.ts";
import type { Mail } from "./mail/index.ts";
import { readSummary, seedSandbox, usualSeed, type SeedOptions } from "./seed/seed.ts";
import { ensureServerCertificate } from "./tls.ts";

/** Larger than any message of the protocols spoken here; more is answered 413. */
const bodyLimitBytes = 20 * 1024 * 1024;

export interface SandboxOptions {
  /** Holds `sandbox.db`, and `tls/` unless `tlsDir` says otherwise. */
  dataDir: string;
  /** HTTPS; 0 or absent takes a free one. */
  port?: number;
  smtpPort?: number;
  host?: string;
  tlsDir?: string;
  /** A sample company made at the first start (by default the usual one), or none. */
  seed?: Partial<SeedOptions> | false;
  /** Where real calendar files lie (`data/ics` below it); own samples are taken without it. */
  sharedDir?: string;
  /** Which systems to run; all of them unless given. */
  systems?: ((context: SandboxContext) => System)[];
  log?: (entry: Record<string, unknown>) => void;
}

export interface Sandbox {
  /** `https://localhost:<port>` */
  origin: string;
  port: number;
  smtpPort: number;
  caFile: string;
  context: SandboxContext;
  systems: System[];
  rules: FaultRules;
  settings: Settings;
  close(): Promise<void>;
}

/** A port that another program holds; the message names the environment variable that moves ours. */
export class PortTakenError extends Error {
  constructor(port: number, variable: string) {
    super(`Port ${port} is taken by another program. Set ${variable} to a free port and start again.`);
  }
}

/** Starts a whole sandbox and answers when it listens and is seeded. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const host = options.host ?? "127.0.0.1";
  const certificate = await ensureServerCertificate(options.tlsDir ?? join(options.dataDir, "tls"), [
    "localhost",
    "127.0.0.1",
    "::1",
    ...(["127.0.0.1", "localhost", "0.0.0.0", "::", "::1"].includes(host) ? [] : [host]),
  ]);
  const log = options.log ?? (() => undefined);
  const frame = createFrame(options.dataDir, log);
  const systems = (options.systems ?? []).map((create) => create(frame.context));
  const entra = systems.find((each) => "tokens" in each) as Partial<Entra> | undefined;
  if (entra?.tokens) frame.verifyTokensWith(entra.tokens);

  const control = createControl(frame, systems, options.sharedDir);

  const server = createServer({ key: certificate.key, cert: certificate.chain }, (request, response) => {
    const caller = request.headers["user-agent"] ?? "";
    const served = callers.run(caller, () => serve(frame, [control, ...systems], request, response));
    void served.catch((error: unknown) => {
      log({ level: "error", path: request.url, error: error instanceof Error ? error.stack : String(error) });
      refuse(response, 500, "the sandbox itself failed; see its log");
    });
  });
  server.keepAliveTimeout = 65_000;
  let port: number;
  try {
    port = await listen(server, options.port ?? 0, host);
  } catch (error) {
    frame.close();
    throw taken(error, options.port, "SANDBOX_PORT");
  }
  const mail = systems.find((each) => each.name === "mail") as Partial<Mail> | undefined;
  let smtpPort = 0;
  try {
    smtpPort = (await mail?.listen?.(options.smtpPort ?? 0, host)) ?? 0;
  } catch (error) {
    server.close();
    frame.close();
    throw taken(error, options.smtpPort, "SANDBOX_SMTP_PORT");
  }
  const origin = `https://localhost:${port}`;
  frame.listening(origin);
  // Nothing is answered as if it were there before it is.
  const emptied = frame.settings.get("seed.emptied") !== undefined;
  if (options.seed !== false && !emptied && readSummary(frame.settings) === undefined) {
    // A first start that was killed half-way left half a company.
    emptySystems(frame, systems);
    await seedSandbox(frame, systems, { ...usualSeed, ...options.seed }, options.sharedDir);
  }

  return {
    origin,
    port,
    smtpPort,
    caFile: certificate.caFile,
    context: frame.context,
    systems,
    rules: frame.rules,
    settings: frame.settings,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      for (const system of systems) await system.close?.();
      frame.close();
    },
  };
}

const taken = (error: unknown, port: number | undefined, variable: string): unknown =>
  (error as NodeJS.ErrnoException).code === "EADDRINUSE" ? new PortTakenError(port ?? 0, variable) : error;

async function serve(
  frame: Frame,
  systems: Pick<System, "owns" | "handle">[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = new URL(request.url ?? "/", "https://localhost").pathname;
  const system = systems.find((each) => each.owns(path));
  const body = await readBody(request);
  if (body === undefined) return refuse(response, 413, `bodies over ${bodyLimitBytes} bytes are refused`);
  frame.traffic.received(response, body.length);
  if (system === undefined) return refuse(response, 404, `nothing in the sandbox answers for ${path}`);
  await system.handle(request, response, body);
}

/** @returns `undefined` when the body is longer than the limit. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= bodyLimitBytes) chunks.push(chunk);
  }
  return bytes <= bodyLimitBytes ? Buffer.concat(chunks) : undefined;
}

function refuse(response: ServerResponse, status: number, error: string): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify({ error }));
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}
