import type { Hold, HoldCode, MailKind, UserState } from "./state.ts";
import type { Instruction, Moment, Transition } from "./events.ts";
import type { ErrorCode } from "../errors/table.ts";

/** The small words of which the rows of the table are made. */

export function to(state: UserState, ...commands: Instruction[]): Transition {
  return { state, commands, outcome: { accepted: true } };
}

export function tell(kind: string, detail: Record<string, string | number | boolean> = {}): Instruction {
  return { type: "tell", kind, detail };
}

export function withHold(state: UserState, hold: Hold): UserState {
  return { ...state, holds: [...state.holds.filter(({ code }) => code !== hold.code), hold] };
}

export function withoutHolds(state: UserState, ...codes: HoldCode[]): UserState {
  return { ...state, holds: state.holds.filter(({ code }) => !codes.includes(code)) };
}

export function withMail(
  state: UserState,
  moment: Moment,
  mail: MailKind,
  key: string,
  options: { invitationId?: string | null; reason?: ErrorCode | null } = {},
): UserState {
  if (state.duties.some((duty) => duty.key === key)) return state;
  return {
    ...state,
    duties: [
      ...state.duties,
      {
        type: "mail",
        key,
        mail,
        invitationId: options.invitationId ?? null,
        reason: options.reason ?? null,
        attempts: 0,
        notBefore: moment.now,
      },
    ],
  };
}

export function withoutMails(state: UserState, ...mails: MailKind[]): UserState {
  return {
    ...state,
    duties: state.duties.filter((duty) => duty.type !== "mail" || !mails.includes(duty.mail)),
  };
}

export function withoutDuty(state: UserState, key: string): UserState {
  return { ...state, duties: state.duties.filter((duty) => duty.key !== key) };
}

/** Permissions that are still to be destroyed. */
export function revocations({ duties }: UserState): UserState["duties"] {
  return duties.filter(({ type }) => type === "revoke");
}
