import { z } from "zod";
import { Failure } from "../../core/errors/failure.ts";
import { object, readAs, unlessGone, withoutLinks, type Json } from "./answers.ts";
import type { ApiAnswer, SuperOfficeClient } from "./client.ts";
import { isFailure } from "./errors.ts";
import { appointmentRecord, archivePage, type AppointmentEntity, type AppointmentRecord } from "./wire.ts";

/**
 * The case of the members in bodies of Agents methods: the reference pages show Pascal case, the typings of
 * `@superoffice/webapi` camel case, and no document says whether the receiver cares. Change it here if one does.
 */
function memberCase(): "pascal" | "camel" {
  return "pascal";
}

function members(body: Json): Json {
  if (memberCase() === "pascal") return body;
  const camel = (name: string): string =>
    name.replace(/^[A-Z]+(?![a-z])|^[A-Z]/, (head) => head.toLowerCase());
  return Object.fromEntries(Object.entries(body).map(([name, value]) => [camel(name), value]));
}

/**
 * The calls of SuperOffice's appointment services that the stores are made of, each of them one request. Rows of the diary
 * and of the checklist are the same entity; `Row` is what of it is read.
 */
export class Appointments<Row extends AppointmentEntity = AppointmentEntity> {
  readonly #client: SuperOfficeClient;
  readonly #shape: z.ZodType<Row>;
  /** What an observation reads; without it, an entity carries its rights for each field and is 30 kB long. */
  readonly #selected: { $select: string };

  constructor(client: SuperOfficeClient, shape: z.ZodType<Row> & { shape: object }) {
    this.#client = client;
    this.#shape = shape;
    this.#selected = { $select: Object.keys(shape.shape).join(",") };
  }

  /** @returns `undefined` for 404 of a running tenant */
  async entity(id: number, signal: AbortSignal): Promise<Row | undefined> {
    const answer = await unlessGone(
      this.#client.call({ method: "GET", path: `Appointment/${id}`, query: this.#selected, signal }),
    );
    return answer && readAs(this.#shape, answer.value);
  }

  /** The entity with all that it holds, for services that save it whole. */
  async whole(id: number, signal: AbortSignal): Promise<Json | undefined> {
    const answer = await unlessGone(this.#client.call({ method: "GET", path: `Appointment/${id}`, signal }));
    return answer && withoutLinks(answer.value);
  }

  /** An unsaved entity with the tenant's defaults. */
  async template(signal: AbortSignal): Promise<Json> {
    const { value } = await this.#client.call({ method: "GET", path: "Appointment/default", signal });
    return withoutLinks(value);
  }

  /** Every row of a repetition, of all participants. */
  async records(recurrenceRuleId: number, signal: AbortSignal): Promise<AppointmentRecord[]> {
    const body = { MotherId: 0, RecurrenceRuleId: recurrenceRuleId };
    const { value } = await this.#service("GetAppointmentRecords", body, signal);
    const rows = z.array(appointmentRecord).safeParse(value ?? []);
    if (!rows.success)
      throw new Failure("item.malformed", { detail: { operation: "GetAppointmentRecords" } });
    return rows.data;
  }

  /** Whether the archive has rows of a repetition. */
  async listsRule(recurrenceRuleId: number, signal: AbortSignal): Promise<boolean> {
    const $filter = `recurrenceRuleId eq ${recurrenceRuleId}`;
    const query = { $select: "appointmentId", $filter, $top: "1" };
    const { value } = await this.#client.call({ method: "GET", path: "Appointment", query, signal });
    const page = archivePage.safeParse(value);
    if (!page.success) throw new Failure("remote.malformed", { detail: { operation: "GET /Appointment" } });
    return page.data.value.length > 0;
  }

  /** RFC 7396; only the members in `changes` are written. */
  async patch(id: number, changes: Json, unmodifiedSince: Date, signal: AbortSignal): Promise<void> {
    await this.#client.call({
      method: "PATCH",
      path: `Appointment/${id}`,
      query: { $select: "AppointmentId" },
      body: changes,
      contentType: "application/merge-patch+json",
      ifUnmodifiedSince: unmodifiedSince,
      signal,
    });
  }

  async delete(id: number, unmodifiedSince: Date, signal: AbortSignal): Promise<void> {
    await unlessGone(
      this.#client.call({
        method: "DELETE",
        path: `Appointment/${id}`,
        ifUnmodifiedSince: unmodifiedSince,
        signal,
      }),
    );
  }

  /** Deletes by the service that can be told to mail nobody. */
  async deleteQuietly(id: number, updateMode: UpdateMode, signal: AbortSignal): Promise<void> {
    const body = { AppointmentId: id, UpdateMode: updateMode, ...nobodyIsMailed };
    await unlessGone(this.#agent("Delete", body, signal));
  }

  /** @returns the saved row; with `ThisAndForward` it may carry a repetition id of its own */
  async save(entity: Json, updateMode: UpdateMode, signal: AbortSignal): Promise<Row> {
    const body = { AppointmentEntity: entity, UpdateMode: updateMode, ...nobodyIsMailed };
    const { value } = await this.#service("Save", body, signal, this.#selected);
    return readAs(this.#shape, value);
  }

  /** The repetition of an entity with its dates filled in. */
  async calculateDays(entity: Json, signal: AbortSignal): Promise<Json> {
    const { value } = await this.#service("CalculateDays", { AppointmentEntity: entity }, signal);
    return object(value);
  }

  /** @returns `undefined` when the UID is taken; the receiver enforces it */
  async createForUid(entity: Json, uid: string, signal: AbortSignal): Promise<Row | undefined> {
    const body = { AppointmentEntity: entity, UID: uid };
    const { value } = await this.#service("CreateAppointmentForUID", body, signal, this.#selected);
    return value === null || value === undefined ? undefined : readAs(this.#shape, value);
  }

  /** "The corresponding AppointmentEntity if exists or a default appointment entity", whose id is 0. */
  async byUid(uid: string, signal: AbortSignal): Promise<Row | undefined> {
    const answer = await unlessGone(
      this.#agent("GetAppointmentFromUID", { UID: uid }, signal, this.#selected),
    );
    const id = z.object({ AppointmentId: z.number().min(1) }).safeParse(answer?.value);
    return id.success ? readAs(this.#shape, answer?.value) : undefined;
  }

  async uid(id: number, signal: AbortSignal): Promise<string | null> {
    const body = { AppointmentId: id, UseMotherId: false };
    const answer = await unlessGone(this.#agent("GetUIDFromAppointmentId", body, signal));
    return typeof answer?.value === "string" && answer.value !== "" ? answer.value : null;
  }

  #agent(
    method: string,
    body: Json,
    signal: AbortSignal,
    query?: Record<string, string>,
  ): Promise<ApiAnswer> {
    return this.#client.call({
      method: "POST",
      path: `Agents/Appointment/${method}`,
      body: members(body),
      signal,
      ...(query ? { query } : {}),
    });
  }

  /** For services whose 404 cannot be about an item: they answer with null or an empty list instead. */
  async #service(
    method: string,
    body: Json,
    signal: AbortSignal,
    query?: Record<string, string>,
  ): Promise<ApiAnswer> {
    try {
      return await this.#agent(method, body, signal, query);
    } catch (error) {
      if (!isFailure(error, "item.not-found")) throw error;
      throw new Failure("superoffice.unavailable", {
        detail: { operation: method, status: 404 },
        cause: error,
      });
    }
  }
}

export type UpdateMode = "OnlyThis" | "ThisAndForward" | "StopRecurrence";

const nobodyIsMailed = {
  SendEmailToParticipants: false,
  SmtpEMailConnectionInfo: null,
  ImapEMailConnectionInfo: null,
};
