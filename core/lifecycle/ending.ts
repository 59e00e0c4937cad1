import { errorRow } from "../errors/table.ts";
import { cycleDone } from "./cycle.ts";
import type { CommandEvent, Instruction, Moment, RemovalResult, Transition } from "./events.ts";
import { tell, to, withHold, withoutHolds, withoutMails } from "./change.ts";
import { later, mayCycle, mayPreview } from "./pace.ts";
import { holdOf, type UserState } from "./state.ts";

/**
 * The end of a link. Both copies stay, or what Everlink made on one side is removed there first:
 *
 *   unlink, keep    → at once; a removal that is under way ends with it, where it is
 *   unlink, remove  → hold `removal`: nothing is synced any more, and for a while `undoUnlink` takes it back
 *   removalDue      → that time is over: whoever still writes is fenced off, the slices begin
 *   removalDone     → again while something is left, or in the way; then as "unlink, keep"
 */
export function unlink(state: UserState, { body, actor }: CommandEvent, moment: Moment): Transition {
  const { copies, from, planId } = body;
  if (copies !== "remove" || from === undefined || planId === undefined) return unlinked(state);
  const startsAt = later(moment.now, moment.undoMs);
  const held = withHold(state, {
    code: "removal",
    actor,
    since: moment.now,
    problem: null,
    clearedBy: "undo-or-end",
    removal: { from, planId, startsAt, begunAt: null },
  });
  return to(held, { type: "bumpFence" }, tell("removal-planned", { from, startsAt }));
}

/** Once a removal has begun, what becomes of the copies that it has left is no word about their originals. */
export function lettingGo(state: UserState): Instruction[] {
  const removal = holdOf(state, "removal")?.removal;
  return removal && removal.begunAt !== null ? [{ type: "letGo", from: removal.from }] : [];
}

function unlinked(state: UserState, ...last: Instruction[]): Transition {
  return to(
    {
      ...withoutMails(
        withoutHolds(state, "paused", "blocked", "preview", "brake", "gate", "removal"),
        "recovery",
      ),
      stage: "registered",
      trouble: null,
      cycleAt: null,
    },
    { type: "bumpFence" },
    ...lettingGo(state),
    { type: "dropLink" },
    ...last,
    tell("unlinked"),
  );
}

/** Syncing goes on exactly where it was: nothing has happened but time. */
export function undone(state: UserState, moment: Moment): Transition {
  const next = withoutHolds(state, "removal");
  const due = mayCycle(next) || mayPreview(next);
  return to({ ...next, cycleAt: due ? moment.now : next.cycleAt }, tell("removal-undone"));
}

export function removalDue(state: UserState, moment: Moment): Transition {
  const hold = holdOf(state, "removal");
  if (!hold?.removal || hold.removal.begunAt !== null) return to(state);
  const begun = withHold(state, { ...hold, removal: { ...hold.removal, begunAt: moment.now } });
  const { from } = hold.removal;
  return to(
    { ...begun, trouble: null, cycleAt: moment.now },
    { type: "bumpFence" },
    tell("removal-begun", { from }),
  );
}

/** What stands in the way of a removal stands in the way of sync as well, and is told in the same words. */
export function removalDone(state: UserState, result: RemovalResult, moment: Moment): Transition {
  const removal = holdOf(state, "removal")?.removal;
  if (!removal || removal.begunAt === null) return to(state);
  const { problem, retryAfterMs, left, dueAgainMs = 0, removed, stayed } = result;
  if (problem !== null && errorRow(problem).scope !== "item")
    return cycleDone(state, { problem, held: null, retryAfterMs }, moment);
  const well: UserState = { ...withoutHolds(state, "blocked", "gate"), trouble: null };
  if (left > 0) return to({ ...well, cycleAt: later(moment.now, Math.max(dueAgainMs, leastWaitMs)) });
  return unlinked(well, tell("removed", { from: removal.from, removed, stayed }));
}

/** Something is left and nobody says when: an uncertain write, as a rule, which takes minutes. */
const leastWaitMs = 10_000;
