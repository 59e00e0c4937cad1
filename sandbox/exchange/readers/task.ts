import { formatTime, toUtc } from "../timezones.ts";
import { stored, type Reader, type Readers } from "./reader.ts";

export const taskReaders: Readers = {
  ChangeCount: (view) => String(view.item.version),
  DelegationState: () => "NoMatch",
  IsComplete: (view) => String(view.data.values["Status"]?.text === "Completed"),
  IsRecurring: (view) => String(view.data.values["Recurrence"] !== undefined),
  IsTeamTask: () => "false",
  IsAssignmentEditable: () => "0",
  StartDate: day("StartDate"),
  DueDate: day("DueDate"),
  Owner: (_view, call) => call.person.fullName,
  PercentComplete: stored("PercentComplete", "0"),
  Status: stored("Status", "NotStarted"),
  StatusDescription: (view) => {
    const status = view.data.values["Status"]?.text ?? "NotStarted";
    return status.replace(/(?<=[a-z])([A-Z])/g, " $1");
  },
};

/** Task dates have no time of day: midnight, in whatever zone the answer is in. */
function day(element: string): Reader {
  return (view, call) => {
    const text = view.data.values[element]?.text;
    return text === undefined ? undefined : formatTime(toUtc(call.zone, Date.parse(text)), call.zone);
  };
}
