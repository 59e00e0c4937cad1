import type { IncomingMessage } from "node:http";
import type { Answer, SandboxContext, System } from "../context.ts";
import { mailboxServer } from "../exchange/server.ts";
import { GraphError } from "./errors.ts";
import { newCounters } from "./schema.ts";
import { GraphService, operationOf, type Caller } from "./service.ts";
import { GraphSwitchBoard } from "./switches.ts";
import { transactionTable } from "./transactions.ts";

/** What a token must be made for. */
const AUDIENCE = "https://graph.microsoft.com";
const ROOT = /^\/v1\.0\//i;
const BATCH = "/$batch";

/** The system, with what a test asks of it beyond any system. */
export interface Graph extends System {
  counters(): Record<string, number>;
  /** @throws Error that names every mistake in the settings; see `GraphSwitches` */
  configure(settings: Record<string, unknown>): Record<string, unknown>;
}

/** A pretend Microsoft Graph at `/v1.0/`, over the same mailboxes as the pretend Exchange. */
export function createGraph(context: SandboxContext): Graph {
  context.db.exec(transactionTable);
  const switches = new GraphSwitchBoard(context.db);
  const service = new GraphService(context, mailboxServer(context), switches);
  /** Calls in work by mailbox (object id). */
  const busy = new Map<string, number>();

  function throttled(): Answer {
    const { retryAfterSeconds } = switches.now;
    const headers: Record<string, string> =
      retryAfterSeconds === null ? {} : { "retry-after": String(retryAfterSeconds) };
    const message = "Application is over its MailboxConcurrency limit.";
    return service.refusal(new GraphError(429, "ApplicationThrottled", message, headers));
  }

  function work(request: IncomingMessage, url: URL, body: Buffer, caller: Caller, empty: boolean): Answer {
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [
        name,
        Array.isArray(value) ? value.join(", ") : value,
      ]),
    );
    const raw = { method: request.method ?? "GET", url, headers, body: body.toString("utf8") };
    const isBatch = raw.method === "POST" && url.pathname === BATCH;
    return isBatch ? service.answerBatch(caller, raw, empty) : service.answer(caller, raw, empty);
  }

  return {
    name: "graph",
    owns: (path) => ROOT.test(path),
    async handle(request, response, body) {
      const url = new URL(request.url ?? "/", context.origin());
      url.pathname = url.pathname.replace(ROOT, "/");
      const who = context.tokens.verify(request.headers.authorization, AUDIENCE);
      const caller = "person" in who ? who : undefined;
      const call = {
        system: "graph" as const,
        operation: operationOf(request.method ?? "GET", url.pathname),
        person: caller?.person,
      };
      if (!caller) {
        const refused = "refused" in who ? who.refused : "";
        const challenge = { "www-authenticate": 'Bearer realm="", error="invalid_token"' };
        const error = new GraphError(
          401,
          "InvalidAuthenticationToken",
          `Access token validation failure: ${refused}.`,
          challenge,
        );
        return context.faults.run(call, response, () => service.refusal(error));
      }
      const mailbox = caller.person.objectId;
      const inWork = busy.get(mailbox) ?? 0;
      if (inWork >= switches.now.mailboxConcurrency) return context.faults.run(call, response, throttled);
      busy.set(mailbox, inWork + 1);
      try {
        await context.faults.run(call, response, ({ empty }) => work(request, url, body, caller, empty));
      } finally {
        busy.set(mailbox, (busy.get(mailbox) ?? 1) - 1);
      }
    },
    reset() {
      // The mailboxes are emptied by Exchange, whose they are.
      context.db.exec("delete from graph_transaction");
      switches.clear();
    },
    counters: () => ({ ...service.counters }),
    resetCounters() {
      service.counters = newCounters();
    },
    configure: (settings) => context.transaction(() => ({ ...switches.turn(settings) })),
  };
}
