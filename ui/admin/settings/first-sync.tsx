import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../kit/button.tsx";
import { TextField } from "../kit/field.tsx";
import { messageOf } from "../kit/notice.tsx";
import { say } from "../kit/toast.tsx";
import { api, success } from "../remote/client.ts";
import { defaultsQuery } from "../remote/queries.ts";
import { lacks, useSession } from "../session/session.tsx";
import { words } from "../words/index.ts";

/** Whether somebody accepts the plan of each first sync, and from which size on. */
export function FirstSync() {
  const session = useSession();
  const refused = lacks(session, "control");
  const settings = useQuery(defaultsQuery);
  const [limit, setLimit] = useState<string>();
  const save = useMutation({
    mutationFn: (preview: { required?: boolean; acceptUpTo?: number }) =>
      success(api.settings.$patch({ json: { preview } })),
    onSuccess: () => {
      setLimit(undefined);
      void settings.refetch();
      say(words.preview.saved);
    },
  });
  const preview = settings.data?.preview;
  if (!preview) return null;
  const shown = limit ?? String(preview.acceptUpTo);
  const changed = limit !== undefined && /^\d{1,6}$/.test(limit) && Number(limit) !== preview.acceptUpTo;
  return (
    <section aria-labelledby="first-sync" className="flex flex-col items-start gap-3">
      <div>
        <h2 id="first-sync" className="text-base/6">
          {words.preview.settingsTitle}
        </h2>
        <p className="text-soft">{words.preview.settingsAbout}</p>
      </div>
      <label className="flex items-center gap-2 max-sm:min-h-11">
        <input
          type="checkbox"
          checked={preview.required}
          disabled={refused !== undefined || save.isPending}
          title={refused}
          onChange={(event) => save.mutate({ required: event.target.checked })}
        />
        {words.preview.required}
      </label>
      {preview.required ? (
        <div className="flex flex-wrap items-end gap-2">
          <TextField
            label={words.preview.acceptUpTo}
            inputMode="numeric"
            value={shown}
            disabled={refused !== undefined}
            onChange={(event) => setLimit(event.target.value)}
          />
          {changed ? (
            <Button
              look="primary"
              busy={save.isPending}
              onClick={() => save.mutate({ acceptUpTo: Number(limit) })}
            >
              {words.person.save}
            </Button>
          ) : null}
        </div>
      ) : null}
      {save.error ? (
        <p role="alert" className="text-bad">
          {messageOf(save.error)}
        </p>
      ) : null}
    </section>
  );
}
