import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ews, ewsService } from "./testing/ews-javascript.ts";
import { startExchange, type TestExchange } from "./testing/server.ts";

process.env["TZ"] = "UTC"; // the library reads dates in the process's zone

let at: TestExchange;
beforeAll(async () => {
  at = await startExchange();
});
afterAll(async () => {
  expect(at.log.filter((entry) => entry["level"] === "error")).toEqual([]);
  expect(at.exchange.counters()).toMatchObject({ requestsInvalid: 0, responsesInvalid: 0 });
  expect(at.frame.context.attendeeMails.count()).toBe(0);
  await at.close();
});

const stamp = new ews.ExtendedPropertyDefinition(
  new ews.Guid("c11ff724-aa03-4555-9952-8fa248a11c3e"),
  "EverlinkStamp",
  ews.MapiPropertyType.String,
);
const calendarId = (): ews.FolderId => new ews.FolderId(ews.WellKnownFolderName.Calendar);
const time = (text: string): ews.DateTime => ews.DateTime.Parse(text);

/** The library's typing of this constructor lacks its parameters. */
const WeeklyPattern = ews.Recurrence.WeeklyPattern as unknown as new (
  start: ews.DateTime,
  interval: number,
  days: ews.DayOfTheWeek[],
) => ews.Recurrence;

async function newAppointment(subject: string, hour = 9): Promise<ews.Appointment> {
  const appointment = new ews.Appointment(ewsService(at));
  appointment.Subject = subject;
  appointment.Body = new ews.MessageBody(ews.BodyType.Text, "Line <1> & more");
  appointment.Start = time(`2026-03-02T${String(hour).padStart(2, "0")}:00:00Z`);
  appointment.End = appointment.Start.Add(1, "hours");
  appointment.SetExtendedProperty(stamp, `stamp of ${subject}`);
  await appointment.Save(calendarId(), ews.SendInvitationsMode.SendToNone);
  return appointment;
}

const everything = (): ews.PropertySet =>
  new ews.PropertySet(ews.BasePropertySet.FirstClassProperties, [stamp]);

describe("ews-javascript-api", () => {
  it("creates, binds, updates and deletes an appointment", async () => {
    const created = await newAppointment("R&D <x>");
    const bound = await ews.Appointment.Bind(ewsService(at), created.Id, everything());
    expect(bound.Subject).toBe("R&D <x>");
    expect(bound.Start.ToISOString()).toBe("2026-03-02T09:00:00.000Z");
    expect(bound.Body.Text).toBe("Line <1> & more");
    const value = { outValue: null as unknown };
    expect(bound.TryGetProperty(stamp, value as never)).toBe(true);
    expect(value.outValue).toBe("stamp of R&D <x>");

    const stale = await ews.Appointment.Bind(ewsService(at), created.Id, everything());
    bound.Subject = "Changed";
    await bound.Update(
      ews.ConflictResolutionMode.NeverOverwrite,
      ews.SendInvitationsOrCancellationsMode.SendToNone,
    );
    stale.Subject = "Too late";
    await expect(
      stale.Update(
        ews.ConflictResolutionMode.NeverOverwrite,
        ews.SendInvitationsOrCancellationsMode.SendToNone,
      ),
    ).rejects.toMatchObject({ ErrorCode: ews.ServiceError.ErrorIrresolvableConflict });

    await bound.Delete(ews.DeleteMode.HardDelete, ews.SendCancellationsMode.SendToNone);
    await expect(ews.Appointment.Bind(ewsService(at), created.Id)).rejects.toMatchObject({
      ErrorCode: ews.ServiceError.ErrorItemNotFound,
    });
  });

  it("finds by restriction on the stamp, and syncs what changed", async () => {
    const service = ewsService(at);
    const synced = async (state: string) =>
      service.SyncFolderItems(
        calendarId(),
        ews.PropertySet.IdOnly,
        [],
        512,
        ews.SyncFolderItemsScope.NormalItems,
        state,
      );
    const before = await synced("");
    const created = await newAppointment("Stamped");
    const filter = new ews.SearchFilter.IsEqualTo(stamp, "stamp of Stamped");
    const found = await service.FindItems(calendarId(), filter, new ews.ItemView(10));
    expect(found.Items.map((item) => item.Id.UniqueId)).toEqual([created.Id.UniqueId]);
    const changes = await synced(before.SyncState);
    expect(changes.MoreChangesAvailable).toBe(false);
    expect(changes.GetEnumerator()[0]?.ChangeType).toBe(ews.ChangeType.Create);
    expect(changes.GetEnumerator()[0]?.Item.Id.UniqueId).toBe(created.Id.UniqueId);
    await created.Delete(ews.DeleteMode.HardDelete, ews.SendCancellationsMode.SendToNone);
    const gone = await synced(changes.SyncState);
    expect(gone.GetEnumerator()[0]?.ChangeType).toBe(ews.ChangeType.Delete);
  });

  it("writes a series with zones, reads its zones back and expands it in a view", async () => {
    const appointment = new ews.Appointment(ewsService(at));
    appointment.Subject = "Weekly";
    appointment.Start = time("2026-03-23T08:00:00Z");
    appointment.End = time("2026-03-23T09:00:00Z");
    appointment.StartTimeZone = ews.TimeZoneInfo.FindSystemTimeZoneById("W. Europe Standard Time");
    appointment.EndTimeZone = appointment.StartTimeZone;
    const recurrence = new WeeklyPattern(time("2026-03-23T00:00:00Z"), 1, [ews.DayOfTheWeek.Monday]);
    recurrence.NumberOfOccurrences = 3;
    appointment.Recurrence = recurrence;
    await appointment.Save(calendarId(), ews.SendInvitationsMode.SendToNone);

    const bound = await ews.Appointment.Bind(ewsService(at), appointment.Id, everything());
    expect(bound.AppointmentType).toBe(ews.AppointmentType.RecurringMaster);
    expect(bound.StartTimeZone.Id).toBe("W. Europe Standard Time");
    expect(bound.Recurrence.NumberOfOccurrences).toBe(3);
    const view = new ews.CalendarView(time("2026-03-20T00:00:00Z"), time("2026-05-01T00:00:00Z"));
    const found = await ewsService(at).FindAppointments(calendarId(), view);
    expect(found.Items.map((item) => item.Start.ToISOString())).toEqual([
      "2026-03-23T08:00:00.000Z",
      "2026-03-30T07:00:00.000Z",
      "2026-04-06T07:00:00.000Z",
    ]);
    const occurrence = await ews.Appointment.BindToOccurrence(ewsService(at), appointment.Id, 2);
    await occurrence.Delete(ews.DeleteMode.HardDelete, ews.SendCancellationsMode.SendToNone);
    const master = await ews.Appointment.Bind(ewsService(at), appointment.Id, everything());
    expect(master.DeletedOccurrences.Count).toBe(1);
  });

  it("writes tasks and contacts, and walks folders", async () => {
    const task = new ews.Task(ewsService(at));
    task.Subject = "Call";
    task.DueDate = time("2026-03-06T00:00:00Z");
    await task.Save(new ews.FolderId(ews.WellKnownFolderName.Tasks));
    const readTask = await ews.Task.Bind(ewsService(at), task.Id);
    expect(readTask.DueDate.ToISOString()).toBe("2026-03-06T00:00:00.000Z");

    const contact = new ews.Contact(ewsService(at));
    contact.GivenName = "Åse";
    contact.Surname = "Lund & Co";
    contact.EmailAddresses._setItem(
      ews.EmailAddressKey.EmailAddress1,
      new ews.EmailAddress("ase@nordlys.example"),
    );
    await contact.Save(new ews.FolderId(ews.WellKnownFolderName.Contacts));
    const readContact = await ews.Contact.Bind(ewsService(at), contact.Id);
    expect(readContact.Surname).toBe("Lund & Co");
    expect(readContact.EmailAddresses._getItem(ews.EmailAddressKey.EmailAddress1).Address).toBe(
      "ase@nordlys.example",
    );

    const root = new ews.FolderId(ews.WellKnownFolderName.MsgFolderRoot);
    const folders = await ewsService(at).FindFolders(root, new ews.FolderView(50));
    expect(folders.Folders.map((folder) => folder.DisplayName)).toContain("Calendar");
    const hierarchy = await ewsService(at).SyncFolderHierarchy(root, ews.PropertySet.IdOnly, "");
    expect(hierarchy.Count).toBe(folders.Folders.length);
  });

  it("is told of throttling with the time to back off", async () => {
    const effect = { kind: "ewsFault" as const, code: "ErrorServerBusy", backOffMs: 4000 };
    at.frame.rules.add({ system: "exchange", effect, times: 1 });
    const refused = await ews.Folder.Bind(ewsService(at), ews.WellKnownFolderName.Calendar).catch(
      (error: unknown) => error,
    );
    expect(JSON.stringify(refused)).toContain("4000");
  });
});
