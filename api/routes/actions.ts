import { isAddress } from "../../core/invitation/address.ts";
import { allowed, mayResume, type CommandKind, type UserState } from "../../core/lifecycle/index.ts";
import type { Role } from "../../db/access.ts";
import type { Permission } from "../contract/permission.ts";
import { actionKinds } from "../contract/user.ts";
import { may } from "../auth/roles.ts";

type ActionKind = (typeof actionKinds)[number];

/** What each button demands of the role; the routes demand the same. */
const demands: Record<ActionKind, Permission> = {
  invite: "invite",
  resend: "invite",
  revoke: "revoke",
  link: "link",
  unlink: "control",
  undoUnlink: "control",
  syncNow: "operate",
  reauth: "operate",
  pause: "control",
  resume: "control",
  switchBackend: "link",
  delete: "erase",
};

export interface Subject {
  state: UserState | undefined;
  address: string;
  retired: boolean;
}

/** Every button of one person with the reason that stands on it when it is disabled. */
export function actionsOf(role: Role, subject: Subject) {
  return actionKinds.map((kind) => {
    const reason = reasonAgainst(role, kind, subject);
    return { kind, allowed: reason === null, reason };
  });
}

function reasonAgainst(role: Role, kind: ActionKind, { state, address, retired }: Subject): string | null {
  if (!may(role, demands[kind])) return `The role ${role} may not do this.`;
  if (kind === "invite" || kind === "resend") {
    if (retired) return "No longer active in SuperOffice.";
    if (!isAddress(address)) return "No usable mail address in SuperOffice.";
  }
  if (!state) return kind === "invite" ? null : "Not invited yet.";
  const verdict = kind === "resume" ? mayResume(state) : allowed(state, kind satisfies CommandKind);
  return verdict.allowed ? null : verdict.reason;
}
