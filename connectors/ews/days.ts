/**
 * The day that was meant by an instant: clients store the midnight of their own zone, or 11:59 in UTC, so it is the one whose
 * midnight in UTC is nearest.
 *
 * @param instant as `Date.parse` reads it
 */
export function nearestDay(instant: string): string {
  return new Date(Date.parse(instant) + 12 * 3_600_000 - 1).toISOString().slice(0, 10);
}
