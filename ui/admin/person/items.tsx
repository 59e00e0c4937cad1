import { useInfiniteQuery } from "@tanstack/react-query";
import type { z } from "@hono/zod-openapi";
import { useState } from "react";
import type { Item as ItemSchema } from "../../../api/contract/items.ts";
import { Button } from "../kit/button.tsx";
import { SelectField } from "../kit/field.tsx";
import { FailureNotice, Notice, StaleBar } from "../kit/notice.tsx";
import { itemsQuery, type ItemFilter } from "../remote/queries.ts";
import { RelativeTime } from "../time/relative-time.tsx";
import { words } from "../words/index.ts";

export type ShownItem = z.infer<typeof ItemSchema>;

const filters = ["all", "conflicts", "waiting", "left", "kept"] as const satisfies readonly ItemFilter[];

/** A person's items, whichever changed last first: kind, time and what was decided. */
export function Items(props: { userId: string; onOpen: (itemId: string) => void }) {
  const { userId, onOpen } = props;
  const [filter, setFilter] = useState<ItemFilter>("all");
  const query = useInfiniteQuery(itemsQuery(userId, filter));
  const list = query.data?.pages.flatMap((page) => page.items);
  return (
    <div>
      <div className="max-w-72 px-5 py-3">
        <SelectField
          label={words.items.filter}
          value={filter}
          onChange={(event) => setFilter(event.target.value as ItemFilter)}
        >
          {filters.map((each) => (
            <option key={each} value={each}>
              {words.items.filters[each]}
            </option>
          ))}
        </SelectField>
      </div>
      {query.isError && list ? <StaleBar error={query.error} onRetry={() => void query.refetch()} /> : null}
      {query.isError && !list ? (
        <FailureNotice
          title={words.items.failedTitle}
          error={query.error}
          onRetry={() => void query.refetch()}
        />
      ) : !list ? (
        <Skeleton />
      ) : list.length === 0 ? (
        <Notice
          title={filter === "all" ? words.items.emptyTitle : words.items.noMatchTitle}
          action={
            filter === "all" ? undefined : (
              <Button onClick={() => setFilter("all")}>{words.items.showAll}</Button>
            )
          }
        >
          {filter === "all" ? words.items.empty : words.items.noMatch}
        </Notice>
      ) : (
        <ul aria-busy={query.isPlaceholderData} className="border-t border-line">
          {list.map((item) => (
            <li key={item.id} className="border-b border-line">
              <button
                type="button"
                onClick={() => onOpen(item.id)}
                className="block min-h-11 w-full px-5 py-2 text-left hover:bg-hover"
              >
                <ItemLine item={item} />
              </button>
            </li>
          ))}
        </ul>
      )}
      {query.hasNextPage ? (
        <p className="p-4 text-center">
          <Button busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {words.items.more}
          </Button>
        </p>
      ) : null}
    </div>
  );
}

/** What there is to say about an item in two lines. */
function ItemLine({ item }: { item: ShownItem }) {
  return (
    <>
      <span className="block">
        {words.items.one[item.kind]}
        {item.private ? ` · ${words.items.privateItem}` : ""}
        {item.findings > 0 ? <b className="text-waiting"> · {words.items.toDecide(item.findings)}</b> : null}
        {item.kept > 0 ? <span className="text-soft"> · {words.items.keptCount(item.kept)}</span> : null}
      </span>
      <span className="block text-soft">
        {item.last && item.state === "linked" && item.findings === 0 ? item.last.text : item.text}
        {" · "}
        <RelativeTime at={item.updatedAt} />
      </span>
    </>
  );
}

function Skeleton() {
  return (
    <div role="status" aria-label={words.items.loading} className="border-t border-line">
      {[64, 80, 56, 72, 60].map((width, at) => (
        <div key={at} className="flex flex-col gap-1.5 border-b border-line px-5 py-2.5">
          <span className="skeleton h-4 w-24" />
          <span className="skeleton h-4" style={{ width: `${width}%` }} />
        </div>
      ))}
    </div>
  );
}
