import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Row } from "../associates/selection.ts";
import { Button } from "../kit/button.tsx";
import { Dialog } from "../kit/dialog.tsx";
import { TextField } from "../kit/field.tsx";
import { perform } from "../remote/act.ts";
import { userQuery } from "../remote/queries.ts";
import { refusedByRole, useSession } from "../session/session.tsx";
import { words } from "../words/index.ts";
import { Receipt } from "./receipt.tsx";

/** Says what goes and what stays, asks for the name (or the number) to be typed, and shows the receipt after it. */
export function EraseDialog(props: {
  rows: readonly Row[];
  onClose: () => void;
  /** The erasure was asked for; the dialog goes on to show the receipt. */
  onDone: () => void;
}) {
  const { rows, onClose } = props;
  const session = useSession();
  const [people] = useState(rows);
  const [typed, setTyped] = useState("");
  const [step, setStep] = useState<"ask" | "sending" | "done">("ask");
  const [first] = people;
  const single = people.length === 1 ? first : undefined;
  const name = first?.name ?? "";
  const expected = single ? name : String(people.length);
  const items = useQuery({ ...userQuery(single?.userId ?? ""), enabled: Boolean(single?.userId) });

  const erase = async () => {
    setStep("sending");
    const { done } = await perform("delete", people);
    props.onDone();
    if (single?.userId && done.length === 1) setStep("done");
    else onClose();
  };

  if (step === "done" && single?.userId) {
    return <Receipt userId={single.userId} onClose={onClose} />;
  }
  const matches = typed.trim().toLowerCase() === expected.toLowerCase();
  const type = words.person.erase.type(expected);
  return (
    <Dialog
      title={words.person.erase.title(people.length, name)}
      locked={step === "sending"}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{words.person.erase.keep}</Button>
          <Button
            look="danger"
            busy={step === "sending"}
            refused={refusedByRole(session, "delete") ?? (matches ? undefined : type)}
            onClick={() => void erase()}
          >
            {words.person.erase.confirm(people.length, name)}
          </Button>
        </>
      }
    >
      <form
        className="flex flex-col gap-3 pb-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (matches && step === "ask" && !refusedByRole(session, "delete")) void erase();
        }}
      >
        <ul className="ml-4 list-disc text-base/6">
          {words.person.erase.consequences.map((line) => (
            <li key={line}>{line}</li>
          ))}
          {items.data && items.data.counters.itemLinks > 0 ? (
            <li>{words.person.erase.items(items.data.counters.itemLinks)}</li>
          ) : null}
        </ul>
        <p className="text-soft">{words.person.erase.microsoft}</p>
        <TextField
          label={type}
          value={typed}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => setTyped(event.target.value)}
        />
      </form>
    </Dialog>
  );
}
