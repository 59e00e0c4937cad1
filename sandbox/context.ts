import type { IncomingMessage, ServerResponse } from "node:http";
import type { DatabaseSync } from "node:sqlite";
import type { SampleStore } from "./samples.ts";

export type * from "./samples.ts";

/** What every pretend system is given. The systems share nothing else. */
export interface SandboxContext {
  /** `https://localhost:8443`, without a trailing slash. Known only after listening, hence a function. */
  origin(): string;
  db: DatabaseSync;
  /** Runs `work` in one immediate transaction; when it returns, the write survives `kill -9`. */
  transaction<T>(work: () => T): T;
  clock: SandboxClock;
  directory: Directory;
  faults: Faults;
  /** Checks a Microsoft bearer token; implemented by Entra, used by EWS and Graph. */
  tokens: TokenVerifier;
  /** Counts mails that Exchange or SuperOffice would have sent to attendees; tests assert on zero. */
  attendeeMails: AttendeeMails;
  log(entry: Record<string, unknown>): void;
}

/** Real time plus an offset that `/control/clock` sets. */
export interface SandboxClock {
  now(): Date;
  advance(ms: number): void;
  reset(): void;
}

/** One person of the sample company as both worlds know them. */
export interface Person {
  associateId: number;
  personId: number;
  contactId: number;
  /** SuperOffice login name. */
  loginName: string;
  firstName: string;
  lastName: string;
  fullName: string;
  /** Primary mail address, in SuperOffice and (as `mail`) in Entra. */
  address: string;
  userPrincipalName: string;
  proxyAddresses: string[];
  userType: "Member" | "Guest";
  /** Entra object id (uuid) and tenant id (uuid). */
  objectId: string;
  tenant: string;
  password: string;
  /** IANA zone of the mailbox and of the person's life. */
  timeZone: string;
  capabilities: PersonCapabilities;
}

export interface PersonCapabilities {
  mailbox: boolean;
  ews: boolean;
  graph: boolean;
  /** Account enabled in Entra. */
  enabled: boolean;
  /** Retired in SuperOffice (`Deleted`). */
  retired: boolean;
}

export interface Tenant {
  /** Entra tenant id (uuid). */
  id: string;
  name: string;
  domain: string;
}

export interface Directory {
  tenants(): Tenant[];
  people(): Person[];
  byAssociate(associateId: number): Person | undefined;
  /** By address, user principal name or proxy address, case-insensitive. */
  byAddress(address: string): Person | undefined;
  byObjectId(objectId: string): Person | undefined;
  /** `undefined` when the password is wrong or the account is disabled. */
  byCredentials(user: string, password: string): Person | undefined;
  save(person: Person): void;
  saveTenant(tenant: Tenant): void;
}

export interface TokenVerifier {
  /**
   * @param audience  the resource's origin, as in the token's `aud`
   * @returns the person and the short names of the permissions, or why not
   */
  verify(
    authorization: string | undefined,
    audience: string,
  ): { person: Person; scopes: string[] } | { refused: string };
}

export interface AttendeeMails {
  add(mail: { system: string; from: string; to: string[]; subject: string; operation: string }): void;
  count(): number;
  list(): Record<string, unknown>[];
}

export type SystemName = "entra" | "exchange" | "graph" | "superoffice" | "mail";

/** One call as a fault rule can name it. */
export interface Call {
  system: SystemName;
  /** EWS operation name, SuperOffice `METHOD /path-template`, Entra `token`, … */
  operation: string;
  person?: Person | undefined;
}

/** What a rule asks for; the frame carries out all but `empty`, which only the system can. */
export type FaultEffect =
  | { kind: "latency"; ms: number }
  | { kind: "status"; status: number; retryAfterSeconds?: number; body?: string }
  /** EWS only: a SOAP fault with this response code, and `BackOffMilliseconds` when given. */
  | { kind: "ewsFault"; code: string; backOffMs?: number }
  | { kind: "truncate"; bytes: number }
  /** A listing answers well-formed but empty. */
  | { kind: "empty" }
  /** The work is done, the answer never arrives. */
  | { kind: "lostResponse" }
  /** The connection breaks now, the work is done `ms` later. */
  | { kind: "lateCommit"; ms: number };

export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string | Uint8Array;
}

export interface Faults {
  /** For protocols other than HTTP: what the matching rules ask for, counted as used. */
  pick(call: Call): { latencyMs: number; effect: FaultEffect | undefined };
  /**
   * Performs one call under the rules that match it and writes the answer (or breaks the connection).
   * `perform` does the work and must not touch `response`; it is told whether its listing must be empty,
   * and which EWS fault to give instead of working.
   */
  run(
    call: Call,
    response: ServerResponse,
    perform: (hint: {
      empty: boolean;
      ewsFault?: { code: string; backOffMs?: number };
    }) => Answer | Promise<Answer>,
  ): Promise<void>;
}

export interface System {
  name: SystemName;
  /** True when this system answers for the path (`/EWS/Exchange.asmx`, `/Cust12345/api/…`, …). */
  owns(path: string): boolean;
  handle(request: IncomingMessage, response: ServerResponse, body: Buffer): Promise<void>;
  /** Empties the system; the seed fills it again. */
  reset(): void;
  /** Makes what a new person needs (mailbox folders, associate and person rows …). Idempotent. */
  admit?(person: Person): void;
  samples?: SampleStore;
  /** Its part of `GET /control/counters`, e.g. how many messages were checked against a schema. */
  counters?(): Record<string, unknown>;
  /** Sets those counters back to zero. */
  resetCounters?(): void;
  /** Its part of `GET /control/connections`: what an installation must know to connect to it. */
  connection?(): Record<string, unknown>;
  /** Turns behaviours that no document settles, and states of the system; @returns all settings as they are now. */
  configure?(settings: Record<string, unknown>): Record<string, unknown>;
  close?(): Promise<void>;
}
