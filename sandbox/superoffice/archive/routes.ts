import { notFound } from "../errors.ts";
import type { Office } from "../office.ts";
import { json, type Call, type Route } from "../router.ts";
import { ARCHIVES, type Archive } from "./columns.ts";
import { archivePage } from "./query.ts";

/** The searches below `/api/v1`: the entities' own, and `/Archive/{provider}`. */
export function archiveRoutes(office: Office): Route[] {
  const route = (template: string, find: (call: Call) => string): Route => ({
    method: "GET",
    template: `/api/v1${template}`,
    run: (call) => {
      const name = find(call);
      const archive = ARCHIVES[name.toLowerCase()];
      if (!archive) throw notFound(`Archive provider '${name}' not found`);
      return json(
        "ArchivePage",
        archivePage(office, archive, call, {
          sql: visibility(office, archive, call),
          parameters: [],
        }),
      );
    },
  });
  return [
    route("/Appointment", () => "FindAppointment"),
    route("/Person", () => "FindPerson"),
    route("/Contact", () => "FindContact"),
    route("/Selection", () => "FindSelection"),
    route("/Archive/{provider}", (call) => call.params["provider"] ?? ""),
  ];
}

/** Users see others' private appointments in no list; the system user sees all. */
function visibility(office: Office, archive: Archive, call: Call): string {
  if (archive.entity !== "appointment") return "1";
  const own = call.principal.system
    ? "1"
    : `(a.private = 0 or a.associate_id = ${call.principal.associateId})`;
  return office.switches.hidesTentative ? `${own} and a.type not in (6, 7)` : own;
}
