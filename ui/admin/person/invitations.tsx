import { useState } from "react";
import type { UserDetail } from "../../../api/contract/users.ts";
import { HandOver } from "../invite/hand-over.tsx";
import { Button } from "../kit/button.tsx";
import { perform, type Doable } from "../remote/act.ts";
import { refusal, useSession } from "../session/session.tsx";
import { RelativeTime } from "../time/relative-time.tsx";
import { words } from "../words/index.ts";

const over: ReadonlySet<string> = new Set(["registered", "expired", "revoked"]);

/** Every invitation and sign-in link, newest first; the live one can be sent again, revoked and handed over. */
export function Invitations({ detail }: { detail: UserDetail }) {
  const { user, invitations } = detail;
  if (invitations.length === 0) return <p className="text-soft">{words.person.noInvitations}</p>;
  return (
    <ul className="flex flex-col gap-3">
      {invitations.map((invitation) => {
        const ended = over.has(invitation.state);
        return (
          <li key={invitation.id}>
            <p>
              {invitation.purpose === "reauth" ? words.person.reauthInvitation : words.person.invitation}:{" "}
              <b>{words.person.states[invitation.state]}</b>
            </p>
            <p className="text-soft">
              {invitation.sentAt ? words.person.sent : words.person.made}{" "}
              <RelativeTime at={invitation.sentAt ?? invitation.createdAt} />
              {ended ? null : (
                <>
                  {" · "}
                  {words.person.expires} <RelativeTime at={invitation.expiresAt} />
                </>
              )}
            </p>
            {ended ? null : <Live detail={detail} invitationId={invitation.id} name={user.name} />}
          </li>
        );
      })}
    </ul>
  );
}

function Live(props: { detail: UserDetail; invitationId: string; name: string }) {
  const session = useSession();
  const [busy, setBusy] = useState(false);
  const row = props.detail.user;
  const run = (kind: Doable) => {
    setBusy(true);
    void perform(kind, [row]).finally(() => setBusy(false));
  };
  const current = row.invitation?.id === props.invitationId;
  return (
    <div className="mt-1.5 flex flex-wrap gap-2">
      {current ? (
        <>
          <Button small busy={busy} refused={refusal(session, row, "resend")} onClick={() => run("resend")}>
            {words.remedy.resend}
          </Button>
          <Button small busy={busy} refused={refusal(session, row, "revoke")} onClick={() => run("revoke")}>
            {words.action.revoke}
          </Button>
        </>
      ) : null}
      <HandOver invitationId={props.invitationId} name={props.name} />
    </div>
  );
}
