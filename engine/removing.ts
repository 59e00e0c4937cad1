import { Failure } from "../core/errors/failure.ts";
import type { IntentId, ItemLinkId } from "../core/ids.ts";
import type { Side } from "../core/items/observed.ts";
import type { Intent, ItemLink } from "../core/sync/item-link.ts";
import { notApplied } from "../core/sync/outcome.ts";
import { letGo, removalRow, whyStays, type StayReason } from "../core/sync/removal.ts";
import { eventOf } from "./events.ts";
import type { SliceInput, SlicePorts, SliceResult } from "./ports.ts";
import { mustBeTrusted, recover, restOf, settleLost } from "./recover.ts";
import { lookAtBoth } from "./removal-plan.ts";
import type { Beginning, Settlement } from "./repository.ts";
import { callLimitMs, isOfItem, Run, sendLimitMs } from "./run.ts";
import { accountsOf } from "./slice.ts";
import { parkedChange, type Gathered } from "./work.ts";

export type RemovalOutcome = "removed" | StayReason;

/** What was decided to be removed on one side, and what became of it so far. */
export interface Removal {
  from: Side;
  /** Without an outcome yet. */
  left(): Promise<ItemLinkId[]>;
  /** @throws Failure `lifecycle.fenced` when a newer run has taken over */
  note(id: ItemLinkId, outcome: RemovalOutcome): Promise<void>;
}

/**
 * One bounded part of a removal: settle what is uncertain, then look at each item once more, as it is now, and remove
 * it if nothing speaks for its staying (`core/sync/removal.ts`). It may be stopped at any await and run again: each
 * write has an intent before it and an outcome after it, as in a slice of sync, and is bound to the version that was
 * looked at.
 *
 * @throws Failure `lifecycle.fenced` when a newer run has taken over; the signal's reason when aborted
 */
export async function removeCopies<Item>(
  ports: SlicePorts<Item>,
  input: SliceInput<Item>,
  removal: Removal,
  signal: AbortSignal,
): Promise<SliceResult> {
  const start = await ports.repository.begin(ports.clock.now(), accountsOf(ports));
  const run = new Run(ports, input, signal, new Set());
  try {
    const resting = await settle(run, start.open);
    const left = (await removal.left()).filter((id) => !resting.has(id));
    let done = 0;
    for (const [link, id] of await loaded(run, left)) {
      if (done > 0 && run.exhausted()) break;
      await removal.note(id, link === undefined ? "gone" : await end(run, link, removal.from));
      done += 1;
    }
    signal.throwIfAborted();
    return result(run, { more: done < left.length, resting, problem: null });
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof Failure) || error.code === "lifecycle.fenced") throw error;
    run.ports.log("removal ended early", { code: error.code, ...error.detail });
    return result(run, { more: false, resting: new Map(), problem: error });
  }
}

async function loaded<Item>(
  run: Run<Item>,
  ids: readonly ItemLinkId[],
): Promise<[ItemLink | undefined, ItemLinkId][]> {
  const links = new Map((await run.ports.repository.byIds(ids)).map((link) => [link.id, link]));
  return ids.map((id) => [links.get(id), id]);
}

/** Looks, decides, and removes; whoever was there in that very moment is looked at once more. */
async function end<Item>(run: Run<Item>, link: ItemLink, from: Side, again = true): Promise<RemovalOutcome> {
  // Removed before, and the process ended between that and noting it.
  if (link.sides[from] === null) return "removed";
  const told = await lookAtBoth(run, link, from);
  const reason = whyStays(link, from, told, run.context.rules);
  const copy = told[from];
  if (reason !== null || copy.kind !== "present") return reason ?? "unreadable";
  const { ref, version } = copy.seen.observed;
  const intent = intentOf(run, link, from);
  await run.ports.repository.intend(intent, { link });
  // By now another run may have looked for its outcome.
  const late = run.now() - intent.at > sendLimitMs;
  if (!late) run.countWrite();
  try {
    if (late) throw new Failure("item.version-conflict");
    await run.call(from, (store, signal) => store.remove(ref, version, signal));
  } catch (error) {
    if (!isOfItem(error)) throw error;
    const untouched = notApplied(link);
    const outcome = late ? "not-applied" : "refused";
    await run.ports.repository.settle({ intent, outcome, link: untouched }, run.now());
    const moved = error.code === "item.version-conflict" || error.code === "item.not-found";
    return moved && again ? end(run, untouched, from, false) : "unreadable";
  }
  await run.ports.repository.settle(removed(run, intent, link), run.now());
  return "removed";
}

function intentOf<Item>(run: Run<Item>, link: ItemLink, target: Side): Intent {
  return {
    id: run.ports.random.uuid() as IntentId,
    linkId: link.id,
    target,
    operation: "delete",
    linkRevision: link.revision,
    row: removalRow,
    fields: [],
    key: link.key,
    source: {},
    expected: {},
    narrow: {},
    masked: link.masked,
    // It was shown and decided, item by item: the brake has nothing to add.
    counted: false,
    at: run.now(),
  };
}

function removed<Item>(run: Run<Item>, intent: Intent, link: ItemLink): Settlement {
  const { target } = intent;
  run.counters.deleted[target] += 1;
  return {
    intent,
    outcome: "applied",
    link: letGo(link, target, run.nextKey(letGo(link, target, link.key))),
    lift: "all",
    event: eventOf(run.context.rules.kind.fields, removalRow, "delete", target),
  };
}

/**
 * Settles what an earlier slice, of sync or of this removal, left without an outcome.
 *
 * @returns links that must rest, and until when
 */
async function settle<Item>(run: Run<Item>, open: Beginning["open"]): Promise<Map<ItemLinkId, number>> {
  const gathered: Gathered<Item> = { known: new Map(), fresh: new Map() };
  const unsettled = await recover(
    run,
    open.filter(({ intent }) => intent.row !== removalRow),
  );
  await settleLost(run, unsettled, gathered);
  const found = [...gathered.known.values(), ...gathered.fresh.values()].map(parkedChange);
  if (found.length > 0) await run.ports.repository.save(found, run.now());
  const { resting } = unsettled;
  for (const one of open.filter(({ intent: { row } }) => row === removalRow)) {
    const { intent, link } = one;
    const restMs = restOf(run, one);
    if (restMs > 0) resting.set(link.id, run.now() + restMs);
    else await settleRemoval(run, intent, link, resting);
  }
  return resting;
}

async function settleRemoval<Item>(
  run: Run<Item>,
  intent: Intent,
  link: ItemLink,
  resting: Map<ItemLinkId, number>,
): Promise<void> {
  try {
    const there = await run.get(intent.target, link.sides[intent.target]?.ref ?? "");
    if (there === undefined) await mustBeTrusted(run, intent.target);
    const settlement: Settlement =
      there === undefined
        ? removed(run, intent, link)
        : { intent, outcome: "not-applied", link: notApplied(link) };
    await run.ports.repository.settle(settlement, run.now());
  } catch (error) {
    if (!isOfItem(error)) throw error;
    resting.set(link.id, run.now() + callLimitMs);
  }
}

function result<Item>(
  run: Run<Item>,
  {
    more,
    resting,
    problem,
  }: { more: boolean; resting: ReadonlyMap<string, number>; problem: Failure | null },
): SliceResult {
  const first = Math.min(...resting.values());
  return {
    more,
    counters: run.counters,
    problem: problem?.code ?? null,
    held: null,
    ...(problem?.retryAfterMs === undefined ? {} : { retryAfterMs: problem.retryAfterMs }),
    ...(resting.size === 0 ? {} : { dueAgainMs: Math.max(1, first - run.now()) }),
  };
}
