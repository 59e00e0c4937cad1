import { DateTime } from "luxon";
import type { Person, SampleAppointment, SampleRecurrence } from "../context.ts";
import type { Topic } from "./corpus.ts";
import type { Random } from "./random.ts";

/** What a seeded appointment is, for counting: meetings are left untouched, the others sync. */
export type DiaryKind = "single" | "series" | "endless" | "exceptions" | "meeting";

export interface DiaryEntry {
  kind: DiaryKind;
  sample: SampleAppointment;
}

export interface DiaryWish {
  side: "exchange" | "superoffice";
  person: Person;
  colleagues: Person[];
  count: number;
  topics: Topic[];
  now: Date;
  random: Random;
}

const pastDays = 30;
const futureDays = 365;
const days = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"] as const;
/** SuperOffice holds series in its base zone only. */
const superOfficeZone = "Europe/Oslo";

/**
 * A lived-in diary over 30 days back to 365 days ahead: at least four fifths are single appointments or simple
 * series that end; the rest are endless series, series with exceptions (Exchange only) and meetings.
 */
export function makeDiary(wish: DiaryWish): DiaryEntry[] {
  const { count, side, random } = wish;
  const special = Math.min(6, Math.floor(count / 5));
  const kinds: DiaryKind[] = Array.from({ length: count }, (_, index) => {
    if (index < special) {
      if (side === "superoffice") return "meeting";
      return (["endless", "exceptions", "meeting"] as const)[index % 3]!;
    }
    return index % 6 === 5 ? "series" : "single";
  });
  const used = new Set<string>();
  return kinds.map((kind, index) => {
    const sample = make(wish, kind, index);
    // No two of a diary may look the same: whoever compares both sides must be able to tell them apart.
    for (let copy = 2; used.has(sample.subject + sample.start); copy += 1) {
      sample.subject = `${sample.subject.replace(/ \(\d+\)$/, "")} (${copy})`;
    }
    used.add(sample.subject + sample.start);
    if (kind === "meeting")
      sample.attendees = random.some(wish.colleagues, random.int(1, 3)).map((each) => each.address);
    return { kind, sample };
  });
}

function make(wish: DiaryWish, kind: DiaryKind, index: number): SampleAppointment {
  const { random, side, person } = wish;
  const topic = random.pick(wish.topics);
  const zone = zoneFor(wish, kind);
  const today = DateTime.fromJSDate(wish.now).setZone(person.timeZone).startOf("day");
  const reach = kind === "single" || kind === "meeting" ? futureDays - 8 : 120;
  const day = today.plus({ days: random.int(-(pastDays - 1), reach) });
  const recurrence = kind === "single" || kind === "meeting" ? null : recurrenceFor(kind, day, random, index);
  const birthday = recurrence?.frequency === "yearly";
  const span = spanFor(birthday ? "single" : kind, day, random, birthday ? 1 : index);
  return {
    ...topic,
    ...span,
    timeZone: zone,
    busy: random.pick(
      side === "exchange"
        ? (["busy", "busy", "busy", "busy", "tentative", "free", "oof"] as const)
        : (["busy", "busy", "busy", "free"] as const),
    ),
    private: random.chance(0.12),
    reminderMinutes: random.chance(0.6) ? random.pick([0, 5, 10, 15, 15, 15, 30, 60, 1440]) : null,
    recurrence: recurrence && withExceptions(recurrence, kind, span.start, side, random),
  };
}

function zoneFor({ person, side, random }: DiaryWish, kind: DiaryKind): string {
  if (side === "superoffice" && kind === "series") return superOfficeZone;
  return random.chance(0.85)
    ? person.timeZone
    : random.pick(["Europe/London", "America/New_York", "Asia/Tokyo", "UTC"]);
}

type Span = Pick<SampleAppointment, "start" | "end" | "allDay">;

function spanFor(kind: DiaryKind, day: DateTime, random: Random, index: number): Span {
  const at = (date: DateTime, hour: number, minute: number): string =>
    date.set({ hour, minute }).toFormat("yyyy-MM-dd'T'HH:mm:ss");
  const midnight = (date: DateTime): string => date.toFormat("yyyy-MM-dd'T'00:00:00");
  const shape = kind === "single" ? index % 10 : 0;
  if (shape === 1) return { start: midnight(day), end: midnight(day.plus({ days: 1 })), allDay: true };
  if (shape === 3) {
    return { start: midnight(day), end: midnight(day.plus({ days: random.int(2, 5) })), allDay: true };
  }
  if (shape === 6) return { start: at(day, 22, 30), end: at(day.plus({ days: 1 }), 1, 30), allDay: false };
  if (shape === 8) {
    return { start: at(day, 9, 0), end: at(day.plus({ days: random.int(1, 3) }), 15, 0), allDay: false };
  }
  const hour = random.int(7, 18);
  const minute = random.pick([0, 0, 0, 15, 30, 30, 45]);
  const end = day
    .set({ hour, minute })
    .plus({ minutes: random.pick([15, 30, 30, 45, 60, 60, 90, 120, 180]) });
  return { start: at(day, hour, minute), end: end.toFormat("yyyy-MM-dd'T'HH:mm:ss"), allDay: false };
}

function recurrenceFor(kind: DiaryKind, day: DateTime, random: Random, index: number): SampleRecurrence {
  const weekday = days[day.weekday - 1]!;
  const turn = kind === "endless" ? random.int(0, 4) : Math.floor(index / 6);
  const wanted = (["weekly", "daily", "weekly", "monthly", "yearly"] as const)[turn % 5]!;
  // A yearly series on the 29th of February would be no simple one.
  const frequency = wanted === "yearly" && day.day > 28 ? "monthly" : wanted;
  const until = (after: { days: number }): SampleRecurrence["end"] => ({
    kind: "until",
    date: day.plus(after).toFormat("yyyy-MM-dd"),
  });
  const ends = (count: number, length: { days: number }): SampleRecurrence["end"] => {
    if (kind === "endless") return { kind: "endless" };
    return random.chance(0.5) ? { kind: "count", count } : until(length);
  };
  switch (frequency) {
    case "daily": {
      const interval = random.int(1, 3);
      return { frequency, interval, end: ends(random.int(3, 10), { days: interval * 6 + 1 }) };
    }
    case "weekly": {
      const interval = random.int(1, 2);
      const others = random.some(["MO", "TU", "WE", "TH", "FR"] as const, random.int(0, 2));
      const byDay = days.filter((each) => each === weekday || others.includes(each as "MO"));
      return { frequency, interval, byDay, end: ends(random.int(4, 12), { days: interval * 7 * 8 }) };
    }
    case "monthly": {
      if (random.chance(0.5) && day.day <= 28) {
        return { frequency, interval: 1, dayOfMonth: day.day, end: ends(random.int(3, 6), { days: 150 }) };
      }
      const position = day.day > 28 ? -1 : Math.ceil(day.day / 7);
      return {
        frequency,
        interval: 1,
        byDay: [weekday],
        position,
        end: ends(random.int(3, 6), { days: 150 }),
      };
    }
    case "yearly":
      return { frequency, interval: 1, month: day.month, dayOfMonth: day.day, end: ends(2, { days: 400 }) };
  }
}

/** A deleted and, where the side can hold it, a moved occurrence. */
function withExceptions(
  recurrence: SampleRecurrence,
  kind: DiaryKind,
  start: string,
  side: DiaryWish["side"],
  random: Random,
): SampleRecurrence {
  if (kind !== "exceptions") return recurrence;
  // A weekly series on one day: its slots are plain to compute.
  const first = DateTime.fromISO(start, { zone: "UTC" });
  const weekly: SampleRecurrence = {
    frequency: "weekly",
    interval: 1,
    byDay: [days[first.weekday - 1]!],
    end: { kind: "count", count: 10 },
  };
  const slot = (number: number): DateTime => first.plus({ weeks: number });
  const text = (at: DateTime): string => at.toFormat("yyyy-MM-dd'T'HH:mm:ss");
  weekly.deleted = [text(slot(random.int(1, 3)))];
  if (side === "exchange") {
    const moved = slot(random.int(4, 8));
    weekly.modified = [
      {
        originalStart: text(moved),
        start: text(moved.plus({ hours: 1 })),
        end: text(moved.plus({ hours: 2 })),
      },
    ];
  }
  return weekly;
}
