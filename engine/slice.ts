import { Failure } from "../core/errors/failure.ts";
import { sides, type Ref, type Side, type Window } from "../core/items/observed.ts";
import { stampFor } from "./keys.ts";
import { gather } from "./gathering.ts";
import { plan, type Plan } from "./planning.ts";
import type { SliceInput, SlicePorts, SliceResult } from "./ports.ts";
import { readChanges, type Reading } from "./reading.ts";
import { recover, type Unsettled } from "./recover.ts";
import type { Beginning, End, LinkChange, Waiting } from "./repository.ts";
import { Run } from "./run.ts";
import { parkedChange, type Gathered, type Work } from "./work.ts";
import { carryOut } from "./writing.ts";

export type { SliceInput, SlicePorts, SliceResult } from "./ports.ts";

/**
 * One bounded part of a sync cycle of one user: settle what is uncertain, read both sides, decide, brake, write,
 * and only then remember how far was read (I8). It may be stopped at any await and run again: what was done is
 * kept, what was not is found again.
 *
 * A cycle is this, repeated while `more`.
 *
 * @throws Failure `lifecycle.fenced` when a newer run has taken over; the signal's reason when aborted. Every other
 *   failure that concerns more than one item comes back as `problem`.
 */
export async function runSlice<Item>(
  ports: SlicePorts<Item>,
  input: SliceInput<Item>,
  signal: AbortSignal,
): Promise<SliceResult> {
  if (input.settings.direction === "off") {
    return {
      more: false,
      counters: new Run(ports, input, signal, new Set()).counters,
      problem: null,
      held: null,
    };
  }
  const start = await ports.repository.begin(ports.clock.now(), accountsOf(ports));
  const restore = start.waiting.holds.filter(({ choice }) => choice === "restore");
  // Deletes held on one side come from the other: that is the emptied one.
  const emptied = restore.map(({ target }) => (target === "crm" ? "mailbox" : "crm"));
  const run = new Run(ports, input, signal, new Set(emptied));
  try {
    const unsettled = await recover(run, start.open);
    const { readings, gathered, planned } = await decideAll(run, start, unsettled);
    if (planned.quiet.length > 0) await ports.repository.save(planned.quiet, run.now());
    const { left, problem } = await write(run, planned);
    const works: Work<Item>[] = [...gathered.known.values(), ...gathered.fresh.values()];
    const parked = works.filter((work) => work.parked !== undefined).map(parkedChange);
    const unhandled = [...parked, ...left];
    const waiting = await end(run, start, readings, works, unhandled);
    // Told to stop: everything is in order now, and nothing more is wanted of us.
    signal.throwIfAborted();
    return result(run, waiting, readings, problem, unsettled.resting);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof Failure) || error.code === "lifecycle.fenced") throw error;
    run.ports.log("slice ended early", { code: error.code, ...error.detail });
    return { ...result(run, start.waiting, null, error), more: false };
  }
}

/** Reads both sides and decides about everything told; nothing is written yet. A rehearsal ends here. */
export async function decideAll<Item>(
  run: Run<Item>,
  start: Beginning,
  unsettled: Unsettled,
): Promise<Decided<Item>> {
  const readings = await readChanges(run, start.cursors);
  await mustSee(run, readings);
  const caughtUp = sides.every((side) => !readings[side].more && !(readings[side].progress?.open ?? true));
  const gathered = await gather(run, start, readings, unsettled, caughtUp);
  // Gathering may have found that a side has to be listed once more.
  const stillCaughtUp = caughtUp && sides.every((side) => !readings[side].more);
  const planned = await plan(run, gathered, start.waiting.holds, stillCaughtUp);
  await run.confirmTrust();
  return { readings, gathered, planned, caughtUp: stillCaughtUp };
}

/**
 * A whole listing without anything may be that of an account that sees nothing: no item is without a counterpart for that.
 *
 * @throws Failure of the account
 */
async function mustSee<Item>(run: Run<Item>, readings: Record<Side, Reading<Item>>): Promise<void> {
  for (const side of sides) {
    const { listed, upserts, failed } = readings[side];
    const code = listed && upserts.size + failed.size === 0 ? await run.refusal(side) : null;
    if (code !== null) throw new Failure(code);
  }
}

interface Decided<Item> {
  readings: Record<Side, Reading<Item>>;
  gathered: Gathered<Item>;
  planned: Plan<Item>;
  /** Both sides were read to their end. */
  caughtUp: boolean;
}

/** The accounts behind both sides, as the repository knows them. */
export function accountsOf<Item>({
  crm,
  mailbox,
}: Pick<SlicePorts<Item>, "crm" | "mailbox">): Record<Side, string> {
  return {
    crm: stampFor(crm.identity ?? "", "crm", ""),
    mailbox: stampFor(mailbox.identity ?? "", "mailbox", ""),
  };
}

/** Carries out the plan until it is done, the budget is used up, or a system fails. */
async function write<Item>(
  run: Run<Item>,
  planned: Plan<Item>,
): Promise<{ left: LinkChange[]; problem: Failure | null }> {
  const left: LinkChange[] = [];
  let problem: Failure | null = null;
  for (const [index, one] of planned.writing.entries()) {
    if (problem !== null || (index > 0 && run.exhausted())) {
      left.push(parkedChange(one.work));
      continue;
    }
    try {
      const rest = await carryOut(run, one);
      if (rest !== undefined) left.push(rest);
    } catch (error) {
      run.signal.throwIfAborted();
      if (!(error instanceof Failure) || error.code === "lifecycle.fenced") throw error;
      problem = error;
    }
  }
  return { left, problem };
}

async function end<Item>(
  run: Run<Item>,
  start: Beginning,
  readings: Readonly<Record<"crm" | "mailbox", Reading<Item>>>,
  works: readonly Work<Item>[],
  unhandled: readonly LinkChange[],
): Promise<Waiting> {
  const finish: End = {
    cursors: {},
    listed: {},
    passed: {},
    relisted: [],
    unhandled,
    counters: run.counters,
  };
  for (const side of sides) {
    const { progress, moved, upserts, failed, more } = readings[side];
    if (progress !== null && moved) finish.cursors[side] = progress;
    const found = more || progress === null ? [] : works.flatMap(foundOutside(run, side, progress.window));
    finish.passed[side] = [...upserts.keys(), ...failed.keys(), ...found];
    if (progress?.open === true) finish.listed[side] = [...upserts.keys(), ...failed.keys()];
  }
  finish.relisted = sides.filter((side) => readings[side].listed && !readings[side].more);
  return idle(run, start, finish) ? start.waiting : run.ports.repository.finish(finish, run.now());
}

/**
 * Of what lies outside of the window nothing more is told: that it was found has to do. Inside of it a find proves little:
 * systems tell of changes late, and nothing at all of an item that came and went between two readings.
 */
function foundOutside<Item>({ context }: Run<Item>, side: Side, window: Window) {
  return ({ link, told }: Work<Item>): Ref[] => {
    const known = link.sides[side];
    const seen = told[side].kind === "present" ? told[side].seen : undefined;
    if (known?.unconfirmed !== true || seen === undefined) return [];
    return context.rules.kind.touches(seen.item, window) ? [] : [known.ref];
  };
}

/** Nothing happened and nothing waits: nothing need be stored. */
function idle<Item>(run: Run<Item>, start: Beginning, finish: End): boolean {
  const { waiting } = start;
  const { created, updated, deleted } = run.counters;
  return (
    Object.keys(finish.cursors).length === 0 &&
    finish.unhandled.length === 0 &&
    start.open.length === 0 &&
    !waiting.due &&
    !waiting.unmatched &&
    !waiting.unconfirmed &&
    waiting.holds.length === 0 &&
    sides.every((side) => run.counters.read[side] + created[side] + updated[side] + deleted[side] === 0)
  );
}

function result<Item>(
  run: Run<Item>,
  waiting: Waiting,
  readings: Readonly<Record<"crm" | "mailbox", Reading<Item>>> | null,
  problem: Failure | null,
  resting: ReadonlyMap<string, number> = new Map(),
): SliceResult {
  const times = [...resting.values(), ...(waiting.nextDue === null ? [] : [waiting.nextDue])];
  const unread = readings !== null && sides.some((side) => readings[side].more);
  return {
    more: problem === null && (unread || waiting.due || waiting.unmatched),
    counters: run.counters,
    problem: problem?.code ?? null,
    ...(problem?.retryAfterMs === undefined ? {} : { retryAfterMs: problem.retryAfterMs }),
    held: waiting.holds.some(({ choice }) => choice === null) ? "brake" : null,
    ...(times.length === 0 ? {} : { dueAgainMs: Math.max(0, Math.min(...times) - run.now()) }),
  };
}
