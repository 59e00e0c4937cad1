import type { Appointment } from "../core/items/appointment.ts";
import type { KindRules } from "../core/sync/rules.ts";
import type { Account, ItemStore } from "../connectors/contract.ts";
import type { ErrorCode } from "../core/errors/table.ts";
import type { OrganizationId, UserId } from "../core/ids.ts";
import type { SyncSettings } from "../core/sync/settings.ts";
import type { Counters } from "./counters.ts";
import type { SyncRepository } from "./repository.ts";

/** What a slice needs of the world. */
export interface SlicePorts<Item = Appointment> {
  crm: ItemStore<Item> & Account;
  mailbox: ItemStore<Item> & Account;
  repository: SyncRepository;
  clock: Clock;
  random: Random;
  /** Keyed hash (the user's fingerprint key) of one field's canonical value. Equal in, equal out; says nothing else. */
  fingerprint(field: string, canonicalValue: string): string;
  /** Encrypts content with the user's data key, for the archive of conflicts. */
  seal(content: string): Promise<string>;
  /** Opens what `seal` made. @throws Failure `vault.unreadable` */
  unseal(sealed: string): Promise<string>;
  /** Told after each remote call; may throw to stop the slice (a cancelled activity). */
  heartbeat(): void;
  /** Codes and counters only. */
  log(message: string, detail?: Record<string, string | number | boolean>): void;
}

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
}

export interface Random {
  uuid(): string;
}

export interface SliceInput<Item = Appointment> {
  organizationId: OrganizationId;
  userId: UserId;
  fence: number;
  /** Of the kind of item that this slice is about. */
  rules: KindRules<Item>;
  settings: SyncSettings;
  /** The slice ends soon after either is used up: 25,000 ms and 100 writes are the worker's values. */
  budget: { ms: number; writes: number };
  /** The systems' own names of the places; `diary` and `calendar` unless told. */
  containers?: { crm?: string; mailbox?: string };
}

export interface SliceResult {
  /** There is work left that can be done now: run another slice. */
  more: boolean;
  counters: Counters;
  /** A failure above the level of one item ended the slice. What was done is kept. */
  problem: ErrorCode | null;
  retryAfterMs?: number;
  /** Deletes wait for a person's decision; everything else goes on. */
  held: "brake" | null;
  /** Something waits for its time (an uncertain write, a parked item): a cycle is worth while after this. */
  dueAgainMs?: number;
}
