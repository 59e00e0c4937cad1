import { ews, instant, plainDate, zone } from "./library.ts";
import type { EwsFields } from "./map.ts";
import type { EwsPattern, EwsRecurrence } from "./reading.ts";

/** Puts what is to be written into the library's objects. */

/** An item that exists, of which nothing but the id is known: what is assigned to it is all that is written. */
export function existing<Item extends ews.Item>(
  make: new (service: ews.ExchangeService) => Item,
  service: ews.ExchangeService,
  id: string,
  changeKey: string,
): Item {
  const item = new make(service);
  const loading = item as unknown as {
    LoadFromXmlJsObject(source: object, of: object, clear: boolean): void;
  };
  loading.LoadFromXmlJsObject({ ItemId: { Id: id, ChangeKey: changeKey } }, service, true);
  return item;
}

/** `null` given to the library deletes a property of an existing item. */
export function assign(item: ews.Appointment, fields: EwsFields): void {
  if (fields.subject !== undefined) item.Subject = fields.subject as string;
  if (fields.body !== undefined) item.Body = new ews.MessageBody(ews.BodyType.Text, fields.body);
  if (fields.location !== undefined) item.Location = fields.location as string;
  if (fields.zone !== undefined) {
    item.StartTimeZone = zone(fields.zone);
    item.EndTimeZone = zone(fields.zone);
  }
  if (fields.start !== undefined) item.Start = instant(fields.start);
  if (fields.end !== undefined) item.End = instant(fields.end);
  if (fields.allDay !== undefined) item.IsAllDayEvent = fields.allDay;
  if (fields.busy !== undefined) item.LegacyFreeBusyStatus = ews.LegacyFreeBusyStatus[fields.busy];
  if (fields.sensitivity !== undefined) item.Sensitivity = ews.Sensitivity[fields.sensitivity];
  if (fields.reminder !== undefined) {
    item.IsReminderSet = fields.reminder !== null;
    if (fields.reminder !== null) item.ReminderMinutesBeforeStart = fields.reminder;
  }
  if (fields.recurrence !== undefined) {
    item.Recurrence = fields.recurrence === null ? (null as never) : recurrence(fields.recurrence);
  }
}

function recurrence({ pattern, range }: EwsRecurrence): ews.Recurrence {
  const written = patternOf(pattern, plainDate(range.start));
  if (range.kind === "EndDate") written.EndDate = plainDate(range.end);
  if (range.kind === "Numbered") written.NumberOfOccurrences = range.count;
  return written;
}

/** The library's declarations lost the parameters of these. */
type Pattern<Parameters extends unknown[]> = new (
  start: ews.DateTime,
  ...parameters: Parameters
) => ews.Recurrence;
const patterns = ews.Recurrence as unknown as {
  DailyPattern: Pattern<[interval: number]>;
  WeeklyPattern: Pattern<[interval: number, days: number[]]>;
  MonthlyPattern: Pattern<[interval: number, day: number]>;
  RelativeMonthlyPattern: Pattern<[interval: number, day: number, index: number]>;
  YearlyPattern: Pattern<[month: number, day: number]>;
  RelativeYearlyPattern: Pattern<[month: number, day: number, index: number]>;
};
/** `DayOfWeek.Monday`, which the library does not export. */
const monday = 1;

function patternOf(pattern: EwsPattern, start: ews.DateTime): ews.Recurrence {
  switch (pattern.kind) {
    case "Daily":
      return new patterns.DailyPattern(start, pattern.interval);
    case "Weekly":
      return Object.assign(new patterns.WeeklyPattern(start, pattern.interval, pattern.days.map(dayOf)), {
        FirstDayOfWeek: monday,
      });
    case "AbsoluteMonthly":
      return new patterns.MonthlyPattern(start, pattern.interval, pattern.day);
    case "RelativeMonthly":
      return new patterns.RelativeMonthlyPattern(
        start,
        pattern.interval,
        dayOf(pattern.day),
        indexOf(pattern.index),
      );
    case "AbsoluteYearly":
      return new patterns.YearlyPattern(start, monthOf(pattern.month), pattern.day);
    case "RelativeYearly":
      return new patterns.RelativeYearlyPattern(
        start,
        monthOf(pattern.month),
        dayOf(pattern.day),
        indexOf(pattern.index),
      );
  }
}

const dayOf = (name: string): number => numberOf(ews.DayOfTheWeek, name);
const monthOf = (name: string): number => numberOf(ews.Month, name);
const indexOf = (name: string): number => numberOf(ews.DayOfTheWeekIndex, name);

/** The library's number for one of Exchange's names. */
function numberOf(names: Record<string, string | number>, name: string): number {
  const value = names[name];
  if (typeof value !== "number") throw new Error("a name the library does not know");
  return value;
}

export function assignCategories(item: ews.Item, categories: readonly string[]): void {
  item.Categories = categories.length === 0 ? (null as never) : new ews.StringList([...categories]);
}
