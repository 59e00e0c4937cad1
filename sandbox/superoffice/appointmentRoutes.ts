import { emptyAppointment, type Appointment, type UpdateMode } from "./appointment.ts";
import type { AppointmentCarrier, AppointmentEntities } from "./appointmentEntity.ts";
import type { AppointmentRows } from "./appointmentRows.ts";
import type { Deed } from "./bookings.ts";
import type { Diary, Repetition } from "./diary.ts";
import { badRequest, forbidden } from "./errors.ts";
import { checkedBody, checkedPatch } from "./bodies.ts";
import type { Office } from "./office.ts";
import { applyPatch } from "./patch.ts";
import { lastModified, notModified, requireUnmodified } from "./preconditions.ts";
import { calculateDays } from "./recurrence.ts";
import { isSeries, listedDays, readRule } from "./recurrenceCarrier.ts";
import { json, noContent, type Call, type Reply, type Route } from "./router.ts";
import type { Principal } from "./sessions.ts";
import { momentToBase, type DateWish } from "./time.ts";

type Json = Record<string, unknown>;

/** Reading and saving appointment entities, for REST and Agents alike. */
export class AppointmentDesk {
  readonly #office: Office;
  readonly #rows: AppointmentRows;
  readonly #diary: Diary;
  readonly #entities: AppointmentEntities;

  constructor(office: Office, rows: AppointmentRows, diary: Diary, entities: AppointmentEntities) {
    this.#office = office;
    this.#rows = rows;
    this.#diary = diary;
    this.#entities = entities;
  }

  entity(appointment: Appointment, dates: DateWish, links: boolean): Json {
    const rule = this.#diary.rule(appointment.recurrenceId);
    const starts = rule
      ? this.#rows.series(appointment.recurrenceId, appointment.associateId).map((row) => row.start)
      : [];
    const booked = appointment.motherId !== 0 && appointment.motherId !== appointment.id;
    const mother = booked ? this.#rows.find(appointment.motherId) : undefined;
    return this.#entities.write(appointment, rule && { rule, starts }, mother, dates, links);
  }

  /** The row with this id, if the caller may see it. @throws SoError 404, 403 */
  visible(id: number, principal: Principal): Appointment {
    const appointment = this.#rows.get(id);
    if (
      !principal.system &&
      appointment.private !== "Public" &&
      appointment.associateId !== principal.associateId
    ) {
      throw forbidden("You do not have access to this appointment");
    }
    return appointment;
  }

  /** An unsaved entity with what preferences would fill in: the next full hour, one hour long. */
  defaults(principal: Principal): Appointment {
    const hour = 3_600_000;
    const start = new Date(Math.ceil(this.#office.now() / hour) * hour);
    const end = new Date(start.getTime() + hour);
    return emptyAppointment(
      principal.associateId,
      momentToBase(start),
      momentToBase(end),
      this.#office.now(),
      principal.associateId,
    );
  }

  create(carrier: AppointmentCarrier, principal: Principal, dates: DateWish, deed: Deed): Appointment {
    if (principal.system && !carrier.Associate?.AssociateId) throw badRequest("Associate is required");
    const owner = carrier.Associate?.AssociateId ?? principal.associateId;
    const draft = this.#entities.read({ ...this.defaults(principal), associateId: owner }, carrier, dates);
    const repetition = this.repetition(draft.start, carrier, dates);
    return this.#diary.create(draft, repetition, deed);
  }

  change(
    current: Appointment,
    carrier: AppointmentCarrier,
    mode: UpdateMode,
    principal: Principal,
    dates: DateWish,
    deed: Deed,
  ): Appointment {
    const read = this.#entities.read(current, carrier, dates);
    const next = { ...read, updated: this.#office.now(), updatedBy: principal.associateId };
    return this.#diary.change(next, mode, this.repetition(current.start, carrier, dates), deed);
  }

  /** The series that an entity asks for, with its days. @throws SoError 400 for one without an end */
  repetition(start: string, carrier: AppointmentCarrier, dates: DateWish): Repetition | undefined {
    const { Recurrence: recurrence } = carrier;
    if (!isSeries(recurrence)) return undefined;
    const rule = readRule(recurrence, start, dates);
    const listed = listedDays(recurrence, dates);
    const { maxOccurrences } = this.#office.switches;
    if (maxOccurrences > 0 && listed.length > maxOccurrences) {
      throw badRequest(`A series may have at most ${maxOccurrences} dates`);
    }
    return { rule, days: listed.length > 0 ? listed : calculateDays(rule, this.#office.switches) };
  }
}

/** `/api/v1/Appointment`, one entity at a time (reference, `rest/Appointment`). */
export function appointmentRoutes(office: Office, desk: AppointmentDesk, diary: Diary): Route[] {
  const base = "/api/v1/Appointment";
  const idOf = (call: Call): number => Number(call.params["id"]);
  const body = (call: Call): AppointmentCarrier =>
    checkedBody<AppointmentCarrier>(office, call.body, "AppointmentEntity");
  const reply = (call: Call, appointment: Appointment): Reply => ({
    ...json("AppointmentEntity", selected(call, desk.entity(appointment, call.dates, true))),
    headers: lastModified(appointment.updated),
  });
  const unmodified = (call: Call, current: Appointment): void =>
    requireUnmodified(call.headers["if-unmodified-since"], current.updated, `Appointment ${current.id}`);

  return [
    {
      method: "GET",
      template: `${base}/default`,
      run: (call) => json("AppointmentEntity", desk.entity(desk.defaults(call.principal), call.dates, true)),
    },
    {
      method: "GET",
      template: `${base}/{id}`,
      run: (call) => {
        const appointment = desk.visible(idOf(call), call.principal);
        if (notModified(call.headers["if-modified-since"], appointment.updated)) {
          return { status: 304, headers: lastModified(appointment.updated) };
        }
        return reply(call, appointment);
      },
    },
    {
      method: "POST",
      template: base,
      run: (call) => {
        const carrier = body(call);
        const deed = { operation: "POST /Appointment", mails: true };
        return reply(
          call,
          office.write(() => desk.create(carrier, call.principal, call.dates, deed)),
        );
      },
    },
    {
      method: "PUT",
      template: `${base}/{id}`,
      run: (call) => {
        const carrier = body(call);
        const saved = office.write(() => {
          const current = desk.visible(idOf(call), call.principal);
          unmodified(call, current);
          const deed = { operation: "PUT /Appointment/{id}", mails: true };
          return desk.change(
            current,
            carrier,
            office.switches.restUpdateMode,
            call.principal,
            call.dates,
            deed,
          );
        });
        return reply(call, saved);
      },
    },
    {
      method: "PATCH",
      template: `${base}/{id}`,
      run: (call) => {
        const patch = checkedPatch(office, call.body);
        const saved = office.write(() => {
          const current = desk.visible(idOf(call), call.principal);
          unmodified(call, current);
          const patched = applyPatch(desk.entity(current, call.dates, true), patch);
          office.validation.request("AppointmentEntity", patched);
          const { restUpdateMode } = office.switches;
          return desk.change(current, patched, restUpdateMode, call.principal, call.dates, {
            operation: "PATCH /Appointment/{id}",
            mails: true,
          });
        });
        return reply(call, saved);
      },
    },
    {
      method: "DELETE",
      template: `${base}/{id}`,
      run: (call) => {
        office.write(() => {
          const current = desk.visible(idOf(call), call.principal);
          unmodified(call, current);
          const { restUpdateMode, restDeleteMails } = office.switches;
          return diary.remove(current.id, restUpdateMode, {
            operation: "DELETE /Appointment/{id}",
            mails: restDeleteMails,
          });
        });
        return noContent;
      },
    },
  ];
}

/** `$select`: the other members are nulled out, as far as they may be null; numbers and dates are left out. */
export function selected(call: Call, entity: Json): Json {
  const wish = call.query.get("$select");
  if (!wish) return entity;
  const names = wish.split(",").map((name) => name.trim().split("/")[0]?.toLowerCase());
  return Object.fromEntries(
    Object.entries(entity).flatMap(([name, value]) => {
      if (names.includes(name.toLowerCase()) || name === "_Links") return [[name, value]];
      return value === null || typeof value === "object" ? [[name, null]] : [];
    }),
  );
}
