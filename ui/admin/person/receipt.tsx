import { useQuery } from "@tanstack/react-query";
import { Button } from "../kit/button.tsx";
import { copy } from "../kit/copy.tsx";
import { Dialog } from "../kit/dialog.tsx";
import { messageOf } from "../kit/notice.tsx";
import { erasureQuery } from "../remote/queries.ts";
import { RelativeTime } from "../time/relative-time.tsx";
import { words } from "../words/index.ts";

/** What was erased and what could not be, as it comes to be known. */
export function Receipt({ userId, onClose }: { userId: string; onClose: () => void }) {
  const erasure = useQuery(erasureQuery(userId));
  const { data } = erasure;
  return (
    <Dialog
      title={words.person.erase.receiptTitle}
      wide
      onClose={onClose}
      footer={
        <>
          {data?.receipt ? (
            <Button onClick={() => void copy(JSON.stringify(data, null, 2))}>
              {words.person.erase.copy}
            </Button>
          ) : null}
          <Button look="primary" onClick={onClose}>
            {words.close}
          </Button>
        </>
      }
    >
      <p role="status" className="pb-2 text-base/6">
        {data?.completedAt ? words.person.erase.completed : words.person.erase.running}
      </p>
      {erasure.isError ? (
        <p role="alert" className="text-bad">
          {messageOf(erasure.error)}
        </p>
      ) : null}
      {data ? (
        <dl className="grid grid-cols-[minmax(8rem,auto)_1fr] gap-x-4 gap-y-1 pb-3">
          <dt className="text-soft">{words.person.erase.requested}</dt>
          <dd>
            <RelativeTime at={data.requestedAt} />
          </dd>
          {data.completedAt ? (
            <>
              <dt className="text-soft">{words.person.erase.done}</dt>
              <dd>
                <RelativeTime at={data.completedAt} />
              </dd>
            </>
          ) : null}
          {Object.entries(data.receipt ?? {}).map(([name, value]) => (
            <Entry key={name} name={name} value={value} />
          ))}
        </dl>
      ) : null}
    </Dialog>
  );
}

function Entry({ name, value }: { name: string; value: unknown }) {
  return (
    <>
      <dt className="text-soft">{readable(name)}</dt>
      <dd>{Array.isArray(value) ? <Lines values={value} /> : <Value value={value} />}</dd>
    </>
  );
}

function Lines({ values }: { values: readonly unknown[] }) {
  return (
    <ul>
      {values.map((value, at) => (
        <li key={at}>
          <Value value={value} />
        </li>
      ))}
    </ul>
  );
}

function Value({ value }: { value: unknown }) {
  if (value === null) return words.list.none;
  if (typeof value === "number") return words.count(value);
  if (typeof value === "object") {
    return Object.entries(value)
      .map(
        ([name, inner]) =>
          `${readable(name)}: ${typeof inner === "object" ? JSON.stringify(inner) : String(inner)}`,
      )
      .join(" · ");
  }
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** `itemLinks` and `item_links` as "item links". */
function readable(name: string): string {
  return name
    .replaceAll(/([a-z\d])([A-Z])/g, "$1 $2")
    .replaceAll(/[_-]/g, " ")
    .toLowerCase();
}
