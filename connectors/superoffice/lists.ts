import { z } from "zod";
import { malformed } from "./pages.ts";
import type { SuperOfficeClient } from "./client.ts";
import { oneLine } from "./texts.ts";
import { listItem, taskListItem } from "./wire.ts";

/** An entry of one of the tenant's lists, which its administrators edit. */
export interface ListEntry {
  id: number;
  name: string;
}

/** The lists of a tenant that items point into. */
export interface Lists {
  /** Follow-up types of the checklist (`TaskType` ToDo), the tenant's usual one first. */
  followUpTypes: readonly ListEntry[];
  /** From the least to the most urgent. */
  priorities: readonly ListEntry[];
  countries: readonly ListEntry[];
}

export const noLists: Lists = { followUpTypes: [], priorities: [], countries: [] };

/**
 * Three requests; lists change so rarely that a process may keep them for minutes.
 *
 * @see api/reference/restful/rest/List (Task items), api/mdo-providers/reference (priority, country)
 * @throws Failure `remote.malformed`, and those of `SuperOfficeClient.call`
 */
export async function readLists(client: SuperOfficeClient, signal: AbortSignal): Promise<Lists> {
  const read = async <Item>(path: string, shape: z.ZodType<Item>): Promise<Item[]> => {
    const { value } = await client.call({ method: "GET", path, signal });
    const items = z.array(shape).safeParse(value);
    if (!items.success) throw malformed(path, "list");
    return items.data;
  };
  const [types, priorities, countries] = await Promise.all([
    read("List/Task/Items", taskListItem),
    read("MDOList/priority", listItem),
    read("MDOList/country", listItem),
  ]);
  const present = <Item extends { Deleted?: boolean | null | undefined; Rank?: number | null | undefined }>(
    items: Item[],
  ) =>
    items
      .filter((item) => item.Deleted !== true)
      .toSorted((left, right) => (left.Rank ?? 0) - (right.Rank ?? 0));
  const named = ({ Id, Name }: z.infer<typeof listItem>): ListEntry => ({
    id: Id,
    name: oneLine(Name ?? ""),
  });
  return {
    followUpTypes: present(types)
      .filter(({ Type }) => Type === "ToDo")
      .map(({ TaskListItemId, Value }) => ({ id: TaskListItemId, name: oneLine(Value ?? "") })),
    priorities: present(priorities).map(named),
    countries: present(countries).map(named),
  };
}

/** Names are compared as people read them. */
export function entryNamed(entries: readonly ListEntry[], name: string): ListEntry | undefined {
  const wanted = name.toLowerCase();
  return name === "" ? undefined : entries.find((entry) => entry.name.toLowerCase() === wanted);
}
