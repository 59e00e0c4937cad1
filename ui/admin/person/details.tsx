import { CopyButton } from "../kit/copy.tsx";
import type { UserDetail } from "../../../api/contract/users.ts";
import { buttonClass } from "../kit/button.tsx";
import { useSession } from "../session/session.tsx";
import { NextTime, RelativeTime } from "../time/relative-time.tsx";
import { words } from "../words/index.ts";
import { Findings } from "./findings.tsx";
import { Invitations } from "./invitations.tsx";
import { LinkSettings } from "./link-settings.tsx";
import { Fact, Facts, Section } from "./section.tsx";
import { Timeline } from "./timeline.tsx";

/** Everything known about one person, from what matters now to what happened long ago. */
export function Details(props: { detail: UserDetail; onOpenItem: (itemId: string) => void }) {
  const { detail, onOpenItem } = props;
  const { user, mailbox, counters, attempts } = detail;
  return (
    <>
      <section aria-label={words.person.label} className="border-b border-line px-5 py-3">
        <Facts>
          <Fact name={words.person.last}>
            {user.lastSyncAt ? <RelativeTime at={user.lastSyncAt} /> : words.list.never}
          </Fact>
          <Fact name={words.person.next}>
            {user.nextSyncAt ? <NextTime at={user.nextSyncAt} /> : words.list.none}
          </Fact>
          <Fact name={words.person.mailbox}>
            {mailbox ? (
              <>
                {mailbox.address}
                <span className="block text-soft">
                  {words.person.backend[mailbox.backend]} · {words.person.registered.toLowerCase()}{" "}
                  <RelativeTime at={mailbox.registeredAt} />
                </span>
              </>
            ) : (
              <span className="text-soft">{user.address || words.list.noAddress}</span>
            )}
          </Fact>
          {user.linked ? (
            <>
              <Fact name={words.person.changes}>
                {words.person.changesText(counters.changes24h.toMailbox, counters.changes24h.toCrm)}
              </Fact>
              <Fact name={words.person.items}>{words.count(counters.itemLinks)}</Fact>
              <Fact name={words.person.cycles}>{words.count(counters.cycles)}</Fact>
            </>
          ) : null}
        </Facts>
      </section>
      <Findings userId={user.userId ?? ""} onOpen={onOpenItem} />
      {attempts.length > 0 ? (
        <Section title={words.person.attempts}>
          <ul>
            {attempts.map((attempt) => (
              <li key={attempt.id}>
                {attempt.signedInAs ? words.person.signedInAs(attempt.signedInAs) : attempt.outcome}{" "}
                <RelativeTime at={attempt.at} className="text-soft" />
              </li>
            ))}
          </ul>
        </Section>
      ) : null}
      <Section title={words.person.invitations}>
        <Invitations detail={detail} />
      </Section>
      <Section title={words.person.settings}>
        <LinkSettings key={detail.link?.generation ?? 0} detail={detail} />
      </Section>
      <Section title={words.person.timeline}>
        <Timeline userId={user.userId ?? ""} newest={detail.timeline} />
      </Section>
      <Ids detail={detail} />
    </>
  );
}

function Ids({ detail }: { detail: UserDetail }) {
  const { tools } = useSession();
  const { user, lifecycle, workflowId } = detail;
  const ids: [string, string][] = [
    [words.person.workflow, workflowId],
    [words.person.user, user.userId ?? ""],
    [words.person.associate, String(user.associateId)],
    [words.person.generation, String(lifecycle.linkGeneration)],
    [words.person.sequence, String(lifecycle.seq)],
    [words.person.fence, String(lifecycle.fence)],
  ];
  return (
    <details className="px-5 py-3">
      <summary className="font-semibold">{words.person.ids}</summary>
      <div className="pt-2">
        <Facts>
          {ids.map(([name, id]) => (
            <Fact key={name} name={name}>
              <span className="flex items-center gap-1 font-mono text-xs break-all">
                {id}
                <CopyButton text={id} label={name} />
              </span>
            </Fact>
          ))}
        </Facts>
        {tools.temporal ? (
          <a
            href={`${tools.temporal.replace(/\/$/, "")}/namespaces/default/workflows/${encodeURIComponent(workflowId)}`}
            target="_blank"
            rel="noreferrer"
            className={`${buttonClass()} mt-3`}
          >
            {words.person.openWorkflow}
          </a>
        ) : null}
      </div>
    </details>
  );
}
