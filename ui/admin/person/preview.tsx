import { useMutation, useQuery } from "@tanstack/react-query";
import type { z } from "@hono/zod-openapi";
import type { PreviewOfKind } from "../../../api/contract/preview.ts";
import type { Row } from "../associates/selection.ts";
import { Button } from "../kit/button.tsx";
import { messageOf } from "../kit/notice.tsx";
import { say } from "../kit/toast.tsx";
import { refreshAll } from "../remote/act.ts";
import { api, success } from "../remote/client.ts";
import { previewQuery } from "../remote/queries.ts";
import { lacks, useSession } from "../session/session.tsx";
import { words } from "../words/index.ts";
import { Fact, Facts } from "./section.tsx";

/** What the first sync would do, in counts, and the one button that lets it begin. */
export function Preview({ row }: { row: Row }) {
  const userId = row.userId ?? "";
  const session = useSession();
  const preview = useQuery(previewQuery(userId));
  const accept = useMutation({
    mutationFn: () => success(api.users[":userId"].preview.accept.$post({ param: { userId } })),
    onSuccess: () => {
      refreshAll();
      say(words.preview.accepted);
    },
    onError: () => void preview.refetch(),
  });
  const { data } = preview;
  const ready = data?.state === "ready";
  return (
    <section
      aria-label={words.preview.title}
      className="flex flex-col items-start gap-3 border-b border-line bg-waiting-ground px-5 py-3"
    >
      <p role="status">
        <b>{words.preview.title}.</b> {ready ? words.preview.about : words.preview.making}
      </p>
      {preview.isError && !data ? (
        <p role="alert" className="text-bad">
          {messageOf(preview.error)}
        </p>
      ) : null}
      {data?.kinds.map((plan) => (
        <Plan key={plan.kind} plan={plan} />
      ))}
      {ready ? (
        <Button
          look="primary"
          busy={accept.isPending}
          refused={lacks(session, "link")}
          onClick={() => accept.mutate()}
        >
          {words.preview.accept}
        </Button>
      ) : null}
      {accept.error ? (
        <p role="alert" className="text-bad">
          {messageOf(accept.error)}
        </p>
      ) : null}
    </section>
  );
}

function Plan({ plan }: { plan: z.infer<typeof PreviewOfKind> }) {
  const { writes, left } = plan;
  const lines: [string, number][] = [
    [words.preview.adopted, plan.adopted],
    ...(["create", "update", "delete"] as const).flatMap((operation) =>
      (["crm", "mailbox"] as const).map((side): [string, number] => [
        words.preview[operation][side],
        writes[side][operation],
      ]),
    ),
    [words.preview.conflicts, plan.conflicts],
    [words.preview.held, plan.held],
    [words.preview.left, left.reduce((sum, { count }) => sum + count, 0)],
  ];
  const shown = lines.filter(([, count]) => count > 0);
  return (
    <div className="w-full">
      <h3 className="pb-1">{words.items.kinds[plan.kind]}</h3>
      <p className="pb-1 text-soft">{words.preview.read(plan.read.crm, plan.read.mailbox)}</p>
      {shown.length === 0 ? <p>{words.preview.empty}</p> : null}
      <Facts>
        {shown.map(([name, count]) => (
          <Fact key={name} name={name}>
            {words.count(count)}
          </Fact>
        ))}
      </Facts>
      {left.length > 0 ? (
        <ul className="pt-1 text-soft">
          {left.map(({ reason, message, count }) => (
            <li key={reason}>
              {words.count(count)}: {message}
            </li>
          ))}
        </ul>
      ) : null}
      {plan.complete ? null : <p className="pt-1">{words.preview.more}</p>}
      {plan.samples.length > 0 ? (
        <details className="pt-1">
          <summary className="text-soft">{words.preview.samples}</summary>
          <ul className="pt-1">
            {plan.samples.map((sample, at) => (
              <li key={at}>
                {sample.when ? `${sample.when.replace("T", " ").replace(/:00Z$/, " UTC")}: ` : ""}
                {sample.text} <span className="text-soft">{words.items.row(sample.row)}</span>
              </li>
            ))}
          </ul>
        </details>
      ) : null}
    </div>
  );
}
