import type { Office } from "./office.ts";
import type { SchemaName } from "./validation.ts";

/** @throws SoError 400 for what is no JSON */
export function parseJson(office: Office, body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return office.validation.refuse("The request body is not valid JSON");
  }
}

/** A JSON body that fits `schema`. @throws SoError 400 */
export function checkedBody<T>(office: Office, body: Buffer, schema: SchemaName): T {
  const value = parseJson(office, body);
  office.validation.request(schema, value);
  return value as T;
}

/**
 * A JSON Patch or merge patch, told apart by its shape as SuperOffice does; the leading slash of paths is optional
 * (PATCH reference), so the published form is checked with it.
 * @throws SoError 400
 */
export function checkedPatch(office: Office, body: Buffer): unknown {
  const patch = parseJson(office, body);
  if (typeof patch !== "object" || patch === null)
    office.validation.refuse("A patch is an object or an array");
  if (!Array.isArray(patch)) return patch;
  const withSlashes = (patch as Record<string, unknown>[]).map((operation) =>
    typeof operation["path"] === "string" && !operation["path"].startsWith("/")
      ? { ...operation, path: `/${operation["path"]}` }
      : operation,
  );
  office.validation.request("PatchRequest", withSlashes);
  return withSlashes;
}

/**
 * An Agents body. Its top members are matched without regard to case unless the switch `agentMemberCase` insists on
 * the reference's spelling.
 * @throws SoError 400
 */
export function agentBody<T>(office: Office, body: Buffer, schema: SchemaName): T {
  const value = parseJson(office, body);
  const known = office.validation.members(schema);
  const renamed =
    office.switches.agentMemberCase === "pascal" ||
    known.length === 0 ||
    typeof value !== "object" ||
    value === null
      ? value
      : Object.fromEntries(
          Object.entries(value).map(([name, member]) => [
            known.find((candidate) => candidate.toLowerCase() === name.toLowerCase()) ?? name,
            member,
          ]),
        );
  office.validation.request(schema, renamed);
  return renamed as T;
}

/** Primary keys as a body of their own. @throws SoError 400 */
export function idsBody(office: Office, body: Buffer): number[] {
  const value = parseJson(office, body);
  const lists =
    office.switches.idListBody === "any" && typeof value === "object" && value !== null
      ? Object.values(value)
      : [];
  const ids: unknown = lists.length === 1 && Array.isArray(lists[0]) ? lists[0] : value;
  office.validation.request("Ids", ids);
  return ids as number[];
}
