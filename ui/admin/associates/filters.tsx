import { X } from "lucide-react";
import { useEffect, useRef, useState, type RefObject } from "react";
import type { AssociateList } from "../../../api/contract/associates.ts";
import { IconButton } from "../kit/button.tsx";
import { words } from "../words/index.ts";
import { chooseState, stateOrder, type HomeSearch, type ListView, type StateWord } from "./view.ts";

/** Always there, so that the eye finds them where they were; the others appear when someone is in them. */
const permanent: ReadonlySet<StateWord> = new Set([
  "syncing",
  "needs-reauth",
  "blocked",
  "invited",
  "not-invited",
]);

type Change = (change: Pick<HomeSearch, "state" | "problem">) => void;

/** The counts are the filters. With Ctrl or ⌘ a state joins those chosen. */
export function Filters(props: {
  view: ListView;
  list: Pick<AssociateList, "counts" | "all" | "withProblem"> | undefined;
  onChange: Change;
}) {
  const { view, list, onChange } = props;
  const none = view.states.length === 0 && !view.problem;
  const shown = stateOrder.filter(
    (state) => permanent.has(state) || view.states.includes(state) || (list?.counts[state] ?? 0) > 0,
  );
  return (
    <div role="group" aria-label={words.list.filters} className="flex gap-1 overflow-x-auto p-1 max-sm:pb-2">
      <Count name={words.list.all} count={list?.all} chosen={none} onPress={() => onChange({})} />
      <Count
        name={words.list.withProblem}
        count={list?.withProblem}
        chosen={view.problem}
        onPress={() => onChange(view.problem ? {} : { problem: "any" })}
      />
      {shown.map((state) => (
        <Count
          key={state}
          name={words.state[state]}
          count={list ? (list.counts[state] ?? 0) : undefined}
          chosen={view.states.includes(state)}
          onPress={(add) => onChange(chooseState(view, state, add))}
        />
      ))}
    </div>
  );
}

function Count(props: {
  name: string;
  count: number | undefined;
  chosen: boolean;
  onPress: (add: boolean) => void;
}) {
  return (
    <button
      type="button"
      aria-pressed={props.chosen}
      onClick={(event) => props.onPress(event.ctrlKey || event.metaKey)}
      className={`flex min-h-8 shrink-0 items-center gap-1.5 rounded-md px-2.5 max-sm:min-h-11 ${props.chosen ? "bg-chosen font-semibold text-accent" : "hover:bg-hover"}`}
    >
      {props.name}
      <span className={props.chosen ? "" : "text-soft"}>
        {props.count === undefined ? (
          <span className="skeleton inline-block h-3 w-5" />
        ) : (
          words.count(props.count)
        )}
      </span>
    </button>
  );
}

/** Filters while typing, without a request for each letter. */
export function SearchBox(props: {
  value: string;
  input: RefObject<HTMLInputElement | null>;
  onSearch: (text: string) => void;
}) {
  const { value, onSearch } = props;
  const [text, setText] = useState(value);
  const sent = useRef(value);

  // The address changed by other means: back button, "clear filters".
  useEffect(() => {
    if (value !== sent.current) setText(value);
    sent.current = value;
  }, [value]);

  useEffect(() => {
    const wanted = text.trim();
    if (wanted === sent.current) return undefined;
    const timer = setTimeout(() => {
      sent.current = wanted;
      onSearch(wanted);
    }, 200);
    return () => clearTimeout(timer);
  }, [text, onSearch]);

  return (
    <div className="relative w-64 max-sm:w-full">
      <input
        ref={props.input}
        type="search"
        aria-label={words.list.search}
        aria-keyshortcuts="/"
        placeholder={words.list.searchHint}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          if (text) setText("");
          else event.currentTarget.blur();
          event.stopPropagation();
        }}
        className="min-h-8 w-full rounded-md border border-line-strong bg-page px-2.5 pr-8 max-sm:min-h-11 max-sm:text-base [&::-webkit-search-cancel-button]:hidden"
      />
      {text ? (
        <IconButton
          label={words.list.clearSearch}
          className="!absolute top-0 right-0"
          onClick={() => {
            setText("");
            props.input.current?.focus();
          }}
        >
          <X size={14} aria-hidden />
        </IconButton>
      ) : (
        <kbd
          aria-hidden
          className="pointer-events-none absolute top-1.5 right-2 rounded border border-line px-1.5 font-sans text-xs text-soft max-sm:hidden"
        >
          /
        </kbd>
      )}
    </div>
  );
}
