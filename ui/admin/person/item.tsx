import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import type { z } from "@hono/zod-openapi";
import { useState } from "react";
import type { KeptVersion } from "../../../api/contract/items.ts";
import { Button } from "../kit/button.tsx";
import { FailureNotice, messageOf } from "../kit/notice.tsx";
import { say } from "../kit/toast.tsx";
import { refreshAll } from "../remote/act.ts";
import { api, success } from "../remote/client.ts";
import { itemQuery } from "../remote/queries.ts";
import { RelativeTime } from "../time/relative-time.tsx";
import { words } from "../words/index.ts";
import { CompareDialog } from "./compare-dialog.tsx";
import { Finding } from "./finding.tsx";
import { Section } from "./section.tsx";

/** One item: how it is, what waits for a decision, what can be had back, and why it is so. */
export function Item(props: { userId: string; itemId: string; onBack: () => void }) {
  const { userId, itemId, onBack } = props;
  const query = useInfiniteQuery(itemQuery(userId, itemId));
  const [comparing, setComparing] = useState(false);
  const newest = query.data?.pages[0];
  const events = query.data?.pages.flatMap((page) => page.events) ?? [];
  return (
    <div>
      <div className="border-b border-line px-5 py-2">
        <Button small look="quiet" className="-ml-2" onClick={onBack}>
          ← {words.items.back}
        </Button>
      </div>
      {query.isError && !newest ? (
        <FailureNotice
          title={words.items.failedItem}
          error={query.error}
          onRetry={() => void query.refetch()}
        />
      ) : !newest ? (
        <div role="status" aria-label={words.items.loading} className="flex flex-col gap-2 px-5 py-4">
          {[40, 70, 55].map((width) => (
            <span key={width} className="skeleton h-4" style={{ width: `${width}%` }} />
          ))}
        </div>
      ) : (
        <>
          <section aria-label={words.items.itemTitle} className="border-b border-line px-5 py-3">
            <h3 className="pb-1">
              {words.items.one[newest.item.kind]}
              {newest.item.private ? ` · ${words.items.privateItem}` : ""}
            </h3>
            <p>{newest.item.text}</p>
            <p className="text-soft">
              {words.items.changed} <RelativeTime at={newest.item.updatedAt} />
              {newest.item.notBefore ? (
                <>
                  {" · "}
                  {words.items.again} <RelativeTime at={newest.item.notBefore} />
                </>
              ) : null}
            </p>
            {newest.item.state === "deleted" ? null : (
              <Button
                small
                className="mt-2"
                refused={newest.values.reason ?? undefined}
                onClick={() => setComparing(true)}
              >
                {words.items.choices.compare}
              </Button>
            )}
          </section>
          {newest.findings.length > 0 ? (
            <Section title={words.items.findings}>
              <ul className="divide-y divide-line">
                {newest.findings.map((finding) => (
                  <Finding key={finding.code} userId={userId} finding={finding} />
                ))}
              </ul>
            </Section>
          ) : null}
          {newest.kept.length > 0 ? (
            <Section title={words.items.kept}>
              <p className="pb-1 text-soft">{words.items.keptAbout}</p>
              <ul className="divide-y divide-line">
                {newest.kept.map((version) => (
                  <Kept key={version.id} userId={userId} itemId={itemId} version={version} />
                ))}
              </ul>
            </Section>
          ) : null}
          <Section title={words.items.why}>
            {events.length === 0 ? (
              <p className="text-soft">{words.items.noEvents}</p>
            ) : (
              <ol className="flex flex-col gap-2.5">
                {events.map((event) => (
                  <li key={event.id} className="grid grid-cols-[7rem_1fr] gap-x-3">
                    <RelativeTime at={event.at} className="text-soft" />
                    <span>
                      {event.text}
                      <span className="block text-soft">
                        {words.items.row(event.row)}
                        {event.fields.length > 0 ? ` · ${words.items.fields(event.fields)}` : ""}
                      </span>
                    </span>
                  </li>
                ))}
              </ol>
            )}
            {query.hasNextPage ? (
              <Button
                small
                className="mt-2"
                busy={query.isFetchingNextPage}
                onClick={() => void query.fetchNextPage()}
              >
                {words.items.older}
              </Button>
            ) : null}
          </Section>
        </>
      )}
      {comparing ? (
        <CompareDialog userId={userId} itemId={itemId} onClose={() => setComparing(false)} />
      ) : null}
    </div>
  );
}

/** The loser of a conflict, and the button that gives it back. */
function Kept(props: { userId: string; itemId: string; version: z.infer<typeof KeptVersion> }) {
  const { userId, itemId, version } = props;
  const restore = useMutation({
    mutationFn: () =>
      success(
        api.users[":userId"].items[":itemId"].decision.$post({
          param: { userId, itemId },
          json: { choice: "restore", versionId: version.id },
        }),
      ),
    onSuccess: () => {
      refreshAll();
      say(words.items.did.restore);
    },
  });
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-3 gap-y-1 py-2">
      <span>
        {words.items.keptLine(words.items.sides[version.side])}
        {version.fields.length > 0 ? `: ${words.items.fields(version.fields)}` : ""}
        <span className="block text-soft">
          <RelativeTime at={version.at} /> · {words.items.row(version.row)}
        </span>
      </span>
      <Button
        small
        busy={restore.isPending}
        refused={version.restore.reason ?? undefined}
        onClick={() => restore.mutate()}
      >
        {words.items.restore}
      </Button>
      {restore.error ? (
        <p role="alert" className="w-full text-bad">
          {messageOf(restore.error)}
        </p>
      ) : null}
    </li>
  );
}
