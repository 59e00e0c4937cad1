import { describe, expect, it } from "vitest";
import { parseEnvelope, responseMessages } from "./answer.ts";
import { readItem, type EwsItem } from "./reading.ts";
import { UnreadableItem } from "./values.ts";
import { calendarItem, gotItem, response } from "./testing/answers.ts";
import { schemaViolation } from "./testing/schema.ts";
import { child, children } from "./xml.ts";

function read(parts: Record<string, string> = {}): EwsItem {
  const xml = response("GetItem", gotItem(calendarItem("AAMk=", parts)));
  expect(schemaViolation(xml)).toBeUndefined();
  const [message] = responseMessages(parseEnvelope(xml, "GetItem"), "GetItem", 1);
  const items = message && child(message.element, "Items");
  const item = items && children(items)[0];
  if (!item) throw new Error("no item in the sample");
  return readItem(item);
}

const recurrence = (pattern: string, range: string) => ({
  CalendarItemType: "<t:CalendarItemType>RecurringMaster</t:CalendarItemType>",
  Recurrence: `<t:Recurrence>${pattern}${range}</t:Recurrence>`,
});
const daily = "<t:DailyRecurrence><t:Interval>1</t:Interval></t:DailyRecurrence>";
const noEnd = "<t:NoEndRecurrence><t:StartDate>2026-03-02+01:00</t:StartDate></t:NoEndRecurrence>";

describe("a calendar item", () => {
  it("is read to the letter", () => {
    const item = read({
      Subject: "<t:Subject> R&amp;D &lt;b&gt; <![CDATA[<x>]]> &#x1F389;</t:Subject>",
      Body: '<t:Body BodyType="Text">one&#xD;\n two\n</t:Body>',
    });
    expect(item).toMatchObject({
      id: "AAMk=",
      changeKey: "DwAAABYAAAB1",
      subject: " R&D <b> <x> 🎉",
      body: "one\r\n two\n",
      start: "2026-03-02T08:00:00Z",
      startTimeZone: { id: "W. Europe Standard Time", biases: [-60, -120] },
      reminder: 15,
      organizer: "ase@nordlys.example",
      key: null,
    });
  });

  it("has an empty text where Exchange leaves one out", () => {
    expect(read({ Subject: "", Location: "", Body: "" })).toMatchObject({
      subject: "",
      location: "",
      body: "",
    });
  });

  it("has times with any offset", () => {
    expect(read({ Start: "<t:Start>2026-03-02T09:00:00.000+01:00</t:Start>" }).start).toBe(
      "2026-03-02T08:00:00Z",
    );
  });

  it("has our stamp and nobody else's", () => {
    const property = (set: string, name: string) =>
      `<t:ExtendedProperty><t:ExtendedFieldURI PropertySetId="${set}" PropertyName="${name}" PropertyType="String"/>` +
      `<t:Value>el.1</t:Value></t:ExtendedProperty>`;
    const ours = "8A0B6A1C-5D0E-4F0B-9C53-6C1F0F3A7E21";
    expect(read({ ExtendedProperty: property(ours, "EverlinkKey") }).key).toBe("el.1");
    expect(read({ ExtendedProperty: property(ours, "Other") }).key).toBeNull();
    expect(read({ ExtendedProperty: property(ours.replace("8", "9"), "EverlinkKey") }).key).toBeNull();
  });

  it("counts exceptions, attendees, and the received flag", () => {
    const attendee = (address: string) =>
      `<t:Attendee><t:Mailbox><t:Name>x</t:Name><t:EmailAddress>${address}</t:EmailAddress></t:Mailbox></t:Attendee>`;
    const item = read({
      AppointmentState: "<t:AppointmentState>3</t:AppointmentState>",
      RequiredAttendees: `<t:RequiredAttendees>${attendee("A@x.example")}${attendee("b@x.example")}</t:RequiredAttendees>`,
      Resources: `<t:Resources>${attendee("room@x.example")}</t:Resources>`,
      ModifiedOccurrences:
        '<t:ModifiedOccurrences><t:Occurrence><t:ItemId Id="o" ChangeKey="c"/><t:Start>2026-03-03T08:00:00Z</t:Start>' +
        "<t:End>2026-03-03T09:00:00Z</t:End><t:OriginalStart>2026-03-03T07:00:00Z</t:OriginalStart></t:Occurrence>" +
        "</t:ModifiedOccurrences>",
      DeletedOccurrences:
        "<t:DeletedOccurrences><t:DeletedOccurrence><t:Start>2026-03-04T08:00:00Z</t:Start></t:DeletedOccurrence>" +
        "<t:DeletedOccurrence><t:Start>2026-03-05T08:00:00Z</t:Start></t:DeletedOccurrence></t:DeletedOccurrences>",
      ...recurrence(daily, noEnd),
    });
    expect(item.attendees).toEqual(["a@x.example", "b@x.example", "room@x.example"]);
    expect(item).toMatchObject({
      received: true,
      modifiedOccurrences: [{ id: "o", originalStart: "2026-03-03T07:00:00Z" }],
      deletedOccurrences: ["2026-03-04T08:00:00Z", "2026-03-05T08:00:00Z"],
    });
    expect(item.recurrence).toEqual({
      pattern: { kind: "Daily", interval: 1 },
      range: { kind: "NoEnd", start: "2026-03-02" },
    });
  });

  it("has a zone without rules, and an unknown recurrence, as far as they go", () => {
    expect(read({ StartTimeZone: '<t:StartTimeZone Id="X" Name="X"/>' }).startTimeZone).toEqual({
      id: "X",
      biases: [],
    });
    const master = { CalendarItemType: "<t:CalendarItemType>RecurringMaster</t:CalendarItemType>" };
    expect(read(master).recurrence).toBe("unreadable");
  });
});

describe("what was not positively read is no item", () => {
  const { Start, ...absent } = {
    Start: "",
    End: "",
    Sensitivity: "",
    LegacyFreeBusyStatus: "",
    CalendarItemType: "",
  };
  it.each(Object.keys({ Start, ...absent }))("without %s", (name) => {
    expect(() => read({ [name]: "" })).toThrow(UnreadableItem);
  });

  it("with markup where text was asked for", () => {
    expect(() => read({ Body: '<t:Body BodyType="HTML">&lt;p&gt;x&lt;/p&gt;</t:Body>' })).toThrow(
      UnreadableItem,
    );
  });

  it("with an alert that is set to nothing", () => {
    expect(() => read({ ReminderMinutesBeforeStart: "" })).toThrow(UnreadableItem);
  });
});
