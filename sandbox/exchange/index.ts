import type { IncomingMessage, ServerResponse } from "node:http";
import type { Answer, Person, SandboxContext, System } from "../context.ts";
import { authenticate } from "./authentication.ts";
import { Call } from "./call.ts";
import { EwsError, EwsFault } from "./errors.ts";
import { operations } from "./operations/index.ts";
import { createSamples } from "./samples.ts";
import { newCounters } from "./schema.ts";
import { mailboxServer } from "./server.ts";
import {
  checkAnswer,
  MAX_REQUEST_BYTES,
  NotXml,
  readEnvelope,
  writeEnvelope,
  writeFault,
  type Envelope,
} from "./soap.ts";
import { nothingChecked, tallyOf } from "../tally.ts";

type Hint = { empty: boolean; ewsFault?: { code: string; backOffMs?: number } };

const count = tallyOf("ews", nothingChecked);

const PATH = "/ews/exchange.asmx";
const xmlHeaders = { "content-type": "text/xml; charset=utf-8", "cache-control": "private" };

/** The system, with what a test asks of it beyond any system. */
export interface Exchange extends System {
  counters(): Record<string, number>;
  /**
   * Turns switches, or gives a person a new, empty mailbox in place of the old one (`{ replaceMailbox: associateId }`).
   * @throws Error that names every mistake in the settings; see {@link Switches}
   */
  configure(settings: Record<string, unknown>): Record<string, unknown>;
}

/** A pretend Exchange that speaks EWS at `/EWS/Exchange.asmx`; every message is held against Microsoft's schema. */
export function createExchange(context: SandboxContext): Exchange {
  const server = mailboxServer(context);
  let counters = newCounters();

  function fault(error: EwsError): Answer {
    counters.faults++;
    return { status: 500, headers: xmlHeaders, body: writeFault(error) };
  }

  function serve(person: Person, body: Buffer, hint: Hint, brokenOnPurpose: boolean): Answer {
    try {
      const envelope = checkedRequest(body, brokenOnPurpose);
      if (hint.ewsFault) {
        const { code, backOffMs } = hint.ewsFault;
        const values = backOffMs === undefined ? {} : { BackOffMilliseconds: String(backOffMs) };
        return fault(new EwsFault(code, undefined, values));
      }
      const operation = operations[envelope.operation];
      if (!operation) {
        throw new EwsFault("ErrorInvalidOperation", `${envelope.operation} is not spoken by this server.`);
      }
      const call = new Call(server, person, envelope.headers, hint.empty);
      const work = (): string =>
        checked(writeEnvelope(operation.perform(envelope.request, call)), envelope.operation);
      const answer = operation.writes ? context.transaction(work) : work();
      return { status: 200, headers: xmlHeaders, body: answer };
    } catch (error) {
      if (error instanceof NotXml) return { status: 400, headers: {}, body: "" };
      if (error instanceof EwsError) return fault(error);
      context.log({
        system: "exchange",
        level: "error",
        message: "failed",
        error: String((error as Error).stack),
      });
      return fault(
        new EwsFault("ErrorInternalServerError", "An internal server error occurred. The operation failed."),
      );
    }
  }

  function checkedRequest(body: Buffer, brokenOnPurpose: boolean): Envelope {
    try {
      const envelope = readEnvelope(body, counters);
      count("requests");
      return envelope;
    } catch (error) {
      count(brokenOnPurpose ? "brokenOnPurpose" : "invalid");
      throw error;
    }
  }

  /** An answer of ours that breaks the schema is a mistake of ours: nothing of it is kept. */
  function checked(answer: string, operation: string): string {
    const problem = checkAnswer(answer, counters);
    count(problem === undefined ? "responses" : "invalid");
    if (problem === undefined) return answer;
    context.log({
      system: "exchange",
      level: "error",
      message: "answer breaks the EWS schema",
      operation,
      problem,
      answer,
    });
    throw new EwsFault("ErrorInternalServerError", `The answer breaks the schema: ${problem}`);
  }

  function answer(
    request: IncomingMessage,
    body: Buffer,
    hint: Hint,
    who: ReturnType<typeof authenticate>,
  ): Answer {
    if ("refusal" in who) return who.refusal;
    if (request.method === "GET")
      return { status: 200, headers: { "content-type": "text/html" }, body: servicePage };
    if (request.method !== "POST") return { status: 405, headers: { allow: "GET, POST" }, body: "" };
    if (body.length > MAX_REQUEST_BYTES) return { status: 413, headers: {}, body: "" };
    return serve(who.person, body, hint, request.headers["x-broken-on-purpose"] !== undefined);
  }

  async function handle(request: IncomingMessage, response: ServerResponse, body: Buffer): Promise<void> {
    const who = authenticate(request, context, server.switches.now.disabledTenants);
    const person = "person" in who ? who.person : undefined;
    const call = { system: "exchange" as const, operation: operationName(body), person };
    await context.faults.run(call, response, (hint) => answer(request, body, hint, who));
  }

  return {
    name: "exchange",
    owns: (path) => path.toLowerCase() === PATH,
    handle,
    reset: () =>
      context.transaction(() => {
        server.items.clear();
        server.switches.clear();
      }),
    admit: (person) => {
      if (person.capabilities.mailbox) context.transaction(() => server.folders.admit(person.objectId));
    },
    samples: createSamples(server),
    counters: () => ({ ...counters }),
    resetCounters() {
      counters = newCounters();
    },
    configure: ({ replaceMailbox, ...switches }) =>
      context.transaction(() => {
        const turned = { ...server.switches.turn(switches) };
        if (replaceMailbox === undefined) return turned;
        const person = context.directory.byAssociate(Number(replaceMailbox));
        if (!person) throw new Error(`there is no associate ${JSON.stringify(replaceMailbox)}`);
        server.items.forget(person.objectId);
        server.folders.admit(person.objectId);
        return turned;
      }),
  };
}

const servicePage =
  "<html><head><title>Service</title></head><body><h1>Exchange Web Services</h1></body></html>\r\n";

/** The operation's name, for fault rules, before anything is parsed. */
function operationName(body: Buffer): string {
  const text = body.toString("utf8", 0, 8192);
  return /Body\b[^>]*>\s*<(?:[\w.-]+:)?(\w+)/.exec(text)?.[1] ?? "unknown";
}
