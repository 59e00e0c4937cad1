import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Row } from "../associates/selection.ts";
import { Button } from "../kit/button.tsx";
import { messageOf } from "../kit/notice.tsx";
import { perform } from "../remote/act.ts";
import { removalQuery } from "../remote/queries.ts";
import { refusal, useSession } from "../session/session.tsx";
import { useTimeText } from "../time/now.ts";
import { exact } from "../time/relative.ts";
import { words } from "../words/index.ts";

/** The link is ending: how long it can be undone, then how far it is. */
export function Removal({ row }: { row: Row }) {
  const session = useSession();
  const [busy, setBusy] = useState(false);
  const { data, error, isPending } = useQuery(removalQuery(row.userId ?? ""));
  const run = (kind: "undoUnlink" | "unlink") => {
    setBusy(true);
    void perform(kind, [row]).finally(() => setBusy(false));
  };
  return (
    <section
      aria-label={words.removal.title}
      className="flex flex-col items-start gap-2 border-b border-line bg-waiting-ground px-5 py-3"
    >
      {isPending ? (
        <p role="status" aria-label={words.removal.loading} className="skeleton h-4 w-3/4" />
      ) : null}
      {error && !data ? (
        <p role="alert" className="text-bad">
          {messageOf(error)}
        </p>
      ) : null}
      {data && data.begunAt === null ? (
        <>
          <p>
            <b>{words.removal.title}.</b> {words.removal.begins(data.from)}{" "}
            <Countdown until={data.startsAt} />
          </p>
          <Button
            look="primary"
            busy={busy}
            refused={refusal(session, row, "undoUnlink")}
            onClick={() => run("undoUnlink")}
          >
            {words.removal.undo}
          </Button>
        </>
      ) : null}
      {data && data.begunAt !== null ? (
        <>
          <p>
            <b>{words.removal.title}.</b> {words.removal.running(data.from)}{" "}
            {words.removal.progress(data.removed, data.items)}
          </p>
          <Stays stays={data.stays} />
          <Button busy={busy} refused={refusal(session, row, "unlink")} onClick={() => run("unlink")}>
            {words.removal.stop}
          </Button>
        </>
      ) : null}
    </section>
  );
}

/** What stays, and why. */
export function Stays({ stays }: { stays: readonly { reason: string; message: string; count: number }[] }) {
  if (stays.length === 0) return null;
  return (
    <ul className="text-soft">
      {stays.map(({ reason, message, count }) => (
        <li key={reason}>
          {words.removal.stays(count)} {message}
        </li>
      ))}
    </ul>
  );
}

/** "in 9:41 (at 14:05)": a second is long for whoever wants to undo something. */
function Countdown({ until }: { until: string }) {
  const end = Date.parse(until);
  const text = useTimeText((now) => {
    const seconds = Math.ceil((end - now) / 1000);
    if (seconds <= 0) return words.removal.now;
    return words.removal.in(`${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`);
  });
  const clock = new Date(end).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  return (
    <time dateTime={until} title={exact(end)} className="tabular-nums">
      {text} {words.removal.at(clock)}
    </time>
  );
}
