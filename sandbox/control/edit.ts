import type { z } from "zod";
import type {
  OccurrenceChange,
  Person,
  SampleAppointment,
  SampleItems,
  SampleTask,
  SandboxContext,
  SampleStore,
  System,
} from "../context.ts";
import { decodeFile } from "../import/content-lines.ts";
import { importFile } from "../import/import-file.ts";
import { settledTask } from "../samples.ts";
import { personOf } from "./people.ts";
import { ControlError, read, type Route } from "./route.ts";
import {
  appointmentChange,
  appointmentWish,
  contactChange,
  contactWish,
  editWish,
  importWish,
  itemsQuery,
  occurrenceChange,
  taskChange,
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
      says: "items of one person on one side (?side=exchange&associateId=101&kind=appointment|task|contact)",
      run({ query }) {
        const { side, associateId, kind } = read(itemsQuery, Object.fromEntries(query));
        const person = personOf(context, associateId);
        const store = storeOf(side);
        if (kind === "task") return store.tasks.list(person);
        return kind === "contact" ? store.contacts.list(person) : store.list(person);
      },
    },
    {
      method: "POST",
      path: "/control/import",
      says: "stores an .ics or .vcf file ({ side, associateId, text } or base64); one answer for each component",
      run({ body }) {
        const wish = read(importWish, body);
        const text = wish.text ?? decodeFile(Buffer.from(wish.base64 ?? "", "base64"));
        const person = personOf(context, wish.associateId);
        const attempt = <T>(work: () => T): T => context.transaction(work);
        const components = attempt(() => importFile(text, storeOf(wish.side), person, attempt));
        return { components };
      },
    },
    {
      method: "POST",
      path: "/control/edit",
      says: "creates, changes or deletes an item on one side; of a series also one occurrence, or all that follow",
      run({ body }) {
        const wish = read(editWish, body);
        const person = personOf(context, wish.associateId);
        const store = storeOf(wish.side);
        if (wish.originalStart !== undefined) return attempt(() => ({ id: occurrence(store, person, wish) }));
        switch (wish.kind) {
          case "task":
            return attempt(() => ({
              id: plain(
                store.tasks,
                person,
                wish,
                (item) => settledTask(read(taskWish, item) as Partial<SampleTask>),
                taskChange,
              ),
            }));
          case "contact":
            return attempt(() => ({
              id: plain(store.contacts, person, wish, (item) => read(contactWish, item), contactChange),
            }));
          case "appointment":
            return attempt(() => ({
              id: plain(store, person, wish, (item) => read(appointmentWish, item), appointmentChange),
            }));
        }
      },
    },
  ];
}

type Wish = z.output<typeof editWish>;

/** Creates, changes or deletes a whole item. @returns its id */
function plain<Sample, Listed>(
  items: SampleItems<Sample, Listed>,
  person: Person,
  wish: Wish,
  complete: (item: unknown) => unknown,
  changes: z.ZodType,
): string {
  if (wish.action === "create") return items.put(person, complete(wish.item) as Sample);
  const id = needed(wish);
  if (wish.action === "delete") items.remove(person, id);
  else items.change(person, id, read(changes, wish.item) as Partial<Sample>);
  return id;
}

/** One occurrence, or (`following`) this one and all later ones. @returns the id of what was changed */
function occurrence(store: SampleStore, person: Person, wish: Wish): string {
  const id = needed(wish);
  const { originalStart = "" } = wish;
  if (wish.kind !== "appointment" || wish.action === "create")
    throw new ControlError(400, "only occurrences of appointments can be changed and deleted");
  if (wish.action === "delete") {
    if (wish.following) throw new ControlError(400, "to end a series, change its recurrence");
    store.cancelOccurrence(person, id, originalStart);
    return id;
  }
  const changes = read(appointmentChange, wish.item) as Partial<SampleAppointment>;
  if (wish.following) return store.changeFollowing(person, id, originalStart, changes);
  store.changeOccurrence(person, id, originalStart, read(occurrenceChange, wish.item) as OccurrenceChange);
  return id;
}

function needed(wish: Wish): string {
  if (wish.id === undefined) throw new ControlError(400, `to ${wish.action} an item, its id is needed`);
  return wish.id;
}
