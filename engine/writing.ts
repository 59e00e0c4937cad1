import { Failure } from "../core/errors/failure.ts";
import type { IntentId, ItemLinkId } from "../core/ids.ts";
import { sides, type Observed } from "../core/items/observed.ts";
import { differences } from "../core/items/compare.ts";
import { fieldsIn, type FieldOf } from "../core/items/kind.ts";
import { untold } from "../core/sync/evidence.ts";
import type { Intent, ItemLink, LinkSide } from "../core/sync/item-link.ts";
import { applied, asExpected, halfApplied, notApplied } from "../core/sync/outcome.ts";
import type { Decision, Write } from "../core/sync/plan.ts";
import { samePrints, type Seen } from "../core/sync/prints.ts";
import { restoreRow } from "../core/sync/restoring.ts";
import { eventOf } from "./events.ts";
import { decideWork, mayHaveMoved, notRestored, openedBy, type Planned } from "./planning.ts";
import type { LinkChange } from "./repository.ts";
import { complete } from "./proving.ts";
import { isOfItem, retryAt, sendLimitMs, type Run } from "./run.ts";
import { lookAgain, parkedChange, seenState, type Work } from "./work.ts";

/** An item rewritten more often than this within an hour is in a loop that we cannot see the other half of. */
const rewriteLimit = 12;
const rewriteWindowMs = 3_600_000;

/**
 * Carries out the writes of one decision, each as: intent, call, outcome. A version conflict is read and decided
 * once more here and now; then it waits.
 *
 * @returns what is left undone, to be stored with the cursors; `undefined` when all is done and stored
 * @throws Failure of anything that concerns more than this item; the open intent tells what was going on
 */
export async function carryOut<Item>(
  run: Run<Item>,
  planned: Planned<Item>,
  again = true,
): Promise<LinkChange | undefined> {
  const { work, decision } = planned;
  let link = decision.link;
  const extra = work.absorbs === undefined ? {} : { absorbs: work.absorbs };
  for (const [index, write] of decision.writes.entries()) {
    if (index > 0 && run.exhausted()) return { link: { ...link, pending: true }, ...extra };
    const looping = loop(run, work, link, write);
    if (looping !== null) return looping;
    const ready = await guarded(run, work, link, write);
    if (ready === null)
      return again ? replan(run, work.link) : { link: { ...link, pending: true }, ...extra };
    link = ready;

    const intent = intentOf(run, link, write);
    const losses = decision.losses.filter((loss) => loss.side === write.target);
    const [loss] = losses;
    await run.ports.repository.intend(intent, {
      link,
      ...extra,
      ...(index === 0 ? settledBy(run, decision, work) : {}),
      ...(loss === undefined
        ? {}
        : {
            archive: {
              side: loss.side,
              row: loss.row,
              fields: loss.fields,
              private: isPrivate(run, work),
              sealed: await run.ports.seal(JSON.stringify(loss.values)),
            },
          }),
    });
    if (run.now() - intent.at > sendLimitMs) return unsent(run, work, link, intent);
    run.countWrite();
    let answer: Observed<Item> | null;
    try {
      answer = await call(run, link, write);
    } catch (error) {
      if (!isOfItem(error)) throw error;
      return refused(run, work, link, intent, error, again);
    }
    const held = await holders(run, link, write, answer);
    if (held.some(({ state }) => state !== "deleted")) {
      // It was once made under this very stamp, and lives on with another partner: this item needs a stamp of its own.
      const other = { ...link, key: run.nextKey(link) };
      return refused(run, work, other, intent, new Failure("item.version-conflict"), again);
    }
    if (loss !== undefined && write.row !== restoreRow) run.counters.conflicts += 1;
    const more = index + 1 < decision.writes.length;
    // What was deleted under this ref is not there: the ref was given out again.
    const absorbs = held.map(({ id }) => id);
    link = await done(run, link, write, intent, { answer, more, absorbs });
  }
  return undefined;
}

/** By now another run may have looked for its outcome, and may be about to make it again. */
async function unsent<Item>(
  run: Run<Item>,
  work: Work<Item>,
  link: ItemLink,
  intent: Intent,
): Promise<undefined> {
  const settled = { intent, outcome: "not-applied" as const, link: notApplied(unfilled(work, link, intent)) };
  await run.ports.repository.settle(settled, run.now());
}

/** The place that a create was to fill is as it was before. */
function unfilled<Item>({ link }: Work<Item>, before: ItemLink, { operation }: Intent): ItemLink {
  return operation === "create" ? { ...before, sides: link.sides, state: link.state } : before;
}

/** The planner's findings travel with the first intent. */
function settledBy<Item>(
  run: Run<Item>,
  decision: Decision<Item>,
  work: Work<Item>,
): Pick<LinkChange, "open" | "lift" | "event"> {
  const event = notRestored(run, work, decision);
  return {
    ...(event === undefined ? {} : { event }),
    open: openedBy(run, work, decision),
    lift: [...decision.lift, ...(work.lift ?? [])],
  };
}

function isPrivate<Item>(run: Run<Item>, { told }: Work<Item>): boolean {
  return sides.some((side) => {
    const each = told[side];
    if (each.kind !== "present") return false;
    const { kind, isPrivate: whole, maskParts } = run.context.rules;
    const { item } = each.seen;
    return (
      whole(item) || (maskParts !== undefined && differences(kind, item, maskParts(item, "")).length > 0)
    );
  });
}

function intentOf<Item>(run: Run<Item>, link: ItemLink, write: Write<Item>): Intent {
  return {
    id: run.ports.random.uuid() as IntentId,
    linkId: link.id,
    target: write.target,
    operation: write.operation,
    linkRevision: link.revision,
    row: write.row,
    fields: write.fields,
    key: write.key,
    source: write.source,
    expected: write.expected,
    narrow: write.narrow,
    masked: write.masked,
    counted: write.counted,
    at: run.now(),
  };
}

async function call<Item>(
  run: Run<Item>,
  link: ItemLink,
  write: Write<Item>,
): Promise<Observed<Item> | null> {
  const known = link.sides[write.target];
  return run.call<Observed<Item> | null>(write.target, async (store, signal) => {
    switch (write.operation) {
      case "create":
        return store.create(
          run.scope(write.target),
          whole(run.context.rules.kind.fields, write),
          write.key,
          signal,
        );
      case "update":
        return store.update(known?.ref ?? "", write.values, known?.version ?? "", signal);
      case "delete":
        await store.remove(known?.ref ?? "", known?.version ?? "", signal);
        return null;
    }
  });
}

function whole<Item>(fields: readonly FieldOf<Item>[], write: Write<Item>): Item {
  const missing = fields.filter((field) => !(field in write.values));
  if (missing.length > 0) throw new Failure("item.malformed", { detail: { missing: missing.join() } });
  return write.values as Item;
}

async function done<Item>(
  run: Run<Item>,
  before: ItemLink,
  write: Write<Item>,
  intent: Intent,
  { answer, more, absorbs }: { answer: Observed<Item> | null; more: boolean; absorbs: readonly ItemLinkId[] },
): Promise<ItemLink> {
  const known = { ...before.sides[write.target]?.base, ...write.expected };
  const seen: Seen<Item> | null = answer === null ? null : run.seeMeant(write.target, answer, known);
  const elements = run.elements(write.target, intent.at);
  const after = applied(before, write, seen, elements);
  // Anything else than what we wrote and knew: somebody was there meanwhile; both sides are read again.
  const surprised = seen !== null && !asExpected(after, write.target, seen, elements);
  const link: ItemLink = {
    ...after,
    ...rewritten(run, before),
    pending: more || surprised || after.pending,
  };
  const counter = { create: "created", update: "updated", delete: "deleted" } as const;
  run.counters[counter[write.operation]][write.target] += 1;
  await run.ports.repository.settle(
    {
      intent,
      outcome: "applied",
      link,
      ...(absorbs.length === 0 ? {} : { absorbs }),
      event: eventOf(run.context.rules.kind.fields, write.row, write.operation, write.target, write.fields),
    },
    run.now(),
  );
  return link;
}

/**
 * The links that hold the ref, or the UID, of an item which a create answered. Only systems that enforce keys answer with
 * an item that was made before, and only such a one gives refs out again.
 */
async function holders<Item>(
  run: Run<Item>,
  link: ItemLink,
  write: Write<Item>,
  answer: Observed<Item> | null,
): Promise<ItemLink[]> {
  if (write.operation !== "create" || answer === null) return [];
  if (run.context.capabilities[write.target].createKey !== "enforced") return [];
  const none = { crm: [], mailbox: [] };
  const refs = { ...none, [write.target]: [answer.ref] };
  // Under another ref since, which no slice has come to store yet; a restored store gives UIDs out again.
  const uids = { ...none, [write.target]: answer.uid === null ? [] : [answer.uid] };
  const found = await run.ports.repository.find({ refs, uids, keys: [] });
  const isHeld = (known: LinkSide | null) =>
    known !== null && (known.ref === answer.ref || !known.unverified);
  return found.filter((other) => other.id !== link.id && isHeld(other.sides[write.target]));
}

/** The write did not happen, for a reason of this item's own. */
async function refused<Item>(
  run: Run<Item>,
  work: Work<Item>,
  before: ItemLink,
  intent: Intent,
  error: Failure,
  again: boolean,
): Promise<LinkChange | undefined> {
  const moved = error.code === "item.version-conflict" || error.code === "item.not-found";
  const attempts = before.attempts + 1;
  const waits = moved
    ? attempts > 2
      ? retryAt(run.now(), attempts - 2)
      : null
    : retryAt(run.now(), attempts);
  const untouched = { ...notApplied(unfilled(work, before, intent)), attempts, notBefore: waits };
  const link = await lookedAt(run, untouched, intent);
  await run.ports.repository.settle(
    {
      intent,
      outcome: "refused",
      link,
      event: eventOf(
        run.context.rules.kind.fields,
        intent.row,
        moved ? "overtaken" : "refused",
        intent.target,
      ),
      ...(moved
        ? {}
        : { open: [{ code: "refused", row: intent.row, fields: [], state: seenState(run, work) }] }),
    },
    run.now(),
  );
  if (!moved) {
    run.counters.parked += 1;
    run.counters.findings += 1;
    return undefined;
  }
  return again ? replan(run, link) : undefined;
}

/** What may have been made in part before it was refused is looked at: only writes of single dates of a series are. */
async function lookedAt<Item>(run: Run<Item>, link: ItemLink, intent: Intent): Promise<ItemLink> {
  const elements = run.elements(intent.target, intent.at);
  const known = link.sides[intent.target];
  if (known === null || !Object.keys(known.base).some((field) => elements.is(field))) return link;
  const seen = await run.get(intent.target, known.ref);
  return seen === undefined ? link : halfApplied(link, intent, seen, elements);
}

/** Reads both sides and decides anew, once. */
async function replan<Item>(run: Run<Item>, link: ItemLink): Promise<LinkChange | undefined> {
  const work: Work<Item> = {
    link: { ...link, pending: true },
    stored: link,
    told: { crm: untold, mailbox: untold },
  };
  await complete(run, work, 1);
  // What is to be given back is opened where a slice gathers.
  if (work.parked !== undefined || link.choice?.kind === "restore") return parkedChange(work);
  if (mayHaveMoved(work)) {
    lookAgain(run, work);
    return parkedChange(work);
  }
  const decision = decideWork(run, work);
  // What counts for the brake is only decided with the whole plan before us.
  if (decision.writes.some((write) => write.counted)) return { link: work.link };
  if (decision.writes.length > 0) return carryOut(run, { work, decision }, false);
  return {
    link: decision.link,
    lift: decision.lift,
    open: openedBy(run, work, decision),
  };
}

/**
 * Where a system cannot compare and set, the target is read just before the write and must be as planned.
 *
 * @returns the link at the version to write over; `null` when the target is not what the plan was made for
 */
async function guarded<Item>(
  run: Run<Item>,
  work: Work<Item>,
  link: ItemLink,
  write: Write<Item>,
): Promise<ItemLink | null> {
  const { target, operation } = write;
  const known = link.sides[target];
  if (operation === "create" || run.context.capabilities[target].compareAndSet === "exact") return link;
  const seen = known === null ? undefined : await run.get(target, known.ref);
  if (seen === undefined) return operation === "delete" ? link : null;
  const planned = work.told[target];
  const base = known?.base ?? {};
  const now = run.seeMeant(target, seen.observed, base).own;
  const expected = planned.kind === "present" ? run.seeMeant(target, planned.seen.observed, base).own : base;
  const fields = fieldsIn(run.context.rules.kind, now, expected);
  if (known === null || !samePrints(fields, now, expected)) return null;
  return { ...link, sides: { ...link.sides, [target]: { ...known, version: seen.observed.version } } };
}

function loop<Item>(run: Run<Item>, work: Work<Item>, link: ItemLink, write: Write<Item>): LinkChange | null {
  const since = link.rewritesSince;
  if (since === null || run.now() - since >= rewriteWindowMs || link.rewrites < rewriteLimit) return null;
  const attempts = link.attempts + 1;
  run.counters.parked += 1;
  run.counters.findings += 1;
  return {
    link: { ...link, pending: true, attempts, notBefore: since + rewriteWindowMs },
    open: [{ code: "loop", row: write.row, fields: write.fields, state: seenState(run, work) }],
  };
}

function rewritten<Item>(run: Run<Item>, link: ItemLink): Pick<ItemLink, "rewrites" | "rewritesSince"> {
  const within = link.rewritesSince !== null && run.now() - link.rewritesSince < rewriteWindowMs;
  return within
    ? { rewrites: link.rewrites + 1, rewritesSince: link.rewritesSince }
    : { rewrites: 1, rewritesSince: run.now() };
}
