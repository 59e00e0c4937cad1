import { useMutation } from "@tanstack/react-query";
import type { z } from "@hono/zod-openapi";
import { useState } from "react";
import type { ItemFinding } from "../../../api/contract/items.ts";
import { Button } from "../kit/button.tsx";
import { messageOf } from "../kit/notice.tsx";
import { say } from "../kit/toast.tsx";
import { refreshAll } from "../remote/act.ts";
import { api, success } from "../remote/client.ts";
import { RelativeTime } from "../time/relative-time.tsx";
import { words } from "../words/index.ts";
import { CompareDialog } from "./compare-dialog.tsx";

export type Found = z.infer<typeof ItemFinding>;
type Choice = Found["choices"][number]["choice"];

/** What may be decided about one item, with a button for each way. */
export function Finding(props: { userId: string; finding: Found; onOpen?: () => void }) {
  const { userId, finding, onOpen } = props;
  const [comparing, setComparing] = useState(false);
  const decide = useMutation({
    mutationFn: (choice: Exclude<Choice, "compare">) => send(userId, finding, choice),
    onSuccess: (_recorded, choice) => {
      refreshAll();
      say(words.items.did[choice]);
    },
    onError: () => refreshAll(),
  });
  const press = (choice: Choice) => (choice === "compare" ? setComparing(true) : decide.mutate(choice));
  return (
    <li className="flex flex-col items-start gap-1.5 py-2">
      <p>
        {finding.message} <span className="text-soft">{finding.next}</span>
      </p>
      <p className="text-soft">
        {words.items.one[finding.kind]}
        {finding.fields.length > 0 ? ` · ${words.items.fields(finding.fields)}` : ""} ·{" "}
        <RelativeTime at={finding.since} /> · {words.items.row(finding.row)}
      </p>
      {finding.dismissedAt ? <p className="text-soft">{words.items.dismissed}</p> : null}
      <div className="flex flex-wrap gap-2">
        {finding.choices
          .filter(({ choice }) => choice !== "dismiss" || finding.dismissedAt === null)
          .map(({ choice, reason }) => (
            <Button
              key={choice}
              small
              busy={decide.isPending && decide.variables === choice}
              refused={reason ?? undefined}
              onClick={() => press(choice)}
            >
              {words.items.choices[choice]}
            </Button>
          ))}
        {onOpen ? (
          <Button small look="quiet" onClick={onOpen}>
            {words.items.openInItems}
          </Button>
        ) : null}
      </div>
      {decide.error ? (
        <p role="alert" className="text-bad">
          {messageOf(decide.error)}
        </p>
      ) : null}
      {comparing ? (
        <CompareDialog userId={userId} itemId={finding.itemId} onClose={() => setComparing(false)} />
      ) : null}
    </li>
  );
}

function send(userId: string, { itemId, code, seen }: Found, choice: Exclude<Choice, "compare">) {
  const item = api.users[":userId"].items[":itemId"];
  const param = { userId, itemId };
  switch (choice) {
    case "retry":
      return success(item.retry.$post({ param }));
    case "dismiss":
      return success(item.decision.$post({ param, json: { choice, code, seen } }));
    case "take-crm":
    case "take-mailbox":
      return success(item.decision.$post({ param, json: { choice, seen } }));
  }
}
