import { useMutation, useQuery } from "@tanstack/react-query";
import type { InferRequestType } from "hono/client";
import { FailureNotice, messageOf, StaleBar } from "../kit/notice.tsx";
import { say } from "../kit/toast.tsx";
import { DirectionField, directionsOf, kindList, namedDirections } from "../link/direction-select.tsx";
import { refreshAll } from "../remote/act.ts";
import { api, success } from "../remote/client.ts";
import { defaultsQuery } from "../remote/queries.ts";
import { lacks, useSession } from "../session/session.tsx";
import { words } from "../words/index.ts";
import { SettingsSkeleton } from "./skeleton.tsx";

type Change = InferRequestType<typeof api.settings.$patch>["json"];

/** What syncs for everybody of whom nothing else was said; saved when chosen. */
export function Defaults() {
  const session = useSession();
  const refused = lacks(session, "control");
  const defaults = useQuery(defaultsQuery);
  const save = useMutation({
    mutationFn: (json: Change) => success(api.settings.$patch({ json })),
    onSuccess: () => {
      void defaults.refetch();
      refreshAll();
      say(words.settings.defaultsSaved);
    },
  });
  const { data } = defaults;
  const locked = new Set(data?.locked);
  return (
    <section aria-labelledby="defaults">
      <h2 id="defaults" className="text-base/6">
        {words.settings.defaults}
      </h2>
      <p className="pb-3 text-soft">{words.settings.defaultsAbout}</p>
      {defaults.isError && data ? (
        <StaleBar error={defaults.error} onRetry={() => void defaults.refetch()} />
      ) : null}
      {defaults.isError && !data ? (
        <FailureNotice
          title={words.settings.defaults}
          error={defaults.error}
          onRetry={() => void defaults.refetch()}
        />
      ) : !data ? (
        <SettingsSkeleton />
      ) : (
        <div className="grid grid-cols-3 gap-4 border-y border-line py-4 max-sm:grid-cols-1">
          {kindList.map((kind) => (
            <div key={kind} className="flex flex-col gap-2">
              <DirectionField
                kind={kind}
                value={directionsOf(data.settings)[kind]}
                refused={refused}
                onChoose={(direction) => save.mutate(namedDirections({ [kind]: direction }))}
              />
              <label className="flex items-center gap-2 max-sm:min-h-11">
                <input
                  type="checkbox"
                  checked={locked.has(kind)}
                  disabled={refused !== undefined || save.isPending}
                  onChange={() =>
                    save.mutate({ locked: kindList.filter((each) => locked.has(each) !== (each === kind)) })
                  }
                />
                {words.settings.lock(words.link.kinds[kind])}
              </label>
            </div>
          ))}
        </div>
      )}
      {save.error ? (
        <p role="alert" className="pt-2 text-bad">
          {messageOf(save.error)}
        </p>
      ) : null}
    </section>
  );
}
