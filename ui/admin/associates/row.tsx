import { Link } from "@tanstack/react-router";
import { memo, useState } from "react";
import { Button } from "../kit/button.tsx";
import { StateBadge } from "../kit/state-badge.tsx";
import { perform } from "../remote/act.ts";
import { refusal, useSession } from "../session/session.tsx";
import { NextTime, RelativeTime, Since } from "../time/relative-time.tsx";
import { words } from "../words/index.ts";
import { personKey } from "./person-key.ts";
import { remedyOf, type Remedy } from "./remedy.ts";
import type { Row } from "./selection.ts";

export interface RowProps {
  row: Row;
  chosen: boolean;
  open: boolean;
  onToggle: (row: Row, toHere: boolean) => void;
  /** For what needs a dialog: inviting and linking. */
  onRemedy: (kind: "invite" | "link", row: Row) => void;
}

/** One person: six cells, and a second line when something is wrong. Two lines on a phone. */
export const PersonRow = memo(function PersonRow({ row, chosen, open, onToggle, onRemedy }: RowProps) {
  const { toCrm, toMailbox } = row.changes24h;
  return (
    <div
      role="row"
      aria-selected={chosen}
      data-row={row.associateId}
      className={`unseen-is-free scroll-my-14 border-b border-line px-2 py-2 focus-within:bg-hover hover:bg-hover sm:px-4 ${chosen || open ? "!bg-chosen" : ""}`}
    >
      <div role="presentation" className="people-row max-lg:flex max-lg:items-start max-lg:gap-2">
        <div role="cell" className="flex">
          <label className="-my-2 flex size-10 items-center justify-center max-sm:size-11">
            <input
              type="checkbox"
              checked={chosen}
              aria-label={words.list.select(row.name)}
              onChange={(event) => {
                const click = event.nativeEvent;
                onToggle(row, click instanceof MouseEvent && click.shiftKey);
              }}
            />
          </label>
        </div>
        <div role="presentation" className="contents max-lg:block max-lg:min-w-0 max-lg:grow">
          <div role="cell" className="truncate">
            <Link
              to="/"
              search={(before) => ({ ...before, person: personKey(row) })}
              data-open
              className="font-semibold hover:underline max-lg:text-base/5"
            >
              {row.name || words.list.noAddress}
            </Link>
            {row.retired ? <span className="ml-2 text-xs text-soft">{words.list.retired}</span> : null}
          </div>
          <div role="cell" className="truncate text-soft" title={row.mailbox?.address ?? row.address}>
            {row.mailbox?.address ?? (row.address || words.list.noAddress)}
          </div>
        </div>
        <div
          role="presentation"
          className="contents max-lg:flex max-lg:shrink-0 max-lg:flex-col max-lg:items-end"
        >
          <div role="cell" className="flex items-center gap-1 whitespace-nowrap">
            <StateBadge state={row.state} />
            <StateSince row={row} />
          </div>
          <div role="cell" className="whitespace-nowrap text-soft">
            {row.lastSyncAt ? (
              <RelativeTime at={row.lastSyncAt} />
            ) : (
              <span className="max-lg:hidden">{words.list.none}</span>
            )}
          </div>
        </div>
        <div role="cell" className="whitespace-nowrap text-soft max-lg:hidden">
          {row.nextSyncAt ? <NextTime at={row.nextSyncAt} /> : words.list.none}
        </div>
        <div
          role="cell"
          className="text-right whitespace-nowrap text-soft max-lg:hidden"
          title={words.list.changesLong(toMailbox, toCrm)}
        >
          {row.userId && row.linked ? `${words.count(toMailbox)}/${words.count(toCrm)}` : words.list.none}
        </div>
      </div>
      {row.problem || row.findings > 0 ? <ProblemLine row={row} onRemedy={onRemedy} /> : null}
    </div>
  );
});

function StateSince({ row }: { row: Row }) {
  const since = row.problem?.since ?? row.holds[0]?.since;
  if (!since) return null;
  return (
    <span className="text-soft">
      · <Since at={since} />
    </span>
  );
}

/** What is wrong, what happens, and the one button that helps. */
function ProblemLine({ row, onRemedy }: { row: Row; onRemedy: RowProps["onRemedy"] }) {
  return (
    <div role="presentation" className="mt-1 sm:pl-[3.25rem] max-sm:pl-[3.25rem]">
      <div role="cell" aria-colspan={6} className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <p className="max-w-[64rem] text-ink">
          {row.problem ? (
            <>
              {row.problem.message} <span className="text-soft">{row.problem.next}</span>
            </>
          ) : (
            words.list.findings(row.findings)
          )}
        </p>
        {row.problem ? <RemedyButton row={row} onRemedy={onRemedy} /> : null}
      </div>
    </div>
  );
}

/** The one button of a problem. Where nothing would help there is none. */
export function RemedyButton({ row, onRemedy }: { row: Row; onRemedy: RowProps["onRemedy"] }) {
  const session = useSession();
  const [busy, setBusy] = useState(false);
  const remedy = remedyOf(row);
  if (!remedy) return null;
  const press = (kind: Remedy) => {
    if (kind === "invite" || kind === "link") return onRemedy(kind, row);
    setBusy(true);
    void perform(kind, [row]).finally(() => setBusy(false));
  };
  return (
    <Button
      small
      busy={busy}
      refused={refusal(session, row, remedy)}
      aria-description={row.name}
      onClick={() => press(remedy)}
    >
      {words.remedy[remedy]}
    </Button>
  );
}
