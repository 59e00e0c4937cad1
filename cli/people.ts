import type { AssociateRow } from "../api/contract/user.ts";
import { expectSuccess, type ApiClient } from "./client.ts";

/** Reads the whole list, page by page. `state`: states separated by commas. */
export async function listPeople(
  api: ApiClient,
  query: { search?: string; state?: string } = {},
): Promise<AssociateRow[]> {
  const rows: AssociateRow[] = [];
  let cursor: string | undefined;
  do {
    const page = await expectSuccess(
      api.associates.$get({ query: { ...query, limit: "500", ...(cursor ? { cursor } : {}) } }),
    );
    rows.push(...page.rows);
    cursor = page.next ?? undefined;
  } while (cursor);
  return rows;
}

/**
 * Finds one person by associate number, user id, mail address or name.
 *
 * @throws when nobody or more than one is meant
 */
export async function findPerson(api: ApiClient, who: string): Promise<AssociateRow> {
  const isNumber = /^\d+$/.test(who);
  const isUuid = /^[0-9a-f-]{36}$/i.test(who);
  const rows = await listPeople(api, isNumber || isUuid ? {} : { search: who });
  const exact = rows.filter(
    (row) =>
      (isNumber && row.associateId === Number(who)) ||
      (isUuid && row.userId === who.toLowerCase()) ||
      row.address.toLowerCase() === who.toLowerCase() ||
      row.name.toLowerCase() === who.toLowerCase(),
  );
  const found = exact.length > 0 ? exact : isNumber || isUuid ? [] : rows;
  if (found.length === 1) return found[0]!;
  if (found.length === 0) throw new Error(`Nobody is known as "${who}". \`everlink users\` lists everybody.`);
  const names = found.slice(0, 5).map((row) => `${row.name} <${row.address}> (${row.associateId})`);
  throw new Error(
    `"${who}" may be ${found.length} people: ${names.join(", ")}${found.length > 5 ? ", …" : ""}. Name one by number or address.`,
  );
}

/** The user id of a person who was invited. */
export function userIdOf(row: AssociateRow): string {
  if (!row.userId) throw new Error(`${row.name} is not invited yet: \`everlink invite ${row.associateId}\`.`);
  return row.userId;
}
