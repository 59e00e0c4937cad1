import type { Call } from "../call.ts";
import { EwsError } from "../errors.ts";
import { DAY, toLocal } from "../timezones.ts";
import { el } from "../xml.ts";
import type { Draft } from "./draft.ts";

/**
 * Status, percentage and completion go together; dates lose their time of day.
 * @throws EwsError `ErrorInvalidPercentCompleteValue`, `ErrorInvalidCompleteDate`
 * @see https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/percentcomplete
 */
export function settleTask(draft: Draft, call: Call): void {
  const { values } = draft.data;
  for (const name of ["StartDate", "DueDate"]) {
    const value = values[name];
    if (value?.text === undefined || !draft.touched.has(name)) continue;
    const day = Math.floor(toLocal(call.zone, Date.parse(value.text)) / DAY) * DAY;
    values[name] = el(name, new Date(day).toISOString().replace(".000Z", "Z"));
  }
  const percent = Number(values["PercentComplete"]?.text ?? "0");
  if (!(percent >= 0 && percent <= 100)) throw new EwsError("ErrorInvalidPercentCompleteValue");
  const completeDate = values["CompleteDate"]?.text;
  if (completeDate !== undefined && Date.parse(completeDate) > call.now + DAY) {
    throw new EwsError("ErrorInvalidCompleteDate", "The complete date must not be in the future.");
  }
  settleStatus(draft, percent, call);
}

function settleStatus(draft: Draft, percent: number, call: Call): void {
  const { values } = draft.data;
  const set = (name: string, text: string): void => {
    values[name] = el(name, text);
  };
  const status = draft.touched.has("Status") ? values["Status"]?.text : undefined;
  const byPercent = status === undefined && draft.touched.has("PercentComplete");
  if (
    status === "Completed" ||
    (byPercent && percent === 100) ||
    (status === undefined && draft.touched.has("CompleteDate"))
  ) {
    set("Status", "Completed");
    set("PercentComplete", "100");
    values["CompleteDate"] ??= el(
      "CompleteDate",
      new Date(Math.floor(call.now / DAY) * DAY).toISOString().replace(".000Z", "Z"),
    );
    return;
  }
  if (status === "NotStarted") set("PercentComplete", "0");
  else if (byPercent) set("Status", percent === 0 ? "NotStarted" : "InProgress");
  else if (status !== undefined && percent === 100) set("PercentComplete", "0");
  if (status !== undefined || byPercent) delete values["CompleteDate"];
}
