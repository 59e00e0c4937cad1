import { errorRow, type ErrorCode } from "../errors/table.ts";
import type { CycleResult, Moment, Transition } from "./events.ts";
import { tell, to, withHold, withMail, withoutHolds, withoutMails } from "./change.ts";
import {
  backOffMs,
  blockedPace,
  confirmAfterMs,
  gateAfterAttempts,
  later,
  mayCycle,
  mayPreview,
  mayRemove,
  nextCycle,
  nextReminder,
  retryPace,
} from "./pace.ts";
import { holdOf, type UserState } from "./state.ts";

/**
 * What a cycle's result makes of a syncing user. The row of the error table decides:
 *
 *   none, scope item          → good: blocked, gate and all trouble end
 *   one kind's, others well   → good as well, but the problem stays to be seen
 *   hold needs-reauth         → the first time only looked at again after 30 s; the second time the hold and the mail
 *   hold blocked              → the hold; probed rarely
 *   scope user, no hold       → retried; marks nobody
 *   shared, permanent         → gate at once; probed
 *   shared, transient         → retried; gate after three in a row
 */
export function cycleDone(state: UserState, result: CycleResult, moment: Moment): Transition {
  const { problem } = result;
  const row = problem === null ? undefined : errorRow(problem);
  if (problem === null || row === undefined || row.scope === "item") return good(state, result, moment);
  if (problem === "lifecycle.fenced") return to({ ...state, cycleAt: again(result, 1, moment) });
  if (result.partial) return partly(state, problem, result, moment);
  if (row.hold === "needs-reauth") return signInDied(state, problem, moment);
  if (row.hold === "blocked") return blocked(state, problem, result, moment);
  return troubled(state, problem, result, moment);
}

/** A failed preview is a failed cycle in everything but that nothing was to be written. */
export function previewFailed(
  state: UserState,
  problem: ErrorCode,
  retryAfterMs: number | undefined,
  moment: Moment,
): Transition {
  const failed = { problem, held: null, retryAfterMs };
  const { scope } = errorRow(problem);
  return scope === "item" ? troubled(state, problem, failed, moment) : cycleDone(state, failed, moment);
}

function good(state: UserState, result: CycleResult, moment: Moment): Transition {
  const recovered = state.holds.filter(({ code }) => code === "blocked" || code === "gate");
  const cycleAt = result.nextDue ?? nextCycle(moment);
  const braked = holdOf(state, "brake");
  let next: UserState = { ...withoutHolds(state, "blocked", "gate"), trouble: null, cycleAt };
  const told = recovered.map(({ code, problem }) => tell(`${code}-cleared`, problem ? { problem } : {}));
  if (result.held === "brake" && !braked) {
    next = withHold(next, {
      code: "brake",
      actor: "everlink",
      since: moment.now,
      problem: null,
      clearedBy: "resume",
    });
    told.push(tell("brake"));
  } else if (result.held === null && braked) {
    next = withoutHolds(next, "brake");
    told.push(tell("brake-cleared"));
  }
  return to(next, ...told);
}

/** The kinds that are well go on at their pace; the one that is not is tried again with them, and seen meanwhile. */
function partly(state: UserState, problem: ErrorCode, result: CycleResult, moment: Moment): Transition {
  const { state: next, commands } = good(state, result, moment);
  const known = state.trouble?.problem === problem;
  const trouble = known ? state.trouble : { problem, since: moment.now, attempts: 0 };
  const asked = later(moment.now, result.retryAfterMs ?? 0);
  const cycleAt = next.cycleAt !== null && next.cycleAt > asked ? next.cycleAt : asked;
  return to({ ...next, trouble, cycleAt }, ...commands, ...(known ? [] : [tell("partly", { problem })]));
}

function again(result: CycleResult, attempts: number, moment: Moment): string {
  const wait = backOffMs(retryPace, attempts, moment.chance);
  return later(moment.now, Math.max(wait, result.retryAfterMs ?? 0));
}

function signInDied(state: UserState, problem: ErrorCode, moment: Moment): Transition {
  if (holdOf(state, "needs-reauth")) return to(state); // known, and asked for
  const suspected = state.trouble !== null && errorRow(state.trouble.problem).hold === "needs-reauth";
  if (!suspected) {
    const trouble = { problem, since: moment.now, attempts: 1 };
    return to(
      { ...state, trouble, cycleAt: later(moment.now, confirmAfterMs) },
      tell("suspected", { problem }),
    );
  }
  const held = withHold(
    { ...state, trouble: null, cycleAt: null },
    {
      code: "needs-reauth",
      actor: "everlink",
      since: moment.now,
      problem,
      clearedBy: "register",
      reminders: 0,
      reminderAt: nextReminder(moment.now, 0),
    },
  );
  return to(
    withMail(held, moment, "reauth", failureMailKey(moment.now, 0), { reason: problem }),
    tell("needs-reauth", { problem }),
  );
}

function failureMailKey(since: string, reminder: number): string {
  return `needs-reauth/${since}/${reminder}`;
}

/** Days 1, 3, 7 and 14 after the hold began. Someone who paused is not nagged; the day passes without a mail. */
export function reminderDue(state: UserState, moment: Moment): Transition {
  const hold = holdOf(state, "needs-reauth");
  if (!hold) return to(state);
  const reminders = (hold.reminders ?? 0) + 1;
  const next = withHold(state, { ...hold, reminders, reminderAt: nextReminder(hold.since, reminders) });
  if (holdOf(state, "paused")) return to(next);
  return to(
    withMail(next, moment, "reauth", failureMailKey(hold.since, reminders), { reason: hold.problem }),
    tell("reminded", { reminder: reminders }),
  );
}

function blocked(state: UserState, problem: ErrorCode, result: CycleResult, moment: Moment): Transition {
  const hold = holdOf(state, "blocked");
  const attempts = hold ? (state.trouble?.attempts ?? 0) + 1 : 1;
  const wait = Math.max(backOffMs(blockedPace, attempts, moment.chance), result.retryAfterMs ?? 0);
  const next = {
    ...state,
    trouble: { problem, since: state.trouble?.since ?? moment.now, attempts },
    cycleAt: later(moment.now, wait),
  };
  if (hold?.problem === problem) return to(next);
  const marked = withHold(next, {
    code: "blocked",
    actor: "everlink",
    since: hold?.since ?? moment.now,
    problem,
    clearedBy: "good-cycle",
  });
  return to(marked, tell("blocked", { problem }));
}

function troubled(state: UserState, problem: ErrorCode, result: CycleResult, moment: Moment): Transition {
  const row = errorRow(problem);
  const attempts = (state.trouble?.attempts ?? 0) + 1;
  const trouble = { problem, since: state.trouble?.since ?? moment.now, attempts };
  const next = { ...state, trouble, cycleAt: again(result, attempts, moment) };
  const shared = row.scope !== "user";
  if (!shared || (row.nature === "transient" && attempts < gateAfterAttempts)) return to(next);
  if (holdOf(state, "blocked") || holdOf(state, "gate")?.problem === problem) return to(next);
  const gate = withHold(next, {
    code: "gate",
    actor: "everlink",
    since: holdOf(state, "gate")?.since ?? moment.now,
    problem,
    clearedBy: "good-cycle",
  });
  return to(gate, tell("gate", { problem }));
}

/** The person signed in again with the same identity: needs-reauth ends, and whoever was mailed about it hears so. */
export function signedInAgain(state: UserState, moment: Moment): Transition {
  const hold = holdOf(state, "needs-reauth");
  const calm: UserState = {
    ...withoutMails(withoutHolds(state, "needs-reauth"), "reauth"),
    trouble: holdOf(state, "blocked") ? state.trouble : null,
  };
  const proceeds = mayCycle(calm) || mayPreview(calm) || mayRemove(calm);
  const due = { ...calm, cycleAt: proceeds ? moment.now : null };
  const told = tell("signed-in-again", hold?.problem ? { problem: hold.problem } : {});
  if (!hold?.mailedAt) return to(due, told);
  return to(withMail(due, moment, "recovery", `recovery/${hold.since}`), told);
}
