import { Failure } from "../core/errors/failure.ts";
import type { ItemLinkId } from "../core/ids.ts";
import { otherSide, type Side } from "../core/items/observed.ts";
import { untold } from "../core/sync/evidence.ts";
import type { Intent, ItemLink } from "../core/sync/item-link.ts";
import {
  applied,
  halfApplied,
  leftBehind,
  notApplied,
  tookEffect,
  type Elements,
} from "../core/sync/outcome.ts";
import type { Seen } from "../core/sync/prints.ts";
import { markIn } from "../core/sync/rolling.ts";
import { callLimitMs, isOfItem, sendLimitMs, type Run } from "./run.ts";
import type { Beginning, Settlement } from "./repository.ts";
import { eventOf } from "./events.ts";
import { newWork, parkedChange, parkUnread, unreadWork, type Gathered, type Work } from "./work.ts";

/** What is not settled yet. */
export interface Unsettled {
  /** Links that must rest, and until when (milliseconds since 1970). */
  resting: Map<ItemLinkId, number>;
  /** Writes whose target is not where it was. It may be gone or have moved: the reading tells, and then `settleLost` can. */
  lost: Beginning["open"];
}

/**
 * Settles the writes whose outcome is not known: the process ended, or the answer was lost. Only after the longest
 * time in which such a request may still take effect; until then its item rests, and only that item.
 */
export async function recover<Item>(run: Run<Item>, open: Beginning["open"]): Promise<Unsettled> {
  const resting = new Map<ItemLinkId, number>();
  const lost: Beginning["open"][number][] = [];
  for (const one of open) {
    const { intent, link } = one;
    const restMs = restOf(run, one);
    if (restMs > 0 || run.exhausted()) {
      resting.set(link.id, run.now() + Math.max(restMs, 0));
      continue;
    }
    try {
      const settlement = await look(run, intent, link);
      if (settlement !== undefined) {
        await run.ports.repository.settle(settlement, run.now());
        continue;
      }
      lost.push(one);
      resting.set(link.id, run.now());
    } catch (error) {
      // Cannot be read just now: the item rests, the others go on.
      if (!isOfItem(error)) throw error;
      resting.set(link.id, run.now() + callLimitMs);
    }
  }
  return { resting, lost };
}

/** For how long the request of an open intent may still take effect. */
export function restOf<Item>(
  run: Run<Item>,
  { intent, ageMs }: Pick<Beginning["open"][number], "intent" | "ageMs">,
): number {
  const { longestRequestMs } = run.context.capabilities[intent.target];
  return sendLimitMs + callLimitMs + longestRequestMs - ageMs;
}

/** Settles what was lost, now that a link whose item has moved has followed it. Its link then rests no longer. */
export async function settleLost<Item>(
  run: Run<Item>,
  { resting, lost }: Unsettled,
  gathered: Gathered<Item>,
): Promise<void> {
  for (const { intent, link } of lost) {
    const work = gathered.known.get(link.id);
    const now = work?.link ?? link;
    const followed = refOf(now, intent) !== refOf(link, intent);
    const found = followed ? await look(run, intent, now) : undefined;
    const settlement =
      found ??
      (intent.operation === "delete"
        ? took(run, intent, now, null)
        : { intent, outcome: "not-applied" as const, link: notApplied(now) });
    await run.ports.repository.settle(settlement, run.now());
    resting.delete(link.id);
    gathered.known.delete(link.id);
    const told = work?.told ?? { crm: untold, mailbox: untold };
    if (settlement.link.state === "deleted") {
      await lookForBroughtBack(run, otherSide(intent.target), settlement.link, told, gathered);
      continue;
    }
    gathered.known.set(link.id, { link: settlement.link, stored: settlement.link, told });
  }
}

/** What was brought back on its own side meanwhile is another item; that may have been told while the link rested. */
async function lookForBroughtBack<Item>(
  run: Run<Item>,
  source: Side,
  tombstone: ItemLink,
  told: Work<Item>["told"],
  { known, fresh }: Gathered<Item>,
): Promise<void> {
  const ref = tombstone.sides[source]?.ref;
  if (ref === undefined || told[source].kind === "gone") return;
  try {
    const seen = told[source].kind === "present" ? told[source].seen : await run.get(source, ref);
    if (seen === undefined) return;
    const again = newWork(run, source, seen);
    fresh.set(again.link.id, { ...again, absorbs: [tombstone.id] });
  } catch (error) {
    if (!isOfItem(error)) throw error;
    const unread = unreadWork(run, source, ref, tombstone);
    known.set(unread.link.id, unread);
    parkUnread(run, unread);
  }
}

/** @returns `undefined` when the target is not there */
async function look<Item>(run: Run<Item>, intent: Intent, link: ItemLink): Promise<Settlement | undefined> {
  switch (intent.operation) {
    case "create":
      return lookForCreated(run, intent, link);
    case "update": {
      const seen = meant(run, intent, link, await run.get(intent.target, refOf(link, intent)));
      if (seen === undefined) return mustBeTrusted(run, intent.target);
      if (tookEffect(intent, seen)) return took(run, intent, link, seen);
      const fields = leftBehind(link, intent, seen);
      if (fields.length > 0) {
        // Only what is still there is known: the rest is compared with what was there before, and is nobody's loss.
        const masked = fields.some(isContent(run)) ? intent.masked : link.masked;
        return { ...took(run, { ...intent, fields, masked }, link, seen), intent };
      }
      const left = halfApplied(link, intent, seen, elementsOf(run, intent));
      return { intent, outcome: "not-applied", link: notApplied(left) };
    }
    case "delete": {
      const seen = await run.get(intent.target, refOf(link, intent));
      if (seen === undefined) return mustBeTrusted(run, intent.target);
      return { intent, outcome: "not-applied", link: notApplied(link) };
    }
  }
}

/** Nothing is learned from what an account does not find while it does not find its own marks either. */
export async function mustBeTrusted<Item>(run: Run<Item>, side: Side): Promise<undefined> {
  if (!(await run.trustedNow(side))) throw new Failure("item.malformed");
}

/**
 * The stamp tells whether the item was made. More than one: a person has copied it meanwhile; the one that is as we
 * made it is ours, else the first, and the others are new items of the person's.
 */
async function lookForCreated<Item>(run: Run<Item>, intent: Intent, link: ItemLink): Promise<Settlement> {
  const { target, key } = intent;
  const scope = run.scope(target);
  const found = await run.call(target, (store, signal) => store.findByKey(scope, key, signal));
  if (found.length === 0) await mustBeTrusted(run, target);
  const none = { crm: [], mailbox: [] };
  const refs = { ...none, [target]: found.map((observed) => observed.ref) };
  const uids = { ...none, [target]: found.flatMap(({ uid }) => uid ?? []) };
  const linked = await run.ports.repository.find({ refs, uids, keys: [] });
  const others = linked.filter((other) => other.id !== link.id);
  // A listing that could not read it has noted it as an item of its own; that note gives way, and so does what had its
  // ref before and is gone.
  const notes = new Map(
    others
      .filter(({ reason, state }) => reason === "unreadable" || state === "deleted")
      .map((other) => [other.sides[target]?.ref, other.id]),
  );
  // By its UID: another link's, under another ref since, which no slice has come to store yet.
  const holding = others.flatMap((other) => other.sides[target] ?? []).filter(({ ref }) => !notes.has(ref));
  const taken = new Set(
    holding.flatMap(({ ref, uid, unverified }) => (uid === null || unverified ? [ref] : [ref, uid])),
  );
  const free = found
    .filter(({ ref, uid }) => !taken.has(ref) && !taken.has(uid ?? ref))
    .toSorted((a, b) => (a.ref < b.ref ? -1 : 1))
    .map((observed) => run.seeMeant(target, observed, intent.expected));
  const ours = free.find((seen) => tookEffect(intent, seen)) ?? free[0];
  if (ours === undefined) return { intent, outcome: "not-applied", link: notApplied(link) };
  // The cursor may have passed the others while this one rested.
  const copies = free.filter((seen) => seen !== ours && !notes.has(seen.observed.ref));
  const noted = copies.map(({ observed }) => parkedChange(unreadWork(run, target, observed.ref)));
  if (noted.length > 0) await run.ports.repository.save(noted, run.now());
  const note = notes.get(ours.observed.ref);
  return {
    ...took(run, intent, link, ours),
    outcome: "adopted",
    ...(note === undefined ? {} : { absorbs: [note] }),
  };
}

/** It took effect. Both sides are read once more: much may have happened meanwhile. */
function took<Item>(run: Run<Item>, intent: Intent, link: ItemLink, seen: Seen<Item> | null): Settlement {
  const counter = { create: "created", update: "updated", delete: "deleted" } as const;
  run.counters[counter[intent.operation]][intent.target] += 1;
  const elements = elementsOf(run, intent);
  const left = seen === null ? link : halfApplied(link, intent, seen, elements);
  const next = applied(left, intent, seen, elements, false);
  return {
    intent,
    outcome: "applied",
    link: { ...next, pending: next.state !== "deleted" },
    event: eventOf(run.context.rules.kind.fields, intent.row, intent.operation, intent.target, intent.fields),
  };
}

/** What a mask takes away: where nothing of it was written, no mask has been put on or taken off. */
function isContent<Item>({ context }: Run<Item>): (field: string) => boolean {
  return (field) => context.rules.content.some((each) => each === field);
}

function elementsOf<Item>(run: Run<Item>, intent: Intent): Elements {
  return run.elements(intent.target, intent.at);
}

/** The target with an end of ours looked through, be it the one before the write or the one that it was to have. */
function meant<Item>(
  run: Run<Item>,
  intent: Intent,
  link: ItemLink,
  seen: Seen<Item> | undefined,
): Seen<Item> | undefined {
  if (seen === undefined) return undefined;
  const before = run.seeMeant(intent.target, seen.observed, link.sides[intent.target]?.base ?? {});
  return before.rolledTo === undefined || Object.keys(markIn(intent.expected)).length > 0
    ? run.seeMeant(intent.target, seen.observed, intent.expected)
    : before;
}

function refOf(link: ItemLink, intent: Intent): string {
  return link.sides[intent.target]?.ref ?? link.sides[otherSide(intent.target)]?.ref ?? "";
}
