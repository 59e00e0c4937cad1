import type { RecurrenceRule } from "../../core/items/appointment.ts";
import type { Observed } from "../contract.ts";
import type { Appointments } from "./agents.ts";
import { happensOnce } from "./expand.ts";
import { readRow } from "./map.ts";
import { participation } from "./participation.ts";
import { canonicalRule, readRule, ruleDay } from "./recurrence.ts";
import { contentOf } from "./row-content.ts";
import { readSeries, usualRow, type Series } from "./series.ts";
import { keyOf, refOf, type ItemName } from "./refs.ts";
import { dayIn, moment } from "./time.ts";
import { carefully, versionOf } from "./version.ts";
import type { AppointmentEntity, AppointmentRecord, RowContent } from "./wire.ts";

/** An item as read, with what a write needs of it. */
export interface Seen {
  observed: Observed;
  /** A single row, or the first row of a series by date. */
  rowId: number;
  /** The row of each date of a series. */
  rowOf: ReadonlyMap<string, AppointmentRecord>;
  /** Of the row with `rowId`. */
  updated: Date;
  /** Some row touches these UTC instants. */
  touches(window: { from: string; to: string }): boolean;
}

/** Reads items of one associate's diary. */
export class Observer {
  readonly #appointments: Appointments;
  readonly #associateId: number;
  readonly #zone: string;

  constructor(appointments: Appointments, associateId: number, zone: string) {
    this.#appointments = appointments;
    this.#associateId = associateId;
    this.#zone = zone;
  }

  /**
   * An appointment that became part of a series is answered with the series, under the series' own ref.
   *
   * @param anchor a row that a series had, 0 when none is known
   * @returns `undefined` when SuperOffice says that it does not exist; `"elsewhere"` when it exists, but not as an
   *   appointment in this diary or not under this name
   */
  async see(name: ItemName, signal: AbortSignal, anchor = 0): Promise<Seen | "elsewhere" | undefined> {
    return carefully(() =>
      name.kind === "series" ? this.#series(name.id, anchor, signal) : this.#row(name.id, signal),
    );
  }

  /** The item that a row belongs to. */
  nameOf(entity: AppointmentEntity): ItemName {
    return entity.Recurrence?.IsRecurrence && entity.Recurrence.RecurrenceId > 0
      ? { kind: "series", id: entity.Recurrence.RecurrenceId }
      : { kind: "appointment", id: entity.AppointmentId };
  }

  isOwn(entity: AppointmentEntity): boolean {
    return entity.Associate?.AssociateId === this.#associateId && entity.Type === "inDiary";
  }

  async #row(id: number, signal: AbortSignal): Promise<Seen | "elsewhere" | undefined> {
    const [entity, uid] = await Promise.all([
      this.#appointments.entity(id, signal),
      this.#appointments.uid(id, signal),
    ]);
    if (!entity) return undefined;
    if (!this.isOwn(entity)) return "elsewhere";
    // A single appointment that became a series goes on under the series' name.
    const name = this.nameOf(entity);
    if (name.kind === "series") return this.#series(name.id, id, signal);
    const item = readRow(entity, null, this.#zone);
    const traits = { ...participation(entity, this.#associateId), exceptions: 0, recurrenceUnknown: false };
    return {
      observed: {
        ref: refOf({ kind: "appointment", id }),
        version: versionOf(entity.UpdatedDate, [contentOf(entity), traits]),
        uid,
        key: keyOf(uid),
        item,
        traits,
      },
      rowId: id,
      rowOf: new Map(),
      updated: moment(entity.UpdatedDate).toJSDate(),
      touches: (window) => touches(entity, window),
    };
  }

  async #series(id: number, anchor: number, signal: AbortSignal): Promise<Seen | "elsewhere" | undefined> {
    const all = await this.#appointments.records(id, signal);
    const rows = all
      .filter((row) => row.AssociateId === this.#associateId && row.Type === "inDiary")
      .toSorted((left, right) => moment(left.StartDate).toMillis() - moment(right.StartDate).toMillis());
    const first = rows[0];
    const usual = usualRow(rows, this.#zone);
    if (!first || !usual)
      return all.length > 0 || (await this.#goesOn(id, anchor, signal)) ? "elsewhere" : undefined;
    const [entity, uid] = await Promise.all([
      this.#appointments.entity(usual.AppointmentId, signal),
      this.#uid(rows, signal),
    ]);
    // Gone or turned into a single one between the two calls: the next poll sees what it is now.
    if (!entity?.Recurrence?.IsRecurrence) return "elsewhere";
    const rule = readRule(entity.Recurrence, this.#zone);
    const ruleStart = ruleDay(entity.Recurrence.StartDate, this.#zone);
    const series = rule && this.#told(rows, entity, rule, ruleStart);
    const item = series?.item ?? readRow(entity, null, this.#zone);
    const traits = {
      ...participation(entity, this.#associateId),
      exceptions: series?.strays ?? 0,
      recurrenceUnknown: rule === undefined,
    };
    const content = rows.map((row) => [row.AppointmentId, contentOf(row)]);
    return {
      observed: {
        ref: refOf({ kind: "series", id }),
        version: versionOf(entity.UpdatedDate, [content, item.recurrenceRule, traits]),
        uid,
        key: keyOf(uid),
        item,
        traits,
      },
      rowId: first.AppointmentId,
      rowOf: series?.rowOf ?? new Map(),
      updated: moment(entity.UpdatedDate).toJSDate(),
      touches: (window) => rows.some((row) => touches(row, window)),
    };
  }

  #told(rows: AppointmentRecord[], usual: RowContent, told: RecurrenceRule, ruleStart: string): Series {
    const startDay = dayIn(rows[0]?.StartDate ?? usual.StartDate, this.#zone);
    const rule = canonicalRule(told, startDay);
    const single = rows.length === 1 && happensOnce(rule, ruleStart <= startDay ? ruleStart : startDay);
    return single
      ? { item: readRow(usual, null, this.#zone), rowOf: new Map(), strays: 0 }
      : readSeries(rows, usual, rule, ruleStart, this.#zone);
  }

  /**
   * Whether a series without records exists after all. An empty list is weaker than a 404, and changing a series
   * "from this date on" may move its rows to another rule: so a row is asked for, or else the archive.
   */
  async #goesOn(id: number, anchor: number, signal: AbortSignal): Promise<boolean> {
    if (anchor > 0) return (await this.#appointments.entity(anchor, signal)) !== undefined;
    return this.#appointments.listsRule(id, signal);
  }

  /** The UID stands on the row that was made first, which need not be the first by date any more. */
  async #uid(rows: AppointmentRecord[], signal: AbortSignal): Promise<string | null> {
    const first = rows[0]?.AppointmentId ?? 0;
    const oldest = Math.min(...rows.map((row) => row.AppointmentId));
    const uid = await this.#appointments.uid(oldest, signal);
    return uid === null && first !== oldest ? this.#appointments.uid(first, signal) : uid;
  }
}

function touches(row: RowContent, window: { from: string; to: string }): boolean {
  const [start, end] = [moment(row.StartDate), moment(row.EndDate)];
  const [from, to] = [moment(window.from), moment(window.to)];
  return start < to && (end > from || start >= from);
}
