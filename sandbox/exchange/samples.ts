import type { Person } from "../context.ts";
import type { SampleItems, SampleStore } from "../samples.ts";
import { EwsError } from "./errors.ts";
import { formatId, parseId } from "./ids.ts";
import type { CalendarData, ItemData, ItemKind, ItemView, StoredItem } from "./model.ts";
import { deleteOccurrence, storeException } from "./occurrences.ts";
import { changeAppointment, localIn, newAppointment, readAppointment } from "./sample-appointment.ts";
import { readContact, writeContact } from "./sample-contact.ts";
import { writeOccurrence } from "./sample-occurrence.ts";
import { readTask, writeTask } from "./sample-task.ts";
import { dayBefore, occurrenceAt, restOf } from "./series.ts";
import type { Server } from "./server.ts";
import type { Mailbox } from "./store.ts";
import { toUtc, zoneOf } from "./timezones.ts";
import { draftOf } from "./writers/draft.ts";

/** Items for the seed and for `/control/`: they come into being as if the person had made them in Outlook. */
export function createSamples(server: Server): SampleStore {
  const { context, items, folders } = server;
  const now = (): number => context.clock.now().getTime();

  function idOf(mailbox: Mailbox, row: number): string {
    return formatId({ mailbox: mailbox.owner, replica: mailbox.replica, kind: "item", row });
  }

  function insert(person: Person, folder: string, kind: ItemKind, data: ItemData): string {
    return context.transaction(() => {
      const mailbox = folders.admit(person.objectId);
      const target = folders.distinguished(mailbox.owner, folder);
      if (!target) throw new EwsError("ErrorFolderNotFound");
      return idOf(mailbox, items.insert(mailbox.owner, target.row, kind, data).row);
    });
  }

  function find(person: Person, id: string, kind: ItemKind): StoredItem {
    const item = items.item(parseId(id).row);
    if (!item || item.mailbox !== person.objectId || item.kind !== kind)
      throw new EwsError("ErrorItemNotFound");
    return item;
  }

  /** Changes an item's data in place and writes it back. */
  function write(person: Person, id: string, kind: ItemKind, change: (item: StoredItem) => void): void {
    context.transaction(() => {
      const item = find(person, id, kind);
      change(item);
      item.data.modified = now();
      items.update(item);
    });
  }

  function list<Item>(
    person: Person,
    folder: string,
    kind: ItemKind,
    read: (data: ItemData) => Item,
  ): (Item & { id: string })[] {
    const mailbox = folders.admit(person.objectId);
    const target = folders.distinguished(mailbox.owner, folder);
    const found = target ? items.itemsIn(target.row) : [];
    return found
      .filter((item) => item.kind === kind)
      .map((item) => ({ ...read(item.data), id: idOf(mailbox, item.row) }));
  }

  /** Tasks and contacts: items whose properties all stand side by side. */
  function plain<Sample>(
    folder: string,
    kind: "Task" | "Contact",
    read: (data: ItemData) => Sample,
    fill: (data: ItemData, given: Partial<Sample>) => void,
  ): SampleItems<Sample, Sample & { id: string }> {
    return {
      put(person, sample) {
        const data: ItemData = {
          itemClass: `IPM.${kind}`,
          created: now(),
          modified: now(),
          values: {},
          extended: [],
        };
        fill(data, sample);
        return insert(person, folder, kind, data);
      },
      change: (person, id, changes) => write(person, id, kind, (item) => fill(item.data, changes)),
      remove: (person, id) => context.transaction(() => items.remove(find(person, id, kind))),
      list: (person) => list(person, folder, kind, read),
    };
  }

  const read = (data: ItemData, person: Person) =>
    readAppointment(data, person, server.switches.now.reminderByDefault);

  /** @throws EwsError when the series has no such occurrence (any more) */
  function occurrence(item: StoredItem, originalStart: string): ItemView {
    const calendar = item.data.calendar as CalendarData;
    return occurrenceAt(item, toUtc(zoneOf(calendar.startZone), Date.parse(`${originalStart}Z`)));
  }

  return {
    put: (person, sample) => insert(person, "calendar", "CalendarItem", newAppointment(sample, now())),
    change: (person, id, changes) =>
      write(person, id, "CalendarItem", (item) => changeAppointment(item.data, changes, person, now())),
    remove: (person, id) => context.transaction(() => items.remove(find(person, id, "CalendarItem"))),
    list: (person) =>
      list(person, "calendar", "CalendarItem", (data) => ({
        ...read(data, person),
        startsAt: new Date(data.calendar?.start ?? 0).toISOString(),
        endsAt: new Date(data.calendar?.end ?? 0).toISOString(),
      })),
    changeOccurrence: (person, id, originalStart, changes) =>
      write(person, id, "CalendarItem", (item) => {
        const view = occurrence(item, originalStart);
        const draft = draftOf(view);
        const calendar = draft.data.calendar as CalendarData;
        const zone = zoneOf(calendar.startZone);
        const instant = (local: string): number => toUtc(zone, Date.parse(`${local}Z`));
        const length = calendar.end - calendar.start;
        if (changes.start !== undefined) calendar.start = instant(changes.start);
        calendar.end = changes.end === undefined ? calendar.start + length : instant(changes.end);
        storeException(view, draft, now());
        const stored = item.data.calendar?.exceptions.find(
          (exception) => exception.originalStart === view.originalStart,
        );
        if (stored) writeOccurrence(stored, changes);
      }),
    cancelOccurrence: (person, id, originalStart) =>
      write(person, id, "CalendarItem", (item) => deleteOccurrence(occurrence(item, originalStart), now())),
    /** Outlook ends the series on the day before and makes another one, with a UID of its own. */
    changeFollowing(person, id, originalStart, changes) {
      return context.transaction(() => {
        const item = find(person, id, "CalendarItem");
        const view = occurrence(item, originalStart);
        const from = view.originalStart as number;
        const calendar = item.data.calendar as CalendarData;
        if (from <= calendar.start) {
          write(person, id, "CalendarItem", (whole) => changeAppointment(whole.data, changes, person, now()));
          return id;
        }
        const later = structuredClone(item.data);
        later.calendar = restOf(calendar, from);
        const local = localIn(calendar.startZone);
        const sample = { ...read(later, person), uid: undefined, ...changes };
        write(person, id, "CalendarItem", (earlier) => {
          const series = earlier.data.calendar as CalendarData;
          if (!series.rule) return;
          series.rule.range = { start: series.rule.range.start, end: dayBefore(local(from)) };
          series.deleted = series.deleted.filter((start) => start < from);
          series.exceptions = series.exceptions.filter((each) => each.originalStart < from);
        });
        const { uid, ...rest } = sample;
        const made = newAppointment(uid === undefined ? rest : { ...rest, uid }, now());
        return insert(person, "calendar", "CalendarItem", made);
      });
    },
    tasks: plain("tasks", "Task", readTask, (data, given) =>
      writeTask(data, given, new Date(now()).toISOString().slice(0, 10)),
    ),
    contacts: plain("contacts", "Contact", readContact, writeContact),
  };
}
