import type { ItemData } from "../exchange/model.ts";
import { badRequest, GraphError, notFound } from "./errors.ts";

const TYPE = "#microsoft.graph.openTypeExtension";
const PREFIX = "microsoft.outlookServices.openTypeExtension";

/** An open extension as it is answered; its id may be given with or without the prefix. */
export function writeExtension(name: string, data: Record<string, unknown>): Record<string, unknown> {
  return { "@odata.type": TYPE, ...data, extensionName: name, id: `${PREFIX}.${name}` };
}

export const extensionName = (id: string): string =>
  id.startsWith(`${PREFIX}.`) ? id.slice(PREFIX.length + 1) : id;

/** The extensions of a body, by name. */
export function readExtensions(list: Record<string, unknown>[]): Record<string, Record<string, unknown>> {
  return Object.fromEntries(list.map((each) => [nameIn(each), ownMembers(each)]));
}

export function nameIn(extension: Record<string, unknown>): string {
  const name = extension["extensionName"];
  if (typeof name !== "string" || name === "" || name.length > 120) {
    throw badRequest("ErrorPropertyValidationFailure", "An open extension needs an extensionName.");
  }
  return name;
}

function ownMembers(extension: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(extension).filter(
      ([name]) => !name.startsWith("@odata.") && !["id", "extensionName"].includes(name),
    ),
  );
}

/** @throws GraphError 409 when there is one with this name */
export function addExtension(data: ItemData, body: Record<string, unknown>): string {
  const name = nameIn(body);
  if (data.graph?.extensions?.[name]) {
    throw new GraphError(
      409,
      "ErrorItemAlreadyExists",
      "An open extension with the same name already exists.",
    );
  }
  data.graph = { ...data.graph, extensions: { ...data.graph?.extensions, [name]: ownMembers(body) } };
  return name;
}

/** @throws GraphError 404 */
export function extensionOf(data: ItemData, id: string): { name: string; data: Record<string, unknown> } {
  const name = extensionName(id);
  const found = data.graph?.extensions?.[name];
  if (!found) throw notFound();
  return { name, data: found };
}

/** `null` takes a member away; members left out stay. */
export function changeExtension(data: ItemData, id: string, body: Record<string, unknown>): string {
  const { name, data: before } = extensionOf(data, id);
  const merged = Object.entries({ ...before, ...ownMembers(body) }).filter(([, value]) => value !== null);
  data.graph = {
    ...data.graph,
    extensions: { ...data.graph?.extensions, [name]: Object.fromEntries(merged) },
  };
  return name;
}

export function removeExtension(data: ItemData, id: string): void {
  const { name } = extensionOf(data, id);
  const { [name]: _gone, ...rest } = data.graph?.extensions ?? {};
  data.graph = { ...data.graph, extensions: rest };
}
