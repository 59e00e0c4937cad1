import { useState } from "react";
import { Button } from "../kit/button.tsx";
import { Menu, MenuItem, MenuSeparator } from "../kit/menu.tsx";
import { perform, type Doable } from "../remote/act.ts";
import { refusedByRole, useSession } from "../session/session.tsx";
import { words } from "../words/index.ts";
import { divide, type ActionKind, type Division, type Selection } from "./selection.ts";

const more = ["reauth", "resend", "revoke", "pause", "resume", "unlink"] as const satisfies readonly Doable[];

/** What can be done with the chosen people. Each button counts those it concerns, or says why there is nobody. */
export function ActionBar(props: {
  selection: Selection;
  total: number;
  allShownChosen: boolean;
  matching: boolean;
  selecting: { read: number; total: number } | undefined;
  onSelectAll: () => void;
  onClear: () => void;
  onInvite: () => void;
  onLink: () => void;
  onErase: () => void;
}) {
  const session = useSession();
  const [busy, setBusy] = useState(false);
  const { selection } = props;

  const divisions = new Map<ActionKind, Division>();
  const division = (kind: ActionKind) => {
    const known = divisions.get(kind) ?? divide(selection.values(), kind, words.selection.notInvited);
    divisions.set(kind, known);
    return known;
  };
  const refused = (kind: ActionKind) => {
    const byRole = refusedByRole(session, kind);
    if (byRole) return byRole;
    const { allowed, refused } = division(kind);
    const [commonest] = refused;
    return allowed.length > 0 ? undefined : (commonest?.reason ?? words.selection.notYet);
  };
  const counted = (kind: ActionKind, name: string) => {
    const { allowed } = division(kind);
    return allowed.length > 0 && allowed.length < selection.size
      ? `${name} (${words.count(allowed.length)})`
      : name;
  };
  const run = (kind: Doable) => {
    setBusy(true);
    void perform(kind, division(kind).allowed).finally(() => {
      setBusy(false);
      // Who was chosen has been seen to; and who left the list would be remembered as they were.
      props.onClear();
    });
  };

  return (
    <div
      role="region"
      aria-label={words.selection.label}
      className="flex flex-wrap items-center gap-2 max-sm:grid max-sm:w-full max-sm:grid-cols-2"
    >
      <span className="flex items-center gap-2 max-sm:col-span-2 max-sm:flex-wrap">
        <b className="whitespace-nowrap">{words.selection.selected(selection.size)}</b>
        {props.selecting ? (
          <span role="status" className="text-soft">
            {words.selection.selecting(props.selecting.read, props.selecting.total)}
          </span>
        ) : props.allShownChosen && selection.size < props.total ? (
          <Button look="link" small onClick={props.onSelectAll}>
            {props.matching
              ? words.selection.selectAllMatching(props.total)
              : words.selection.selectAll(props.total)}
          </Button>
        ) : null}
        <Button look="quiet" small onClick={props.onClear}>
          {words.selection.clear}
        </Button>
      </span>
      <Button look="primary" refused={refused("invite")} onClick={props.onInvite}>
        {counted("invite", words.action.inviteMany)}
      </Button>
      <Button refused={refused("link")} onClick={props.onLink}>
        {counted("link", words.action.linkMany)}
      </Button>
      <Button refused={refused("syncNow")} busy={busy} onClick={() => run("syncNow")}>
        {counted("syncNow", words.action.syncNow)}
      </Button>
      <Menu trigger={<Button>{words.selection.more} ▾</Button>}>
        {more.map((kind) => (
          <MenuItem key={kind} refused={refused(kind)} onSelect={() => run(kind)}>
            {counted(kind, words.action[kind])}
          </MenuItem>
        ))}
        <MenuSeparator />
        <MenuItem danger refused={refused("delete")} onSelect={props.onErase}>
          {counted("delete", words.action.deleteMany)}
        </MenuItem>
      </Menu>
    </div>
  );
}
