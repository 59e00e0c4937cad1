import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { UserDetail } from "../../../api/contract/users.ts";
import { Button } from "../kit/button.tsx";
import { SelectField } from "../kit/field.tsx";
import { messageOf } from "../kit/notice.tsx";
import { say } from "../kit/toast.tsx";
import { DirectionOptions } from "../link/link-dialog.tsx";
import type { Direction } from "../link/proposals.ts";
import { refreshAll } from "../remote/act.ts";
import { api, success } from "../remote/client.ts";
import { refusedByRole, useSession } from "../session/session.tsx";
import { RelativeTime } from "../time/relative-time.tsx";
import { words } from "../words/index.ts";

/** What syncs in which direction; saved when changed. */
export function LinkSettings({ detail }: { detail: UserDetail }) {
  const session = useSession();
  const { link, user } = detail;
  const [direction, setDirection] = useState<Direction>();
  const save = useMutation({
    mutationFn: (chosen: Direction) =>
      success(
        api.users[":userId"].link.$post({
          param: { userId: user.userId ?? "" },
          json: { settings: { diary: { direction: chosen } } },
        }),
      ),
    onSuccess: () => {
      refreshAll();
      say(words.person.saved);
    },
  });
  if (!link) return <p className="text-soft">{words.person.notLinked}</p>;
  const current = link.settings.diary.direction;
  const chosen = direction ?? current;
  return (
    <div className="flex flex-col items-start gap-2">
      <div className="w-60">
        <SelectField
          label={words.link.direction}
          value={chosen}
          onChange={(event) => setDirection(event.target.value as Direction)}
        >
          <DirectionOptions />
        </SelectField>
      </div>
      <p className="text-soft">
        {words.person.linked} <RelativeTime at={link.linkedAt} />
      </p>
      {chosen === current ? null : (
        <Button
          look="primary"
          busy={save.isPending}
          refused={refusedByRole(session, "link")}
          onClick={() => save.mutate(chosen)}
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
