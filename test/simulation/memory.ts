import type { Side } from "../../core/items/observed.ts";
import type { ItemLink } from "../../core/sync/item-link.ts";
import { MemoryRepository } from "../../engine/memory-repository.ts";
import type { Clock } from "../../engine/ports.ts";
import type { SyncRepository } from "../../engine/repository.ts";

/** What is remembered of a lane, as far as the simulation itself has to do with it. */
export interface Memory {
  /** As the run under that fence has it. */
  under(fence: number): SyncRepository;
  /** A newer run takes over. @returns its fence */
  raiseFence(): Promise<number>;
  /** Unlinked and linked again: the same two accounts, and no cursor. */
  relink(): Promise<void>;
  /** What an administrator decides about the writes that the brake holds. @returns whether there were any */
  choose(side: Side, choice: "apply" | "restore"): Promise<boolean>;
  links(): Promise<ItemLink[]>;
  /** What conflicts discarded, opened. */
  archive(): Promise<string[]>;
}

/** @param clock the true time */
export function inMemory(clock: Clock): Memory {
  const repository = new MemoryRepository(clock);
  return {
    under: (fence) => repository.under(fence),
    raiseFence: async () => (repository.fence += 1),
    async relink() {
      repository.fence += 1;
      repository.progress.crm = null;
      repository.progress.mailbox = null;
    },
    async choose(side, choice) {
      const held = [...repository.links.values()].some((link) => link.held === side);
      if (held) repository.choices.set(side, { planHash: "", choice });
      return held;
    },
    links: async () => [...repository.links.values()],
    archive: async () => repository.archive.map(({ sealed }) => sealed),
  };
}
