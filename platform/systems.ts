import type { Kind } from "../core/items/observed.ts";

/**
 * Which kinds of items the connector of each system knows. A kind that one side of a link does not know is not
 * available there: it is shown as such and never runs. `worker/stores.ts` has a store for exactly these.
 */
export const kindsOf = {
  superoffice: ["appointment", "task", "contact"],
  ews: ["appointment", "task", "contact"],
  graph: ["appointment", "task", "contact"],
} as const satisfies Record<string, readonly Kind[]>;

export type System = keyof typeof kindsOf;

/** The kinds that can be synced with a mailbox behind that protocol. */
export function availableKinds(backend: Exclude<System, "superoffice">): readonly Kind[] {
  const ofMailbox: readonly Kind[] = kindsOf[backend];
  return kindsOf.superoffice.filter((kind) => ofMailbox.includes(kind));
}
