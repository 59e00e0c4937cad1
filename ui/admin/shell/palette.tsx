import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useDeferredValue, useId, useRef, useState } from "react";
import { personKey } from "../associates/person-key.ts";
import { Dialog } from "../kit/dialog.tsx";
import { StateBadge } from "../kit/state-badge.tsx";
import { peopleQuery } from "../remote/queries.ts";
import { chooseTheme } from "../session/theme.ts";
import { words } from "../words/index.ts";
import type { ReactNode } from "react";

interface Choice {
  id: string;
  name: ReactNode;
  aside?: ReactNode;
  group: string;
  run: () => void;
}

/** People and actions by name, from anywhere. */
export function Palette({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate();
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const input = useRef<HTMLInputElement>(null);
  const list = useId();
  const search = useDeferredValue(text.trim());
  const people = useQuery(peopleQuery(search));

  const go = (run: () => void) => () => {
    onClose();
    run();
  };
  const goHome = (search: object) => go(() => void navigate({ to: "/", search }));
  const actions: { name: string; run: () => void }[] = [
    { name: words.nav.people, run: goHome({}) },
    { name: `${words.nav.people}: ${words.list.withProblem}`, run: goHome({ problem: "any" }) },
    { name: `${words.nav.people}: ${words.state["needs-reauth"]}`, run: goHome({ state: "needs-reauth" }) },
    { name: `${words.nav.people}: ${words.state["not-invited"]}`, run: goHome({ state: "not-invited" }) },
    { name: words.nav.settings, run: go(() => void navigate({ to: "/settings" })) },
    ...(["light", "dark", "system"] as const).map((theme) => ({
      name: `${words.theme.label}: ${words.theme[theme]}`,
      run: go(() => chooseTheme(theme)),
    })),
  ];
  const choices: Choice[] = [
    ...(people.data ?? []).map((row) => ({
      id: `person-${row.associateId}`,
      name: row.name,
      aside: <StateBadge state={row.state} />,
      group: words.palette.people,
      run: goHome({ person: personKey(row) }),
    })),
    ...actions
      .filter(({ name }) => name.toLowerCase().includes(search.toLowerCase()))
      .map((action) => ({ ...action, id: `action-${action.name}`, group: words.palette.actions })),
  ];
  const current = Math.min(at, choices.length - 1);

  const step = (by: number) => setAt((current + by + choices.length) % Math.max(1, choices.length));
  return (
    <Dialog title={words.palette.label} onClose={onClose} initialFocus={input}>
      <input
        ref={input}
        role="combobox"
        aria-label={words.palette.label}
        aria-expanded="true"
        aria-controls={list}
        aria-activedescendant={choices[current] ? `${list}-${current}` : undefined}
        aria-autocomplete="list"
        autoComplete="off"
        placeholder={words.palette.placeholder}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={(event) => {
          if (event.key === "ArrowDown") step(1);
          else if (event.key === "ArrowUp") step(-1);
          else if (event.key === "Enter") choices[current]?.run();
          else return;
          event.preventDefault();
        }}
        className="mt-1 min-h-10 w-full rounded-md border border-line-strong bg-page px-3 max-sm:text-base"
      />
      <div id={list} role="listbox" aria-label={words.palette.label} className="min-h-72 py-2">
        {choices.map((choice, index) => (
          <div
            key={choice.id}
            id={`${list}-${index}`}
            role="option"
            aria-selected={index === current}
            onPointerMove={() => setAt(index)}
            onClick={choice.run}
            className={`flex min-h-8 cursor-pointer items-center gap-3 rounded px-2.5 max-sm:min-h-11 ${index === current ? "bg-chosen" : ""}`}
          >
            <span className="grow truncate">{choice.name}</span>
            <span className="text-xs text-soft">{choice.aside ?? choice.group}</span>
          </div>
        ))}
      </div>
      <p role="status" className="sr-only">
        {choices.length === 0 ? words.palette.none : ""}
      </p>
      {choices.length === 0 ? (
        <p className="-mt-64 pb-56 text-center text-soft">{words.palette.none}</p>
      ) : null}
    </Dialog>
  );
}
