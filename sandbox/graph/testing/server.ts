import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import tls from "node:tls";
import { join } from "node:path";
import { Agent, request } from "node:https";
import type { Person } from "../../context.ts";
import { createExchange, type Exchange } from "../../exchange/index.ts";
import type { Endpoint } from "../../exchange/testing/soap-client.ts";
import { startSandbox, type Sandbox } from "../../server.ts";
import { bearerOf, testTokens } from "../../testing/bearer.ts";
import { samplePerson, sampleTenant } from "../../testing/people.ts";
import { createGraph, type Graph } from "../index.ts";

/** A sandbox with Exchange and Graph over HTTPS, and two people who have mailboxes. */
export interface TestGraph {
  sandbox: Sandbox;
  graph: Graph;
  exchange: Exchange;
  person: Person;
  colleague: Person;
  /** The same mailboxes over EWS, for the SOAP client of the Exchange tests. */
  ews: Endpoint;
  /** What the server logged as errors; a broken answer would stand here. */
  errors: Record<string, unknown>[];
  send(method: string, path: string, options?: SendOptions): Promise<Answer>;
  close(): Promise<void>;
}

export interface SendOptions {
  body?: unknown;
  headers?: Record<string, string>;
  associateId?: number;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Json = any;

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Json;
}

export async function startGraph(): Promise<TestGraph> {
  const dataDir = mkdtempSync(join(tmpdir(), "everlink-graph-"));
  const errors: Record<string, unknown>[] = [];
  const sandbox = await startSandbox({
    dataDir,
    seed: false,
    systems: [testTokens, createExchange, createGraph],
    log: (entry) => {
      if (entry["level"] === "error") errors.push(entry);
    },
  });
  const { directory } = sandbox.context;
  directory.saveTenant(sampleTenant);
  const [person, colleague] = [samplePerson(1), samplePerson(2)];
  const exchange = sandbox.systems.find((each) => each.name === "exchange") as Exchange;
  const graph = sandbox.systems.find((each) => each.name === "graph") as Graph;
  for (const each of [person, colleague]) {
    directory.save(each);
    exchange.admit?.(each);
  }
  // The SOAP client of the Exchange tests uses fetch, which knows no certificate authority of its own.
  tls.setDefaultCACertificates([...tls.getCACertificates("default"), readFileSync(sandbox.caFile, "utf8")]);
  const agent = new Agent({ ca: readFileSync(sandbox.caFile), keepAlive: true });

  /** A path below `/v1.0`, or a whole link that Graph gave. */
  async function send(method: string, path: string, options: SendOptions = {}): Promise<Answer> {
    const { body, headers = {}, associateId = 1 } = options;
    const text = body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body);
    const url = path.startsWith("https:") ? path : `${sandbox.origin}/v1.0${path}`;
    return new Promise((resolve, reject) => {
      const sent = request(
        url,
        {
          method,
          agent,
          headers: {
            authorization: bearerOf(associateId),
            ...(text === undefined ? {} : { "content-type": "application/json" }),
            ...headers,
          },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("error", reject);
          response.on("end", () => {
            const answer = Buffer.concat(chunks).toString();
            let parsed: Json = answer;
            try {
              parsed = answer === "" ? undefined : JSON.parse(answer);
            } catch {
              // A truncated answer stays text.
            }
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body: parsed });
          });
        },
      );
      sent.on("error", reject);
      sent.end(text);
    });
  }

  return {
    sandbox,
    graph,
    exchange,
    person,
    colleague,
    ews: { url: `${sandbox.origin}/EWS/Exchange.asmx`, person },
    errors,
    send,
    async close() {
      agent.destroy();
      await sandbox.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
