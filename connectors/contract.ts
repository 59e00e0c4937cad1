import type { ErrorCode } from "../core/errors/table.ts";
import type { Appointment } from "../core/items/appointment.ts";
import type { Capabilities, Changes, Cursor, Observed, Ref, Scope, Version } from "../core/items/observed.ts";

export type {
  Capabilities,
  Changes,
  Cursor,
  Observed,
  Ref,
  Scope,
  Traits,
  Version,
} from "../core/items/observed.ts";

/**
 * What every connected system offers to the engine, one store per kind of item: `memory`, `ews`, later `graph`, and
 * `superoffice`.
 * Systems differ by `capabilities` only, never by name. A store works for one user on one side, with that
 * user's own credential; it keeps nothing between calls but connections.
 *
 * Every failure is a `Failure` of `core/errors` with a code of its table. Every call takes a signal and ends
 * soon after it is aborted; no call waits longer than the store's own timeout (60 s at most).
 */
export interface ItemStore<Item = Appointment> {
  readonly capabilities: Capabilities<Item>;

  /**
   * Names the system and the account for ever: the same after a relink and in a new database, different for
   * any other account (`superoffice/Cust12345/17`, `entra/<tid>/<oid>`). It goes, hashed, into the stamps of the
   * items made from this store's items, so that they are recognized even when every table of ours is lost.
   */
  readonly identity?: string;

  /**
   * What changed in one container since `cursor`.
   *
   * @param cursor opaque; `undefined` lists everything in the window
   * @returns at most a page (512) of changes and the next cursor; `more` asks for another call with `next`.
   *   A cursor that the system forgot is answered by `reset: true` and a listing from nothing. A change of an
   *   item that does not touch the window (any more) is told either as an upsert or as `gone: left-scope`.
   */
  changes(scope: Scope, cursor: Cursor | undefined, signal: AbortSignal): Promise<Changes<Item>>;

  /**
   * Never older than what `changes` or a write has already told of this item. A store of contacts knows the persons of
   * the user's selections only: whoever has positively left them does not exist for it.
   *
   * @throws Failure `item.malformed` with `reason: "elsewhere"`, and `born` where it is known, when what stands at the ref is
   *   nothing of this account's: it is no longer, or not, the item that was asked for
   * @returns `undefined` when the system positively says that the item does not exist (404, ErrorItemNotFound)
   */
  get(ref: Ref, signal: AbortSignal): Promise<Observed<Item> | undefined>;

  /**
   * Creates one item without attendees, stamped with `key`. Repeating with the same key where the system can
   * enforce it (`capabilities.createKey: "enforced"`) gives the item made before; elsewhere the engine looks up
   * by `findByKey` first. Nobody is mailed.
   */
  create(scope: Scope, item: Item, key: string, signal: AbortSignal): Promise<Observed<Item>>;

  /** Every item that carries the stamp, copies too. */
  findByKey(scope: Scope, key: string, signal: AbortSignal): Promise<Observed<Item>[]>;

  /**
   * Writes only the named fields, only if the item is still at `version`. Unmapped data survives. Nobody is mailed.
   *
   * @throws Failure `item.version-conflict` when the item moved on: read again, plan again
   * @throws Failure `item.not-found` when it is gone
   */
  update(ref: Ref, patch: Partial<Item>, version: Version, signal: AbortSignal): Promise<Observed<Item>>;

  /** Deletes. An item already gone is success. @throws Failure `item.version-conflict` */
  remove(ref: Ref, version: Version, signal: AbortSignal): Promise<void>;
}

/** The account behind a store. */
export interface Account {
  /** Can this account be read and written right now? Never throws for a refusal: the answer says so. */
  probe(signal: AbortSignal): Promise<{ ok: true } | { ok: false; code: ErrorCode }>;
}
