import { Failure } from "../../core/errors/failure.ts";
import type { Task } from "../../core/items/task.ts";
import { taskKind } from "../../core/items/task-kind.ts";
import type { Account, Capabilities, Changes, Cursor, ItemStore, Observed, Ref, Scope } from "../contract.ts";
import { probeAssociate } from "./account.ts";
import { Appointments } from "./agents.ts";
import { changesSince, type Found } from "./changes.ts";
import { listChecklist } from "./checklist.ts";
import { layouts } from "./cursor.ts";
import { noLists } from "./lists.ts";
import { identityOf, longestWorkMs, type SuperOfficeStoreOptions } from "./options.ts";
import { participation } from "./participation.ts";
import { keyOf, readRef, refOf, uidOf } from "./refs.ts";
import { readTask, taskCapabilities, writeTask } from "./task-map.ts";
import { moment } from "./time.ts";
import { carefully, versionOf } from "./version.ts";
import { taskEntity, type TaskEntity } from "./wire.ts";

/**
 * The checklist of one associate as an `ItemStore`: rows with `Type` inChecklist, each of them a task (`task:17`). A row of
 * a repetition is one as well, and is written alone.
 */
export function createSuperOfficeTaskStore(options: SuperOfficeStoreOptions): ItemStore<Task> & Account {
  const { client, associateId, timeZone: zone, lists = noLists } = options;
  const appointments = new Appointments(client, taskEntity);
  const declared = taskCapabilities(lists, zone);
  const capabilities: Capabilities<Task> = {
    ...declared,
    compareAndSet: "second",
    createKey: "enforced",
    longestRequestMs: client.timeoutMs + longestWorkMs,
  };

  const list = (window: Scope["window"], signal: AbortSignal) =>
    listChecklist(client, associateId, window, zone, signal);

  async function see(id: number, signal: AbortSignal): Promise<Seen | "elsewhere" | undefined> {
    const [row, uid] = await Promise.all([appointments.entity(id, signal), appointments.uid(id, signal)]);
    return row && carefully(async () => (isOwn(row) ? seen(row, uid) : "elsewhere"));
  }

  function isOwn(row: TaskEntity): boolean {
    return row.Associate?.AssociateId === associateId && row.Type === "inChecklist";
  }

  function seen(row: TaskEntity, uid: string | null): Seen {
    const item = readTask(row, lists, zone);
    const traits = { ...participation(row, associateId), exceptions: 0, recurrenceUnknown: false };
    return {
      row,
      observed: {
        ref: refOf({ kind: "task", id: row.AppointmentId }),
        version: versionOf(row.UpdatedDate, [item, traits]),
        uid,
        key: keyOf(uid),
        item,
        traits,
      },
      touches: (window) => taskKind.touches(item, window),
    };
  }

  async function found(ref: Ref, signal: AbortSignal): Promise<Seen | undefined> {
    signal.throwIfAborted();
    const name = readRef(ref);
    const there = name?.kind === "task" ? await see(name.id, signal) : undefined;
    if (there !== "elsewhere") return there;
    // It exists, so saying nothing would be read as a delete.
    throw new Failure("item.malformed", { detail: { reason: "elsewhere" } });
  }

  async function atVersion(ref: Ref, version: string, signal: AbortSignal): Promise<Seen | undefined> {
    const there = await found(ref, signal);
    if (there && there.observed.version !== version) throw new Failure("item.version-conflict");
    return there;
  }

  async function reread(id: number, signal: AbortSignal): Promise<Observed<Task>> {
    const there = await see(id, signal);
    if (!there || there === "elsewhere") throw new Failure("item.not-found");
    return there.observed;
  }

  return {
    capabilities,
    identity: identityOf(options),

    changes: (scope: Scope, cursor: Cursor | undefined, signal: AbortSignal): Promise<Changes<Task>> =>
      changesSince(
        cursor,
        scope.window,
        {
          layout: layouts.checklist,
          list: () => list(scope.window, signal),
          see: ({ id }) => see(id, signal),
        },
        signal,
      ),

    get: async (ref, signal) => (await found(ref, signal))?.observed,

    async create(_scope, item, key, signal) {
      const held = capabilities.project(item);
      requireDay(held);
      const entity = {
        ...(await appointments.template(signal)),
        AppointmentId: 0,
        MotherId: 0,
        Associate: { AssociateId: associateId },
        Type: "inChecklist",
        // Nobody else, so nobody can be mailed.
        Participants: [],
        Recurrence: null,
        IsAlldayEvent: false,
        Location: "",
        // The template's own type is one of the diary.
        Task: null,
        ...writeTask(held, held, undefined, lists, zone),
      };
      const made = await appointments.createForUid(entity, uidOf(key), signal);
      // The UID is taken: an earlier call did its work, or a person's calendar has it.
      const there = made ?? (await appointments.byUid(uidOf(key), signal));
      if (there && isOwn(there)) return reread(there.AppointmentId, signal);
      throw new Failure("superoffice.request-invalid", { detail: { reason: "key-taken" } });
    },

    async findByKey(_scope, key, signal) {
      const row = await appointments.byUid(uidOf(key), signal);
      if (!row || !isOwn(row)) return [];
      return carefully(async () => [seen(row, uidOf(key)).observed]);
    },

    async update(ref, patch, version, signal) {
      const there = await atVersion(ref, version, signal);
      if (!there) throw new Failure("item.not-found");
      const { row, observed } = there;
      const after = capabilities.project({ ...observed.item, ...patch });
      requireDay(after);
      const writes = await carefully(async () => writeTask(patch, after, row, lists, zone));
      if (Object.keys(writes).length === 0) return observed;
      const alone = !row.Recurrence?.IsRecurrence && observed.traits.participants === 0;
      if (alone)
        await appointments.patch(row.AppointmentId, writes, moment(row.UpdatedDate).toJSDate(), signal);
      else {
        const whole = await appointments.whole(row.AppointmentId, signal);
        if (!whole) throw new Failure("item.not-found");
        await appointments.save({ ...whole, ...writes }, "OnlyThis", signal);
      }
      return reread(row.AppointmentId, signal);
    },

    async remove(ref, version, signal) {
      const there = await atVersion(ref, version, signal);
      if (!there) return;
      const { row, observed } = there;
      if (row.Recurrence?.IsRecurrence || observed.traits.participants > 0)
        return appointments.deleteQuietly(row.AppointmentId, "OnlyThis", signal);
      return appointments.delete(row.AppointmentId, moment(row.UpdatedDate).toJSDate(), signal);
    },

    probe: (signal) =>
      probeAssociate(options, signal, async () => {
        const now = new Date().toISOString();
        await list({ from: now, to: now }, signal);
      }),
  };
}

interface Seen extends Found<Task> {
  row: TaskEntity;
}

/** A row has a start and an end. */
function requireDay({ due }: Task): void {
  if (due === null) throw new Failure("superoffice.request-invalid", { detail: { reason: "no-day" } });
}
