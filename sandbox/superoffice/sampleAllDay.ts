import type { Switches } from "./switches.ts";
import { clockFace, localText } from "./time.ts";

/** The end that SuperOffice keeps for an all-day appointment whose first free day is `endDay`. */
export function endOfAllDay(endDay: string, switches: Switches): string {
  const lastDay = plusDays(endDay, -1);
  switch (switches.allDayEnd) {
    case "23:59:59":
    case "23:59:00":
      return `${lastDay}T${switches.allDayEnd}`;
    case "next-midnight":
      return `${endDay}T00:00:00`;
    case "same-midnight":
      return `${lastDay}T00:00:00`;
  }
}

/**
 * The first free day after an all-day appointment, whoever wrote its end: a time within a day, or the midnight of a
 * later day, which then is that free day itself. (Midnight of the last day of several days reads as one day less;
 * with the switch `same-midnight` only one-day appointments come back as they were.)
 */
export function readAllDayEnd(start: string, end: string): string {
  const atMidnight = end.endsWith("T00:00:00") && end.slice(0, 10) > start.slice(0, 10);
  return atMidnight ? end.slice(0, 10) : plusDays(end.slice(0, 10), 1);
}

function plusDays(day: string, days: number): string {
  return localText(clockFace(day).plus({ days })).slice(0, 10);
}
