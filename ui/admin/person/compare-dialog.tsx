import { useQuery } from "@tanstack/react-query";
import { Button } from "../kit/button.tsx";
import { Dialog } from "../kit/dialog.tsx";
import { FailureNotice } from "../kit/notice.tsx";
import { api, success } from "../remote/client.ts";
import { words } from "../words/index.ts";

/** Both sides field by field, read this moment for whoever may see them. Nothing of it stays in the page's memory. */
export function CompareDialog(props: { userId: string; itemId: string; onClose: () => void }) {
  const { userId, itemId, onClose } = props;
  const values = useQuery({
    queryKey: ["values", userId, itemId],
    queryFn: ({ signal }) =>
      success(
        api.users[":userId"].items[":itemId"].values.$post(
          { param: { userId, itemId } },
          { init: { signal } },
        ),
      ),
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
    retry: false,
  });
  const { data } = values;
  return (
    <Dialog
      wide
      title={words.items.compareTitle}
      about={words.items.compareAbout}
      onClose={onClose}
      footer={
        <Button look="primary" onClick={onClose}>
          {words.close}
        </Button>
      }
    >
      {values.isError ? (
        <FailureNotice
          title={words.items.compareFailed}
          error={values.error}
          onRetry={() => void values.refetch()}
        />
      ) : data === undefined ? (
        <p role="status" className="py-8 text-center text-soft">
          {words.items.reading}
        </p>
      ) : data.private ? (
        <p role="status" className="py-8 text-center">
          {words.items.privateText}
        </p>
      ) : (
        <>
          {data.crm && data.mailbox && data.different.length === 0 ? (
            <p role="status" className="pb-2">
              {words.items.equal}
            </p>
          ) : null}
          <Values
            columns={[
              { name: words.items.sides.crm, values: data.crm },
              { name: words.items.sides.mailbox, values: data.mailbox },
            ]}
            different={data.different}
          />
          {data.kept.map(({ id, values: kept }) => (
            <section key={id} className="pt-4">
              <h3 className="pb-1">{words.items.kept}</h3>
              <Values columns={[{ name: words.items.kept, values: kept }]} different={[]} />
            </section>
          ))}
        </>
      )}
    </Dialog>
  );
}

interface Column {
  name: string;
  values: Record<string, string> | null;
}

/** A table on a wide screen; on a phone each field becomes a block of its own. */
function Values({ columns, different }: { columns: readonly Column[]; different: readonly string[] }) {
  const differs = new Set(different);
  const fields = [...new Set(columns.flatMap(({ values }) => Object.keys(values ?? {})))];
  const shown = fields.filter((field) => differs.has(field) || columns.some(({ values }) => values?.[field]));
  const ordered = [
    ...shown.filter((field) => differs.has(field)),
    ...shown.filter((field) => !differs.has(field)),
  ];
  return (
    <table className="w-full border-collapse text-left max-sm:block">
      <thead className="max-sm:sr-only">
        <tr className="border-b border-line">
          <th scope="col" className="w-36 py-1 pr-3 font-normal text-soft">
            {words.items.field}
          </th>
          {columns.map(({ name }) => (
            <th key={name} scope="col" className="py-1 pr-3 font-semibold">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody className="max-sm:block">
        {ordered.map((field) => (
          <tr key={field} className="border-b border-line align-top max-sm:block max-sm:py-2">
            <th scope="row" className="py-1.5 pr-3 font-normal text-soft max-sm:block max-sm:py-0">
              {field}
              {differs.has(field) ? (
                <span className="ml-1 font-semibold text-waiting">· {words.items.differs}</span>
              ) : null}
            </th>
            {columns.map(({ name, values }) => (
              <td key={name} className="py-1.5 pr-3 whitespace-pre-line max-sm:block max-sm:py-0.5">
                <span aria-hidden className="text-soft sm:hidden">
                  {name}:{" "}
                </span>
                {values === null ? (
                  <span className="text-soft">{words.items.nothingThere}</span>
                ) : values[field] ? (
                  values[field]
                ) : (
                  <span className="text-soft">{words.items.emptyValue}</span>
                )}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
