import type { HappenedEvent } from "./events.ts";
import { revocations } from "./change.ts";
import { isDue, mayCycle, mayPreview, mayRemove } from "./pace.ts";
import { holdOf, type Duty, type Instant, type RemovalHold, type UserState } from "./state.ts";

/** What is to be done for a user now. It follows from the state alone, so nothing that was decided gets lost. */
export type Task =
  | { type: "mail"; duty: Extract<Duty, { type: "mail" }> }
  | { type: "revoke"; key: string }
  | { type: "cycle" }
  | { type: "preview" }
  | { type: "removal"; removal: RemovalHold }
  | { type: "happened"; event: HappenedEvent }
  | { type: "erase" }
  | { type: "finished" }
  /** `null`: only a command ends this wait. `why` names the timer. */
  | { type: "wait"; until: Instant | null; why: string };

interface Appointed {
  at: Instant;
  why: string;
  task: Task;
}

/** Everything with a time, in the order in which it is done when several are due. */
function appointed(state: UserState): Appointed[] {
  const list: Appointed[] = [];
  for (const duty of state.duties) {
    if (duty.type === "mail") list.push({ at: duty.notBefore, why: "mail", task: { type: "mail", duty } });
  }
  if (state.stage === "invited" && state.invitation) {
    list.push({
      at: state.invitation.expiresAt,
      why: "invitation expires",
      task: { type: "happened", event: { type: "invitationExpired" } },
    });
  }
  const reminderAt = holdOf(state, "needs-reauth")?.reminderAt;
  if (reminderAt) {
    list.push({
      at: reminderAt,
      why: "reminder",
      task: { type: "happened", event: { type: "reminderDue" } },
    });
  }
  const removal = holdOf(state, "removal")?.removal;
  if (removal?.begunAt === null) {
    list.push({
      at: removal.startsAt,
      why: "removal begins",
      task: { type: "happened", event: { type: "removalDue" } },
    });
  }
  if (removal && mayRemove(state) && state.cycleAt) {
    list.push({ at: state.cycleAt, why: "removal goes on", task: { type: "removal", removal } });
  }
  if (mayPreview(state) && state.cycleAt) {
    list.push({ at: state.cycleAt, why: "preview of the first sync", task: { type: "preview" } });
  }
  if (mayCycle(state) && state.cycleAt) {
    list.push({ at: state.cycleAt, why: "next cycle", task: { type: "cycle" } });
  }
  return list;
}

export function nextTask(state: UserState, now: Instant): Task {
  if (state.stage === "erasing") return { type: "erase" };
  const [revocation] = revocations(state);
  if (revocation) return { type: "revoke", key: revocation.key };
  if (state.stage === "erased" || state.stage === "ended") return { type: "finished" };
  const list = appointed(state);
  const due = list.find(({ at }) => isDue(at, now));
  if (due) return due.task;
  const [first] = list.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
  return first
    ? { type: "wait", until: first.at, why: first.why }
    : { type: "wait", until: null, why: "command" };
}
