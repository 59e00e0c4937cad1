import { useQuery } from "@tanstack/react-query";
import { messageOf } from "../kit/notice.tsx";
import { findingsQuery } from "../remote/queries.ts";
import { words } from "../words/index.ts";
import { Finding } from "./finding.tsx";
import { Section } from "./section.tsx";

/** What this person's items wait for. Nothing is shown where nothing waits. */
export function Findings(props: { userId: string; onOpen: (itemId: string) => void }) {
  const { userId, onOpen } = props;
  const findings = useQuery(findingsQuery(userId));
  const { data } = findings;
  if (findings.isError && !data) {
    return (
      <Section title={words.items.findings}>
        <p role="alert" className="text-bad">
          {messageOf(findings.error)}
        </p>
      </Section>
    );
  }
  if (!data || data.findings.length === 0) return null;
  return (
    <Section title={words.items.findings}>
      <ul className="divide-y divide-line">
        {data.findings.map((finding) => (
          <Finding
            key={`${finding.itemId} ${finding.code}`}
            userId={userId}
            finding={finding}
            onOpen={() => onOpen(finding.itemId)}
          />
        ))}
      </ul>
    </Section>
  );
}
