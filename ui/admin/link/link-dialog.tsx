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
import { defaultsQuery, mailboxesQuery } from "../remote/queries.ts";
import { refusedByRole, useSession } from "../session/session.tsx";
import { words } from "../words/index.ts";
import {
  BareDirection,
  DirectionOptions,
  directionsOf,
  kindList,
  namedDirections,
  type Direction,
  type Directions,
  type KindName,
} from "./direction-select.tsx";
import { proposedLinks, type MailboxRow } from "./proposals.ts";

type Defaults = NonNullable<Awaited<ReturnType<NonNullable<typeof defaultsQuery.queryFn>>>>;
type Links = InferRequestType<typeof api.links.$post>["json"]["links"];

/** Registered mailboxes with the person each most likely belongs to: checked, adjusted, saved together. */
export function LinkDialog(props: { rows: readonly Row[]; onClose: () => void; onDone?: () => void }) {
  const { rows, onClose } = props;
  const mailboxes = useQuery(mailboxesQuery);
  const defaults = useQuery(defaultsQuery);
  const failed = [mailboxes, defaults].find(({ isError }) => isError);
  return mailboxes.data && defaults.data ? (
    <Ready {...props} mailboxes={mailboxes.data} defaults={defaults.data} />
  ) : (
    <Dialog title={words.link.title} about={words.link.about} wide onClose={onClose}>
      {failed ? (
        <FailureNotice title={words.link.title} error={failed.error} onRetry={() => void failed.refetch()} />
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
  defaults: Defaults;
  onClose: () => void;
  onDone?: () => void;
}) {
  const session = useSession();
  // As it was when it opened: lines must not come and go under the hand.
  const [{ proposals, waiting }] = useState(() => proposedLinks(props.mailboxes, props.rows));
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [choices, setChoices] = useState<ReadonlyMap<string, Partial<Directions>>>(new Map());
  const usual = directionsOf(props.defaults.settings);
  const choose = (ids: readonly string[], kind: KindName, direction: Direction) =>
    setChoices((before) => {
      const chosenFor = (id: string) => [id, { ...before.get(id), [kind]: direction }] as const;
      return new Map([...before, ...ids.map(chosenFor)]);
    });
  const refusedFor = (kind: KindName, { kinds }: Pick<MailboxRow, "kinds">) => {
    if (!kinds.includes(kind)) return words.link.notAvailable;
    return props.defaults.locked.includes(kind) ? words.link.locked : undefined;
  };
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
        // Whoever was given nothing else follows the organization, now and later.
        settings: namedDirections(choices.get(mailbox.id) ?? {}),
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
                {words.link.person}
              </th>
              {kindList.map((kind) => (
                <th key={kind} scope="col" className="w-48 pr-2 font-normal">
                  {words.link.kinds[kind]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody className="max-sm:block">
            {proposals.map(({ mailbox, name, reason }) => (
              <tr
                key={mailbox.id}
                className="border-t border-line max-sm:grid max-sm:grid-cols-[2.5rem_1fr] max-sm:py-2"
              >
                <td className="max-sm:row-span-4">
                  <label className="flex size-8 items-center">
                    <input
                      type="checkbox"
                      aria-label={words.link.choose(mailbox.address)}
                      checked={!left.has(mailbox.id)}
                      onChange={() => setLeft((before) => toggled(before, mailbox.id))}
                    />
                  </label>
                </td>
                <td className="py-1.5 pr-3 break-words">
                  <b>{name}</b>
                  <span className="block">{mailbox.address}</span>
                  <span className="block text-soft">{words.link.reason[reason]}</span>
                </td>
                {kindList.map((kind) => (
                  <td key={kind} className="py-1 pr-2">
                    <BareDirection
                      kind={kind}
                      label={name}
                      value={choices.get(mailbox.id)?.[kind] ?? usual[kind]}
                      refused={refusedFor(kind, mailbox)}
                      onChoose={(direction) => choose([mailbox.id], kind, direction)}
                    />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {proposals.length > 1 ? (
        <div className="mt-2 flex flex-wrap items-center justify-end gap-2 border-t border-line pt-2">
          <span className="grow text-soft">{words.link.allDirections}</span>
          {kindList.map((kind) => (
            <ForAll
              key={kind}
              kind={kind}
              ids={proposals
                .filter(({ mailbox }) => refusedFor(kind, mailbox) === undefined)
                .map(({ mailbox }) => mailbox.id)}
              onChoose={choose}
            />
          ))}
        </div>
      ) : null}
    </Dialog>
  );
}

/** One direction for everybody in the list who may have it. */
function ForAll(props: {
  kind: KindName;
  ids: readonly string[];
  onChoose: (ids: readonly string[], kind: KindName, direction: Direction) => void;
}) {
  const { kind, ids, onChoose } = props;
  const label = words.link.allOf(words.link.kinds[kind]);
  return (
    <div className="w-46 max-sm:w-full">
      <BareSelect
        label={label}
        value=""
        disabled={ids.length === 0}
        onChange={(event) => onChoose(ids, kind, event.target.value as Direction)}
      >
        <option value="" disabled>
          {label}
        </option>
        <DirectionOptions kind={kind} />
      </BareSelect>
    </div>
  );
}

function toggled(set: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(set);
  if (!next.delete(id)) next.add(id);
  return next;
}
