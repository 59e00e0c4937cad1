import type { Capabilities } from "../../connectors/contract.ts";
import {
  crmLike,
  crmLikeContacts,
  crmLikeTasks,
  mailboxLike,
  mailboxLikeContacts,
  mailboxLikeTasks,
} from "../../connectors/memory/flavours.ts";
import { createMemoryStore } from "../../connectors/memory/store.ts";
import { MemorySystem } from "../../connectors/memory/system.ts";
import { overrideField } from "../../core/items/overrides.ts";
import { appointmentExamples } from "./appointments.ts";
import { inAnyWeather } from "./bad-weather.ts";
import { contactExamples } from "./contacts.ts";
import { itemStoreContract, type KindExamples } from "./item-store.suite.ts";
import { recurrenceContract, type RecurrenceHarness } from "./recurrence.suite.ts";
import type { StoreHarness } from "./store-in-use.ts";
import { taskExamples } from "./tasks.ts";
import { memoryWeather } from "./weather.ts";

function harness<Item extends object>(
  { kind }: KindExamples<Item>,
  capabilities: Capabilities<Item>,
  pageSize: number,
): StoreHarness<Item> & { system: MemorySystem<Item> } {
  const system = new MemorySystem("system", capabilities, kind);
  const weather = memoryWeather(system);
  return {
    system,
    store: createMemoryStore({
      system,
      pageSize,
      weather: (call) => weather.pick(call),
      now: () => weather.now(),
    }),
    weather: () => weather,
    scope: {
      kind: kind.kind,
      container: "place",
      window: { from: "2026-01-01T00:00:00Z", to: "2027-01-01T00:00:00Z" },
    },
    outside: {
      put: async (item) => system.put(item),
      change: async (ref, patch) => system.change(ref, patch),
      remove: async (ref) => system.remove(ref),
      copy: async (ref) => system.copy(ref),
      forgetCursors: async () => system.forgetCursors(),
      unmapped: {
        set: async (ref, value) => void system.unmapped.set(ref, value),
        read: async (ref) => system.unmapped.get(ref),
      },
    },
    close: async () => {},
  };
}

for (const [name, pageSize, appointments, tasks, contacts] of [
  ["memory, like a CRM", 512, crmLike, crmLikeTasks, crmLikeContacts],
  ["memory, like a mailbox, with small pages", 3, mailboxLike, mailboxLikeTasks, mailboxLikeContacts],
] as const) {
  const diary = async (): Promise<RecurrenceHarness> => {
    const made = harness(appointmentExamples, appointments, pageSize);
    return {
      ...made,
      outside: {
        ...made.outside,
        changeOccurrence: async (ref, date, to) => made.system.change(ref, { [overrideField(date)]: to }),
      },
    };
  };
  for (const [title, make] of inAnyWeather(`${name}: appointments`, appointmentExamples.kind, diary)) {
    itemStoreContract(title, appointmentExamples, make);
    recurrenceContract(title, make);
  }
  const checklist = async () => harness(taskExamples, tasks, pageSize);
  for (const [title, make] of inAnyWeather(`${name}: tasks`, taskExamples.kind, checklist))
    itemStoreContract(title, taskExamples, make);
  const people = async () => harness(contactExamples, contacts, pageSize);
  for (const [title, make] of inAnyWeather(`${name}: contacts`, contactExamples.kind, people))
    itemStoreContract(title, contactExamples, make);
}
