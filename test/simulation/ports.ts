import type { Account, ItemStore } from "../../connectors/contract.ts";
import type { Call, Fault } from "../../connectors/memory/faults.ts";
import { Failure } from "../../core/errors/failure.ts";
import type { Changes, Ref, Side } from "../../core/items/observed.ts";
import type { WriteKind } from "../../core/sync/item-link.ts";
import type { SyncRepository } from "../../engine/repository.ts";
import type { SlicePorts } from "../../engine/slice.ts";
import { DatabaseLost, requestLimitMs, type Lane } from "./lane.ts";
import type { Running } from "./scheduler.ts";
import type { AnyTrouble, Kill } from "./troubles.ts";

/** What a call and a transaction cost in time. */
const callMs = 20;
const transactionMs = 4;

/**
 * Everything that a slice waits for: each call and each transaction stops twice, on its way there and on its way back,
 * and may meet trouble. What goes by is written down (`ledger.ts`).
 */
export function watched<Item extends object>(
  lane: Lane<Item>,
  running: Running,
  repository: SyncRepository,
): Pick<SlicePorts<Item>, "crm" | "mailbox" | "repository"> {
  return {
    crm: watchedStore(lane, running, "crm"),
    mailbox: watchedStore(lane, running, "mailbox"),
    repository: watchedRepository(lane, running, repository),
  };
}

function watchedStore<Item extends object>(
  lane: Lane<Item>,
  running: Running,
  side: Side,
): ItemStore<Item> & Account {
  const { world } = lane;
  let fault: Fault | undefined;
  const store = lane.store(side, running, () => {
    const now = fault;
    fault = undefined;
    return now;
  });

  /** @param unseeing what an account answers whose credential is dead; it refuses the call where there is none */
  async function call<Answer>(
    name: Call,
    send: () => Promise<Answer>,
    unseeing?: () => Answer,
  ): Promise<Answer> {
    const startedAt = world.now;
    const trouble = world.troubles.inCall(running.place(), name);
    await world.scheduler.pause(running);
    world.now += callMs;
    kill(lane, running, trouble);
    // Time went on while the request stood in line: nobody waits for it any more.
    if (world.now - startedAt > requestLimitMs) throw new Failure("network.timeout");
    if (lane.blind === side) {
      world.troubles.count("blind");
      if (unseeing === undefined) throw new Failure("ews.unauthorized");
      return unseeing();
    }
    fault = isKill(trouble) ? undefined : trouble;
    const answer = await send();
    const late = world.troubles.inCall(running.place(), "probe");
    await world.scheduler.pause(running);
    kill(lane, running, late);
    if (world.now - startedAt > requestLimitMs) throw new Failure("network.timeout");
    return answer;
  }

  function sending(operation: WriteKind, subject: Ref): void {
    const entry = lane.ledger.sending(side, operation, subject);
    world.check(
      "I16",
      typeof entry !== "string",
      () => `lane ${lane.number} ${side}: ${typeof entry === "string" ? entry : ""}`,
    );
  }

  return {
    capabilities: store.capabilities,
    identity: `memory/${lane.number}/${side}`,
    changes: (scope, cursor, signal) =>
      call(
        "changes",
        () => store.changes(scope, cursor, signal),
        () => nothing(cursor !== undefined),
      ),
    get: (ref, signal) =>
      call(
        "get",
        () => store.get(ref, signal),
        () => undefined,
      ),
    create: (scope, item, key, signal) =>
      call("create", () => {
        sending("create", key);
        return store.create(scope, item, key, signal);
      }),
    findByKey: (scope, key, signal) =>
      call(
        "findByKey",
        () => store.findByKey(scope, key, signal),
        () => [],
      ),
    update: (ref, patch, version, signal) =>
      call("update", () => {
        sending("update", ref);
        return store.update(ref, patch, version, signal);
      }),
    remove: (ref, version, signal) =>
      call("remove", () => {
        sending("delete", ref);
        return store.remove(ref, version, signal);
      }),
    probe: (signal) =>
      call<Awaited<ReturnType<Account["probe"]>>>(
        "probe",
        () => store.probe(signal),
        () => ({ ok: false, code: "ews.unauthorized" }),
      ),
  };
}

/** A listing without anything, that says it is complete. */
function nothing<Item>(reset: boolean): Changes<Item> {
  return { upserts: [], gone: [], failed: [], listing: "complete", reset, next: "blind", more: false };
}

function watchedRepository<Item extends object>(
  lane: Lane<Item>,
  running: Running,
  repository: SyncRepository,
): SyncRepository {
  const { world } = lane;

  async function transaction<Answer>(writes: boolean, work: () => Promise<Answer>): Promise<Answer> {
    const trouble = world.troubles.inTransaction(running.place());
    await world.scheduler.pause(running);
    world.now += transactionMs;
    kill(lane, running, trouble);
    if (trouble === "database-lost" || (trouble === "disk-full" && writes)) throw new DatabaseLost(trouble);
    const answer = await work();
    if (trouble === "database-answer-lost") throw new DatabaseLost(trouble);
    if (!writes) return answer;
    const late = world.troubles.inCall(running.place(), "probe");
    await world.scheduler.pause(running);
    kill(lane, running, late);
    return answer;
  }

  return {
    begin: (now, accounts) => transaction(true, () => repository.begin(now, accounts)),
    find: (lookup) => transaction(false, () => repository.find(lookup)),
    due: (now, limit) => transaction(false, () => repository.due(now, limit)),
    unconfirmed: () => transaction(false, () => repository.unconfirmed()),
    unmatched: (fields) => transaction(false, () => repository.unmatched(fields)),
    byIds: (ids) => transaction(false, () => repository.byIds(ids)),
    standAlone: (ids, at) => transaction(true, () => repository.standAlone(ids, at)),
    postpone: (ids, at) => transaction(true, () => repository.postpone(ids, at)),
    missing: (side, listing, thorough) =>
      transaction(false, () => repository.missing(side, listing, thorough)),
    unverify: (side) => transaction(true, () => repository.unverify(side)),
    brake: (since) =>
      transaction(false, async () => {
        await lane.countPopulation();
        return repository.brake(since);
      }),
    archived: (linkId, archiveId) => transaction(false, () => repository.archived(linkId, archiveId)),
    save: (changes, at) => transaction(true, () => repository.save(changes, at)),
    intend: (intent, plan) =>
      transaction(true, async () => {
        await repository.intend(intent, plan);
        lane.ledger.intended(intent, plan.link);
        if (plan.archive === undefined) return;
        lane.archived.push(plan.archive.sealed);
        lane.onLoss(intent, plan.link, plan.archive);
      }),
    settle: (settlement, at) =>
      transaction(true, async () => {
        await repository.settle(settlement, at);
        lane.ledger.settled(settlement);
      }),
    finish: (end, at) => transaction(true, () => repository.finish(end, at)),
  };
}

function isKill(trouble: AnyTrouble | undefined): trouble is Kill {
  return trouble === "kill" || trouble === "kill-worker";
}

/** A dead process does nothing more; a dead worker takes everything along that ran on it. */
function kill<Item extends object>(
  lane: Lane<Item>,
  running: Running,
  trouble: AnyTrouble | undefined,
): void {
  if (!isKill(trouble)) return;
  const dead = trouble === "kill" ? [running] : lane.world.scheduler.running;
  for (const slice of dead) slice.killed = true;
  running.throwIfKilled();
}
