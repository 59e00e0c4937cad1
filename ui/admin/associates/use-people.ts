import { useInfiniteQuery } from "@tanstack/react-query";
import { useCallback, useMemo, useRef, useState } from "react";
import { associatesQuery } from "../remote/queries.ts";
import type { Row } from "./selection.ts";
import { keepOrder } from "./stable-order.ts";
import type { ListView } from "./view.ts";

/** The rows of a view, in an order that holds still for as long as `hold` says so. */
export function usePeople(view: ListView) {
  const query = useInfiniteQuery(associatesQuery(view));
  const [hold, setHold] = useState(false);
  const shown = useRef<{ view: string; rows: readonly Row[] }>({ view: "", rows: [] });
  const [released, setReleased] = useState(0);
  const key = JSON.stringify(view);

  const fresh = useMemo(() => query.data?.pages.flatMap((page) => page.rows) ?? [], [query.data]);
  const held = useMemo(() => {
    const before = shown.current;
    const still = hold && before.view === key && !query.isPlaceholderData;
    const next = still ? keepOrder(before.rows, fresh) : { rows: fresh, moved: false };
    shown.current = { view: query.isPlaceholderData ? before.view : key, rows: next.rows };
    return next;
    // `released` asks for the fresh order although someone still points at the rows.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [fresh, hold, key, query.isPlaceholderData, released]);

  const release = useCallback(() => {
    shown.current = { view: "", rows: [] };
    setReleased((times) => times + 1);
  }, []);

  return { query, list: query.data?.pages[0], rows: held.rows, moved: held.moved, release, setHold };
}
