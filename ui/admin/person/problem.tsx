import { RemedyButton } from "../associates/row.tsx";
import type { Row } from "../associates/selection.ts";
import { CopyButton } from "../kit/copy.tsx";
import { RelativeTime } from "../time/relative-time.tsx";
import { words } from "../words/index.ts";
import { useState } from "react";
import { LinkDialog } from "../link/link-dialog.tsx";

/** What is wrong, since when, who must act, what happens next, the one button; the code folded. */
export function Problem({ row, onInvite }: { row: Row; onInvite: (row: Row) => void }) {
  const [linking, setLinking] = useState(false);
  const { problem } = row;
  if (!problem) return null;
  return (
    <section
      aria-label={words.problem.what}
      className="flex flex-col items-start gap-2 border-b border-line bg-waiting-ground px-5 py-3"
    >
      <p>
        <b>{problem.message}</b> {problem.next}
      </p>
      <p className="text-soft">
        {words.problem.who[problem.actor]}
        {problem.since ? (
          <>
            {" · "}
            {words.problem.since} <RelativeTime at={problem.since} />
          </>
        ) : null}
      </p>
      <RemedyButton row={row} onRemedy={(kind) => (kind === "link" ? setLinking(true) : onInvite(row))} />
      <details>
        <summary className="text-soft">{words.problem.details}</summary>
        <p className="flex items-center gap-1 font-mono text-xs">
          {problem.code}
          <CopyButton text={problem.code} label={words.problem.code} />
        </p>
      </details>
      {linking ? <LinkDialog rows={[row]} onClose={() => setLinking(false)} /> : null}
    </section>
  );
}
