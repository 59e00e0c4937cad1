import { badRequest, conflict } from "./errors.ts";

type Json = Record<string, unknown>;

/**
 * Applies a JSON Patch (RFC 6902: add, replace, remove, test) or a merge patch (RFC 7396) to an entity.
 * Paths are case-insensitive and need no leading slash; in a merge patch an object where an array stands is added.
 * @see api/reference/restful/rest/Appointment/v1AppointmentEntity_PatchAppointmentEntity.md, rest-webapi/index.md
 * @throws SoError 409 for a failed test, 400 for other operations and for paths that lead nowhere
 */
export function applyPatch(entity: Json, patch: unknown): Json {
  const result = structuredClone(entity);
  if (Array.isArray(patch)) {
    for (const operation of patch as { op?: string; path?: string; value?: unknown }[])
      operate(result, operation);
  } else merge(result, patch as Json);
  return result;
}

function operate(entity: Json, { op, path, value }: { op?: string; path?: string; value?: unknown }): void {
  const steps = (path ?? "")
    .replace(/^\//, "")
    .split("/")
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
  const last = steps.pop();
  if (!last) throw badRequest("A patch operation lacks its path");
  let target: unknown = entity;
  for (const step of steps)
    target = Array.isArray(target) ? target[Number(step)] : (target as Json)[nameIn(target, step)];
  if (typeof target !== "object" || target === null) throw badRequest(`Path ${path} does not exist`);
  switch ((op ?? "").toLowerCase()) {
    case "add":
      if (Array.isArray(target)) target.splice(last === "-" ? target.length : Number(last), 0, value);
      else (target as Json)[nameIn(target, last)] = value;
      return;
    case "replace":
      if (Array.isArray(target)) target[Number(last)] = value;
      else (target as Json)[nameIn(target, last)] = value;
      return;
    case "remove":
      if (Array.isArray(target)) target.splice(Number(last), 1);
      else (target as Json)[nameIn(target, last)] = null;
      return;
    case "test": {
      const present = Array.isArray(target) ? target[Number(last)] : (target as Json)[nameIn(target, last)];
      if (!equal(present, value))
        throw conflict(`Test of ${path} failed: the value is ${JSON.stringify(present)}`);
      return;
    }
    default:
      throw badRequest(`Patch operation '${op}' is not supported`);
  }
}

function merge(target: Json, patch: Json): void {
  for (const [member, value] of Object.entries(patch)) {
    const name = nameIn(target, member);
    const present = target[name];
    if (isObject(value) && Array.isArray(present)) present.push(value);
    else if (isObject(value) && isObject(present)) merge(present, value);
    else target[name] = value;
  }
}

/** The member's real name, whatever its case. */
function nameIn(target: unknown, name: string): string {
  if (typeof target !== "object" || target === null) throw badRequest(`Path step ${name} does not exist`);
  return Object.keys(target).find((known) => known.toLowerCase() === name.toLowerCase()) ?? name;
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function equal(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) return false;
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...names].every((name) => equal((left as Json)[name], (right as Json)[name]));
}
