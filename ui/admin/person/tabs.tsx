import { words } from "../words/index.ts";

/** Where in the drawer: in the URL, so that a link leads there. */
export interface Place {
  tab: "items" | undefined;
  item: string | undefined;
}

/** Overview and items. Arrow keys move between them, as in every list of tabs. */
export function Tabs({ tab, onChoose }: { tab: Place["tab"]; onChoose: (tab: Place["tab"]) => void }) {
  const tabs = [
    { tab: undefined, name: words.items.overview },
    { tab: "items" as const, name: words.items.tab },
  ];
  return (
    <div role="tablist" aria-label={words.items.tabs} className="flex gap-1 border-b border-line px-4 pt-1">
      {tabs.map(({ tab: each, name }) => {
        const chosen = each === tab;
        return (
          <button
            key={name}
            type="button"
            role="tab"
            aria-selected={chosen}
            tabIndex={chosen ? 0 : -1}
            onClick={() => onChoose(each)}
            onKeyDown={(event) => {
              if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
              event.preventDefault();
              const to = event.key === "ArrowLeft" ? "previousElementSibling" : "nextElementSibling";
              const next = event.currentTarget[to];
              if (!(next instanceof HTMLElement)) return;
              next.focus();
              next.click();
            }}
            className={`-mb-px min-h-9 border-b-2 px-2 max-sm:min-h-11 ${chosen ? "border-accent font-semibold text-accent" : "border-transparent text-soft hover:text-ink"}`}
          >
            {name}
          </button>
        );
      })}
    </div>
  );
}
