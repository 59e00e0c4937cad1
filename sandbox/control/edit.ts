import type { SampleAppointment, SandboxContext, SampleStore, System } from "../context.ts";
import { personOf } from "./people.ts";
import { ControlError, read, type Route } from "./route.ts";
import {
  appointmentChange,
  appointmentWish,
  contactWish,
  editWish,
  itemsQuery,
  taskWish,
} from "./schemas.ts";

/** Reading and editing either side as if its own people did it. */
export function editRoutes(context: SandboxContext, systems: System[]): Route[] {
  function storeOf(side: string): SampleStore {
    const store = systems.find((each) => each.name === side)?.samples;
    if (store === undefined) throw new ControlError(404, `this sandbox runs without ${side}`);
    return store;
  }

  /** What a system says about a wrong id or an impossible item is the caller's mistake. */
  function attempt<T>(work: () => T): T {
    try {
      return context.transaction(work);
    } catch (error) {
      if (error instanceof ControlError) throw error;
      throw new ControlError(422, error instanceof Error ? error.message : String(error));
    }
  }

  return [
    {
      method: "GET",
      path: "/control/items",
      says: "appointments of one person on one side (?side=exchange&associateId=101)",
      run({ query }) {
        const { side, associateId } = read(itemsQuery, Object.fromEntries(query));
        return storeOf(side).list(personOf(context, associateId));
      },
    },
    {
      method: "POST",
      path: "/control/edit",
      says: "creates, changes or deletes an item on one side",
      run({ body }) {
        const wish = read(editWish, body);
        const person = personOf(context, wish.associateId);
        const store = storeOf(wish.side);
        if (wish.action === "create") {
          return attempt(() => {
            if (wish.kind === "task") return { id: store.putTask(person, read(taskWish, wish.item)) };
            if (wish.kind === "contact")
              return { id: store.putContact(person, read(contactWish, wish.item)) };
            return { id: store.put(person, read(appointmentWish, wish.item) as SampleAppointment) };
          });
        }
        const { id } = wish;
        if (id === undefined) throw new ControlError(400, `to ${wish.action} an item, its id is needed`);
        if (wish.kind !== "appointment") {
          throw new ControlError(400, "only appointments can be changed and deleted here");
        }
        attempt(() => {
          if (wish.action === "delete") return store.remove(person, id);
          return store.change(person, id, read(appointmentChange, wish.item) as Partial<SampleAppointment>);
        });
        return { id };
      },
    },
  ];
}
