import type { SandboxContext, System } from "../context.ts";
import type { SuperOffice } from "../superoffice/index.ts";
import { personOf } from "./people.ts";
import { ControlError, read, type Route } from "./route.ts";
import { memberWish, ofAssociate, selectionWish } from "./schemas.ts";

/** SuperOffice's selections of persons, as their owners work with them. */
export function selectionRoutes(context: SandboxContext, systems: System[]): Route[] {
  const office = systems.find((each) => each.name === "superoffice") as SuperOffice | undefined;
  if (office === undefined) return [];
  const { selections } = office;

  function attempt<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw new ControlError(422, (error as Error).message);
    }
  }

  return [
    {
      method: "GET",
      path: "/control/selections",
      says: "an associate's selections with their members (?associateId=101)",
      run: ({ query }) =>
        selections.list(
          personOf(context, read(ofAssociate, Object.fromEntries(query)).associateId).associateId,
        ),
    },
    {
      method: "POST",
      path: "/control/selections",
      says: "makes a selection, or gives the one of that name another filter",
      run({ body }) {
        const wish = read(selectionWish, body);
        personOf(context, wish.associateId);
        return attempt(() => selections.save(wish));
      },
    },
    {
      method: "POST",
      path: "/control/selections/:id",
      says: "adds and removes members (ids of persons) of a static selection",
      run: ({ body, id }) => attempt(() => selections.members(Number(id), read(memberWish, body))),
    },
  ];
}
