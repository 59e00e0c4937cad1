import type { ActionKind, Row } from "./selection.ts";

export type Remedy = Extract<ActionKind, "resend" | "reauth" | "invite" | "link" | "syncNow" | "resume">;

/** By state, the buttons that may help, best first. What the person must do is mailed; what broke is tried again. */
const candidates: { readonly [State in Row["state"]]?: readonly Remedy[] } = {
  invited: ["resend"],
  ended: ["invite"],
  disconnected: ["invite"],
  "needs-reauth": ["reauth"],
  registered: ["link"],
  blocked: ["syncNow", "reauth"],
  paused: ["resume"],
  syncing: ["syncNow"],
  gate: ["syncNow"],
};

/** The one button on the line of a problem; none when nothing that we could do would help. */
export function remedyOf(row: Row): Remedy | undefined {
  return candidates[row.state]?.find((kind) =>
    row.actions.some((action) => action.kind === kind && action.allowed),
  );
}
