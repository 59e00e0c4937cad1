import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { UserDetail } from "../../../api/contract/users.ts";
import { Button } from "../kit/button.tsx";
import { messageOf } from "../kit/notice.tsx";
import { olderQuery } from "../remote/queries.ts";
import { RelativeTime } from "../time/relative-time.tsx";
import { words } from "../words/index.ts";

type Entries = UserDetail["timeline"];

/** What happened, newest first. The newest entries come with the person; older ones are asked for. */
export function Timeline({ userId, newest }: { userId: string; newest: Entries }) {
  // Where the older pages begin is settled when the first is asked for: new entries come at the other end.
  const [before, setBefore] = useState<string>();
  const older = useInfiniteQuery({ ...olderQuery(userId, before ?? ""), enabled: before !== undefined });
  const seen = new Set<string>();
  const entries = [...newest, ...(older.data?.pages.flatMap((page) => page.entries) ?? [])].filter(
    ({ id }) => !seen.has(id) && seen.add(id),
  );
  const last = newest.at(-1)?.id;
  if (entries.length === 0) return <p className="text-soft">{words.person.timelineEmpty}</p>;
  return (
    <>
      <ol className="flex flex-col gap-2">
        {entries.map((entry) => (
          <li key={entry.id} className="grid grid-cols-[8.5rem_1fr] gap-x-3">
            <RelativeTime at={entry.at} className="text-soft" />
            <span>{entry.text}</span>
          </li>
        ))}
      </ol>
      {older.isError ? (
        <p role="alert" className="pt-2 text-bad">
          {messageOf(older.error)}
        </p>
      ) : null}
      <div className="pt-2">
        {before !== undefined && older.data && !older.hasNextPage ? (
          <p className="text-soft">{words.person.timelineEnd}</p>
        ) : (
          <Button
            small
            busy={older.isFetching}
            onClick={() => (before === undefined ? setBefore(last) : void older.fetchNextPage())}
          >
            {older.isFetching ? words.person.loadingOlder : words.person.older}
          </Button>
        )}
      </div>
    </>
  );
}
