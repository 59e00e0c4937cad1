import { Menu as Base } from "@base-ui/react/menu";
import type { ReactElement, ReactNode } from "react";

const item =
  "flex w-full flex-col rounded px-2.5 py-1.5 text-left outline-none select-none data-highlighted:bg-hover max-sm:min-h-11 max-sm:justify-center";

/** Menus stand in the page's landmark, so that who moves by landmarks finds them. */
const landmark = {
  get current(): HTMLElement | null {
    return document.getElementById("main");
  },
};

/** A button that opens a list of actions; arrow keys move, Esc closes and gives the focus back. */
export function Menu(props: { trigger: ReactElement; align?: "start" | "end"; children: ReactNode }) {
  return (
    <Base.Root>
      <Base.Trigger render={props.trigger} />
      <Base.Portal container={landmark}>
        <Base.Positioner className="z-50" sideOffset={4} align={props.align ?? "start"}>
          <Base.Popup
            data-overlay
            className="fade-in max-w-80 min-w-52 rounded-lg border border-line bg-raised p-1 shadow-raised outline-none"
          >
            {props.children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

/** An action; refused, it says why below its name. */
export function MenuItem(props: {
  children: ReactNode;
  refused?: string | undefined;
  danger?: boolean;
  onSelect: () => void;
}) {
  return (
    <Base.Item
      className={`${item} ${props.refused === undefined ? (props.danger ? "text-bad" : "") : ""}`}
      disabled={props.refused !== undefined}
      onClick={props.onSelect}
    >
      <span className={props.refused === undefined ? "" : "text-soft"}>{props.children}</span>
      {props.refused === undefined ? null : <span className="text-xs text-soft">{props.refused}</span>}
    </Base.Item>
  );
}

export function MenuLink(props: { href: string; children: ReactNode }) {
  return (
    <Base.LinkItem className={item} href={props.href} target="_blank" rel="noreferrer">
      {props.children}
    </Base.LinkItem>
  );
}

export function MenuSeparator() {
  return <div role="separator" className="my-1 border-t border-line" />;
}

export function MenuChoice<Value extends string>(props: {
  label: string;
  value: Value;
  choices: readonly { value: Value; label: string }[];
  onChoose: (value: Value) => void;
}) {
  return (
    <Base.Group>
      <Base.GroupLabel className="px-2.5 pt-1.5 pb-1 text-xs text-soft">{props.label}</Base.GroupLabel>
      <Base.RadioGroup value={props.value} onValueChange={(value: Value) => props.onChoose(value)}>
        {props.choices.map(({ value, label }) => (
          <Base.RadioItem key={value} value={value} className={`${item} !flex-row items-center gap-2`}>
            <span className="w-3">
              <Base.RadioItemIndicator>✓</Base.RadioItemIndicator>
            </span>
            {label}
          </Base.RadioItem>
        ))}
      </Base.RadioGroup>
    </Base.Group>
  );
}
