import type { Appointment } from "../core/items/appointment.ts";
import type { ItemLinkId } from "../core/ids.ts";
import { otherSide, sides, type Side } from "../core/items/observed.ts";
import { brake, brakeWindowMs } from "../core/sync/brake.ts";
import { observe, type Told } from "../core/sync/evidence.ts";
import { isFinding, type FindingCode } from "../core/sync/findings.ts";
import { letGo } from "../core/sync/incarnation.ts";
import { withoutChoice, type ItemLink, type UntouchedReason } from "../core/sync/item-link.ts";
import { match } from "../core/sync/match.ts";
import { decide, type Decision } from "../core/sync/plan.ts";
import type { Seen } from "../core/sync/prints.ts";
import { notRestoredRow, restore, restoreRow } from "../core/sync/restoring.ts";
import { unrolledTold } from "../core/sync/rolling.ts";
import { mayMakeNew, untouchedRow, whyNotNew, whyUntouched } from "../core/sync/untouched.ts";
import { eventOf } from "./events.ts";
import { complete, patience, prove, waits } from "./proving.ts";
import type { BrakeHold, ItemEvent, LinkChange, OpenFinding } from "./repository.ts";
import type { Run } from "./run.ts";
import {
  lookAgain,
  park,
  parkedChange,
  parkUnread,
  seenState,
  withSide,
  type Gathered,
  type Work,
} from "./work.ts";

/** A decision with the item it is about; `absorbs` as in `LinkChange`. */
export interface Planned<Item = Appointment> {
  work: Work<Item>;
  decision: Decision<Item>;
}

export interface Plan<Item = Appointment> {
  /** Decisions that need no remote write, ready to be stored. */
  quiet: LinkChange[];
  /** Decisions with writes: creates and updates first, deletes last. */
  writing: Planned<Item>[];
}

/**
 * Turns what was gathered into decisions.
 *
 * @param caughtUp both sides were read to their end: only then is it known that a new item has no counterpart
 */
export async function plan<Item>(
  run: Run<Item>,
  gathered: Gathered<Item>,
  holds: readonly BrakeHold[],
  caughtUp: boolean,
): Promise<Plan<Item>> {
  const result: Plan<Item> = { quiet: [], writing: [] };
  renew(run, gathered);
  await findLost(run, gathered, caughtUp);
  await settleNews(run, gathered, result, caughtUp);
  for (const work of gathered.known.values()) {
    if (work.parked !== undefined) continue;
    const { held } = work.link;
    if (held === null && mayHaveMoved(work) && !(caughtUp && wasLookedFor(work))) {
      lookAgain(run, work);
      continue;
    }
    const decision = decideWork(run, work);
    if (held === null && isUnproven(work, decision)) letBe(work, result);
    else sort(run, work, decision, result);
  }
  await applyBrake(run, result, holds);
  result.writing.sort((a, b) => rank(a.decision) - rank(b.decision));
  return result;
}

export function decideWork<Item>(run: Run<Item>, { link, told, archive }: Work<Item>): Decision<Item> {
  const { kind } = run.context.rules;
  const { crm, mailbox } = unrolledTold(link, told, run.context);
  const observed = {
    crm: observe(kind, link.sides.crm, crm),
    mailbox: observe(kind, link.sides.mailbox, mailbox),
  };
  if (link.choice?.kind !== "restore") return decide(link, observed.crm, observed.mailbox, run.context);
  const restored = restore(link, observed, archive ?? null, run.context);
  return restored ?? decide(withoutChoice(link), observed.crm, observed.mailbox, run.context);
}

/** Something is to be decided because of an item that only a look has missed (`evidence.ts`): the next reading is waited for. */
export function mayHaveMoved<Item>({ told }: Work<Item>): boolean {
  return sides.some((side) => told[side].kind === "gone" && told[side].by === "nothing");
}

/** It was missed before. Heard to their end since, the systems would have told its new ref. */
function wasLookedFor<Item>({ link, told }: Work<Item>): boolean {
  const missed = sides.filter((side) => told[side].kind === "gone" && told[side].by === "nothing");
  return link.attempts > 0 && missed.every((side) => link.sides[side]?.unconfirmed === true);
}

/**
 * I5: no listing looks outside of the window, so that what is missing there may as well have got another ref. Nothing is
 * deleted for that; the link stays, and finds the item again when that comes back into the window.
 */
function isUnproven<Item>({ link, told }: Work<Item>, { writes }: Decision<Item>): boolean {
  return writes.some(({ operation, target }) => {
    const [known, word] = [link.sides[otherSide(target)], told[otherSide(target)]];
    const missing = word.kind === "gone" && word.by !== "deleted" && known?.unverified === false;
    return operation === "delete" && missing && known.out && link.sides[target]?.out === true;
  });
}

function letBe<Item>({ link, told }: Work<Item>, { quiet }: Plan<Item>): void {
  const unwatched = (side: Side) => {
    const known = link.sides[side];
    return told[side].kind === "gone" ? known && { ...known, unconfirmed: false } : known;
  };
  const seen = { crm: unwatched("crm"), mailbox: unwatched("mailbox") };
  quiet.push(change({ ...link, sides: seen, pending: false, notBefore: null, attempts: 0 }));
}

/** Row 92, told whatever else the item needs. */
export function notRestored<Item>(
  run: Run<Item>,
  { link, archive }: Work<Item>,
  { row }: Decision<Item>,
): ItemEvent | undefined {
  if (link.choice?.kind !== "restore" || row === restoreRow) return undefined;
  const { fields } = run.context.rules.kind;
  return eventOf(fields, notRestoredRow, "not-restored", archive?.side ?? null, archive?.fields ?? []);
}

/** Items that were left alone on one side and need not be any more are new items. */
function renew<Item>(run: Run<Item>, gathered: Gathered<Item>): void {
  for (const [id, work] of gathered.known) {
    const [side, seen] = only(work);
    if (
      work.link.state !== "untouched" ||
      work.parked !== undefined ||
      seen === null ||
      work.link.key !== run.keyFor(side, seen.observed.ref)
    )
      continue;
    if (Object.keys(work.link.sides[side]?.base ?? {}).length > 0 || why(run, side, seen) !== null) continue;
    const lift: FindingCode[] = work.link.reason === null ? [] : [work.link.reason, "unreadable"];
    run.counters.lifted += work.link.reason !== null && isFinding(work.link.reason) ? 1 : 0;
    gathered.known.delete(id);
    gathered.fresh.set(id, {
      ...work,
      link: {
        ...work.link,
        state: "new",
        reason: null,
        pending: false,
        notBefore: null,
        attempts: 0,
        agreed: seen.narrow,
      },
      lift,
    });
  }
}

function why<Item>(run: Run<Item>, side: Side, seen: Seen<Item>): UntouchedReason | null {
  return whyUntouched(seen, run.context) ?? whyNotNew(seen, side, run.context);
}

/** The one side of a one-sided item, and what is seen there. */
function only<Item>(work: Work<Item>): [Side, Seen<Item> | null] {
  const side: Side = work.link.sides.crm === null ? "mailbox" : "crm";
  const told: Told<Item> = work.told[side];
  const oneSided = sides.some((each) => work.link.sides[each] === null);
  return [side, oneSided && told.kind === "present" ? told.seen : null];
}

/**
 * Items that a store in another life does not have where they were (row 96): they may be among its new ones, under another
 * ref. Those that are not are made there again.
 */
async function findLost<Item>(run: Run<Item>, gathered: Gathered<Item>, caughtUp: boolean): Promise<void> {
  const lost = [...gathered.known.values()].filter((work) => lostSide(work) !== undefined);
  if (lost.length === 0) return;
  if (!caughtUp) {
    for (const work of lost) park(work);
    return;
  }
  const news = new Map([...gathered.fresh.values()].map((work) => [work.link.id, work]));
  const sought = new Map<ItemLinkId, Work<Item>>();
  for (const work of lost) {
    const side = lostSide(work);
    const seen = side && (await prove(run, otherSide(side), work, "nothing"));
    const told = side && work.told[otherSide(side)];
    const there = told?.kind === "present" ? told.seen : seen;
    if (!side || !there) continue;
    const rest = { crm: null, mailbox: null, [otherSide(side)]: work.link.sides[otherSide(side)] };
    const link: ItemLink = { ...work.link, state: "new", sides: rest, agreed: there.narrow };
    sought.set(link.id, { ...work, link });
  }
  const candidates = [...news.values(), ...sought.values()].map(({ link }) => link);
  for (const { link, absorbed } of match(run.context.rules.kind.fields, candidates).pairs) {
    const [known, found] = sought.has(link.id) ? [link.id, absorbed.id] : [absorbed.id, link.id];
    const [work, other] = [gathered.known.get(known), news.get(found)];
    const side = work && lostSide(work);
    const place = side && other?.link.sides[side];
    // Two new items, or one that is new on the side that has the lost one's other half.
    if (!side || !place || !other) continue;
    gathered.fresh.delete(found);
    work.link = {
      ...withSide(work.link, side, { ...place, unverified: true }),
      state: "single",
      agreed: {},
    };
    work.told = { ...work.told, [side]: other.told[side] };
    work.absorbs = [...(work.absorbs ?? []), found, ...(other.absorbs ?? [])];
    await complete(run, work);
    run.counters.adopted += 1;
  }
  // What is made there now may get any of the refs that are free again.
  const released: LinkChange[] = [];
  for (const work of lost) {
    const side = lostSide(work);
    if (side === undefined) continue;
    work.link = { ...letGo(work.link, side), pending: true };
    released.push(change(work.link, work.absorbs));
  }
  if (released.length > 0) await run.ports.repository.save(released, run.now());
}

/** The side on which a store in another life positively lacks the item. */
function lostSide<Item>({ link, told, parked }: Work<Item>): Side | undefined {
  const isLost = (side: Side) => link.sides[side]?.unverified === true && told[side].kind === "gone";
  return parked === undefined && link.state !== "deleted" ? sides.find(isLost) : undefined;
}

/** New items: left alone, matched with each other, or single. */
async function settleNews<Item>(
  run: Run<Item>,
  gathered: Gathered<Item>,
  result: Plan<Item>,
  caughtUp: boolean,
): Promise<void> {
  for (const [id, work] of gathered.fresh) {
    if (work.parked !== undefined) continue;
    const [side, seen] = only(work);
    const reason = seen === null ? null : why(run, side, seen);
    // What may not go over can still be what comes over: it is compared first.
    const compared = reason === null || reason === "direction";
    if (compared && sides.every((each) => work.told[each].kind !== "gone")) continue;
    gathered.fresh.delete(id);
    if (reason !== null && !isFinding(reason)) drop(run, work, reason, result);
    else sort(run, work, decideWork(run, work), result);
  }
  if (gathered.fresh.size === 0) return;
  if (!caughtUp) {
    for (const { link, absorbs, lift } of gathered.fresh.values())
      result.quiet.push(change(link, absorbs, lift));
    return;
  }
  const news = [...gathered.fresh.values()];
  const byId = new Map(news.map((work) => [work.link.id, work]));
  const { pairs, single } = match(
    run.context.rules.kind.fields,
    news.map((work) => work.link),
  );
  for (const { link, absorbed } of pairs) {
    const [one, other] = [byId.get(link.id), byId.get(absorbed.id)];
    if (one === undefined || other === undefined) continue;
    const parked = one.parked ?? other.parked;
    if (parked !== undefined) {
      // One cannot be read just now: its counterpart waits with it.
      for (const work of [one, other]) park(work, parked.notBefore);
      continue;
    }
    const told = {
      crm: one.told.crm.kind === "untold" ? other.told.crm : one.told.crm,
      mailbox: one.told.mailbox.kind === "untold" ? other.told.mailbox : one.told.mailbox,
    };
    const absorbs = [absorbed.id, ...(one.absorbs ?? []), ...(other.absorbs ?? [])];
    await settleNew(run, { link, stored: one.stored, told, absorbs }, result);
  }
  for (const link of single) {
    const work = byId.get(link.id);
    if (work === undefined || work.parked !== undefined) continue;
    const [side] = only(work);
    if (!mayMakeNew(side, run.context)) drop(run, work, "direction", result);
    // Its counterpart may be what could not be read: that is looked at a few times before anything is made.
    else if (run.strangers.has(otherSide(side)) && link.attempts < patience) parkUnread(run, work, []);
    // Told again while it waits: what it waits for was not looked at in this slice.
    else if (waits(run, work)) park(work, link.notBefore);
    else await settleNew(run, { ...work, link: { ...link, state: "single" } }, result);
  }
}

/** Left where it is, for a reason that is no finding. What is noted of it so far must not stay waiting. */
function drop<Item>(run: Run<Item>, work: Work<Item>, reason: UntouchedReason, result: Plan<Item>): void {
  count(run, reason);
  if (work.stored !== null || work.absorbs !== undefined)
    result.quiet.push(change(dropped(work.link, reason), work.absorbs, work.lift));
}

async function settleNew<Item>(run: Run<Item>, work: Work<Item>, result: Plan<Item>): Promise<void> {
  await complete(run, work);
  if (work.parked !== undefined) {
    result.quiet.push(parkedChange(work));
    return;
  }
  const decision = decideWork(run, work);
  if (decision.row === 43) run.counters.adopted += 1;
  sort(run, work, decision, result);
}

function sort<Item>(run: Run<Item>, work: Work<Item>, decision: Decision<Item>, result: Plan<Item>): void {
  if (decision.writes.length > 0) {
    result.writing.push({ work, decision });
    return;
  }
  const link = neverSynced(decision.link) ? dropped(decision.link, decision.link.reason) : decision.link;
  if (decision.link.state === "untouched" && decision.link.reason !== null) count(run, decision.link.reason);
  run.counters.findings += decision.open.length;
  run.counters.lifted += work.link.reason !== null && decision.lift.includes(work.link.reason) ? 1 : 0;
  const note = notRestored(run, work, decision);
  const told =
    note === undefined &&
    decision.row === 11 &&
    decision.lift.length === 0 &&
    work.stored !== null &&
    same(work.stored, link);
  if (told && work.absorbs === undefined) return;
  result.quiet.push({
    ...change(link, work.absorbs, [...decision.lift, ...(work.lift ?? [])]),
    ...(note !== undefined
      ? { event: note }
      : decision.row === 11
        ? {}
        : { event: eventOf(run.context.rules.kind.fields, decision.row, action(decision), null) }),
    open: openedBy(run, work, decision),
  });
}

/** What people are to be told; what they were told before is told again, should it be about other values by now. */
export function openedBy<Item>(run: Run<Item>, work: Work<Item>, decision: Decision<Item>): OpenFinding[] {
  const { row, link, open } = decision;
  const { reason } = link;
  const standing = reason !== null && isFinding(reason) && !open.some(({ code }) => code === reason);
  const stands = standing && link.state === "untouched" ? [{ code: reason, fields: [] }] : [];
  return [...open, ...stands].map((each) => ({ row, state: seenState(run, work), ...each }));
}

/** Left where it is for a reason that nobody need be told: it is looked at again whenever it is told again. */
function neverSynced(link: ItemLink): boolean {
  const silent = link.state === "untouched" && link.reason !== null && !isFinding(link.reason);
  return silent && sides.every((side) => Object.keys(link.sides[side]?.base ?? {}).length === 0);
}

/** Its reason tells it from a tombstone: the item is there. */
function dropped(link: ItemLink, reason: UntouchedReason | null): ItemLink {
  return {
    ...link,
    state: "deleted",
    reason,
    pending: false,
    notBefore: null,
    attempts: 0,
    held: null,
  };
}

function count<Item>(run: Run<Item>, reason: UntouchedReason): void {
  run.counters.skipped[reason] = (run.counters.skipped[reason] ?? 0) + 1;
}

function action<Item>(decision: Decision<Item>): string {
  if (decision.forget) return "forget";
  if (decision.row === 43) return "adopt";
  return decision.row >= untouchedRow["unsupported-recurrence"] ? "leave" : "agree";
}

function change(
  link: ItemLink,
  absorbs?: readonly ItemLinkId[],
  lift: readonly FindingCode[] = [],
): LinkChange {
  return { link, ...(absorbs === undefined ? {} : { absorbs }), ...(lift.length === 0 ? {} : { lift }) };
}

/** Whether a link need not be stored again. */
function same(a: ItemLink, b: ItemLink): boolean {
  return (
    a.state === b.state &&
    a.reason === b.reason &&
    a.pending === b.pending &&
    a.notBefore === b.notBefore &&
    a.attempts === b.attempts &&
    a.held === b.held &&
    a.choice === b.choice &&
    sides.every(
      (side) =>
        a.sides[side]?.ref === b.sides[side]?.ref &&
        a.sides[side]?.version === b.sides[side]?.version &&
        a.sides[side]?.out === b.sides[side]?.out &&
        a.sides[side]?.born === b.sides[side]?.born &&
        a.sides[side]?.unverified === b.sides[side]?.unverified,
    )
  );
}

/** Takes out the destructive writes that wait for a person (I14). */
async function applyBrake<Item>(
  run: Run<Item>,
  result: Plan<Item>,
  holds: readonly BrakeHold[],
): Promise<void> {
  const chosen = new Set(holds.filter(({ choice }) => choice !== null).map(({ target }) => target));
  const waiting = new Set(holds.filter(({ choice }) => choice === null).map(({ target }) => target));
  const approved = ({ work, target }: { work: Work<Item>; target: Side }) =>
    chosen.has(target) && work.link.held === target;
  const counted = result.writing.flatMap(({ work, decision }) =>
    decision.writes
      .filter((write) => write.counted)
      .map(({ target, operation }) => ({ work, target, operation, linkId: work.link.id })),
  );
  const planned = counted.filter((write) => !approved(write));
  if (planned.length === 0) return;
  const state = await run.ports.repository.brake(run.now() - brakeWindowMs);
  const held = brake({ planned, ...state }).union(waiting);
  if (held.size === 0) return;

  const stopped = new Map<ItemLinkId, Side>();
  for (const write of planned) if (held.has(write.target)) stopped.set(write.linkId, write.target);
  for (const { work, decision } of result.writing) {
    const target = stopped.get(work.link.id);
    if (target === undefined) continue;
    run.counters.held += 1;
    // While a choice is being carried out, what came later waits for its own.
    const link: ItemLink = {
      ...work.link,
      pending: true,
      held: chosen.has(target) ? work.link.held : target,
    };
    const later = chosen.has(target) ? { notBefore: run.now() + 60_000 } : { notBefore: null };
    const told = work.link.held === link.held ? {} : { event: heldEvent(run, decision, target) };
    result.quiet.push({ ...change({ ...link, ...later }, work.absorbs, work.lift), ...told });
  }
  result.writing = result.writing.filter(({ work }) => !stopped.has(work.link.id));
}

/** Why it is not done yet: told when it begins to wait. */
function heldEvent<Item>(run: Run<Item>, { row, writes }: Decision<Item>, target: Side): ItemEvent {
  const fields = writes.find((write) => write.target === target)?.fields ?? [];
  return eventOf(run.context.rules.kind.fields, row, "held", target, fields);
}

function rank<Item>(decision: Decision<Item>): number {
  return decision.writes.some((write) => write.operation === "delete") ? 1 : 0;
}
