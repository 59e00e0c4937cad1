import { appointmentKind } from "../../core/items/appointment-kind.ts";
import type { Capabilities } from "../../connectors/contract.ts";
import { crmLike, mailboxLike } from "../../connectors/memory/flavours.ts";
import { createMemoryStore } from "../../connectors/memory/store.ts";
import { MemorySystem } from "../../connectors/memory/system.ts";
import { itemStoreContract, type StoreHarness } from "./item-store.suite.ts";

function harness(capabilities: Capabilities, pageSize: number): () => Promise<StoreHarness> {
  return async () => {
    const system = new MemorySystem("system", capabilities, appointmentKind);
    return {
      store: createMemoryStore({ system, pageSize }),
      scope: {
        kind: "appointment",
        container: "calendar",
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
  };
}

itemStoreContract("memory, like a CRM", harness(crmLike, 512));
itemStoreContract("memory, like a mailbox, with small pages", harness(mailboxLike, 3));
