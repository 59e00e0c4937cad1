import { Failure } from "../../core/errors/failure.ts";
import type { Appointment, AppointmentPatch } from "../../core/items/appointment.ts";
import type {
  Account,
  Capabilities,
  Changes,
  Cursor,
  ItemStore,
  Observed,
  Ref,
  Scope,
  Version,
} from "../contract.ts";
import { Appointments } from "./agents.ts";
import { listAssociates } from "./associates.ts";
import { changesSince } from "./changes.ts";
import type { SuperOfficeClient } from "./client.ts";
import { listDiary } from "./listing.ts";
import { fieldSupport, project, writeFields } from "./map.ts";
import { Observer, type Seen } from "./observe.ts";
import { inexpressible, writeRule } from "./recurrence.ts";
import { readRef, uidOf, type ItemName } from "./refs.ts";

export interface SuperOfficeStoreOptions {
  client: SuperOfficeClient;
  /** Whose diary. */
  associateId: number;
  /** IANA zone of the tenant's database: all-day appointments and repetitions are reckoned in it. */
  timeZone: string;
}

/** SuperOffice works on for a while after the caller is gone; no document gives a bound. */
const longestWorkMs = 60_000;

/**
 * The diary of one associate as an `ItemStore`. Items are appointments (`Type` inDiary): a single row
 * (`appointment:17`), or all rows of a repetition together (`series:4`).
 */
export function createSuperOfficeStore(options: SuperOfficeStoreOptions): ItemStore & Account {
  return new Store(options);
}

class Store implements ItemStore, Account {
  readonly capabilities: Capabilities;
  readonly identity: string;
  readonly #client: SuperOfficeClient;
  readonly #associateId: number;
  readonly #zone: string;
  readonly #appointments: Appointments;
  readonly #observer: Observer;

  constructor({ client, associateId, timeZone }: SuperOfficeStoreOptions) {
    this.#client = client;
    this.#associateId = associateId;
    this.#zone = timeZone;
    this.identity = `superoffice/${client.tenant}/${associateId}`;
    this.#appointments = new Appointments(client);
    this.#observer = new Observer(this.#appointments, associateId, timeZone);
    this.capabilities = {
      fields: fieldSupport,
      project: (item) => project(item, timeZone),
      compareAndSet: "second",
      createKey: "enforced",
      recurrence: { endless: false, exceptions: false },
      longestRequestMs: client.timeoutMs + longestWorkMs,
    };
  }

  async changes(scope: Scope, cursor: Cursor | undefined, signal: AbortSignal): Promise<Changes> {
    return changesSince(
      cursor,
      scope.window,
      {
        list: () => listDiary(this.#client, this.#associateId, scope.window, signal),
        see: (name, anchor) => this.#observer.see(name, signal, anchor),
      },
      signal,
    );
  }

  async get(ref: Ref, signal: AbortSignal): Promise<Observed | undefined> {
    return (await this.#seen(ref, signal))?.observed;
  }

  async create(_scope: Scope, item: Appointment, key: string, signal: AbortSignal): Promise<Observed> {
    const held = project(item, this.#zone);
    refuse(held.recurrenceRule && inexpressible(held.recurrenceRule));
    const entity: Record<string, unknown> = {
      ...(await this.#appointments.template(signal)),
      AppointmentId: 0,
      MotherId: 0,
      Associate: { AssociateId: this.#associateId },
      Type: "inDiary",
      // Nobody else, so nobody can be mailed.
      Participants: [],
      Recurrence: null,
      ...writeFields(held, this.#zone),
    };
    if (held.recurrenceRule) await this.#repeat(entity, held, signal);
    const made = await this.#appointments.createForUid(entity, uidOf(key), signal);
    // The UID is taken: an earlier call did its work, or a person's calendar has it.
    const found = made ?? (await this.#appointments.byUid(uidOf(key), signal));
    const seen = found && (await this.#observer.see(this.#observer.nameOf(found), signal));
    if (seen && seen !== "elsewhere") return seen.observed;
    throw new Failure("superoffice.request-invalid", { detail: { reason: "key-taken" } });
  }

  async findByKey(_scope: Scope, key: string, signal: AbortSignal): Promise<Observed[]> {
    const found = await this.#appointments.byUid(uidOf(key), signal);
    if (!found || !this.#observer.isOwn(found)) return [];
    const seen = await this.#observer.see(this.#observer.nameOf(found), signal);
    return seen && seen !== "elsewhere" ? [seen.observed] : [];
  }

  async update(ref: Ref, patch: AppointmentPatch, version: Version, signal: AbortSignal): Promise<Observed> {
    const seen = await this.#atVersion(ref, version, signal);
    if (!seen) throw new Failure("item.not-found");
    const { observed } = seen;
    const rule = patch.recurrenceRule === undefined ? observed.item.recurrenceRule : patch.recurrenceRule;
    refuse(patch.recurrenceRule && inexpressible(patch.recurrenceRule));
    const stops = observed.item.recurrenceRule !== null && rule === null;
    const plain =
      rule === null && !stops && !observed.traits.recurrenceUnknown && observed.traits.participants === 0;
    const name = plain
      ? await this.#patch(seen, patch, signal)
      : await this.#save(seen, patch, { ...observed.item, ...patch }, signal);
    const after = await this.#observer.see(name, signal);
    if (!after || after === "elsewhere") throw new Failure("item.not-found");
    return after.observed;
  }

  async remove(ref: Ref, version: Version, signal: AbortSignal): Promise<void> {
    const seen = await this.#atVersion(ref, version, signal);
    if (!seen) return;
    const { rowId, observed, updated } = seen;
    const name = readRef(observed.ref);
    if (name?.kind === "series") return this.#removeSeries(seen, name.id, signal);
    // REST's DELETE knows the condition but has no way to keep it from mailing; with nobody to mail it is the better one.
    if (observed.traits.participants === 0) return this.#appointments.delete(rowId, updated, signal);
    return this.#appointments.deleteQuietly(rowId, "OnlyThis", signal);
  }

  async probe(signal: AbortSignal): Promise<{ ok: true } | { ok: false; code: string }> {
    try {
      const [associate] = await listAssociates(this.#client, signal, [this.#associateId]);
      if (!associate || associate.retired) return { ok: false, code: "superoffice.associate-missing" };
      const now = new Date().toISOString();
      await listDiary(this.#client, this.#associateId, { from: now, to: now }, signal);
      return { ok: true };
    } catch (error) {
      if (error instanceof Failure) return { ok: false, code: error.code };
      throw error;
    }
  }

  async #seen(ref: Ref, signal: AbortSignal): Promise<Seen | undefined> {
    signal.throwIfAborted();
    const name = readRef(ref);
    const seen = name && (await this.#observer.see(name, signal));
    if (seen !== "elsewhere") return seen;
    // It exists, so saying nothing would be read as a delete.
    throw new Failure("item.malformed", { detail: { reason: "elsewhere" } });
  }

  async #atVersion(ref: Ref, version: Version, signal: AbortSignal): Promise<Seen | undefined> {
    const seen = await this.#seen(ref, signal);
    if (seen && seen.observed.version !== version) throw new Failure("item.version-conflict");
    return seen;
  }

  /** Writes only what changed; everything else that the row holds stays. */
  async #patch(seen: Seen, patch: AppointmentPatch, signal: AbortSignal): Promise<ItemName> {
    const changes = writeFields(patch, this.#zone);
    if (Object.keys(changes).length > 0) {
      await this.#appointments.patch(seen.rowId, changes, seen.updated, signal);
    }
    return readRef(seen.observed.ref) ?? { kind: "appointment", id: seen.rowId };
  }

  /**
   * Saves the first row of a series and all after it, or a row with participants, by the service that takes a mode
   * and a word about mails. It wants the whole entity: what the patch does not name goes back as it was read.
   *
   * Modes: `ThisAndForward` from the first date on is the whole series; `StopRecurrence` there leaves that date alone.
   */
  async #save(
    seen: Seen,
    patch: AppointmentPatch,
    after: Appointment,
    signal: AbortSignal,
  ): Promise<ItemName> {
    const whole = await this.#appointments.whole(seen.rowId, signal);
    if (!whole) throw new Failure("item.not-found");
    const entity = { ...whole, ...writeFields(patch, this.#zone) };
    const { item, traits } = seen.observed;
    if (after.recurrenceRule && (patch.time || patch.recurrenceRule)) {
      await this.#repeat(entity, after, signal);
    }
    const mode =
      after.recurrenceRule !== null || traits.recurrenceUnknown
        ? "ThisAndForward"
        : item.recurrenceRule !== null
          ? "StopRecurrence"
          : "OnlyThis";
    return this.#observer.nameOf(await this.#appointments.save(entity, mode, signal));
  }

  /** Puts the repetition and its dates, as SuperOffice itself reckons them, into an entity. */
  async #repeat(entity: Record<string, unknown>, item: Appointment, signal: AbortSignal): Promise<void> {
    if (!item.recurrenceRule) return;
    const before = entity["Recurrence"] as { RecurrenceId?: unknown } | null;
    const id = typeof before?.RecurrenceId === "number" ? before.RecurrenceId : 0;
    const rule = writeRule(item.recurrenceRule, item.time, this.#zone);
    entity["Recurrence"] = { ...rule, RecurrenceId: id };
    entity["Recurrence"] = await this.#appointments.calculateDays(entity, signal);
  }

  async #removeSeries(seen: Seen, recurrenceId: number, signal: AbortSignal): Promise<void> {
    await this.#appointments.deleteQuietly(seen.rowId, "ThisAndForward", signal);
    // Dates that were moved before the first one are not "forward" of it.
    for (const row of await this.#appointments.records(recurrenceId, signal)) {
      if (row.AssociateId === this.#associateId) {
        await this.#appointments.deleteQuietly(row.AppointmentId, "OnlyThis", signal);
      }
    }
  }
}

function refuse(reason: string | null | undefined): void {
  if (reason) throw new Failure("superoffice.request-invalid", { detail: { reason } });
}
