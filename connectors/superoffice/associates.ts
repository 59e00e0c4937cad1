import { z } from "zod";
import { Failure } from "../../core/errors/failure.ts";
import type { AssociateId } from "../../core/ids.ts";
import type { SuperOfficeClient } from "./client.ts";

/** An employee who has, or had, a diary in SuperOffice. */
export interface Associate {
  associateId: AssociateId;
  /** 0 when SuperOffice names none. */
  personId: number;
  name: string;
  /** Primary mail address; `null` when SuperOffice has none. */
  address: string | null;
  /** No longer a user; the diary is still there. */
  retired: boolean;
}

interface ListItem {
  Id: number;
  Name?: string | null | undefined;
  FullName?: string | null | undefined;
  ExtraInfo?: string | null | undefined;
  Deleted?: boolean | undefined;
  ChildItems?: ListItem[] | null | undefined;
}

const listItem: z.ZodType<ListItem> = z.object({
  Id: z.number(),
  Name: z.string().nullish(),
  FullName: z.string().nullish(),
  ExtraInfo: z.string().nullish(),
  Deleted: z.boolean().optional(),
  get ChildItems() {
    return z.array(listItem).nullish();
  },
});

const associateData = z.object({
  AssociateId: z.number(),
  PersonId: z.number().nullish(),
  FullName: z.string().nullish(),
  Type: z.string(),
  Deleted: z.boolean(),
});

const batch = 200;

/**
 * All employees of the tenant; resources, external, anonymous and system users are left out.
 *
 * @param only these associates, wherever they stand; everybody unless given
 * @see api/mdo-providers/reference/associatewithmail.md (`Name <mail>`, the mail may be missing; `person_id=…`),
 *   reference/restful/agent/Associate_Agent, GetAssociateList
 * @throws Failure `remote.malformed` for answers that make no sense, and those of `SuperOfficeClient.call`
 */
export async function listAssociates(
  client: SuperOfficeClient,
  signal: AbortSignal,
  only?: readonly number[],
): Promise<Associate[]> {
  const { value } = await client.call({ method: "GET", path: "MDOList/associatewithmail", signal });
  const list = z.array(listItem).safeParse(value);
  if (!list.success) throw malformed("MDOList/associatewithmail");
  const items = flat(list.data).filter(
    (item) => item.Id > 0 && (only === undefined || only.includes(item.Id)),
  );
  const data = await associatesById(
    client,
    items.map((item) => item.Id),
    signal,
  );
  return items.flatMap((item): Associate[] => {
    const associate = data.get(item.Id);
    if (associate?.Type !== "InternalAssociate") return [];
    const { name, address } = splitName(item.Name ?? "");
    return [
      {
        associateId: item.Id as AssociateId,
        personId: associate.PersonId ?? Number(/(?:^|&)person_id=(\d+)/.exec(item.ExtraInfo ?? "")?.[1] ?? 0),
        name: name || associate.FullName || item.FullName || `#${item.Id}`,
        address,
        retired: associate.Deleted || item.Deleted === true,
      },
    ];
  });
}

async function associatesById(
  client: SuperOfficeClient,
  ids: number[],
  signal: AbortSignal,
): Promise<Map<number, z.infer<typeof associateData>>> {
  const found = new Map<number, z.infer<typeof associateData>>();
  for (let from = 0; from < ids.length; from += batch) {
    const { value } = await client.call({
      method: "POST",
      path: "Agents/Associate/GetAssociateList",
      // A bare array, as for every service that takes primary keys only.
      body: ids.slice(from, from + batch),
      signal,
    });
    const associates = z.array(associateData.nullable()).safeParse(value);
    if (!associates.success) throw malformed("GetAssociateList");
    for (const associate of associates.data) if (associate) found.set(associate.AssociateId, associate);
  }
  return found;
}

/** Lists may be grouped under headings. */
function flat(items: ListItem[]): ListItem[] {
  const all = items.flatMap((item) => [item, ...flat(item.ChildItems ?? [])]);
  return [...new Map(all.map((item) => [item.Id, item])).values()];
}

/** `Arne Arnesen <arne@example.com>`, or a name alone. */
function splitName(text: string): { name: string; address: string | null } {
  const match = /^(.*?)\s*<([^<>\s@]+@[^<>\s@]+)>\s*$/s.exec(text);
  return match
    ? { name: match[1]?.trim() ?? "", address: match[2] ?? null }
    : { name: text.trim(), address: null };
}

function malformed(operation: string): Failure {
  return new Failure("remote.malformed", { detail: { operation } });
}
