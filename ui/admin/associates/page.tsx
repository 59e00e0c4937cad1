import { getRouteApi } from "@tanstack/react-router";
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { announce } from "../kit/announce.tsx";
import { Button } from "../kit/button.tsx";
import { useKeys } from "../kit/keys.ts";
import { FailureNotice, messageOf, Notice, StaleBar } from "../kit/notice.tsx";
import { say } from "../kit/toast.tsx";
import { api, success } from "../remote/client.ts";
import { readAll } from "../remote/queries.ts";
import { lacks, useSession } from "../session/session.tsx";
import { words } from "../words/index.ts";
import { ActionBar } from "./action-bar.tsx";
import { Filters, SearchBox } from "./filters.tsx";
import { moveFocus, toggleFocused } from "./focus.ts";
import { add, divide, extend, extent, nobody, refreshed, toggle, without, type Row } from "./selection.ts";
import { PeopleTable, TableSkeleton } from "./table.tsx";
import { Updated } from "./updated.tsx";
import { usePeople } from "./use-people.ts";
import { isFiltered, parseSearch, sortBy, viewOf, type HomeSearch, type SortKey } from "./view.ts";

const InviteDialog = lazy(() =>
  import("../invite/invite-dialog.tsx").then(({ InviteDialog }) => ({ default: InviteDialog })),
);
const LinkDialog = lazy(() =>
  import("../link/link-dialog.tsx").then(({ LinkDialog }) => ({ default: LinkDialog })),
);
const EraseDialog = lazy(() =>
  import("../person/erase-dialog.tsx").then(({ EraseDialog }) => ({ default: EraseDialog })),
);
const PersonDrawer = lazy(() =>
  import("../person/drawer.tsx").then(({ PersonDrawer }) => ({ default: PersonDrawer })),
);

const route = getRouteApi("/");
type Task = { kind: "invite" | "link" | "erase"; rows: readonly Row[] };

/** Home: everyone, how they are, and what can be done. */
export function HomePage() {
  const searchParams = route.useSearch();
  const navigate = route.useNavigate();
  const view = useMemo(() => viewOf(searchParams), [searchParams]);
  const { query, list, rows, moved, release, setHold } = usePeople(view);
  const [selection, setSelection] = useState(nobody);
  const [selecting, setSelecting] = useState<{ read: number; total: number }>();
  const [task, setTask] = useState<Task>();
  const searchInput = useRef<HTMLInputElement>(null);
  const anchor = useRef<number>(undefined);
  const shownRows = useRef(rows);
  shownRows.current = rows;

  const change = useCallback(
    (changes: Partial<Record<keyof HomeSearch, string | undefined>>) =>
      void navigate({
        search: (before) => parseSearch({ ...before, ...changes }),
        replace: "q" in changes,
      }),
    [navigate],
  );
  const search = useCallback((text: string) => change({ q: text || undefined }), [change]);
  const clear = () => void navigate({ search: {} });

  useEffect(() => {
    document.title = `${words.list.title} · ${words.brand}`;
  }, []);
  useEffect(() => setSelection((chosen) => refreshed(chosen, rows)), [rows]);
  useAnnouncedProblems(list?.withProblem);
  useKeys(
    useMemo(
      () => ({
        "/": (event) => {
          event.preventDefault();
          searchInput.current?.focus();
        },
        j: () => moveFocus(1),
        k: () => moveFocus(-1),
        x: toggleFocused,
      }),
      [],
    ),
  );

  const onToggle = useCallback((row: Row, toHere: boolean) => {
    const from = anchor.current;
    anchor.current = row.associateId;
    setSelection((chosen) =>
      toHere && from !== undefined
        ? extend(chosen, shownRows.current, from, row.associateId)
        : toggle(chosen, row),
    );
  }, []);
  const onRemedy = useCallback((kind: "invite" | "link", row: Row) => setTask({ kind, rows: [row] }), []);
  const selectAll = () => {
    setSelecting({ read: 0, total: list?.total ?? 0 });
    void readAll(view, new AbortController().signal, (read, total) => setSelecting({ read, total }))
      .then(
        (all) => setSelection((chosen) => add(chosen, all)),
        (error: unknown) => say(messageOf(error), { failure: true }),
      )
      .finally(() => setSelecting(undefined));
  };
  const closeTask = () => {
    setTask(undefined);
    release();
  };
  const clearSelection = () => setSelection(nobody);
  const chosen = [...selection.values()];
  const { person } = searchParams;

  return (
    <div className={`flex grow flex-col ${person ? "xl:pr-[30rem]" : ""}`}>
      <h1 className="sr-only">{words.list.title}</h1>
      <div className="flex items-center gap-x-4 px-3 pt-2 pb-1 max-sm:flex-col max-sm:items-stretch">
        <div className="min-w-0 grow">
          <Filters
            view={view}
            list={list}
            onChange={(next) => change({ state: undefined, problem: undefined, ...next })}
          />
        </div>
        <SearchBox value={view.search} input={searchInput} onSearch={search} />
      </div>
      {query.isError && list ? <StaleBar error={query.error} onRetry={() => void query.refetch()} /> : null}

      <div className="grow">
        {query.isError && !list ? (
          <FailureNotice
            title={words.list.failedTitle}
            error={query.error}
            onRetry={() => void query.refetch()}
          />
        ) : !list ? (
          <TableSkeleton />
        ) : rows.length === 0 && !query.isPlaceholderData ? (
          isFiltered(view) ? (
            <Notice
              title={words.list.noMatchTitle}
              action={
                <Button look="primary" onClick={clear}>
                  {words.list.clear}
                </Button>
              }
            >
              {words.list.noMatch(view.search)}
            </Notice>
          ) : (
            <FirstUse />
          )
        ) : (
          <PeopleTable
            rows={rows}
            view={view}
            selection={selection}
            open={person}
            busy={query.isPlaceholderData}
            onSort={(key: SortKey) => change({ sort: undefined, order: undefined, ...sortBy(view, key) })}
            onToggle={onToggle}
            onToggleShown={() =>
              setSelection((before) =>
                extent(before, rows) === "all" ? without(before, rows) : add(before, rows),
              )
            }
            onRemedy={onRemedy}
            onHold={setHold}
          />
        )}
        {query.hasNextPage ? (
          <p className="p-4 text-center">
            <Button busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
              {query.isFetchingNextPage ? words.list.loadingMore : words.list.more}
            </Button>
          </p>
        ) : null}
      </div>

      <footer className="sticky bottom-0 z-20 flex flex-wrap items-center gap-3 border-t border-line bg-page px-4 py-2">
        {selection.size > 0 ? (
          <ActionBar
            selection={selection}
            total={list?.total ?? 0}
            allShownChosen={extent(selection, rows) === "all"}
            matching={isFiltered(view)}
            selecting={selecting}
            onSelectAll={selectAll}
            onClear={clearSelection}
            onInvite={() => setTask({ kind: "invite", rows: chosen })}
            onLink={() => setTask({ kind: "link", rows: chosen })}
            onErase={() => setTask({ kind: "erase", rows: divide(chosen, "delete", "").allowed })}
          />
        ) : (
          <span className="text-soft">{list ? words.list.shown(rows.length, list.total) : null}</span>
        )}
        <span className="grow" />
        {moved ? (
          <Button small onClick={release}>
            {words.list.moved} · {words.show}
          </Button>
        ) : null}
        <Updated at={query.dataUpdatedAt} />
      </footer>

      <Suspense>
        {task?.kind === "invite" ? (
          <InviteDialog rows={task.rows} onClose={closeTask} onDone={clearSelection} />
        ) : null}
        {task?.kind === "link" ? (
          <LinkDialog rows={task.rows} onClose={closeTask} onDone={clearSelection} />
        ) : null}
        {task?.kind === "erase" ? (
          <EraseDialog rows={task.rows} onClose={closeTask} onDone={clearSelection} />
        ) : null}
        {person ? (
          <PersonDrawer
            key={person}
            person={person}
            known={rows}
            place={{ tab: searchParams.tab, item: searchParams.item }}
            onPlace={(place) => change({ tab: undefined, item: undefined, ...place })}
            onClose={() => change({ person: undefined })}
            onInvite={(row) => setTask({ kind: "invite", rows: [row] })}
            onErase={(row) => setTask({ kind: "erase", rows: [row] })}
            onBecame={(key) => change({ person: key })}
          />
        ) : null}
      </Suspense>
    </div>
  );
}

function FirstUse() {
  const refused = lacks(useSession(), "invite");
  const [asked, setAsked] = useState(false);
  const ask = () => {
    setAsked(true);
    success(api.associates.refresh.$post()).catch((error: unknown) => {
      setAsked(false);
      say(messageOf(error), { failure: true });
    });
  };
  return (
    <Notice
      title={words.list.emptyTitle}
      action={
        <Button look="primary" refused={refused} busy={asked} onClick={ask}>
          {words.list.refresh}
        </Button>
      }
    >
      <p role="status">{asked ? words.list.refreshing : words.list.empty}</p>
    </Notice>
  );
}

/** Screen readers hear it when people come to have, or lose, a problem. */
function useAnnouncedProblems(withProblem: number | undefined): void {
  const before = useRef(withProblem);
  useEffect(() => {
    if (before.current !== undefined && withProblem !== undefined && withProblem !== before.current) {
      announce(words.list.problems(withProblem));
    }
    before.current = withProblem;
  }, [withProblem]);
}
