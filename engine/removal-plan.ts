import { Failure } from "../core/errors/failure.ts";
import type { ErrorCode } from "../core/errors/table.ts";
import type { ItemLinkId } from "../core/ids.ts";
import { otherSide, type Observed, type Ref, type Side } from "../core/items/observed.ts";
import { untold, type Told } from "../core/sync/evidence.ts";
import type { ItemLink } from "../core/sync/item-link.ts";
import { isCopy, removalRow, whyStays, type StayReason } from "../core/sync/removal.ts";
import { MemoryRepository } from "./memory-repository.ts";
import type { SliceInput, SlicePorts } from "./ports.ts";
import { readOnly, whenOf, type Sample } from "./rehearse.ts";
import { isOfItem, Run } from "./run.ts";

/** What would be removed on one side, and what would stay there; counts, and a few samples without content. */
export interface RemovalPlan {
  /** Exactly these are removed: what is made later is not among them. */
  items: ItemLinkId[];
  stays: Partial<Record<StayReason, number>>;
  samples: Sample[];
}

export type RemovalPlanResult =
  { plan: RemovalPlan } | { problem: ErrorCode; retryAfterMs?: number | undefined };

const manySamples = 5;

type Listed<Item> = Readonly<Record<Side, ReadonlyMap<Ref, Observed<Item>>>>;

/**
 * Looks at everything that Everlink made on a side, and at what it was made from; writes nothing, anywhere.
 *
 * @param known the user's item links of this kind
 * @throws the signal's reason when aborted; every failure of a system comes back as `problem`
 */
export async function planRemoval<Item>(
  ports: Omit<SlicePorts<Item>, "repository">,
  input: SliceInput<Item>,
  { from, known }: { from: Side; known: readonly ItemLink[] },
  signal: AbortSignal,
): Promise<RemovalPlanResult> {
  const harmless = {
    ...ports,
    repository: new MemoryRepository(),
    crm: readOnly(ports.crm),
    mailbox: readOnly(ports.mailbox),
  };
  const run = new Run(harmless, input, signal, new Set());
  const plan: RemovalPlan = { items: [], stays: {}, samples: [] };
  const there = known.filter(({ sides, state }) => state !== "deleted" && sides[from] !== null);
  try {
    const isAny = there.some((link) => isCopy(link, from));
    const listed: Listed<Item> = isAny
      ? { crm: await list(run, "crm"), mailbox: await list(run, "mailbox") }
      : { crm: new Map(), mailbox: new Map() };
    for (const link of there) {
      const told = isCopy(link, from) ? await lookAtBoth(run, link, from, listed) : unseen<Item>();
      const reason = whyStays(link, from, told, run.context.rules);
      if (reason !== null) plan.stays[reason] = (plan.stays[reason] ?? 0) + 1;
      else {
        plan.items.push(link.id);
        sample(run, plan, told[from], from);
      }
    }
    signal.throwIfAborted();
    return { plan };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof Failure)) throw error;
    return { problem: error.code, retryAfterMs: error.retryAfterMs };
  }
}

/**
 * Both sides of a link as they are now. What it was made from is only looked for while the copy is still there.
 *
 * @param listed what is known of both sides already
 */
export async function lookAtBoth<Item>(
  run: Run<Item>,
  link: ItemLink,
  from: Side,
  listed?: Listed<Item>,
): Promise<Record<Side, Told<Item>>> {
  const told: Record<Side, Told<Item>> = unseen();
  for (const side of [from, otherSide(from)]) {
    told[side] = await lookAt(run, link, side, listed?.[side]);
    if (told[side].kind !== "present") break;
  }
  return told;
}

async function lookAt<Item>(
  run: Run<Item>,
  link: ItemLink,
  side: Side,
  listed: ReadonlyMap<Ref, Observed<Item>> | undefined,
): Promise<Told<Item>> {
  const known = link.sides[side];
  if (known === null) return untold;
  try {
    const found = listed?.get(known.ref) ?? (await run.get(side, known.ref))?.observed;
    if (found !== undefined) return { kind: "present", seen: run.seeMeant(side, found, known.base) };
    // An account that does not see anything is waited for: nothing is learned from what it does not find.
    if (!(await run.trusted(side))) throw new Failure("network.unreachable");
    return { kind: "gone", by: "nothing" };
  } catch (error) {
    if (!isOfItem(error)) throw error;
    return untold;
  }
}

function unseen<Item>(): Record<Side, Told<Item>> {
  return { crm: untold, mailbox: untold };
}

/** One listing of the window spares looking at each item alone. */
async function list<Item>(run: Run<Item>, side: Side): Promise<Map<Ref, Observed<Item>>> {
  const found = new Map<Ref, Observed<Item>>();
  let cursor: string | undefined;
  for (;;) {
    const page = await run.call(side, (store, signal) => store.changes(run.scope(side), cursor, signal));
    for (const observed of page.upserts) found.set(observed.ref, observed);
    for (const { ref } of [...page.gone, ...page.failed]) found.delete(ref);
    if (!page.more) return found;
    cursor = page.next;
  }
}

/** Of private items nothing is told, not even a time. */
function sample<Item>(run: Run<Item>, { samples }: RemovalPlan, copy: Told<Item>, target: Side): void {
  if (samples.length >= manySamples || copy.kind !== "present") return;
  const { item } = copy.seen;
  if (run.context.rules.isPrivate(item)) return;
  samples.push({ row: removalRow, operation: "delete", target, when: whenOf(item) });
}
