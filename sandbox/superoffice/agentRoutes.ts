import type { Appointment, AppointmentType, UpdateMode } from "./appointment.ts";
import type { AppointmentCarrier } from "./appointmentEntity.ts";
import type { AppointmentDesk } from "./appointmentRoutes.ts";
import { selected } from "./appointmentRoutes.ts";
import type { AppointmentRows } from "./appointmentRows.ts";
import type { Associates } from "./associates.ts";
import { agentBody, idsBody } from "./bodies.ts";
import type { Bookings, Deed } from "./bookings.ts";
import type { Diary } from "./diary.ts";
import { badRequest } from "./errors.ts";
import type { Office } from "./office.ts";
import type { People } from "./people.ts";
import { writeRule } from "./recurrenceCarrier.ts";
import { json, noContent, type Call, type Reply, type Route } from "./router.ts";
import { simpleAppointment } from "./simpleAppointment.ts";
import { fromBase, toBase } from "./time.ts";
import type { Uids } from "./uids.ts";
import type { SchemaName } from "./validation.ts";

const ALL_ROWS = 10_000;

interface Desks {
  office: Office;
  desk: AppointmentDesk;
  diary: Diary;
  rows: AppointmentRows;
  bookings: Bookings;
  associates: Associates;
  people: People;
  uids: Uids;
}

/**
 * `/api/v1/Agents/Appointment/…`: everything by POST; an unknown id is answered with null instead of 404.
 * @see web-services/endpoints/agents-webapi/index.md, api/reference/restful/agent/Appointment_Agent
 */
export function agentRoutes(desks: Desks): Route[] {
  const { office, desk, diary, rows, bookings, uids } = desks;
  const base = "/api/v1/Agents/Appointment";
  const deed = (name: string, mails: boolean): Deed => ({
    operation: `POST /Agents/Appointment/${name}`,
    mails,
  });
  const entity = (call: Call, appointment: Appointment | undefined): Reply =>
    json(
      "AppointmentEntityOrNull",
      appointment ? selected(call, desk.entity(appointment, call.dates, false)) : null,
    );
  const simple = (call: Call, appointment: Appointment): Record<string, unknown> => {
    const mother =
      appointment.motherId === 0 ? appointment : (rows.find(appointment.motherId) ?? appointment);
    const rule = diary.rule(appointment.recurrenceId);
    return simpleAppointment(
      appointment,
      rule,
      mother.associateId,
      desks.associates,
      desks.people,
      call.dates,
    );
  };
  const seen = (call: Call, appointments: Appointment[]): Record<string, unknown>[] =>
    appointments
      .filter(
        (row) =>
          call.principal.system || row.private === "Public" || row.associateId === call.principal.associateId,
      )
      .map((row) => simple(call, row));
  const read = <T>(call: Call, schema: SchemaName): T => agentBody<T>(office, call.body, schema);
  const post = (name: string, run: (call: Call) => Reply): Route => ({
    method: "POST",
    template: `${base}/${name}`,
    run,
  });

  const save = (
    call: Call,
    carrier: AppointmentCarrier,
    mode: UpdateMode,
    mails: boolean,
    name: string,
  ): Appointment =>
    office.write(() => {
      if (!carrier.AppointmentId) return desk.create(carrier, call.principal, call.dates, deed(name, mails));
      const current = desk.visible(carrier.AppointmentId, call.principal);
      return desk.change(current, carrier, mode, call.principal, call.dates, deed(name, mails));
    });

  return [
    post("CreateDefaultAppointmentEntity", (call) => entity(call, desk.defaults(call.principal))),
    post("GetAppointmentEntity", (call) => {
      const id = Number(call.query.get("appointmentEntityId"));
      if (!Number.isSafeInteger(id)) throw badRequest("appointmentEntityId must be a number");
      return entity(call, rows.find(id) && desk.visible(id, call.principal));
    }),
    post("GetAppointment", (call) => {
      const found = rows.find(Number(call.query.get("appointmentId")));
      return json("AppointmentOrNull", found ? (seen(call, [found])[0] ?? null) : null);
    }),
    post("GetAppointmentList", (call) => {
      const found = idsBody(office, call.body).flatMap((id) => rows.find(id) ?? []);
      return json("Appointments", call.empty ? [] : seen(call, found));
    }),
    post("GetAssociateDiary", (call) => {
      const wish = read<{ AssociateId: number; StartTime: string; EndTime: string; Count?: number }>(
        call,
        "DiaryRequest",
      );
      const limit = wish.Count !== undefined && wish.Count > 0 ? wish.Count : ALL_ROWS;
      const [start, end] = [toBase(wish.StartTime, call.dates), toBase(wish.EndTime, call.dates)];
      const diaryRows = rows
        .diary(wish.AssociateId, start, end, limit)
        .filter((row) => row.type === "inDiary" || row.type === "BookingForDiary");
      return json("Appointments", call.empty ? [] : seen(call, diaryRows));
    }),
    post("GetAppointmentRecords", (call) => {
      const wish = read<{ MotherId?: number; RecurrenceRuleId?: number }>(call, "RecordsRequest");
      const found = rows.records(wish.MotherId ?? 0, wish.RecurrenceRuleId ?? 0);
      return json("Appointments", call.empty ? [] : seen(call, found));
    }),
    post("SaveAppointmentEntity", (call) => {
      const carrier = read<AppointmentCarrier>(call, "AppointmentEntity");
      return entity(call, save(call, carrier, office.switches.restUpdateMode, true, "SaveAppointmentEntity"));
    }),
    post("Save", (call) => {
      const body = read<{
        AppointmentEntity: AppointmentCarrier;
        UpdateMode: UpdateMode;
        SendEmailToParticipants?: boolean;
      }>(call, "SaveRequest");
      const mails = body.SendEmailToParticipants ?? false;
      return entity(call, save(call, body.AppointmentEntity, body.UpdateMode, mails, "Save"));
    }),
    post("UpdateAppointmentWithMode", (call) => {
      const body = read<{
        Id: number;
        StartTime: string;
        EndTime: string;
        Type: AppointmentType;
        AssociateId: number;
        UpdateMode: UpdateMode;
      }>(call, "UpdateRequest");
      const saved = office.write(() => {
        const current = desk.visible(body.Id, call.principal);
        const next: Appointment = {
          ...current,
          start: toBase(body.StartTime, call.dates),
          end: toBase(body.EndTime, call.dates),
          type: body.Type,
          associateId: body.AssociateId,
          updated: office.now(),
          updatedBy: call.principal.associateId,
        };
        return diary.change(next, body.UpdateMode, undefined, deed("UpdateAppointmentWithMode", true));
      });
      return json("Appointment", simple(call, saved));
    }),
    post("DeleteAppointmentEntity", (call) => {
      const id = Number(call.query.get("AppointmentEntityId"));
      const { restUpdateMode, restDeleteMails } = office.switches;
      office.write(() => {
        if (!rows.find(id)) return;
        desk.visible(id, call.principal);
        diary.remove(id, restUpdateMode, deed("DeleteAppointmentEntity", restDeleteMails));
      });
      return noContent;
    }),
    post("Delete", (call) => {
      const body = read<{ AppointmentId: number; UpdateMode: UpdateMode; SendEmailToParticipants?: boolean }>(
        call,
        "DeleteRequest",
      );
      office.write(() => {
        const { id } = desk.visible(body.AppointmentId, call.principal);
        diary.remove(id, body.UpdateMode, deed("Delete", body.SendEmailToParticipants ?? false));
      });
      return noContent;
    }),
    post("Accept", (call) => answerInvitation(call, true)),
    post("Reject", (call) => answerInvitation(call, false)),
    post("CalculateDays", (call) => {
      const { AppointmentEntity: carrier } = read<{ AppointmentEntity: AppointmentCarrier }>(
        call,
        "EntityRequest",
      );
      const start = toBase(
        carrier.StartDate ?? fromBase(desk.defaults(call.principal).start, call.dates),
        call.dates,
      );
      // The days are to be computed anew: what the entity lists itself does not count here.
      const plain = {
        ...carrier,
        Recurrence: carrier.Recurrence ? { ...carrier.Recurrence, Dates: [] } : null,
      };
      const repetition = desk.repetition(start, plain, call.dates);
      if (!repetition) throw badRequest("The appointment does not repeat");
      const starts = repetition.days.map((day) => `${day}${start.slice(10)}`);
      return json("RecurrenceInfo", writeRule(repetition.rule, 0, starts, call.dates));
    }),
    post("CreateAppointmentForUID", (call) => {
      const body = read<{ AppointmentEntity: AppointmentCarrier; UID: string }>(call, "CreateForUidRequest");
      const made = office.write(() => {
        if (uids.taken(body.UID)) return undefined;
        const reserving = deed("CreateAppointmentForUID", true);
        const created = desk.create(body.AppointmentEntity, call.principal, call.dates, reserving);
        uids.reserve(body.UID, created.id);
        return created;
      });
      return entity(call, made);
    }),
    post("GetAppointmentFromUID", (call) => {
      const id = uids.appointmentOf(read<{ UID: string }>(call, "UidRequest").UID);
      if (id !== undefined && rows.find(id)) return entity(call, desk.visible(id, call.principal));
      return entity(
        call,
        office.switches.unknownUid === "default" ? desk.defaults(call.principal) : undefined,
      );
    }),
    post("GetUIDFromAppointmentId", (call) => {
      const body = read<{ AppointmentId: number; UseMotherId?: boolean }>(call, "UidOfRequest");
      const motherId = rows.find(body.AppointmentId)?.motherId ?? 0;
      const id = body.UseMotherId === true && motherId !== 0 ? motherId : body.AppointmentId;
      return json("Text", uids.of(id) ?? "");
    }),
  ];

  function answerInvitation(call: Call, accepted: boolean): Reply {
    const body = read<{ AppointmentId: number; UpdateMode: UpdateMode; RejectReason?: string | null }>(
      call,
      "AnswerInvitationRequest",
    );
    office.write(() => {
      const slave = desk.visible(body.AppointmentId, call.principal);
      const later =
        slave.recurrenceId === 0 || body.UpdateMode === "OnlyThis"
          ? []
          : rows.series(slave.recurrenceId, slave.associateId).filter((date) => date.start > slave.start);
      for (const date of [slave, ...later]) {
        bookings.answer(date, accepted, body.RejectReason ?? "", call.principal.associateId);
      }
    });
    return noContent;
  }
}
