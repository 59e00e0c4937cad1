import { Dialog } from "../kit/dialog.tsx";
import { words } from "../words/index.ts";

const keys: readonly (readonly [string, string])[] = [
  ["/", words.keys.search],
  ["j", words.keys.next],
  ["k", words.keys.previous],
  ["x", words.keys.select],
  ["Enter", words.keys.open],
  ["Esc", words.keys.close],
  ["⌘K / Ctrl K", words.keys.palette],
  ["?", words.keys.help],
];

export function KeyHelp({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title={words.keys.title} onClose={onClose}>
      <dl className="grid grid-cols-[8rem_1fr] gap-y-2 pb-3">
        {keys.map(([key, what]) => (
          <div key={key} className="contents">
            <dt>
              <kbd className="rounded border border-line bg-sunken px-1.5 py-0.5 font-mono text-xs">
                {key}
              </kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
