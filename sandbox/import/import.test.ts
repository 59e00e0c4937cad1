import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SampleStore } from "../context.ts";
import { startSandbox, type Sandbox } from "../server.ts";
import { allSystems } from "../systems.ts";
import { importFile, type ComponentAnswer } from "./import-file.ts";

const dataDir = mkdtempSync(join(tmpdir(), "sandbox-import-"));
let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({
    dataDir,
    systems: allSystems,
    seed: { people: 2, appointmentsPerPerson: 0, tasksPerPerson: 0, contactsPerPerson: 0 },
  });
});
afterAll(async () => {
  expect(sandbox.context.attendeeMails.count()).toBe(0);
  await sandbox.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const storeOf = (side: string): SampleStore => sandbox.systems.find((each) => each.name === side)!.samples!;
const person = () => sandbox.context.directory.people()[0]!;
const load = (text: string, side: string): ComponentAnswer[] =>
  importFile(text, storeOf(side), person(), (work) => sandbox.context.transaction(work));
const calendar = (...lines: string[]): string =>
  ["BEGIN:VCALENDAR", "VERSION:2.0", ...lines, "END:VCALENDAR", ""].join("\r\n");
const card = (...lines: string[]): string => ["BEGIN:VCARD", ...lines, "END:VCARD", ""].join("\r\n");

describe.each(["exchange", "superoffice"])("a file on the side of %s", (side) => {
  it("brings a series with its zone, its cancelled and its changed occurrences, and an alarm", () => {
    const answers = load(
      calendar(
        "BEGIN:VEVENT",
        "UID:series-1",
        "DTSTART;TZID=W. Europe Standard Time:20260302T090000",
        "DTEND;TZID=W. Europe Standard Time:20260302T100000",
        "RRULE:FREQ=WEEKLY;BYDAY=MO;UNTIL=20260330T070000Z",
        "EXDATE;TZID=W. Europe Standard Time:20260309T090000",
        "SUMMARY:Ukemøte\\, salg",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        "TRIGGER:-PT15M",
        "END:VALARM",
        "END:VEVENT",
        "BEGIN:VEVENT",
        "UID:series-1",
        "RECURRENCE-ID:20260316T080000Z",
        "DTSTART:20260316T120000Z",
        "DTEND:20260316T130000Z",
        "SUMMARY:Flyttet",
        "END:VEVENT",
      ),
      side,
    );
    expect(answers.map((each) => each.outcome)).toEqual(["stored", "stored"]);
    expect(answers[1]!.id).toBe(answers[0]!.id);
    const found = storeOf(side)
      .list(person())
      .find((each) => each.id === answers[0]!.id);
    expect(found).toMatchObject({
      subject: "Ukemøte, salg",
      start: "2026-03-02T09:00:00",
      reminderMinutes: 15,
      recurrence: {
        frequency: "weekly",
        byDay: ["MO"],
        end: { kind: "until", date: "2026-03-30" },
        deleted: ["2026-03-09T09:00:00"],
        modified: [
          { originalStart: "2026-03-16T09:00:00", start: "2026-03-16T13:00:00", subject: "Flyttet" },
        ],
      },
    });
  });

  it("takes tasks and cards of versions 2.1 and 3.0", () => {
    const [task] = load(
      calendar("BEGIN:VTODO", "SUMMARY:Ring Kari", "DUE;VALUE=DATE:20260306", "PRIORITY:1", "END:VTODO"),
      side,
    );
    expect(
      storeOf(side)
        .tasks.list(person())
        .find((each) => each.id === task!.id),
    ).toMatchObject({
      subject: "Ring Kari",
      due: "2026-03-06",
      importance: "high",
    });
    const answers = load(
      card(
        "VERSION:2.1",
        "N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=C3=85se;=",
        "Kari",
        "TEL;WORK;VOICE:+47 1",
        "TEL;CELL:+47 2",
        "BDAY:19800229",
      ) +
        card(
          "VERSION:3.0",
          "N:Berg;Per;;;",
          "FN:Per Berg",
          "item1.EMAIL;type=INTERNET,pref:per@berg.example",
        ),
      side,
    );
    const contacts = new Map(
      storeOf(side)
        .contacts.list(person())
        .map((each) => [each.id, each]),
    );
    expect(contacts.get(answers[0]!.id!)).toMatchObject({
      givenName: "Kari",
      phones: [
        { kind: "business", number: "+47 1" },
        { kind: "mobile", number: "+47 2" },
      ],
      birthday: "1980-02-29",
    });
    expect(contacts.get(answers[1]!.id!)).toMatchObject({ surname: "Berg", emails: ["per@berg.example"] });
  });

  it("refuses what is broken, says what has no place, and goes on", () => {
    const answers = load(
      calendar(
        "BEGIN:VEVENT",
        "DTSTART:20260231T090000Z",
        "END:VEVENT",
        "BEGIN:VJOURNAL",
        "SUMMARY:Diary",
        "END:VJOURNAL",
        "BEGIN:VEVENT",
        "DTSTART:20260302T090000Z",
        "RRULE:FREQ=HOURLY",
        "END:VEVENT",
        "BEGIN:VEVENT",
        "DTSTART:20260302T090000Z",
        "SUMMARY:Good",
        "END:VEVENT",
        "BEGIN:VEVENT",
        "DTSTART:20260302T090000Z",
      ),
      side,
    );
    expect(answers.map((each) => each.outcome)).toEqual([
      "refused",
      "not-held",
      "not-held",
      "stored",
      "refused",
    ]);
    expect(answers[0]!.reason).toContain("DTSTART is no date");
  });
});
