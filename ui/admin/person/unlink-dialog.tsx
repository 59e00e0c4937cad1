import { useMutation, useQuery } from "@tanstack/react-query";
import type { z } from "@hono/zod-openapi";
import { useId, useState } from "react";
import type { RemovalOfKind } from "../../../api/contract/removal.ts";
import type { Row } from "../associates/selection.ts";
import { Button } from "../kit/button.tsx";
import { Dialog } from "../kit/dialog.tsx";
import { messageOf } from "../kit/notice.tsx";
import { say } from "../kit/toast.tsx";
import { refreshAll } from "../remote/act.ts";
import { api, success } from "../remote/client.ts";
import { removalPlanQuery } from "../remote/queries.ts";
import { words } from "../words/index.ts";
import { Stays } from "./removal.tsx";

const choices = ["keep", "mailbox", "crm"] as const;
type Choice = (typeof choices)[number];
type Side = Exclude<Choice, "keep">;

/** Ends a link: both copies stay, or Everlink's on one side go, which is shown before anything can be decided. */
export function UnlinkDialog({ row, onClose }: { row: Row; onClose: () => void }) {
  const param = { userId: row.userId ?? "" };
  const user = api.users[":userId"];
  const [choice, setChoice] = useState<Choice>("keep");
  const begun = useMutation({
    mutationFn: (from: Side) => success(user["removal-plans"].$post({ param, json: { from } })),
  });
  const planId = begun.data?.planId;
  const shown = useQuery({ ...removalPlanQuery(param.userId, planId ?? ""), enabled: planId !== undefined });
  const plan = choice !== "keep" && shown.data?.from === choice ? shown.data : undefined;
  const removes = (plan?.kinds ?? []).reduce((sum, kind) => sum + kind.removes, 0);
  const ready = choice === "keep" || (plan?.state === "ready" && removes > 0);
  const unlink = useMutation({
    mutationFn: () => {
      const json =
        choice === "keep" ? {} : ({ copies: "remove", from: choice, planId: planId ?? "" } as const);
      return success(user.unlink.$post({ param, json }));
    },
    onSuccess: () => {
      refreshAll();
      say(choice === "keep" ? words.did.unlink(1) : words.removal.planned);
      onClose();
    },
  });
  const choose = (next: Choice) => {
    setChoice(next);
    unlink.reset();
    if (next !== "keep") begun.mutate(next);
  };
  const failure = unlink.error ?? (choice === "keep" ? null : (begun.error ?? shown.error));
  const told = plan?.problem ? `${plan.problem.message} ${plan.problem.next}` : failure && messageOf(failure);
  return (
    <Dialog
      title={words.removal.dialogTitle(row.name || row.address)}
      about={words.removal.dialogAbout}
      locked={unlink.isPending}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{words.cancel}</Button>
          <Button
            look={choice === "keep" ? "primary" : "danger"}
            busy={unlink.isPending}
            refused={
              ready ? undefined : plan?.state === "ready" ? words.removal.nothing : words.removal.making
            }
            onClick={() => unlink.mutate()}
          >
            {choice === "keep" || removes === 0 ? words.removal.unlink : words.removal.remove(removes)}
          </Button>
        </>
      }
    >
      <fieldset className="flex flex-col gap-3 pb-3">
        <legend className="sr-only">{words.removal.choice}</legend>
        {choices.map((each) => (
          <Option key={each} choice={each} checked={each === choice} onChoose={choose} />
        ))}
      </fieldset>
      {told ? (
        <div role="alert" className="flex flex-col items-start gap-2 pb-3 text-bad">
          <p>{told}</p>
          {choice === "keep" ? null : (
            <Button small onClick={() => choose(choice)}>
              {words.removal.again}
            </Button>
          )}
        </div>
      ) : choice === "keep" ? null : plan?.state === "ready" ? (
        <div role="status" className="flex flex-col gap-3 border-t border-line py-3">
          {plan.kinds.map((kind) => (
            <Kind key={kind.kind} of={kind} />
          ))}
          <p>{removes > 0 ? words.removal.undoable : words.removal.nothing}</p>
        </div>
      ) : (
        <p role="status" className="border-t border-line py-3 text-soft">
          {words.removal.making}
        </p>
      )}
    </Dialog>
  );
}

function Option(props: { choice: Choice; checked: boolean; onChoose: (choice: Choice) => void }) {
  const { choice } = props;
  const about = useId();
  const [name, text] =
    choice === "keep"
      ? [words.removal.keep, words.removal.keepAbout]
      : [words.removal.from[choice], words.removal.fromAbout[choice]];
  return (
    <div className="grid grid-cols-[auto_1fr] gap-x-2 max-sm:min-h-11">
      <input
        type="radio"
        name="copies"
        id={`${about}-${choice}`}
        className="mt-1"
        checked={props.checked}
        aria-describedby={about}
        onChange={() => props.onChoose(choice)}
      />
      <label htmlFor={`${about}-${choice}`} className="font-semibold">
        {name}
      </label>
      <p id={about} className="col-start-2 text-soft">
        {text}
      </p>
    </div>
  );
}

function Kind({ of }: { of: z.infer<typeof RemovalOfKind> }) {
  return (
    <section>
      <h3>{words.items.kinds[of.kind]}</h3>
      <p>{words.removal.kind(of.removes)}</p>
      <Stays stays={of.stays} />
      {of.samples.length > 0 ? (
        <details className="pt-1">
          <summary className="text-soft">{words.removal.samples}</summary>
          <ul className="pt-1">
            {of.samples.map(({ when }, at) => (
              <li key={at}>
                {when ? when.replace("T", " ").replace(/:00Z$/, " UTC") : words.removal.untimed}
              </li>
            ))}
          </ul>
        </details>
      ) : null}
    </section>
  );
}
