import { writeFileSync } from "node:fs";
import { errorTable } from "../core/errors/table.ts";
import type { ErrorRow } from "../core/errors/row.ts";

export const errorsPage = new URL("../docs/errors.md", import.meta.url);

/** `docs/errors.md`, made of the error table: every failure, what it means, who must act and what happens next. */
export function renderErrorsPage(): string {
  const rows = Object.entries(errorTable).map(([code, row]: [string, ErrorRow]) => {
    const from = (row.from ?? [])
      .map(({ system, error, aadsts, response, status }) =>
        [
          system,
          error,
          aadsts && `AADSTS ${aadsts.join(", ")}`,
          response?.join(", "),
          status && `status ${status.join(", ")}`,
        ]
          .filter(Boolean)
          .join(": "),
      )
      .join("; ");
    return `| \`${code}\` | ${row.scope} | ${row.nature} | ${row.actor} | ${row.hold ?? "–"} | ${row.message} | ${row.next} | ${from || "–"} |`;
  });
  return [
    "# Errors",
    "",
    "Made of `core/errors/table.ts` by `npm run docs`; a test fails when it is out of date.",
    "",
    "| Code | Concerns | Nature | Who acts | Hold | What happened | What comes next | Recognized by |",
    "|---|---|---|---|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}

if (import.meta.main) writeFileSync(errorsPage, renderErrorsPage());
