import { randomInt } from "node:crypto";
import type { ServerResponse } from "node:http";
import type { DatabaseSync } from "node:sqlite";
import { setTimeout as wait } from "node:timers/promises";
import type { Answer, Call, FaultEffect, Faults, SystemName } from "./context.ts";
import { createFaultDraws } from "./fault-draws.ts";
import type { Traffic } from "./traffic.ts";

/** Which calls misbehave, how, how often. Fields left out match everything. */
export interface FaultRule {
  system: SystemName;
  operation?: string;
  associateId?: number;
  effect: FaultEffect;
  /** The rule is spent after so many matches; without it, it stays until deleted. */
  times?: number;
  /** 0..1, default 1. */
  probability?: number;
  /**
   * Of the draws that `probability` asks for: with the same seed the n-th call of an operation meets the same fate again.
   * A rule that comes without one is given one, so that what it did can be repeated.
   */
  seed?: number;
}

export interface FaultRules {
  add(rule: FaultRule): number;
  list(): Known[];
  remove(id: number): boolean;
  clear(): void;
  /** Until `resume`, no rule is asked and none draws: for tests in which only some of the callers are to meet faults. */
  pause(): void;
  resume(): void;
  /** Settles when every write that `lateCommit` put off has been made. */
  landed(): Promise<void>;
}

/** Rules live in SQLite: a sandbox that is killed during a fault goes on with it. */
export function createFaults(
  db: DatabaseSync,
  traffic: Traffic,
  log: (entry: Record<string, unknown>) => void,
): { faults: Faults; rules: FaultRules; close(): void } {
  db.exec(`create table if not exists sandbox_fault (
    id integer primary key, rule text not null, hits integer not null default 0
  ) strict`);
  const insert = db.prepare("insert into sandbox_fault (rule) values (?)");
  const select = db.prepare("select id, rule, hits from sandbox_fault order by id");
  const hit = db.prepare("update sandbox_fault set hits = hits + 1 where id = ?");
  const remove = db.prepare("delete from sandbox_fault where id = ?");
  const draws = createFaultDraws(db);
  const read = () =>
    select.all().map((row) => ({
      ...(JSON.parse(row["rule"] as string) as FaultRule),
      id: Number(row["id"]),
      hits: Number(row["hits"]),
    }));
  /** Calls are many, rules are few and rarely change: the list is read once per change. */
  let known = read();
  const stopping = new AbortController();
  let paused = false;
  const late = new Set<Promise<unknown>>();

  const rules: FaultRules = {
    add(rule) {
      const seeded = rule.probability === undefined ? rule : { seed: randomInt(2 ** 31), ...rule };
      const id = Number(insert.run(JSON.stringify(seeded)).lastInsertRowid);
      known = read();
      return id;
    },
    list: () => known.map((rule) => ({ ...rule })),
    remove(id) {
      const gone = remove.run(id).changes > 0;
      draws.forget(id);
      known = read();
      return gone;
    },
    clear() {
      db.exec("delete from sandbox_fault");
      draws.forget();
      known = [];
    },
    pause: () => void (paused = true),
    resume: () => void (paused = false),
    async landed() {
      while (late.size > 0) await Promise.all(late);
    },
  };

  /** All matching delays add up; of the other effects the first matching rule's is taken. */
  function effectsFor(call: Call): { latencyMs: number; effect: FaultEffect | undefined } {
    let latencyMs = 0;
    let effect: FaultEffect | undefined;
    for (const rule of paused ? [] : known) {
      if (!matches(rule, call) || !happens(rule, call)) continue;
      if (rule.effect.kind !== "latency" && effect !== undefined) continue;
      hit.run(rule.id);
      if (rule.probability !== undefined) draws.keep(rule.id, call.operation);
      rule.hits += 1;
      if (rule.effect.kind === "latency") latencyMs += rule.effect.ms;
      else effect = rule.effect;
    }
    return { latencyMs, effect };
  }

  /** Rules of sandboxes from before there were seeds have none. */
  function happens({ id, probability, seed = 0 }: Known, { operation }: Call): boolean {
    return probability === undefined || draws.hits({ id, seed, probability }, operation);
  }

  const faults: Faults = {
    pick: effectsFor,
    async run(call, response, perform) {
      const { latencyMs, effect } = effectsFor(call);
      if (effect !== undefined || latencyMs > 0) {
        log({ fault: effect?.kind ?? "latency", system: call.system, operation: call.operation });
      }
      if (latencyMs > 0) await wait(latencyMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      const answer = (given: Answer) => {
        const body = typeof given.body === "string" ? Buffer.from(given.body) : Buffer.from(given.body);
        traffic.answered(call, response, { status: given.status, bytes: body.length });
        send(response, given, body);
      };
      const breakConnection = () => {
        traffic.answered(call, response, "broken");
        response.destroy();
      };
      switch (effect?.kind) {
        case undefined:
        case "latency":
          return answer(await perform({ empty: false }));
        case "empty":
          return answer(await perform({ empty: true }));
        case "ewsFault": {
          const fault =
            effect.backOffMs === undefined
              ? { code: effect.code }
              : { code: effect.code, backOffMs: effect.backOffMs };
          return answer(await perform({ empty: false, ewsFault: fault }));
        }
        case "status":
          return answer({
            status: effect.status,
            headers: {
              "content-type": effect.body?.startsWith("{") ? "application/json" : "text/plain; charset=utf-8",
              ...(effect.retryAfterSeconds === undefined
                ? {}
                : { "retry-after": String(effect.retryAfterSeconds) }),
            },
            body: effect.body ?? "",
          });
        case "truncate": {
          const whole = await perform({ empty: false });
          return answer({ ...whole, body: Buffer.from(whole.body as string).subarray(0, effect.bytes) });
        }
        case "lostResponse":
          await perform({ empty: false });
          return breakConnection();
        case "lateCommit": {
          breakConnection();
          const landing = wait(effect.ms, undefined, { signal: stopping.signal }).then(
            () => perform({ empty: false }),
            () => undefined,
          );
          late.add(landing);
          await landing.finally(() => late.delete(landing));
          return undefined;
        }
      }
    },
  };
  return { faults, rules, close: () => stopping.abort() };
}

type Known = FaultRule & { id: number; hits: number };

function matches(rule: Known, call: Call): boolean {
  if (rule.system !== call.system) return false;
  if (rule.operation !== undefined && rule.operation.toLowerCase() !== call.operation.toLowerCase())
    return false;
  if (rule.associateId !== undefined && rule.associateId !== call.person?.associateId) return false;
  return rule.times === undefined || rule.hits < rule.times;
}

/** Repeated headers (only `set-cookie` may repeat) stand in one value, one per line. */
function send(response: ServerResponse, answer: Answer, body: Buffer): void {
  if (response.destroyed || response.headersSent) return;
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(answer.headers)) {
    headers[name] = name.toLowerCase() === "set-cookie" ? value.split("\n") : value;
  }
  headers["content-length"] = String(body.length);
  response.writeHead(answer.status, headers);
  response.end(body);
}
