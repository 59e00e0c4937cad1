import { useQuery } from "@tanstack/react-query";
import { X } from "lucide-react";
import { useEffect, useId, useMemo, useRef, useState } from "react";
import { focusPerson } from "../associates/focus.ts";
import { personKey, userIdOf } from "../associates/person-key.ts";
import type { Row } from "../associates/selection.ts";
import { Button, IconButton } from "../kit/button.tsx";
import { useKeys } from "../kit/keys.ts";
import { FailureNotice, Notice, StaleBar } from "../kit/notice.tsx";
import { StateBadge } from "../kit/state-badge.tsx";
import { Refused } from "../remote/client.ts";
import { userQuery } from "../remote/queries.ts";
import { words } from "../words/index.ts";
import { Actions } from "./actions.tsx";
import { Brake } from "./brake.tsx";
import { Details } from "./details.tsx";
import { Item } from "./item.tsx";
import { Items } from "./items.tsx";
import { Preview } from "./preview.tsx";
import { Problem } from "./problem.tsx";
import { Removal } from "./removal.tsx";
import { Receipt } from "./receipt.tsx";
import { Tabs, type Place } from "./tabs.tsx";

export interface PersonDrawerProps {
  /** As the URL names them. */
  person: string;
  /** What the table knows already: shown until more is read, and all there is of somebody not invited. */
  known: readonly Row[];
  place: Place;
  onPlace: (place: Partial<Place>) => void;
  onClose: () => void;
  onInvite: (row: Row) => void;
  onErase: (row: Row) => void;
  /** Somebody not invited became a user and has another name in the URL now. */
  onBecame: (key: string) => void;
}

/** One person beside the table, which stays usable; a full page on phones. Esc closes it and gives the focus back. */
export function PersonDrawer(props: PersonDrawerProps) {
  const { person, known, place, onPlace, onClose, onBecame } = props;
  const userId = userIdOf(person);
  const detail = useQuery({ ...userQuery(userId ?? ""), enabled: userId !== undefined });
  const inTable = known.find((row) => personKey(row) === person || `a${row.associateId}` === person);
  const row = detail.data?.user ?? inTable;
  const [receipt, setReceipt] = useState(false);
  const title = useId();
  const panel = useRef<HTMLElement>(null);
  const associateId = useRef<number>(undefined);
  associateId.current = row?.associateId ?? associateId.current;

  useEffect(() => {
    panel.current?.focus({ preventScroll: true });
    return () => {
      if (associateId.current !== undefined) focusPerson(associateId.current);
    };
  }, []);
  useEffect(() => {
    if (userId === undefined && inTable?.userId) onBecame(inTable.userId);
  }, [userId, inTable?.userId, onBecame]);
  useEffect(() => {
    document.title = `${row?.name ?? words.person.label} · ${words.brand}`;
    return () => {
      document.title = `${words.list.title} · ${words.brand}`;
    };
  }, [row?.name]);
  useKeys(useMemo(() => ({ Escape: onClose }), [onClose]));

  const gone = detail.error instanceof Refused && detail.error.problem.status === 404;
  return (
    <aside
      ref={panel}
      tabIndex={-1}
      aria-labelledby={title}
      aria-busy={detail.isPending && userId !== undefined}
      className="slide-in fixed inset-y-0 right-0 z-30 flex w-[min(30rem,100vw)] flex-col overflow-y-auto border-l border-line bg-page shadow-raised outline-none max-sm:border-0"
    >
      <header className="sticky top-0 z-10 flex items-start gap-3 border-b border-line bg-page px-5 py-3">
        <div className="min-w-0 grow">
          <h2 id={title} className="text-lg/6">
            {row?.name ?? words.person.label}
          </h2>
          {row ? <StateBadge state={row.state} /> : null}
        </div>
        <IconButton label={words.person.close} onClick={onClose}>
          <X size={16} aria-hidden />
        </IconButton>
      </header>
      {detail.isError && detail.data && !gone ? (
        <StaleBar error={detail.error} onRetry={() => void detail.refetch()} />
      ) : null}
      {row && !gone ? (
        <>
          <Problem row={row} onInvite={props.onInvite} />
          {row.holds.some(({ code }) => code === "removal") ? <Removal row={row} /> : null}
          {row.holds.some(({ code }) => code === "brake") ? <Brake row={row} /> : null}
          {row.holds.some(({ code }) => code === "preview") ? <Preview row={row} /> : null}
          <Actions row={row} onInvite={props.onInvite} onErase={props.onErase} />
        </>
      ) : null}
      {detail.data && !gone ? (
        <>
          {detail.data.link ? <Tabs tab={place.tab} onChoose={(tab) => onPlace({ tab })} /> : null}
          {place.tab !== "items" || !detail.data.link || userId === undefined ? (
            <Details detail={detail.data} onOpenItem={(item) => onPlace({ tab: "items", item })} />
          ) : place.item ? (
            <Item userId={userId} itemId={place.item} onBack={() => onPlace({ tab: "items" })} />
          ) : (
            <Items userId={userId} onOpen={(item) => onPlace({ tab: "items", item })} />
          )}
        </>
      ) : gone ? (
        <Notice
          title={words.person.goneTitle}
          action={<Button onClick={() => setReceipt(true)}>{words.person.receipt}</Button>}
        >
          {words.person.gone}
        </Notice>
      ) : detail.isError ? (
        <FailureNotice
          title={words.person.failedTitle}
          error={detail.error}
          onRetry={() => void detail.refetch()}
        />
      ) : userId === undefined ? (
        <p className="px-5 py-4 text-soft">
          {row ? row.address || words.list.noAddress : words.list.noSuchPerson}
        </p>
      ) : (
        <DrawerSkeleton />
      )}
      {receipt && userId ? <Receipt userId={userId} onClose={() => setReceipt(false)} /> : null}
    </aside>
  );
}

function DrawerSkeleton() {
  return (
    <div role="status" aria-label={words.person.loading} className="flex flex-col gap-3 px-5 py-4">
      {[40, 56, 48, 60, 36, 52].map((width, at) => (
        <div key={at} className="grid grid-cols-[8rem_1fr] gap-3">
          <span className="skeleton h-4 w-20" />
          <span className="skeleton h-4" style={{ width: `${width}%` }} />
        </div>
      ))}
    </div>
  );
}
