import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Row } from "../associates/selection.ts";
import { Button } from "../kit/button.tsx";
import { Dialog } from "../kit/dialog.tsx";
import { messageOf } from "../kit/notice.tsx";
import { say } from "../kit/toast.tsx";
import { perform, refreshAll } from "../remote/act.ts";
import { api, success } from "../remote/client.ts";
import { brakeQuery } from "../remote/queries.ts";
import { lacks, refusal, useSession } from "../session/session.tsx";
import { RelativeTime } from "../time/relative-time.tsx";
import { words } from "../words/index.ts";

type Choice = "apply" | "restore";

/** What the brake holds, in numbers, and its three ways out. Deciding binds to exactly what is shown here. */
export function Brake({ row }: { row: Row }) {
  const userId = row.userId ?? "";
  const session = useSession();
  const held = useQuery(brakeQuery(userId));
  const [sure, setSure] = useState(false);
  const decide = useMutation({
    mutationFn: (choice: Choice) => {
      const plans = (held.data ?? []).map(({ kind, target, planHash }) => ({ kind, target, planHash }));
      return success(api.users[":userId"].brake.$post({ param: { userId }, json: { choice, plans } }));
    },
    onSuccess: (_recorded, choice) => {
      setSure(false);
      refreshAll();
      say(words.brake.did[choice]);
    },
    onError: () => void held.refetch(),
  });
  const plans = held.data ?? [];
  const refused = lacks(session, "control");
  const [first] = plans;
  const [all, deletes] = [plans.reduce((n, p) => n + p.count, 0), plans.reduce((n, p) => n + p.deletes, 0)];
  return (
    <section
      aria-label={words.brake.title}
      className="flex flex-col items-start gap-2 border-b border-line bg-waiting-ground px-5 py-3"
    >
      <p>
        <b>{words.brake.title}.</b> {words.brake.about}
      </p>
      {held.isPending ? (
        <p role="status" aria-label={words.brake.loading} className="skeleton h-4 w-3/4" />
      ) : held.isError && !held.data ? (
        <p role="alert" className="text-bad">
          {messageOf(held.error)}
        </p>
      ) : null}
      {plans.map((plan) => (
        <p key={`${plan.kind} ${plan.target}`}>
          {words.items.kinds[plan.kind]}: {plan.text}{" "}
          <span className="text-soft">
            <RelativeTime at={plan.since} />
            {plan.choice ? ` · ${words.brake.decided[plan.choice]}` : ""}
          </span>
        </p>
      ))}
      {held.data && plans.length === 0 ? <p className="text-soft">{words.brake.none}</p> : null}
      {first ? (
        <div className="flex flex-wrap gap-2">
          <Button
            busy={decide.isPending && decide.variables === "restore"}
            refused={refused}
            onClick={() => decide.mutate("restore")}
          >
            {words.brake.restore(first.target)}
          </Button>
          <Button refused={refused} onClick={() => setSure(true)}>
            {words.brake.apply(deletes, all)}…
          </Button>
          <Button refused={refusal(session, row, "unlink")} onClick={() => void perform("unlink", [row])}>
            {words.brake.unlink}
          </Button>
        </div>
      ) : null}
      {decide.error ? (
        <p role="alert" className="text-bad">
          {messageOf(decide.error)}
        </p>
      ) : null}
      {sure && first ? (
        <Dialog
          title={words.brake.sureTitle(deletes, all)}
          locked={decide.isPending}
          onClose={() => setSure(false)}
          footer={
            <>
              <Button onClick={() => setSure(false)}>{words.brake.keep}</Button>
              <Button look="danger" busy={decide.isPending} onClick={() => decide.mutate("apply")}>
                {words.brake.apply(deletes, all)}
              </Button>
            </>
          }
        >
          <p className="pb-3 text-base/6">{words.brake.sureText(first.target, deletes)}</p>
        </Dialog>
      ) : null}
    </section>
  );
}
