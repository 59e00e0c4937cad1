import { useQuery } from "@tanstack/react-query";
import { FailureNotice, StaleBar } from "../kit/notice.tsx";
import { connectionsQuery } from "../remote/queries.ts";
import { lacks, useSession } from "../session/session.tsx";
import { RelativeTime } from "../time/relative-time.tsx";
import { words } from "../words/index.ts";
import { SettingsSkeleton } from "./skeleton.tsx";

/** What Everlink works with: addresses and the names of secrets, never a secret. */
export function Connections() {
  const session = useSession();
  const allowed = lacks(session, "connections") === undefined;
  const connections = useQuery({ ...connectionsQuery, enabled: allowed });
  const { data } = connections;
  return (
    <section aria-labelledby="connections">
      <h2 id="connections" className="text-base/6">
        {words.settings.connections}
      </h2>
      <p className="pb-3 text-soft">{words.settings.connectionsAbout}</p>
      {connections.isError && data ? (
        <StaleBar error={connections.error} onRetry={() => void connections.refetch()} />
      ) : null}
      {!allowed ? (
        <p className="text-soft">{words.settings.notAllowed(words.role[session.role])}</p>
      ) : connections.isError && !data ? (
        <FailureNotice
          title={words.settings.connections}
          error={connections.error}
          onRetry={() => void connections.refetch()}
        />
      ) : !data ? (
        <SettingsSkeleton />
      ) : data.length === 0 ? (
        <p className="border-y border-line py-4 text-soft">{words.settings.noConnections}</p>
      ) : (
        <ul className="border-t border-line">
          {data.map((connection) => (
            <li key={connection.id} className="border-b border-line py-3">
              <h3 className="pb-1">{words.settings.kinds[connection.kind]}</h3>
              <dl className="grid grid-cols-[10rem_1fr] gap-x-3 gap-y-1 max-sm:grid-cols-[7rem_1fr]">
                {Object.entries(connection.configuration).map(([name, value]) => (
                  <div key={name} className="contents">
                    <dt className="text-soft">{name}</dt>
                    <dd className="font-mono text-xs/5 break-all">
                      {typeof value === "object" ? JSON.stringify(value) : String(value)}
                    </dd>
                  </div>
                ))}
                <dt className="text-soft">{words.settings.secrets}</dt>
                <dd>{connection.secrets.join(", ") || words.settings.noSecrets}</dd>
                <dt className="text-soft">{words.settings.created}</dt>
                <dd>
                  <RelativeTime at={connection.createdAt} />
                </dd>
              </dl>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
