import { instant, moment } from "./time.ts";
import type { RowContent } from "./wire.ts";

/** The synced content of a row in one canonical form; entity and record of the same row give the same. */
export function contentOf(row: RowContent): Record<string, unknown> & { StartDate: string; EndDate: string } {
  return {
    Title: row.Title ?? "",
    Description: row.Description ?? "",
    Location: row.Location ?? "",
    StartDate: instant(moment(row.StartDate)),
    EndDate: instant(moment(row.EndDate)),
    IsAlldayEvent: row.IsAlldayEvent,
    IsFree: row.IsFree,
    Private: row.Private,
    HasAlarm: row.HasAlarm,
    AlarmLeadTime: row.HasAlarm ? (row.AlarmLeadTime ?? "") : "",
  };
}
