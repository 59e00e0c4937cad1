import { z } from "zod";
import { Failure } from "../../core/errors/failure.ts";
import type { Appointment, AppointmentPatch, RecurrenceOverride } from "../../core/items/appointment.ts";
import { appointmentKind } from "../../core/items/appointment-kind.ts";
import { differences } from "../../core/items/compare.ts";
import { localDate, occurrenceDates } from "../../core/items/expand.ts";
import { normalizeAppointment } from "../../core/items/normalize.ts";
import {
  datesNamed,
  datesThatDiffer,
  occurrenceOf,
  overrideField,
  overrideFor,
  overridesOf,
  ownOf,
  regularTime,
  withOverrides,
  withoutOverrides,
} from "../../core/items/overrides.ts";
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
import { probeAssociate } from "./account.ts";
import { Appointments } from "./agents.ts";
import { changesSince } from "./changes.ts";
import type { SuperOfficeClient } from "./client.ts";
import { layouts } from "./cursor.ts";
import { listDiary } from "./listing.ts";
import { fieldSupport, project, writeFields } from "./map.ts";
import { Observer, type Seen } from "./observe.ts";
import { identityOf, longestWorkMs, type SuperOfficeStoreOptions } from "./options.ts";
import { canHold, inexpressible, writeRule } from "./recurrence.ts";
import { readRef, uidOf, type ItemName } from "./refs.ts";
import { dayIn, instant, moment } from "./time.ts";
import { appointmentEntity } from "./wire.ts";

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
  readonly #now: () => number;
  readonly #options: SuperOfficeStoreOptions;

  constructor(options: SuperOfficeStoreOptions) {
    const { client, associateId, timeZone, now = Date.now } = options;
    this.#options = options;
    this.#now = now;
    this.#client = client;
    this.#associateId = associateId;
    this.#zone = timeZone;
    this.identity = identityOf(options);
    this.#appointments = new Appointments(client, appointmentEntity);
    this.#observer = new Observer(this.#appointments, associateId, timeZone);
    this.capabilities = {
      fields: fieldSupport,
      project: (item) => project(item, timeZone),
      compareAndSet: "second",
      createKey: "enforced",
      recurrence: {
        endless: false,
        exceptions: true,
        keepsPast: true,
        holds: (item) => canHold(item, timeZone),
      },
      longestRequestMs: client.timeoutMs + longestWorkMs,
    };
  }

  async changes(scope: Scope, cursor: Cursor | undefined, signal: AbortSignal): Promise<Changes> {
    return changesSince(
      cursor,
      scope.window,
      {
        layout: layouts.diary,
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
    const name = found && this.#observer.nameOf(found);
    if (name && made) await this.#giveOccurrences(name, held, () => true, signal);
    const seen = name && (await this.#observer.see(name, signal));
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
    const after = aligned(project(normalizeAppointment({ ...observed.item, ...patch }), this.#zone));
    refuse(after.recurrenceRule && inexpressible(after.recurrenceRule));
    const stops = observed.item.recurrenceRule !== null && after.recurrenceRule === null;
    const plain =
      after.recurrenceRule === null &&
      !stops &&
      !observed.traits.recurrenceUnknown &&
      observed.traits.participants === 0;
    const name = plain
      ? await this.#patch(seen, patch, signal)
      : observed.item.recurrenceRule !== null && after.recurrenceRule !== null
        ? await this.#saveSeries(seen, patch, after, datesBack(observed.item, after, patch), signal)
        : await this.#save(seen, patch, after, signal);
    const found = await this.#observer.see(name, signal);
    if (!found || found === "elsewhere") throw new Failure("item.not-found");
    return found.observed;
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

  probe(signal: AbortSignal): ReturnType<Account["probe"]> {
    return probeAssociate(this.#options, signal, async () => {
      const now = new Date().toISOString();
      await listDiary(this.#client, this.#associateId, { from: now, to: now }, signal);
    });
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
   * Saves a row with participants, or makes a series or an end of one, by the service that takes a mode and a word about
   * mails. It wants the whole entity: what the patch does not name goes back as it was read.
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
    if (after.recurrenceRule && patch.recurrenceRule) await this.#repeat(entity, after, signal);
    const mode =
      after.recurrenceRule !== null || traits.recurrenceUnknown
        ? "ThisAndForward"
        : item.recurrenceRule !== null
          ? "StopRecurrence"
          : "OnlyThis";
    const name = this.#observer.nameOf(await this.#appointments.save(entity, mode, signal));
    await this.#giveOccurrences(name, after, () => true, signal);
    return name;
  }

  /**
   * Writes a series that stays one; `back` are cancelled dates that come back, in order. What concerns all dates is saved from the first date to come on: dates that have
   * been are history. The saved date gives all later ones its content, so those that are to differ are written again.
   * Where too little of the series is left for its new content to be recognized by, all of it is written.
   */
  async #saveSeries(
    seen: Seen,
    patch: AppointmentPatch,
    after: Appointment,
    back: readonly string[],
    signal: AbortSignal,
  ): Promise<ItemName> {
    const before = readRef(seen.observed.ref) ?? { kind: "series", id: 0 };
    const named = new Set([...datesNamed(patch), ...back]);
    const whole = withoutOverrides(patch);
    const reshaped = back.length > 0 || whole.time !== undefined || whole.recurrenceRule !== undefined;
    if (!reshaped && Object.keys(whole).length === 0) {
      await this.#giveOccurrences(before, after, (date) => named.has(date), signal);
      return before;
    }
    const dates = regularDates(seen);
    const now = new Date(this.#now()).toISOString();
    const next = dates.findIndex((date) => instantIn(regularTime(after, date).start, this.#zone) >= now);
    const [first] = dates;
    const [earliest] = back;
    if (first !== undefined && earliest !== undefined && earliest < first) {
      // Dates before a row cannot be made from it: the first row becomes the first of them, and lacks on its own date.
      await this.#saveOnly(seen.rowOf.get(first)?.AppointmentId, after, earliest, signal);
      const moved = await this.#seen(seen.observed.ref, signal);
      if (!moved) throw new Failure("item.version-conflict");
      return this.#saveSeries(moved, patch, after, [...back.slice(1), first].toSorted(), signal);
    }
    const from =
      dates[next] === undefined || back.some((date) => date < (dates[next] ?? "")) ? first : dates[next];
    if (first === undefined || from === undefined) throw new Failure("item.version-conflict");
    const name = await this.#saveFrom(before, seen, from, after, reshaped, signal);
    if (name.id !== before.id && from !== first) return this.#rejoin(before, name, seen, from, after, signal);
    await this.#giveOccurrences(name, after, (date) => date >= from || named.has(date), signal);
    const found = await this.#observer.see(name, signal);
    if (from === first || !found || found === "elsewhere" || isSame(found.observed.item, after)) return name;
    const all = await this.#saveFrom(name, seen, first, after, reshaped, signal);
    await this.#giveOccurrences(all, after, () => true, signal);
    return all;
  }

  /**
   * Where the later dates were given a repetition of their own, one series has become two. They are joined: the first
   * date takes all the others along once more, then the second series goes; what stands between the two steps is seen
   * twice, and nothing is lost. A change of the pattern remains a split: the dates that have been belong to another rule.
   */
  async #rejoin(
    before: ItemName,
    split: ItemName,
    seen: Seen,
    from: string,
    after: Appointment,
    signal: AbortSignal,
  ): Promise<ItemName> {
    const [first] = regularDates(seen);
    if (first === undefined || !samePattern(seen.observed.item, after)) {
      await this.#giveOccurrences(split, after, (date) => date >= from, signal);
      return before;
    }
    const whole = withHistory(after, seen.observed.item, from);
    const joined = await this.#saveFrom(before, seen, first, whole, true, signal);
    const second = await this.#observer.see(split, signal);
    if (second && second !== "elsewhere") await this.#removeSeries(second, split.id, signal);
    await this.#giveOccurrences(joined, whole, () => true, signal);
    return joined;
  }

  /** @returns the series' name: another one where SuperOffice gives saved dates a repetition of their own */
  async #saveFrom(
    name: ItemName,
    seen: Seen,
    anchor: string,
    after: Appointment,
    reshaped: boolean,
    signal: AbortSignal,
  ): Promise<ItemName> {
    const rowId = seen.rowOf.get(anchor)?.AppointmentId ?? seen.rowId;
    const row = await this.#appointments.whole(rowId, signal);
    if (!row) throw new Failure("item.version-conflict");
    const regular = ownOf({ ...after, time: regularTime(after, anchor) });
    const entity = { ...row, ...writeFields(regular, this.#zone) };
    if (reshaped) {
      await this.#repeat(entity, after, signal);
      const last = lastListed(entity, this.#zone);
      if (last !== undefined && last < anchor) {
        await this.#appointments.deleteQuietly(rowId, "ThisAndForward", signal);
        return name;
      }
    }
    return this.#observer.nameOf(await this.#appointments.save(entity, "ThisAndForward", signal));
  }

  /** Makes single dates of a series, as far as they are `ours`, what they are in `wanted`. */
  async #giveOccurrences(
    name: ItemName,
    wanted: Appointment,
    ours: (date: string) => boolean,
    signal: AbortSignal,
  ): Promise<void> {
    if (wanted.recurrenceRule === null || name.kind !== "series") return;
    const seen = await this.#observer.see(name, signal);
    if (!seen || seen === "elsewhere") return;
    const { item } = seen.observed;
    for (const date of datesThatDiffer(item, wanted).filter(ours)) {
      const rowId = seen.rowOf.get(date)?.AppointmentId;
      if (rowId === undefined) continue;
      if (occurrenceOf(wanted, date) === null) {
        await this.#appointments.deleteQuietly(rowId, "OnlyThis", signal);
        continue;
      }
      await this.#saveOnly(rowId, wanted, date, signal);
    }
  }

  /** Makes one row the occurrence of that date. */
  async #saveOnly(
    rowId: number | undefined,
    wanted: Appointment,
    date: string,
    signal: AbortSignal,
  ): Promise<void> {
    const row = rowId === undefined ? undefined : await this.#appointments.whole(rowId, signal);
    if (!row) throw new Failure("item.version-conflict");
    const entity = { ...row, ...writeFields(contentAt(wanted, date), this.#zone) };
    await this.#appointments.save(entity, "OnlyThis", signal);
  }

  /** Puts the repetition and its dates, as SuperOffice itself reckons them, less the cancelled ones, into an entity. */
  async #repeat(entity: Record<string, unknown>, item: Appointment, signal: AbortSignal): Promise<void> {
    if (!item.recurrenceRule) return;
    const before = entity["Recurrence"] as { RecurrenceId?: unknown } | null;
    const id = typeof before?.RecurrenceId === "number" ? before.RecurrenceId : 0;
    const rule = writeRule(item.recurrenceRule, item.time, this.#zone);
    entity["Recurrence"] = { ...rule, RecurrenceId: id };
    const reckoned = await this.#appointments.calculateDays(entity, signal);
    const listed = listedDates(reckoned).filter(
      ({ Date: at }) => occurrenceOf(item, dayIn(at, this.#zone)) !== null,
    );
    entity["Recurrence"] = { ...reckoned, Dates: listed };
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

/** A series starts on the first date of its rule. */
function aligned(item: Appointment): Appointment {
  const [first] =
    item.recurrenceRule === null ? [] : occurrenceDates(localDate(item), item.recurrenceRule).take(1);
  return first === undefined ? item : { ...item, time: regularTime(item, first) };
}

/** Dates with a row on that very day: others would drag the later ones along. */
function regularDates({ rowOf, observed }: Seen): string[] {
  return [...rowOf.keys()]
    .filter((date) => {
      const override = observed.item[overrideField(date)];
      return override === undefined || override === null || !("time" in override);
    })
    .toSorted();
}

/** Cancelled, and to be there again; in order. */
function datesBack(present: Appointment, wanted: Appointment, patch: AppointmentPatch): string[] {
  return datesNamed(patch).filter(
    (date) => occurrenceOf(present, date) === null && occurrenceOf(wanted, date) !== null,
  );
}

/** The same dates, but for how long. */
function samePattern(one: Appointment, other: Appointment): boolean {
  const pattern = ({ recurrenceRule }: Appointment) => JSON.stringify({ ...recurrenceRule, end: null });
  return pattern(one) === pattern(other) && localDate(one) === localDate(other);
}

/** A series with the dates before `from` as they were. */
function withHistory(after: Appointment, before: Appointment, from: string): Appointment {
  const rule = before.recurrenceRule;
  const past = rule === null ? [] : occurrenceDates(localDate(before), rule).filter((date) => date < from);
  return withOverrides(after, [
    ...overridesOf(after).filter(([date]) => date >= from),
    ...past.map((date): [string, RecurrenceOverride | null] => {
      const occurrence = occurrenceOf(before, date);
      return [date, occurrence === null ? { excluded: true } : overrideFor(after, date, ownOf(occurrence))];
    }),
  ]);
}

/** All that is written of one date. */
function contentAt(series: Appointment, date: string): AppointmentPatch {
  const occurrence = occurrenceOf(series, date) ?? { ...series, time: regularTime(series, date) };
  return ownOf(occurrence);
}

/** Whether a series is as it is to be, whatever its single dates are. */
function isSame(present: Appointment, wanted: Appointment): boolean {
  return differences(appointmentKind, withoutOverrides(present), withoutOverrides(wanted)).length === 0;
}

function listedDates(recurrence: Record<string, unknown>): { Date: string }[] {
  const dates = z.array(z.looseObject({ Date: z.string() })).safeParse(recurrence["Dates"] ?? []);
  if (!dates.success) throw new Failure("remote.malformed", { detail: { operation: "CalculateDays" } });
  return dates.data;
}

function lastListed(entity: Record<string, unknown>, zone: string): string | undefined {
  return listedDates(entity["Recurrence"] as Record<string, unknown>)
    .map(({ Date: at }) => dayIn(at, zone))
    .toSorted()
    .at(-1);
}

/** The instant at which a time of either kind begins in the tenant's zone. */
function instantIn(start: string, zone: string): string {
  return start.length === 10
    ? instant(moment(`${start}T00:00:00Z`).setZone(zone, { keepLocalTime: true }))
    : start;
}

function refuse(reason: string | null | undefined): void {
  if (reason) throw new Failure("superoffice.request-invalid", { detail: { reason } });
}
