import { dayTouches } from "../../core/items/dates.ts";
import type { Scope } from "../contract.ts";
import type { Listing } from "./changes.ts";
import type { SuperOfficeClient } from "./client.ts";
import { digestOf } from "./cursor.ts";
import { daysTouching } from "./listing.ts";
import { isSettled, searchAll } from "./pages.ts";
import { dayIn, momentMs } from "./time.ts";
import { checklistRow } from "./wire.ts";

const columns = "appointmentId,updatedDate,date,endDate,completed";
/** `AppointmentType.inChecklist`. */
const inChecklist = 2;

/**
 * One associate's tasks: all that is not done, and what was to be done in the window. Each row of a repetition is a task
 * of its own.
 *
 * @see api/archive-providers/reference/findappointment.md, checklistappointment.md
 */
export async function listChecklist(
  client: SuperOfficeClient,
  associateId: number,
  window: Scope["window"],
  zone: string,
  signal: AbortSignal,
): Promise<Listing> {
  const { rows, receivedAt } = await searchAll(
    client,
    {
      path: "Appointment",
      columns,
      filter: [
        `associateId associateIsOneOf (${associateId})`,
        `rawType eq ${inChecklist}`,
        `(completed eq false or (${daysTouching(window).join(" and ")}))`,
      ].join(" and "),
      key: "appointmentId",
      read: (value) => checklistRow.safeParse(value).data,
      keyOf: (row) => row.appointmentId,
    },
    signal,
  );
  const held = rows.filter(
    ({ completed, date, endDate }) => !completed || dayTouches(dayIn(endDate ?? date, zone), window),
  );
  return {
    task: new Map(
      held.map(({ appointmentId, updatedDate, date, endDate, completed }) => [
        appointmentId,
        {
          digest: digestOf([[appointmentId, updatedDate, date, endDate, completed].join("|")]),
          settled: isSettled(momentMs(updatedDate), receivedAt),
          anchor: 0,
        },
      ]),
    ),
  };
}
