/**
 * The state of an invitation follows from when things happened; nothing is stored twice. First row that holds:
 *
 *   1 registered  the person signed in and was accepted
 *   2 revoked     an administrator ended it
 *   3 expired     its time is over
 *   4 started     somebody pressed "Continue with Microsoft"
 *   5 refused     the mail server refused the last mail
 *   6 uncertain   it is not known whether the last mail went out
 *   7 accepted    the mail server took the last mail (no word about its arrival)
 *   8 queued      a mail waits to be sent
 *   9 unsent      no mail was asked for: the link was copied
 */
export type InvitationState =
  | "registered"
  | "revoked"
  | "expired"
  | "started"
  | "refused"
  | "uncertain"
  | "accepted"
  | "queued"
  | "unsent";

export type MailState = "queued" | "sending" | "accepted" | "refused" | "uncertain";

export interface InvitationFacts {
  expiresAt: Date;
  startedAt: Date | null;
  registeredAt: Date | null;
  revokedAt: Date | null;
  /** Of the latest mail. */
  mail: MailState | null;
}

export function invitationState(facts: InvitationFacts, now: Date): InvitationState {
  if (facts.registeredAt) return "registered";
  if (facts.revokedAt) return "revoked";
  if (facts.expiresAt <= now) return "expired";
  if (facts.startedAt) return "started";
  switch (facts.mail) {
    case "refused":
    case "uncertain":
    case "accepted":
      return facts.mail;
    case "queued":
    case "sending":
      return "queued";
    case null:
      return "unsent";
  }
}

/** May somebody still sign in with a link or code of this invitation? */
export function isOpen(facts: InvitationFacts, now: Date): boolean {
  const state = invitationState(facts, now);
  return state !== "registered" && state !== "revoked" && state !== "expired";
}

/** Days that an invitation stays open unless its sender says otherwise (design §4). */
export const INVITATION_DAYS = 14;
/** Days that a link to sign in again stays open. */
export const REAUTH_DAYS = 7;
/** Minutes between pressing the button and coming back from Microsoft. */
export const ATTEMPT_MINUTES = 60;
