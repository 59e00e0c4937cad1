import { mayUnlink } from "./allowed.ts";
import { revocations, tell, to, withHold, withMail, withoutDuty, withoutHolds } from "./change.ts";
import { cycleDone, previewFailed, reminderDue, signedInAgain } from "./cycle.ts";
import { lettingGo, removalDone, removalDue, undone, unlink } from "./ending.ts";
import type { CommandKind } from "./commands.ts";
import type { CommandEvent, EventType, LifecycleEvent, Moment, Transition } from "./events.ts";
import { backOffMs, daysLater, invitationDays, later, mailPace, mayCycle, mayPreview } from "./pace.ts";
import { holdOf, initialState, type Stage, type UserState } from "./state.ts";

type EventOf<Type extends EventType> = Type extends CommandKind
  ? CommandEvent
  : Extract<LifecycleEvent, { type: Type }>;

type Row<Type extends EventType> = (state: UserState, event: EventOf<Type>, moment: Moment) => Transition;

/** One line of the table: the stages in which an event means something. Elsewhere it is late or doubled: ignored. */
type Line<Type extends EventType> = { readonly [S in Stage]?: Row<Type> };

const invite: Row<"invite"> = (state, { body, commandId }, moment) => {
  const invitation = {
    invitationId: body.invitationId ?? "",
    expiresAt: body.expiresAt ?? daysLater(moment.now, invitationDays),
  };
  const fresh: UserState = {
    ...initialState,
    linkGeneration: state.linkGeneration,
    mailboxId: state.mailboxId,
    invitation,
    // A permission that was to be destroyed still is.
    duties: revocations(state),
  };
  const { invitationId } = invitation;
  return to(
    body.mail === false
      ? fresh
      : withMail(fresh, moment, "invitation", `invitation/${commandId}`, { invitationId }),
    tell("invited"),
  );
};

const resend: Row<"resend"> = (state, { body, commandId }, moment) => {
  const invitationId = body.invitationId ?? state.invitation?.invitationId ?? "";
  const expiresAt = body.expiresAt ?? state.invitation?.expiresAt ?? daysLater(moment.now, invitationDays);
  const next = { ...state, invitation: { invitationId, expiresAt } };
  return to(
    body.mail === false
      ? next
      : withMail(next, moment, "invitation", `invitation/${commandId}`, { invitationId }),
    tell("invited-again"),
  );
};

const revoke: Row<"revoke"> = (state) =>
  to({ ...state, stage: "ended", invitation: null, duties: revocations(state) }, tell("invitation-revoked"));

const invitationExpired: Row<"invitationExpired"> = (state) =>
  to({ ...state, stage: "ended", invitation: null, duties: revocations(state) }, tell("invitation-expired"));

const firstSignIn: Row<"register"> = (state, { body }) =>
  to(
    {
      ...state,
      stage: "registered",
      holds: [],
      invitation: null,
      // Nor is there anything to revoke any more: the new permission has taken the place of the one before.
      duties: [],
      mailboxId: body.mailboxId ?? state.mailboxId,
    },
    tell("registered"),
  );

const signInAgain: Row<"register"> = (state, _event, moment) => signedInAgain(state, moment);

const link: Row<"link"> = (state, { body, actor }, moment) => {
  const { mailboxId } = state;
  if (mailboxId === null || (body.mailboxId !== undefined && body.mailboxId !== mailboxId)) {
    return refused(state, "This mailbox is not the one this person registered.");
  }
  const generation = state.linkGeneration + 1;
  const linked: UserState = { ...state, stage: "linked", linkGeneration: generation, trouble: null };
  const save = { type: "saveLink", mailboxId, generation, settings: body.settings ?? null } as const;
  if (moment.preview === "required") {
    return to(
      withHold(
        { ...linked, cycleAt: moment.now },
        {
          code: "preview",
          actor,
          since: moment.now,
          problem: null,
          clearedBy: "preview-accepted",
        },
      ),
      { type: "bumpFence" },
      save,
      tell("linked", { generation }),
    );
  }
  return to(startSyncing(linked, moment), { type: "bumpFence" }, save, tell("linked", { generation }));
};

/** The plan is there: somebody accepts it, or the policy has done so. */
const previewed: Row<"previewed"> = (state, { problem, retryAfterMs, accept }, moment) => {
  const hold = holdOf(state, "preview");
  if (!hold) return to(state);
  if (problem !== null) return previewFailed(state, problem, retryAfterMs, moment);
  const well = { ...withoutHolds(state, "blocked", "gate"), trouble: null };
  if (accept) return to(startSyncing(well, moment), tell("preview-waived"));
  return to({ ...withHold(well, { ...hold, madeAt: moment.now }), cycleAt: null }, tell("preview-made"));
};

function startSyncing(state: UserState, moment: Moment): UserState {
  const syncing: UserState = { ...withoutHolds(state, "preview"), stage: "syncing" };
  return { ...syncing, cycleAt: mayCycle(syncing) ? moment.now : null };
}

const reauth: Row<"reauth"> = (state, { commandId, body }, moment) =>
  to(
    withMail(state, moment, "reauth", `reauth/${commandId}`, {
      reason: holdOf(state, "needs-reauth")?.problem ?? null,
      invitationId: body.invitationId ?? null,
    }),
    tell("sign-in-link"),
  );

const pause: Row<"pause"> = (state, { actor }, moment) =>
  to(
    withHold(state, { code: "paused", actor, since: moment.now, problem: null, clearedBy: "resume" }),
    tell("paused"),
  );

const undecided = "Not paused. Decide about what the brake holds instead.";

/** Ends the pause; where there is none, decides about what the brake holds: never without saying what. */
const resume: Row<"resume"> = (state, { body }, moment) => {
  if (holdOf(state, "paused")) {
    const next = withoutHolds(state, "paused");
    const due = mayCycle(next) || mayPreview(next);
    return to({ ...next, cycleAt: due ? moment.now : next.cycleAt }, tell("resumed"));
  }
  const choice = body.brake;
  if (choice === undefined) return refused(state, undecided);
  return to(
    { ...withoutHolds(state, "brake"), cycleAt: moment.now },
    { type: "decideBrake", choice, ...(body.plans === undefined ? {} : { plans: body.plans }) },
    tell("brake-decided", { choice }),
  );
};

const syncNow: Row<"syncNow"> = (state, _event, moment) => to({ ...state, cycleAt: moment.now });

/** Other settings, another plan: the preview is made anew. */
function replanned(state: UserState, moment: Moment): UserState {
  const hold = holdOf(state, "preview");
  if (!hold || state.stage !== "linked") return state;
  const { madeAt: _outdated, ...anew } = hold;
  return { ...withHold(state, anew), cycleAt: moment.now };
}

const settings: Row<"settings"> = (state, { body }, moment) => {
  if (state.stage === "linked" && body.preview === "accept") {
    return to(startSyncing(state, moment), tell("preview-accepted"));
  }
  const next = replanned({ ...state, cycleAt: mayCycle(state) ? moment.now : state.cycleAt }, moment);
  return body.settings === undefined
    ? to(next, tell("settings"))
    : to(next, { type: "changeSettings", change: body.settings }, tell("settings"));
};

/** Whoever works by the other protocol is fenced off; the next cycle carries the item links over. */
const switchBackend: Row<"switchBackend"> = (state, { body }, moment) => {
  const backend = body.backend ?? "graph";
  return to(
    { ...state, cycleAt: mayCycle(state) ? moment.now : state.cycleAt },
    { type: "bumpFence" },
    { type: "wantBackend", backend },
    tell("backend-wanted", { backend }),
  );
};

/** About single items. The fence: whatever still runs must not write over what was decided. */
const decide: Row<"decide"> = (state, { body, actor }, moment) => {
  const { decisions = [] } = body;
  return to(
    { ...state, cycleAt: mayCycle(state) ? moment.now : state.cycleAt },
    { type: "bumpFence" },
    { type: "decideItems", decisions, actor },
    tell("items-decided", { items: decisions.length }),
  );
};

const disconnect: Row<"disconnect"> = (state, { commandId }) =>
  to(
    {
      ...state,
      stage: "disconnected",
      holds: [],
      trouble: null,
      cycleAt: null,
      duties: [{ type: "revoke", key: `revoke/${commandId}` }],
    },
    { type: "bumpFence" },
    ...lettingGo(state),
    tell("disconnected"),
  );

const erase: Row<"delete"> = (state) =>
  to(
    { ...state, stage: "erasing", holds: [], trouble: null, cycleAt: null, duties: [], invitation: null },
    { type: "bumpFence" },
    { type: "tombstone" },
    tell("erasing"),
  );

const mailAccepted: Row<"mailAccepted"> = (state, { key }, moment) => {
  const duty = state.duties.find((each) => each.key === key);
  if (duty?.type !== "mail") return to(state);
  const next = withoutDuty(state, key);
  const hold = holdOf(next, "needs-reauth");
  const marked = duty.mail === "reauth" && hold ? withHold(next, { ...hold, mailedAt: moment.now }) : next;
  return to(marked, tell("mailed", { mail: duty.mail }));
};

const mailRefused: Row<"mailRefused"> = (state, { key, problem }) => {
  const duty = state.duties.find((each) => each.key === key);
  if (duty?.type !== "mail") return to(state);
  return to(withoutDuty(state, key), tell("mail-refused", { mail: duty.mail, problem }));
};

const mailWithdrawn: Row<"mailWithdrawn"> = (state, { key }) => to(withoutDuty(state, key));

const mailDelayed: Row<"mailDelayed"> = (state, { key }, moment) =>
  to({
    ...state,
    duties: state.duties.map((duty) => {
      if (duty.type !== "mail" || duty.key !== key) return duty;
      const attempts = duty.attempts + 1;
      return {
        ...duty,
        attempts,
        notBefore: later(moment.now, backOffMs(mailPace, attempts, moment.chance)),
      };
    }),
  });

const revoked: Row<"revoked"> = (state, { key }) => to(withoutDuty(state, key), tell("permission-destroyed"));

/** Something outside found that what was shared works again: go on, spread over half a minute. */
const gateOpened: Row<"gateOpened"> = (state, _event, moment) =>
  holdOf(state, "gate")
    ? to(
        {
          ...withoutHolds(state, "gate"),
          trouble: null,
          cycleAt: later(moment.now, Math.round(moment.chance * 30_000)),
        },
        tell("gate-cleared"),
      )
    : to(state);

/** A probe outside of a cycle was good. */
const probeOk: Row<"probeOk"> = (state, _event, moment) =>
  holdOf(state, "blocked") || holdOf(state, "gate")
    ? to({ ...withoutHolds(state, "blocked", "gate"), trouble: null, cycleAt: moment.now }, tell("probe-ok"))
    : to(state);

const erased: Row<"erased"> = (state) =>
  to({ ...initialState, stage: "erased", linkGeneration: state.linkGeneration });

const anyMail = {
  invited: true,
  registered: true,
  linked: true,
  syncing: true,
} as const;

function whereMailed<Type extends EventType>(row: Row<Type>): Line<Type> {
  return Object.fromEntries(Object.keys(anyMail).map((stage) => [stage, row]));
}

/** The whole machine. A missing cell means: ignored as an event, refused as a command (`allowed.ts` says why). */
export const table: { readonly [Type in EventType]: Line<Type> } = {
  invite: { invited: invite, disconnected: invite, ended: invite },
  resend: { invited: resend },
  revoke: { invited: revoke },
  register: {
    invited: firstSignIn,
    registered: signInAgain,
    linked: signInAgain,
    syncing: signInAgain,
    disconnected: firstSignIn,
    ended: firstSignIn,
  },
  link: { registered: link },
  unlink: { linked: unlinkRow, syncing: unlinkRow },
  undoUnlink: { linked: undoRow, syncing: undoRow },
  reauth: { registered: reauth, linked: reauth, syncing: reauth },
  pause: { linked: pause, syncing: pause },
  resume: { linked: resume, syncing: resume },
  syncNow: { syncing: syncNow },
  settings: { linked: settings, syncing: settings },
  switchBackend: { registered: switchBackend, linked: switchBackend, syncing: switchBackend },
  decide: { syncing: decide },
  disconnect: { registered: disconnect, linked: disconnect, syncing: disconnect },
  delete: {
    invited: erase,
    registered: erase,
    linked: erase,
    syncing: erase,
    disconnected: erase,
    ended: erase,
  },
  mailAccepted: whereMailed(mailAccepted),
  mailRefused: whereMailed(mailRefused),
  mailWithdrawn: whereMailed(mailWithdrawn),
  mailDelayed: whereMailed(mailDelayed),
  revoked: { disconnected: revoked, invited: revoked, ended: revoked },
  invitationExpired: { invited: invitationExpired },
  reminderDue: { registered: reminderDueRow, linked: reminderDueRow, syncing: reminderDueRow },
  cycleDone: { syncing: (state, event, moment) => cycleDone(state, event, moment) },
  previewed: { linked: previewed },
  removalDue: { linked: removalDueRow, syncing: removalDueRow },
  removalDone: { linked: removalDone, syncing: removalDone },
  probeOk: { syncing: probeOk },
  gateOpened: { syncing: gateOpened },
  erased: { erasing: erased },
};

function unlinkRow(state: UserState, event: CommandEvent, moment: Moment): Transition {
  const permission = mayUnlink(state, event.body.copies);
  return permission.allowed ? unlink(state, event, moment) : refused(state, permission.reason);
}

function undoRow(state: UserState, _event: CommandEvent, moment: Moment): Transition {
  return undone(state, moment);
}

function removalDueRow(state: UserState, _event: { type: "removalDue" }, moment: Moment): Transition {
  return removalDue(state, moment);
}

function reminderDueRow(state: UserState, _event: { type: "reminderDue" }, moment: Moment): Transition {
  return reminderDue(state, moment);
}

export function refused(state: UserState, reason: string): Transition {
  return { state, commands: [], outcome: { accepted: false, reason, status: 409 } };
}
