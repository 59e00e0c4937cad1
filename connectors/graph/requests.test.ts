import { describe, expect, it } from "vitest";
import type { RecurrenceRule } from "../../core/items/appointment.ts";
import { noRule } from "../ews/testing/appointments.ts";
import { createEvent, findByStamp, getEvent, updateEvent } from "./requests.ts";
import { fromGraph, toGraph } from "./recurrence.ts";
import { schemaViolation } from "./testing/schema.ts";

describe("requests", () => {
  it("that create are valid with stamp and transaction", () => {
    const times = {
      start: { dateTime: "2026-03-02T09:00:00", timeZone: "UTC" },
      end: { dateTime: "2026-03-02T10:00:00", timeZone: "UTC" },
    };
    const transaction = "0b6e6f3c-3a3e-3f0e-9c53-6c1f0f3a7e21";
    const { body } = createEvent("calendar", times, "el.key-1", transaction);
    expect(schemaViolation("eventCreate", body)).toBeUndefined();
    expect(body).toMatchObject({ transactionId: transaction });
    expect(schemaViolation("eventWrite", updateEvent("1", "c1", { recurrence: null }).body)).toBeUndefined();
  });

  it("escape what stands in an address", () => {
    expect(getEvent("AA/+=").path).toContain("/me/events/AA%2F%2B%3D?");
    const { path } = findByStamp("cal/1", "it's");
    expect(path).toContain("/me/calendars/cal%2F1/events?");
    expect(decodeURIComponent(path)).toContain("ep/value eq 'it''s'");
  });
});

describe("recurrences", () => {
  const rules: [string, Partial<RecurrenceRule>][] = [
    ["every third day", { interval: 3 }],
    ["every second week", { frequency: "weekly", interval: 2, byDay: ["mo", "su"] }],
    ["the 31st", { frequency: "monthly", byMonthDay: 31 }],
    [
      "the last working day",
      { frequency: "monthly", nthOfPeriod: -1, byDay: ["mo", "tu", "we", "th", "fr"] },
    ],
    ["29 February", { frequency: "yearly", byMonthDay: 29, byMonth: 2 }],
    [
      "the first weekend day of December",
      {
        frequency: "yearly",
        nthOfPeriod: 1,
        byDay: ["sa", "su"],
        byMonth: 12,
      },
    ],
  ];
  const ends: RecurrenceRule["end"][] = [
    { kind: "endless" },
    { kind: "count", count: 10 },
    { kind: "until", date: "2026-12-31" },
  ];

  it.each(rules)("%s: valid, and back", (_, parts) => {
    for (const end of ends) {
      const rule = { ...noRule, ...parts, end };
      const recurrence = toGraph(rule, "2026-03-02", "W. Europe Standard Time");
      expect(schemaViolation("patternedRecurrenceWrite", recurrence)).toBeUndefined();
      expect(recurrence && fromGraph(recurrence)).toEqual(rule);
    }
  });

  it("for which Exchange has no word are not spelled", () => {
    const impossible = { ...noRule, frequency: "monthly", nthOfPeriod: 2, byDay: ["mo", "fr"] } as const;
    expect(toGraph({ ...impossible, byDay: ["mo", "fr"] }, "2026-03-02", "UTC")).toBeUndefined();
  });
});
