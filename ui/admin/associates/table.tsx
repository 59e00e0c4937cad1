import { ArrowDown, ArrowUp } from "lucide-react";
import { useEffect, useRef, type ReactNode } from "react";
import { words } from "../words/index.ts";
import { PersonRow, type RowProps } from "./row.tsx";
import { extent, type Row, type Selection } from "./selection.ts";
import { personKey } from "./person-key.ts";
import type { ListView, SortKey } from "./view.ts";

const columns = ["name", "address", "state", "lastSync", "nextSync"] as const satisfies readonly SortKey[];

export interface PeopleTableProps extends Pick<RowProps, "onToggle" | "onRemedy"> {
  rows: readonly Row[];
  view: ListView;
  selection: Selection;
  open: string | undefined;
  /** An older answer is shown while the new one comes. */
  busy: boolean;
  onSort: (key: SortKey) => void;
  onToggleShown: () => void;
  /** Someone points at the rows or has the focus in them: they must not move. */
  onHold: (hold: boolean) => void;
  children?: ReactNode;
}

/** Everyone, one row each. It is a table to screen readers and a list of two-line rows on phones. */
export function PeopleTable(props: PeopleTableProps) {
  const { rows, view, selection, onHold } = props;
  const pointed = useRef(false);
  const focused = useRef(false);
  const tell = () => onHold(pointed.current || focused.current);
  return (
    <div role="table" aria-label={words.list.title} aria-rowcount={-1} aria-busy={props.busy}>
      <div role="rowgroup" className="sticky top-0 z-20 border-b border-line bg-page">
        <div role="row" className="people-row px-2 max-lg:flex max-lg:gap-2 sm:px-4">
          <div role="columnheader" aria-label={words.list.selectShown}>
            <HeadBox rows={rows} selection={selection} onToggle={props.onToggleShown} />
          </div>
          {columns.map((key) => (
            <SortHead key={key} column={key} view={view} onSort={props.onSort} />
          ))}
          <div role="columnheader" className="text-right text-soft max-lg:hidden">
            {words.list.columns.changes}
          </div>
        </div>
      </div>
      <div
        role="rowgroup"
        onPointerEnter={(event) => {
          pointed.current = event.pointerType === "mouse";
          tell();
        }}
        onPointerLeave={() => {
          pointed.current = false;
          tell();
        }}
        onFocus={() => {
          focused.current = true;
          tell();
        }}
        onBlur={(event) => {
          focused.current = event.currentTarget.contains(event.relatedTarget);
          tell();
        }}
      >
        {rows.map((row) => (
          <PersonRow
            key={row.associateId}
            row={row}
            chosen={selection.has(row.associateId)}
            open={props.open === personKey(row)}
            onToggle={props.onToggle}
            onRemedy={props.onRemedy}
          />
        ))}
      </div>
    </div>
  );
}

function HeadBox(props: { rows: readonly Row[]; selection: Selection; onToggle: () => void }) {
  const box = useRef<HTMLInputElement>(null);
  const state = extent(props.selection, props.rows);
  useEffect(() => {
    if (box.current) box.current.indeterminate = state === "some";
  }, [state]);
  return (
    <label className="flex size-10 items-center justify-center max-sm:size-11">
      <input
        ref={box}
        type="checkbox"
        checked={state === "all"}
        aria-label={words.list.selectShown}
        onChange={props.onToggle}
      />
    </label>
  );
}

function SortHead(props: { column: SortKey; view: ListView; onSort: (key: SortKey) => void }) {
  const { column, view } = props;
  const sorted = view.sort === column;
  const Arrow = view.order === "asc" ? ArrowUp : ArrowDown;
  const narrow = column === "name" || column === "state" || column === "lastSync" ? "" : "max-lg:hidden";
  return (
    <div
      role="columnheader"
      aria-sort={sorted ? (view.order === "asc" ? "ascending" : "descending") : "none"}
      className={narrow}
    >
      <button
        type="button"
        onClick={() => props.onSort(column)}
        className={`-ml-1 flex min-h-10 items-center gap-1 px-1 hover:text-ink max-sm:min-h-11 ${sorted ? "font-semibold text-ink" : "text-soft"}`}
      >
        {words.list.columns[column]}
        {sorted ? <Arrow size={12} aria-hidden /> : null}
      </button>
    </div>
  );
}

/** Rows in the shape of those that come. */
export function TableSkeleton() {
  return (
    <div role="status" aria-label={words.list.loading}>
      <div className="h-[41px] border-b border-line" />
      {Array.from({ length: 12 }, (_, at) => (
        <div key={at} className="border-b border-line px-2 py-2.5 sm:px-4">
          <div className="people-row max-lg:flex max-lg:gap-2">
            <span className="skeleton mx-auto size-4 max-lg:mx-3" />
            <span className="skeleton h-5 w-3/5 max-lg:grow" />
            <span className="skeleton h-5 w-4/5 max-lg:hidden" />
            <span className="skeleton h-5 w-24" />
            <span className="skeleton h-5 w-16 max-lg:hidden" />
            <span className="skeleton h-5 w-14 max-lg:hidden" />
            <span className="skeleton h-5 w-10 max-lg:hidden" />
          </div>
        </div>
      ))}
    </div>
  );
}
