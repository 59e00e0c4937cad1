import type { Weekday } from "./appointment.ts";

/** Monday first, as ISO 8601 counts. */
export const weekdays: readonly Weekday[] = ["mo", "tu", "we", "th", "fr", "sa", "su"];
