import { SYSTEM_ASSOCIATE, type Office } from "./office.ts";
import type { Selection, Selections } from "./selections.ts";

type Wish = Pick<Selection, "associateId" | "name" | "kind" | "filter">;
type Told = Selection & { members: number[] };

/** Selections as `/control/` reads and edits them. */
export interface SelectionDesk {
  list(associateId: number): Told[];
  /** Changes the associate's selection of that name, or makes it. @throws SoError 400 for a filter that cannot be read */
  save(wish: Wish): Told;
  /** @throws SoError 404, 400 for a dynamic one */
  members(id: number, change: { add: number[]; remove: number[] }): Told;
}

export function selectionDesk(office: Office, selections: Selections): SelectionDesk {
  const told = (selection: Selection): Told => ({ ...selection, members: selections.members(selection) });
  return {
    list: (associateId) => selections.of(associateId).map(told),
    save: (wish) =>
      office.write(() => {
        const known = selections.of(wish.associateId).find((each) => each.name === wish.name);
        if (known) return told(selections.update({ ...known, filter: wish.filter }, wish.associateId));
        return told(selections.create(wish, wish.associateId || SYSTEM_ASSOCIATE));
      }),
    members: (id, { add, remove }) =>
      office.write(() => {
        const selection = selections.get(id);
        if (remove.length > 0) selections.leave(selection, remove);
        if (add.length > 0) selections.add(selection, add);
        return told(selections.get(id));
      }),
  };
}
