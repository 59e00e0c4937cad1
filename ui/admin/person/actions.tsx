import { useState } from "react";
import type { Row } from "../associates/selection.ts";
import { Button } from "../kit/button.tsx";
import { Menu, MenuItem, MenuSeparator } from "../kit/menu.tsx";
import { LinkDialog } from "../link/link-dialog.tsx";
import { perform, type Doable } from "../remote/act.ts";
import { refusal, useSession } from "../session/session.tsx";
import { words } from "../words/index.ts";
import { UnlinkDialog } from "./unlink-dialog.tsx";

const others = [
  "reauth",
  "resend",
  "revoke",
  "pause",
  "resume",
  "switchBackend",
] as const satisfies readonly Doable[];

/** Everything that can be done with one person; what cannot be done now says why. */
export function Actions(props: { row: Row; onInvite: (row: Row) => void; onErase: (row: Row) => void }) {
  const { row } = props;
  const session = useSession();
  const [busy, setBusy] = useState(false);
  const [linking, setLinking] = useState(false);
  const [unlinking, setUnlinking] = useState(false);
  const refused = (kind: Parameters<typeof refusal>[2]) => refusal(session, row, kind);
  const run = (kind: Doable) => {
    setBusy(true);
    void perform(kind, [row]).finally(() => setBusy(false));
  };

  const possible = (["invite", "link", "syncNow"] as const).filter((kind) => refused(kind) === undefined);
  const [first] = possible;
  const label = {
    invite: words.action.inviteMany,
    link: words.action.linkMany,
    syncNow: words.action.syncNow,
  };
  const press = {
    invite: () => props.onInvite(row),
    link: () => setLinking(true),
    syncNow: () => run("syncNow"),
  };
  return (
    <div className="flex flex-wrap gap-2 border-b border-line px-5 py-3">
      {first ? (
        <Button look="primary" busy={busy} onClick={press[first]}>
          {label[first]}
        </Button>
      ) : (
        <Button refused={refused("syncNow")}>{words.action.syncNow}</Button>
      )}
      <Menu trigger={<Button>{words.person.more} ▾</Button>}>
        {first === "invite" || row.userId === null ? null : (
          <MenuItem refused={refused("invite")} onSelect={press.invite}>
            {words.action.inviteMany}
          </MenuItem>
        )}
        {others.map((kind) => (
          <MenuItem key={kind} refused={refused(kind)} onSelect={() => run(kind)}>
            {words.action[kind]}
          </MenuItem>
        ))}
        <MenuItem refused={refused("unlink")} onSelect={() => setUnlinking(true)}>
          {words.action.unlinkMore}
        </MenuItem>
        <MenuSeparator />
        <MenuItem danger refused={refused("delete")} onSelect={() => props.onErase(row)}>
          {words.action.deleteMany}
        </MenuItem>
      </Menu>
      {unlinking ? <UnlinkDialog row={row} onClose={() => setUnlinking(false)} /> : null}
      {linking ? <LinkDialog rows={[row]} onClose={() => setLinking(false)} /> : null}
    </div>
  );
}
