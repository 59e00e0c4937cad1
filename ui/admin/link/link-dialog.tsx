import { useMutation, useQuery } from "@tanstack/react-query";
import type { InferRequestType } from "hono/client";
import { useState } from "react";
import type { Row } from "../associates/selection.ts";
import { Button } from "../kit/button.tsx";
import { Dialog } from "../kit/dialog.tsx";
import { BareSelect } from "../kit/field.tsx";
import { FailureNotice, messageOf, Notice } from "../kit/notice.tsx";
import { say } from "../kit/toast.tsx";
import { refreshAll } from "../remote/act.ts";
import { api, success } from "../remote/client.ts";
import { mailboxesQuery } from "../remote/queries.ts";
import { refusedByRole, useSession } from "../session/session.tsx";
import { words } from "../words/index.ts";
import { proposedLinks, type Direction, type MailboxRow } from "./proposals.ts";

export const directions = [
  "two-way",
  "mailbox-to-crm",
  "crm-to-mailbox",
  "off",
] as const satisfies readonly Direction[];
type Links = InferRequestType<typeof api.links.$post>["json"]["links"];

/** Registered mailboxes with the person each most likely belongs to: checked, adjusted, saved together. */
export function LinkDialog(props: { rows: readonly Row[]; onClose: () => void; onDone?: () => void }) {
  const { rows, onClose } = props;
  const mailboxes = useQuery(mailboxesQuery);
  return mailboxes.data ? (
    <Ready {...props} mailboxes={mailboxes.data} />
  ) : (
    <Dialog title={words.link.title} about={words.link.about} wide onClose={onClose}>
      {mailboxes.isError ? (
        <FailureNotice
          title={words.link.title}
          error={mailboxes.error}
          onRetry={() => void mailboxes.refetch()}
        />
      ) : (
        <div role="status" aria-label={words.list.loading} className="flex flex-col gap-3 py-3">
          {rows.slice(0, 6).map((row) => (
            <span key={row.associateId} className="skeleton h-8" />
          ))}
        </div>
      )}
    </Dialog>
  );
}

function Ready(props: {
  rows: readonly Row[];
  mailboxes: readonly MailboxRow[];
  onClose: () => void;
  onDone?: () => void;
}) {
  const session = useSession();
  // As it was when it opened: lines must not come and go under the hand.
  const [{ proposals, waiting }] = useState(() => proposedLinks(props.mailboxes, props.rows));
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [choices, setChoices] = useState<ReadonlyMap<string, Direction>>(new Map());
  const directionOf = (id: string) => choices.get(id) ?? "two-way";
  const chosen = proposals.filter(({ mailbox }) => !left.has(mailbox.id));

  const save = useMutation({
    mutationFn: (links: Links) => success(api.links.$post({ json: { links } })),
    onSuccess: ({ linked, refused, results }) => {
      refreshAll();
      props.onDone?.();
      if (linked > 0) say(words.link.done(linked));
      const first = results.find(({ problem }) => problem)?.problem?.message ?? "";
      if (refused > 0) say(`${words.link.refused(refused)} ${first}`, { failure: true });
      props.onClose();
    },
  });
  const submit = () =>
    save.mutate(
      chosen.map(({ mailbox, userId }) => ({
        userId,
        mailboxId: mailbox.id,
        settings: { diary: { direction: directionOf(mailbox.id) } },
      })),
    );

  return (
    <Dialog
      title={words.link.title}
      about={words.link.about}
      wide
      locked={save.isPending}
      onClose={props.onClose}
      footer={
        <>
          {save.error ? (
            <p role="alert" className="grow text-bad">
              {messageOf(save.error)}
            </p>
          ) : null}
          <Button onClick={props.onClose}>{words.cancel}</Button>
          <Button
            look="primary"
            busy={save.isPending}
            refused={
              refusedByRole(session, "link") ?? (chosen.length === 0 ? words.link.emptyTitle : undefined)
            }
            onClick={submit}
          >
            {save.isPending ? words.link.saving : words.link.save(chosen.length)}
          </Button>
        </>
      }
    >
      {waiting > 0 ? <p className="py-1 text-waiting">{words.link.notRegistered(waiting)}</p> : null}
      {proposals.length === 0 ? (
        <Notice title={words.link.emptyTitle}>{words.link.empty}</Notice>
      ) : (
        <table className="w-full max-sm:block">
          <thead className="text-left text-soft max-sm:sr-only">
            <tr>
              <td className="w-8" />
              <th scope="col" className="py-2 font-normal">
                {words.link.mailbox}
              </th>
              <th scope="col" className="font-normal">
                {words.link.person}
              </th>
              <th scope="col" className="w-52 font-normal">
                {words.link.direction}
              </th>
            </tr>
          </thead>
          <tbody className="max-sm:block">
            {proposals.map(({ mailbox, name, reason }) => (
              <tr
                key={mailbox.id}
                className="border-t border-line max-sm:grid max-sm:grid-cols-[2.5rem_1fr] max-sm:py-2"
              >
                <td className="max-sm:row-span-3">
                  <label className="flex size-8 items-center">
                    <input
                      type="checkbox"
                      aria-label={words.link.choose(mailbox.address)}
                      checked={!left.has(mailbox.id)}
                      onChange={() => setLeft((before) => toggled(before, mailbox.id))}
                    />
                  </label>
                </td>
                <td className="py-1.5 pr-3">{mailbox.address}</td>
                <td className="pr-3">
                  <b>{name}</b> <span className="text-soft">{words.link.reason[reason]}</span>
                </td>
                <td className="py-1">
                  <BareSelect
                    label={`${words.link.direction}: ${name}`}
                    value={directionOf(mailbox.id)}
                    onChange={(event) =>
                      setChoices(new Map(choices).set(mailbox.id, event.target.value as Direction))
                    }
                  >
                    <DirectionOptions />
                  </BareSelect>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {proposals.length > 1 ? (
        <div className="mt-2 flex items-center justify-end gap-3 border-t border-line pt-2">
          <span className="text-soft">{words.link.allDirections}</span>
          <div className="w-52">
            <BareSelect
              label={words.link.allDirections}
              value=""
              onChange={(event) =>
                setChoices(
                  new Map(proposals.map(({ mailbox }) => [mailbox.id, event.target.value as Direction])),
                )
              }
            >
              <option value="" disabled>
                …
              </option>
              <DirectionOptions />
            </BareSelect>
          </div>
        </div>
      ) : null}
    </Dialog>
  );
}

export function DirectionOptions() {
  return directions.map((direction) => (
    <option key={direction} value={direction}>
      {words.link.directions[direction]}
    </option>
  ));
}

function toggled(set: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(set);
  if (!next.delete(id)) next.add(id);
  return next;
}
