import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createAttendeeMails } from "./attendee-mails.ts";
import { createClock } from "./clock.ts";
import type { SandboxContext, TokenVerifier } from "./context.ts";
import { openDatabase, settingsOn, transactionOn, type Settings } from "./database.ts";
import { createDirectory } from "./directory.ts";
import { createFaults, type FaultRules } from "./faults.ts";
import { createTraffic, type Traffic } from "./traffic.ts";

/** What the sandbox itself holds besides the systems; `/control/` works on it, the systems see `context`. */
export interface Frame {
  context: SandboxContext;
  settings: Settings;
  rules: FaultRules;
  traffic: Traffic;
  /** Told by the server once it listens. */
  listening(origin: string): void;
  /** Told once Entra exists. Until then every bearer token is refused. */
  verifyTokensWith(verifier: TokenVerifier): void;
  /** Forgets people, tenants and the mails that attendees would have got. */
  emptyPeople(): void;
  close(): void;
}

export function createFrame(dataDir: string, log: (entry: Record<string, unknown>) => void): Frame {
  mkdirSync(dataDir, { recursive: true });
  const db = openDatabase(join(dataDir, "sandbox.db"));
  const transaction = transactionOn(db);
  const settings = settingsOn(db);
  const clock = createClock(settings);
  const directory = createDirectory(db, transaction);
  const attendeeMails = createAttendeeMails(db, clock);
  const traffic = createTraffic();
  const { faults, rules, close } = createFaults(db, traffic, log);
  let origin: string | undefined;
  let verifier: TokenVerifier | undefined;

  const context: SandboxContext = {
    origin() {
      if (origin === undefined) throw new Error("the sandbox does not listen yet");
      return origin;
    },
    db,
    transaction,
    clock,
    directory,
    faults,
    tokens: {
      verify: (authorization, audience) =>
        verifier?.verify(authorization, audience) ?? { refused: "this sandbox runs without Entra" },
    },
    attendeeMails,
    log,
  };
  return {
    context,
    settings,
    rules,
    traffic,
    listening: (at) => void (origin = at),
    verifyTokensWith: (given) => void (verifier = given),
    emptyPeople() {
      transaction(() => {
        directory.empty();
        attendeeMails.empty();
      });
    },
    close() {
      close();
      db.close();
    },
  };
}
