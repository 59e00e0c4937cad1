import type { IncomingMessage, ServerResponse } from "node:http";
import type { Answer, SandboxContext, System } from "../context.ts";
import { agentRoutes } from "./agentRoutes.ts";
import { AppointmentDesk, appointmentRoutes } from "./appointmentRoutes.ts";
import { AppointmentEntities } from "./appointmentEntity.ts";
import { AppointmentRows } from "./appointmentRows.ts";
import { archiveRoutes } from "./archive/routes.ts";
import { Associates } from "./associates.ts";
import { Bookings } from "./bookings.ts";
import { Credentials } from "./credentials.ts";
import { Diary } from "./diary.ts";
import { notFound } from "./errors.ts";
import { listRoutes } from "./lists.ts";
import { loginRoutes } from "./login.ts";
import { Office, TENANT } from "./office.ts";
import { People } from "./people.ts";
import { peopleRoutes } from "./peopleRoutes.ts";
import { answer, flatHeaders, json, Routes, type Call, type Reply } from "./router.ts";
import { sampleStore } from "./samples.ts";
import { selectionDesk, type SelectionDesk } from "./selectionDesk.ts";
import { Selections } from "./selections.ts";
import { selectionRoutes } from "./selectionRoutes.ts";
import { Sessions } from "./sessions.ts";
import { TenantState } from "./tenant.ts";
import { readDateWish } from "./time.ts";
import { Uids } from "./uids.ts";
import type { Tally } from "./validation.ts";
import { webhookRoutes } from "./webhookRoutes.ts";
import { Webhooks } from "./webhooks.ts";

/** What this system offers beyond the frame's `System`. */
export interface SuperOffice extends System {
  /** What a client is configured with; made once and kept. */
  connection(): Record<string, unknown>;
  /** How many JSON bodies did and did not fit the published schema, in both directions. */
  counters(): { requests: Tally; answers: Tally };
  resetCounters(): void;
  /** What people do with selections of persons; criteria of dynamic ones are not published for REST. */
  selections: SelectionDesk;
  /**
   * Turns switches (`switches.ts`), sets the tenant's state (`{ tenantState: "Suspended" }`), ends all sessions
   * (`{ revokeSessions: true }`), keeps a copy of the tenant (`{ snapshot: name }`) or puts one back (`{ restore: name }`). @returns the settings as they are now; @throws Error for unknown ones
   */
  configure(settings: Record<string, unknown>): Record<string, unknown>;
}

const NOBODY = { associateId: 0, system: false };

/** A pretend SuperOffice Online with one customer, `Cust12345`. */
export function createSuperOffice(context: SandboxContext): SuperOffice {
  const office = new Office(context);
  const credentials = new Credentials(office);
  const sessions = new Sessions(office, credentials.application);
  const tenant = new TenantState(office);
  const associates = new Associates(office);
  const people = new People(office, associates);
  const rows = new AppointmentRows(office);
  const bookings = new Bookings(office, rows, associates);
  const diary = new Diary(office, rows, bookings);
  const entities = new AppointmentEntities(office, associates, people);
  const uids = new Uids(office);
  const selections = new Selections(office);
  const webhooks = new Webhooks(office);
  webhooks.start();
  const desk = new AppointmentDesk(office, rows, diary, entities);

  const login = new Routes(loginRoutes(office, credentials, sessions), [
    {
      method: "GET",
      template: "/api/state/{context}",
      run: (call) => json("TenantState", tenant.page(call.params["context"] ?? "")),
    },
  ]);
  const api = new Routes(
    listRoutes(office, associates),
    appointmentRoutes(office, desk, diary),
    peopleRoutes(office, people),
    agentRoutes({ office, desk, diary, rows, bookings, associates, people, uids }),
    archiveRoutes(office),
    selectionRoutes(office, selections, associates),
    webhookRoutes(office, webhooks, associates),
  );

  const prefix = `/${TENANT.toLowerCase()}`;
  const inTenant = (path: string): boolean => {
    const lower = path.toLowerCase();
    return lower === prefix || lower.startsWith(`${prefix}/`);
  };

  const handle = async (request: IncomingMessage, response: ServerResponse, body: Buffer): Promise<void> => {
    const url = new URL(request.url ?? "/", context.origin());
    const method = request.method ?? "GET";
    const headers = flatHeaders(request);
    const guarded = inTenant(url.pathname);
    const path = guarded ? url.pathname.slice(prefix.length) : url.pathname;
    const found = (guarded ? api : login).find(method, path);
    const operation = `${method} ${found ? found.route.template.replace(/^\/api\/v1/i, "") : path}`;
    const perform = (hint: { empty: boolean }): Promise<Answer> =>
      answer(office, (): Reply | Promise<Reply> => {
        if (guarded) tenant.requireRunning();
        const principal = guarded && path.toLowerCase() !== "/api" ? sessions.authenticate(headers) : NOBODY;
        if (!found) throw notFound(`No HTTP resource was found that matches ${method} ${url.pathname}`);
        const dates = readDateWish(headers["so-timezone"], office.switches);
        const { params, route } = found;
        const call: Call = {
          method,
          params,
          query: url.searchParams,
          headers,
          body,
          principal,
          dates,
          empty: hint.empty,
          url,
        };
        return office.as(principal.associateId, () => route.run(call));
      });
    await context.faults.run(
      { system: "superoffice", operation, person: sessions.person(headers) },
      response,
      perform,
    );
  };

  return {
    name: "superoffice",
    owns: (path) => inTenant(path) || /^\/(login|api\/state)(\/|$)/i.test(path),
    handle,
    reset: () => office.reset(),
    samples: sampleStore(office, rows, diary, people, uids, selections),
    admit: (person) => associates.admit(person),
    selections: selectionDesk(office, selections),
    connection: () => credentials.connection(),
    close: async () => {
      webhooks.close();
      await webhooks.idle();
    },
    counters: () => ({
      requests: { ...office.validation.requests },
      answers: { ...office.validation.answers },
    }),
    resetCounters: () => office.validation.reset(),
    configure: (settings) => {
      const { tenantState, revokeSessions, snapshot, restore, ...switches } = settings;
      const turned = office.turn(switches);
      if (typeof tenantState === "string") tenant.set(tenantState);
      if (revokeSessions === true) sessions.revokeAll();
      if (typeof snapshot === "string") office.write(() => office.sql.snapshot(snapshot));
      if (typeof restore === "string") office.write(() => office.sql.restore(restore));
      return { ...turned, tenantState: tenant.name };
    },
  };
}
