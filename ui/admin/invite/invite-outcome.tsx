import { useEffect, useState } from "react";
import type { Row } from "../associates/selection.ts";
import { announce } from "../kit/announce.tsx";
import { Button } from "../kit/button.tsx";
import { Dialog } from "../kit/dialog.tsx";
import { messageOf } from "../kit/notice.tsx";
import { words } from "../words/index.ts";
import { HandOver } from "./hand-over.tsx";
import { byProblem, type InviteResult, type Inviting } from "./inviting.ts";

/** "43 invited. 2: has no address in SuperOffice. [Show]" */
export function InviteOutcome(props: { rows: readonly Row[]; outcome: Inviting; onClose: () => void }) {
  const { results, notTried, error } = props.outcome;
  const [open, setOpen] = useState<string>();
  const invited = results.filter(({ outcome }) => outcome === "invited");
  const [single] = invited;
  const nameOf = (result: InviteResult) =>
    props.rows.find((row) => row.associateId === result.associateId)?.name ||
    words.invite.unknownName(result.associateId);
  const summary = words.invite.invited(invited.length);
  useEffect(() => announce(summary), [summary]);

  return (
    <Dialog
      title={words.invite.doneTitle}
      onClose={props.onClose}
      footer={
        <Button look="primary" onClick={props.onClose}>
          {words.invite.done}
        </Button>
      }
    >
      <div className="flex flex-col gap-2 pb-3 text-base/6">
        <p>{summary}</p>
        {byProblem(results).map(({ message, results: refused }) => (
          <div key={message}>
            <p>
              {words.invite.refused(refused.length, message)}{" "}
              <Button
                look="link"
                small
                aria-expanded={open === message}
                onClick={() => setOpen(open === message ? undefined : message)}
              >
                {open === message ? words.invite.hideRefused : words.invite.showRefused}
              </Button>
            </p>
            {open === message ? (
              <ul className="ml-4 list-disc text-sm text-soft">
                {refused.map((result) => (
                  <li key={result.associateId}>
                    {nameOf(result)}. {result.problem?.next}
                  </li>
                ))}
              </ul>
            ) : null}
          </div>
        ))}
        {notTried > 0 ? <p>{words.invite.notSent(notTried)}</p> : null}
        {error === undefined ? null : (
          <p role="alert" className="text-bad">
            {messageOf(error)}
          </p>
        )}
      </div>
      {invited.length === 1 && single?.invitationId ? (
        <HandOver invitationId={single.invitationId} name={nameOf(single)} />
      ) : null}
    </Dialog>
  );
}
