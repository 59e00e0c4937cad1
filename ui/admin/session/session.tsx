import { createContext, useContext } from "react";
import type { Session } from "../../../api/contract/session.ts";
import type { ActionKind, Row } from "../associates/selection.ts";
import { words } from "../words/index.ts";

export const SessionContext = createContext<Session | null>(null);

/** Who is signed in. Only below the gate. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error("useSession is for what stands behind the gate");
  return session;
}

const permissionOf: Record<ActionKind, string> = {
  invite: "invite",
  resend: "invite",
  revoke: "revoke",
  link: "link",
  unlink: "control",
  undoUnlink: "control",
  switchBackend: "link",
  syncNow: "operate",
  reauth: "operate",
  pause: "control",
  resume: "control",
  delete: "erase",
};

/** Why this role may not do this to anybody; `undefined` when it may. */
export function refusedByRole(session: Session, kind: ActionKind): string | undefined {
  return lacks(session, permissionOf[kind]);
}

/** Why this role lacks a permission of the API's role table; `undefined` when it has it. */
export function lacks(session: Session, permission: string): string | undefined {
  if (session.permissions.includes(permission)) return undefined;
  return words.selection.role(words.role[session.role]);
}

/** Why this may not be done to this person now; `undefined` when it may. */
export function refusal(session: Session, row: Row, kind: ActionKind): string | undefined {
  const byRole = refusedByRole(session, kind);
  if (byRole) return byRole;
  const action = row.actions.find((each) => each.kind === kind);
  return action?.allowed ? undefined : (action?.reason ?? words.selection.notYet);
}
