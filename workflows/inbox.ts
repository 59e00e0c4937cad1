import { defineSignal, setHandler, uuid4 } from "@temporalio/workflow";
import type { CommandId } from "../core/ids.ts";
import { bareCommandKinds, commandKinds, type BareCommandKind, type CommandSignal } from "./messages.ts";

/** Kinds that do not wait for the end of a running slice. */
const urgentKinds: ReadonlySet<string> = new Set(["pause", "unlink", "disconnect", "delete"]);

/**
 * Where signals arrive. A signal is only a hint that there may be rows to read: twice, late or out of order means
 * nothing. A bare one from the Temporal Web UI is kept until it has become a row.
 */
export interface Inbox {
  /** Is there something to read, or to make a row of? */
  waiting(): boolean;
  /** Everything that came before is being read now. */
  taken(): void;
  nextBare(): { kind: BareCommandKind; commandId: CommandId } | undefined;
  /** Did something arrive that does not wait for the end of a running slice? */
  urgent(): boolean;
}

export function openInbox(): Inbox {
  let hints = 1; // a new run always reads
  let urgent = false;
  const bare: { kind: BareCommandKind; commandId: CommandId }[] = [];
  const inbox: Inbox = {
    waiting: () => hints > 0,
    taken: () => {
      hints = 0;
      urgent = false;
    },
    nextBare: () => bare.shift(),
    urgent: () => urgent,
  };
  for (const kind of commandKinds) {
    setHandler(defineSignal<[CommandSignal?]>(kind), (signal) => {
      const bareKind = bareCommandKinds.find((each) => each === kind);
      if (!signal?.commandId) {
        if (!bareKind) return; // only these three may come without a row
        bare.push({ kind: bareKind, commandId: uuid4() as CommandId });
      }
      hints += 1;
      urgent ||= urgentKinds.has(kind);
    });
  }
  return inbox;
}
