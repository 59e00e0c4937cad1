import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { UserDetail } from "../../../api/contract/users.ts";
import { Button } from "../kit/button.tsx";
import { messageOf } from "../kit/notice.tsx";
import { say } from "../kit/toast.tsx";
import {
  DirectionField,
  directionsOf,
  kindList,
  namedDirections,
  type Directions,
  type KindName,
} from "../link/direction-select.tsx";
import { refreshAll } from "../remote/act.ts";
import { api, success } from "../remote/client.ts";
import { refusedByRole, useSession } from "../session/session.tsx";
import { RelativeTime } from "../time/relative-time.tsx";
import { words } from "../words/index.ts";

type Link = NonNullable<UserDetail["link"]>;

/** What syncs in which direction, and how each kind does. */
export function LinkSettings({ detail }: { detail: UserDetail }) {
  const session = useSession();
  const { link, user } = detail;
  const [chosen, setChosen] = useState<Partial<Directions>>({});
  const save = useMutation({
    mutationFn: (changes: Partial<Directions>) =>
      success(
        api.users[":userId"].settings.$patch({
          param: { userId: user.userId ?? "" },
          json: namedDirections(changes),
        }),
      ),
    onSuccess: () => {
      refreshAll();
      say(words.person.saved);
    },
  });
  if (!link) return <p className="text-soft">{words.person.notLinked}</p>;
  const current = directionsOf(link.settings);
  const changed = kindList.filter((kind) => chosen[kind] !== undefined && chosen[kind] !== current[kind]);
  return (
    <div className="flex flex-col items-start gap-3">
      {kindList.map((kind) => (
        <div key={kind} className="w-full max-w-80">
          <DirectionField
            kind={kind}
            value={chosen[kind] ?? current[kind]}
            refused={refusedFor(link, kind)}
            error={link.kinds[kind].problem?.message}
            hint={told(link, kind)}
            onChoose={(direction) => setChosen((before) => ({ ...before, [kind]: direction }))}
          />
        </div>
      ))}
      <p className="text-soft">
        {words.person.linked} <RelativeTime at={link.linkedAt} />
      </p>
      {changed.length === 0 ? null : (
        <Button
          look="primary"
          busy={save.isPending}
          refused={refusedByRole(session, "link")}
          onClick={() => save.mutate(Object.fromEntries(changed.map((kind) => [kind, chosen[kind]])))}
        >
          {words.person.save}
        </Button>
      )}
      {save.error ? (
        <p role="alert" className="text-bad">
          {messageOf(save.error)}
        </p>
      ) : null}
    </div>
  );
}

function refusedFor({ kinds }: Link, kind: KindName): string | undefined {
  if (kinds[kind].state === "not-available") return words.link.notAvailable;
  return kinds[kind].locked ? words.link.locked : undefined;
}

function told({ kinds }: Link, kind: KindName): string | undefined {
  const { state, itemLinks, changes24h } = kinds[kind];
  return state === "off" && itemLinks === 0
    ? undefined
    : words.person.kindItems(itemLinks, changes24h.toMailbox, changes24h.toCrm);
}
