import { appointmentExamples } from "./appointments.ts";
import { inAnyWeather } from "./bad-weather.ts";
import { itemStoreContract } from "./item-store.suite.ts";
import { recurrenceContract, type RecurrenceHarness } from "./recurrence.suite.ts";
import { openOffice, otherWay, person, sampleOf, scope, signal } from "./superoffice-sandbox.ts";
import { sandboxWeather } from "./weather.ts";

function diary(switches: Record<string, unknown>): () => Promise<RecurrenceHarness> {
  return async () => {
    const { sandbox, samples, client, store, put, close } = await openOffice(switches);
    const sampleId = (ref: string) => ref.replace(/^appointment:/, "").replace(/^series:/, "series-");
    const rowId = (ref: string) => {
      if (!ref.startsWith("appointment:")) throw new Error(`${ref} is no single row`);
      return Number(ref.slice("appointment:".length));
    };
    return {
      store,
      scope,
      outside: {
        put: async (item) => put(item),
        change: async (ref, patch) => samples.change(person, sampleId(ref), sampleOf(patch)),
        remove: async (ref) => samples.remove(person, sampleId(ref)),
        async changeOccurrence(ref, date, to) {
          const $filter = `recurrenceRuleId eq ${ref.replace("series:", "")}`;
          const query = { $select: "appointmentId,date", $filter, $top: "100" };
          const { value } = await client.call({ method: "GET", path: "Appointment", query, signal });
          const { value: rows } = value as { value: { appointmentId: number; date: string }[] };
          const row = rows.find((each) => each.date.startsWith(date));
          if (to.excluded === true) {
            const body = { AppointmentId: Number(row?.appointmentId), UpdateMode: "OnlyThis" };
            await client.call({ method: "POST", path: "Agents/Appointment/Delete", body, signal });
            return;
          }
          const path = `Appointment/${row?.appointmentId}`;
          const { _Links: _, ...entity } = (await client.call({ method: "GET", path, signal }))
            .value as Record<string, unknown>;
          const body = {
            AppointmentEntity: {
              ...entity,
              ...(to.title === undefined ? {} : { Title: to.title }),
              ...(to.time === undefined ? {} : { StartDate: to.time.start, EndDate: to.time.end }),
            },
            UpdateMode: "OnlyThis",
          };
          await client.call({ method: "POST", path: "Agents/Appointment/Save", body, signal });
        },
        mailsSent: async () => sandbox.context.attendeeMails.count(),
        unmapped: {
          set: async (ref, value) => {
            const path = `Appointment/${rowId(ref)}`;
            await client.call({
              method: "PATCH",
              path,
              body: { Agenda: value, InternalNotes: value },
              signal,
            });
          },
          read: async (ref) => {
            const { value } = await client.call({ method: "GET", path: `Appointment/${rowId(ref)}`, signal });
            const { Agenda, InternalNotes } = value as Record<string, string>;
            return Agenda === InternalNotes ? Agenda : undefined;
          },
        },
      },
      weather: () => sandboxWeather(sandbox.rules, "superoffice", 0.05),
      close,
    };
  };
}

const otherName = "SuperOffice, everything undocumented the other way round: appointments";
for (const [name, make] of [
  ...inAnyWeather("SuperOffice: appointments", appointmentExamples.kind, diary({})),
  [otherName, diary(otherWay)] as const,
]) {
  itemStoreContract(name, appointmentExamples, make);
  recurrenceContract(name, make);
}
