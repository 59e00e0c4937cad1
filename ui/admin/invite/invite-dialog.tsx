import { useRef, useState } from "react";
import { divide, type Division, type Row } from "../associates/selection.ts";
import { Button } from "../kit/button.tsx";
import { Dialog } from "../kit/dialog.tsx";
import { SelectField, TextArea, TextField } from "../kit/field.tsx";
import { messageOf } from "../kit/notice.tsx";
import { Refused } from "../remote/client.ts";
import { refreshAll } from "../remote/act.ts";
import { refusedByRole, useSession } from "../session/session.tsx";
import { words } from "../words/index.ts";
import { InviteOutcome } from "./invite-outcome.tsx";
import { inviteAll, textsOf, timeLeft, type Inviting } from "./inviting.ts";

const expiries = [3, 7, 14, 30, 60, 90] as const;
const namesShown = 5;
const form = "invite";

type Step =
  | { at: "texts"; error?: unknown }
  | { at: "sending"; done: number; left: string | undefined }
  | { at: "done"; outcome: Inviting };

/** Who is invited and who is not and why; the mail in the administrator's own words; what became of it. */
export function InviteDialog(props: {
  rows: readonly Row[];
  onClose: () => void;
  /** Some were invited; the dialog still shows the outcome. */
  onDone: () => void;
}) {
  const { rows, onClose } = props;
  const session = useSession();
  const [step, setStep] = useState<Step>({ at: "texts" });
  const stopping = useRef(new AbortController());
  // Divided once: what the list learns meanwhile must not change what was agreed to.
  const [division] = useState(() => divide(rows, "invite", words.selection.notYet));
  const { allowed } = division;

  const send = async (data: FormData) => {
    const began = Date.now();
    setStep({ at: "sending", done: 0, left: undefined });
    const outcome = await inviteAll(allowed, textsOf(data), stopping.current.signal, (done) =>
      setStep({ at: "sending", done, left: timeLeft(Date.now() - began, done, allowed.length) }),
    );
    refreshAll();
    const nothing = outcome.results.length === 0 && outcome.error !== undefined;
    if (!nothing) props.onDone();
    setStep(nothing ? { at: "texts", error: outcome.error } : { at: "done", outcome });
  };

  if (step.at === "done") return <InviteOutcome rows={allowed} outcome={step.outcome} onClose={onClose} />;
  const sending = step.at === "sending";
  return (
    <Dialog
      title={words.invite.title(allowed.length)}
      about={words.invite.about}
      locked={sending}
      onClose={onClose}
      footer={
        sending ? (
          <>
            <p role="status" className="grow">
              {words.invite.sending(step.done, allowed.length)}
              {step.left ? ` · ${words.invite.left(step.left)}` : ""} · {words.invite.closable}
            </p>
            <Button onClick={() => stopping.current.abort()}>{words.invite.stop}</Button>
          </>
        ) : (
          <>
            <Button onClick={onClose}>{words.cancel}</Button>
            <Button
              look="primary"
              type="submit"
              form={form}
              refused={
                refusedByRole(session, "invite") ?? (allowed.length === 0 ? words.invite.nobody : undefined)
              }
            >
              {words.invite.send(allowed.length)}
            </Button>
          </>
        )
      }
    >
      <Preview division={division} />
      <form
        id={form}
        className="flex flex-col gap-3 py-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (!sending && allowed.length > 0) void send(new FormData(event.currentTarget));
        }}
      >
        <Fields error={step.at === "texts" ? step.error : undefined} disabled={sending} />
      </form>
    </Dialog>
  );
}

function Preview({ division: { allowed, refused } }: { division: Division }) {
  const unable = refused.reduce((sum, { rows }) => sum + rows.length, 0);
  return (
    <section aria-label={words.invite.who} className="flex flex-col gap-2 rounded-md bg-sunken px-3 py-2">
      <div>
        <b>{words.invite.can(allowed.length)}</b>
        <Names rows={allowed} />
      </div>
      {unable > 0 ? (
        <div>
          <b>{words.invite.cannot(unable)}</b>
          {refused.map(({ reason, rows }) => (
            <div key={reason}>
              <p className="text-waiting">{words.selection.reason(rows.length, reason)}</p>
              <Names rows={rows} />
            </div>
          ))}
        </div>
      ) : null}
    </section>
  );
}

function Names({ rows }: { rows: readonly Row[] }) {
  if (rows.length === 0) return null;
  const rest = rows.length - namesShown;
  return (
    <p className="text-soft">
      {rows
        .slice(0, namesShown)
        .map((row) => (rows.length === 1 && row.address ? `${row.name} · ${row.address}` : row.name))
        .join(", ")}
      {rest > 0 ? ` ${words.invite.others(rest)}` : ""}
    </p>
  );
}

function Fields({ error, disabled }: { error: unknown; disabled: boolean }) {
  const errors = error instanceof Refused ? (error.problem.errors ?? []) : [];
  const errorOf = (field: string) => errors.find((each) => each.field.endsWith(field))?.message;
  return (
    <fieldset disabled={disabled} className="contents">
      {error !== undefined && errors.length === 0 ? (
        <p role="alert" className="rounded-md bg-bad-ground px-3 py-2 text-bad">
          {messageOf(error)}
        </p>
      ) : null}
      <TextField
        name="subject"
        maxLength={200}
        label={words.invite.subject}
        hint={words.invite.subjectHint}
        error={errorOf("subject")}
      />
      <TextArea
        name="message"
        maxLength={4000}
        label={words.invite.message}
        hint={words.invite.messageHint}
        error={errorOf("message")}
      />
      <div className="grid gap-3 sm:grid-cols-2">
        <TextField
          name="senderName"
          maxLength={100}
          label={words.invite.senderName}
          hint={words.invite.senderNameHint}
          error={errorOf("senderName")}
        />
        <TextField
          name="replyTo"
          type="email"
          maxLength={254}
          label={words.invite.replyTo}
          hint={words.invite.replyToHint}
          error={errorOf("replyTo")}
        />
      </div>
      <SelectField name="expiresInDays" label={words.invite.expiry} defaultValue="14">
        {expiries.map((days) => (
          <option key={days} value={days}>
            {words.invite.days(days)}
          </option>
        ))}
      </SelectField>
    </fieldset>
  );
}
