import type { CommandKind } from "./commands.ts";
import { holdOf, type Stage, type UserState } from "./state.ts";

export type Allowed = { allowed: true } | { allowed: false; reason: string; status: 409 };

type Rule = true | string;

const erasing = "This person is being erased.";
const erased = "This person was erased.";
const notRegistered = "The mailbox is not registered yet.";
const notLinked = "Not linked with a mailbox yet.";
const over = "The invitation is over. Invite again.";
const left = "This person is disconnected. Invite again.";

/**
 * What may be done in which stage. `true`, or the sentence that stands on the disabled button and in the answer 409.
 *
 *            | invited | registered | linked | syncing | disconnected | erasing | erased | ended
 * Every cell is written out below; `table.ts` has a transition exactly where this table says `true`.
 */
const rules: { readonly [Kind in CommandKind]: { readonly [S in Stage]: Rule } } = {
  invite: {
    invited: true, // the first time only: see `byHold`
    registered: "Already registered. Link the mailbox.",
    linked: "Already linked.",
    syncing: "Already syncing.",
    disconnected: true,
    erasing,
    erased,
    ended: true,
  },
  resend: {
    invited: true,
    registered: "Already registered. Send a sign-in link instead.",
    linked: "Already registered. Send a sign-in link instead.",
    syncing: "Already registered. Send a sign-in link instead.",
    disconnected: left,
    erasing,
    erased,
    ended: over,
  },
  revoke: {
    invited: true,
    registered: "Already registered: there is no open invitation.",
    linked: "Already registered: there is no open invitation.",
    syncing: "Already registered: there is no open invitation.",
    disconnected: "There is no open invitation.",
    erasing,
    erased,
    ended: "The invitation is over already.",
  },
  register: {
    invited: true,
    registered: true,
    linked: true,
    syncing: true,
    disconnected: true,
    erasing,
    erased,
    ended: true,
  },
  link: {
    invited: notRegistered,
    registered: true,
    linked: "Already linked. Unlink first to choose another mailbox.",
    syncing: "Already linked. Unlink first to choose another mailbox.",
    disconnected: left,
    erasing,
    erased,
    ended: over,
  },
  unlink: {
    invited: notLinked,
    registered: notLinked,
    linked: true,
    syncing: true,
    disconnected: notLinked,
    erasing,
    erased,
    ended: notLinked,
  },
  undoUnlink: {
    invited: notLinked,
    registered: notLinked,
    linked: true,
    syncing: true,
    disconnected: notLinked,
    erasing,
    erased,
    ended: notLinked,
  },
  reauth: {
    invited: "Not registered yet. Send the invitation again instead.",
    registered: true,
    linked: true,
    syncing: true,
    disconnected: left,
    erasing,
    erased,
    ended: over,
  },
  pause: {
    invited: notLinked,
    registered: notLinked,
    linked: true,
    syncing: true,
    disconnected: notLinked,
    erasing,
    erased,
    ended: notLinked,
  },
  resume: {
    invited: "Not paused.",
    registered: "Not paused.",
    linked: true,
    syncing: true,
    disconnected: left,
    erasing,
    erased,
    ended: over,
  },
  syncNow: {
    invited: notRegistered,
    registered: notLinked,
    linked: "Waits for the preview of the first sync to be accepted.",
    syncing: true,
    disconnected: left,
    erasing,
    erased,
    ended: over,
  },
  settings: {
    invited: notLinked,
    registered: notLinked,
    linked: true,
    syncing: true,
    disconnected: notLinked,
    erasing,
    erased,
    ended: notLinked,
  },
  switchBackend: {
    invited: notRegistered,
    registered: true,
    linked: true,
    syncing: true,
    disconnected: left,
    erasing,
    erased,
    ended: notRegistered,
  },
  decide: {
    invited: notRegistered,
    registered: notLinked,
    linked: "Waits for the preview of the first sync to be accepted.",
    syncing: true,
    disconnected: left,
    erasing,
    erased,
    ended: over,
  },
  disconnect: {
    invited: notRegistered,
    registered: true,
    linked: true,
    syncing: true,
    disconnected: "Disconnected already.",
    erasing,
    erased,
    ended: notRegistered,
  },
  delete: {
    invited: true,
    registered: true,
    linked: true,
    syncing: true,
    disconnected: true,
    erasing: "Being erased already.",
    erased,
    ended: true,
  },
};

/** Whether a bare "resume" means something: under the brake alone a decision has to say what is to be done. */
export function mayResume(state: UserState): Allowed {
  const permission = allowed(state, "resume");
  if (!permission.allowed || holdOf(state, "paused")) return permission;
  return { allowed: false, reason: "Not paused. Decide about what the brake holds instead.", status: 409 };
}

/** Whether the link may end with something removed: not twice at once. Keeping both copies ends a removal as well. */
export function mayUnlink(state: UserState, copies: "keep" | "remove" = "keep"): Allowed {
  const permission = allowed(state, "unlink");
  if (!permission.allowed || copies === "keep" || !holdOf(state, "removal")) return permission;
  return { allowed: false, reason: ending, status: 409 };
}

const ending = "Being unlinked. Undo that first, or unlink and keep both copies.";

function unlessEnding(state: UserState): string | undefined {
  return holdOf(state, "removal") ? ending : undefined;
}

/** What a hold, or what has been done before, forbids although the stage would allow it. */
const byHold: { readonly [Kind in CommandKind]?: (state: UserState) => string | undefined } = {
  invite: (state) =>
    state.stage === "invited" && state.invitation
      ? "Already invited. Send the invitation again instead."
      : undefined,
  resend: (state) => (state.invitation ? undefined : "Not invited yet."),
  revoke: (state) => (state.invitation ? undefined : "Not invited yet."),
  undoUnlink: (state) => {
    const removal = holdOf(state, "removal")?.removal;
    if (!removal) return "Nothing to undo: not being unlinked.";
    return removal.begunAt === null ? undefined : "It has begun: unlink and keep both copies to stop it.";
  },
  settings: unlessEnding,
  switchBackend: unlessEnding,
  decide: unlessEnding,
  pause: (state) => unlessEnding(state) ?? (holdOf(state, "paused") ? "Paused already." : undefined),
  resume: (state) =>
    unlessEnding(state) ?? (holdOf(state, "paused") || holdOf(state, "brake") ? undefined : "Not paused."),
  syncNow: (state) => {
    if (holdOf(state, "removal")) return ending;
    if (holdOf(state, "needs-reauth")) return "Needs sign-in first. Send a sign-in link.";
    return holdOf(state, "paused") ? "Paused. Resume first." : undefined;
  },
};

/**
 * May this be done to this user now? The API refuses with `reason` before it records a command, the console
 * prints it on the disabled button, and the workflow settles a command that came too late with it.
 */
export function allowed(state: UserState, kind: CommandKind): Allowed {
  const rule = rules[kind][state.stage];
  const reason = rule === true ? byHold[kind]?.(state) : rule;
  return reason === undefined ? { allowed: true } : { allowed: false, reason, status: 409 };
}
