import type { Account, ItemStore } from "../connectors/contract.ts";
import type { EwsStoreOptions } from "../connectors/ews/calls.ts";
import type { GraphStoreOptions } from "../connectors/graph/calls.ts";
import { createGraphContactStore } from "../connectors/graph/contacts.ts";
import { createGraphStore } from "../connectors/graph/store.ts";
import { createGraphTaskStore } from "../connectors/graph/tasks.ts";
import { createSuperOfficeContactStore } from "../connectors/superoffice/contacts.ts";
import type { SuperOfficeStoreOptions } from "../connectors/superoffice/options.ts";
import { createSuperOfficeStore } from "../connectors/superoffice/store.ts";
import { createSuperOfficeTaskStore } from "../connectors/superoffice/tasks.ts";
import { kinds, type ItemOf } from "../core/items/kinds.ts";
import type { Kind } from "../core/items/observed.ts";
import type { kindsOf, System } from "../platform/systems.ts";

/** One side of one user for one kind of item. */
export type StoreOf<K extends Kind> = ItemStore<ItemOf<K>> & Account;

/** Opens stores of one user on one side; `undefined` for a kind that this side does not know. */
export type Opening = <K extends Kind>(kind: K) => StoreOf<K> | undefined;

/** Both sides of one user, for each kind that both of them know. */
export type StorePairs = { [K in Kind]?: { crm: StoreOf<K>; mailbox: StoreOf<K> } };

/**
 * Where a connector plugs in: one line per kind, exactly for the kinds that `platform/systems.ts` names for it. All
 * stores of a system are made from the same options; making one costs nothing and calls nobody.
 */
type Makers<Name extends System, Options> = {
  readonly [K in (typeof kindsOf)[Name][number]]: (options: Options) => StoreOf<K>;
};

const superofficeStores: Makers<"superoffice", SuperOfficeStoreOptions> = {
  appointment: createSuperOfficeStore,
  task: createSuperOfficeTaskStore,
  contact: createSuperOfficeContactStore,
};

/** The library that writes EWS requests takes 50 MB: it is loaded when the first mailbox needs it. */
const ewsStores = async (): Promise<Makers<"ews", EwsStoreOptions>> => {
  const [appointments, tasks, contacts] = await Promise.all([
    import("../connectors/ews/store.ts"),
    import("../connectors/ews/tasks.ts"),
    import("../connectors/ews/contacts.ts"),
  ]);
  return {
    appointment: appointments.createEwsStore,
    task: tasks.createEwsTaskStore,
    contact: contacts.createEwsContactStore,
  };
};

const graphStores: Makers<"graph", GraphStoreOptions> = {
  appointment: createGraphStore,
  task: createGraphTaskStore,
  contact: createGraphContactStore,
};

export function superofficeSide(options: SuperOfficeStoreOptions): Opening {
  return opening(superofficeStores, options);
}

export async function ewsSide(options: EwsStoreOptions): Promise<Opening> {
  return opening(await ewsStores(), options);
}

export function graphSide(options: GraphStoreOptions): Opening {
  return opening(graphStores, options);
}

function opening<Options>(
  makers: { readonly [K in Kind]?: (options: Options) => StoreOf<K> },
  options: Options,
): Opening {
  return (kind) => makers[kind]?.(options);
}

/** The kinds that both sides know, each with its two stores. */
export function pairs(crm: Opening, mailbox: Opening): StorePairs {
  const found: StorePairs = {};
  for (const kind of kinds) pair(found, kind, crm, mailbox);
  return found;
}

function pair<K extends Kind>(found: StorePairs, kind: K, crm: Opening, mailbox: Opening): void {
  const sides = { crm: crm(kind), mailbox: mailbox(kind) };
  if (sides.crm && sides.mailbox) found[kind] = { crm: sides.crm, mailbox: sides.mailbox } as StorePairs[K];
}
