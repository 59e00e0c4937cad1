import type { ActionKind, Row } from "../associates/selection.ts";
import { messageOf } from "../kit/notice.tsx";
import { say, unsay } from "../kit/toast.tsx";
import { words } from "../words/index.ts";
import { api, success } from "./client.ts";
import { queryClient } from "./queries.ts";

export type Doable = Exclude<ActionKind, "invite" | "link">;

/** Records one wish; the workflow carries it out. @throws Refused, Unreachable */
export async function act(kind: Doable, row: Row): Promise<void> {
  if (kind === "resend" || kind === "revoke") {
    const param = { invitationId: row.invitation?.id ?? "" };
    const invitation = api.invitations[":invitationId"];
    await (kind === "resend"
      ? success(invitation.resend.$post({ param }))
      : success(invitation.revoke.$post({ param })));
    return;
  }
  const param = { userId: row.userId ?? "" };
  const user = api.users[":userId"];
  switch (kind) {
    case "unlink":
      return void (await success(user.unlink.$post({ param, json: {} })));
    case "undoUnlink":
      return void (await success(user.unlink.undo.$post({ param })));
    case "syncNow":
      return void (await success(user["sync-now"].$post({ param })));
    case "reauth":
      return void (await success(user.reauth.$post({ param })));
    case "pause":
      return void (await success(user.pause.$post({ param })));
    case "resume":
      return void (await success(user.resume.$post({ param })));
    case "switchBackend":
      return void (await success(user.backend.$post({ param, json: { backend: "graph" } })));
    case "delete":
      return void (await success(user.$delete({ param })));
  }
}

const opposite: Partial<Record<Doable, Doable>> = { pause: "resume", resume: "pause" };
/** As many at once as a browser's connections to one host leave free for reading. */
const atOnce = 4;

export interface Outcome {
  done: Row[];
  failed: { row: Row; error: unknown }[];
}

/** Does the same for many, four at a time; one refusal stops no other. */
export async function actOnAll(
  kind: Doable,
  rows: readonly Row[],
  onProgress: (done: number) => void,
): Promise<Outcome> {
  const outcome: Outcome = { done: [], failed: [] };
  const queue = rows.values();
  const work = async () => {
    for (const row of queue) {
      try {
        await act(kind, row);
        outcome.done.push(row);
      } catch (error) {
        outcome.failed.push({ row, error });
      }
      onProgress(outcome.done.length + outcome.failed.length);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, rows.length) }, work));
  return outcome;
}

let runs = 0;

/** Does it, says how far it is when it takes long, and what became of it; reversible things can be undone. */
export async function perform(kind: Doable, rows: readonly Row[]): Promise<Outcome> {
  const id = `run-${++runs}`;
  const outcome = await actOnAll(kind, rows, (done) => {
    if (rows.length > 20 && done < rows.length) {
      say(words.did.progress(words.action[kind], done, rows.length), { id });
    }
  });
  unsay(id);
  refreshAll();
  const back = opposite[kind];
  if (outcome.done.length > 0) {
    const undo = back && {
      label: words.undo,
      run: () => {
        unsay(`${id}-done`);
        void perform(back, outcome.done);
      },
    };
    say(words.did[kind](outcome.done.length), { id: `${id}-done`, ...(undo ? { action: undo } : {}) });
  }
  const [first] = outcome.failed;
  if (first) say(words.did.some(outcome.failed.length, messageOf(first.error)), { failure: true });
  return outcome;
}

/** After an own action: everything on the screen is read again, at once. */
export function refreshAll(): void {
  for (const key of [
    "associates",
    "user",
    "mailboxes",
    "findings",
    "items",
    "item",
    "brake",
    "removal",
    "preview",
  ]) {
    void queryClient.invalidateQueries({ queryKey: [key] });
  }
}
