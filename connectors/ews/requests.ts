import type { Request } from "./client.ts";
import { ews } from "./library.ts";
import type { EwsFields } from "./map.ts";
import { stamp } from "./values.ts";
import { assign, existing } from "./writing.ts";

/** The requests this connector makes. Each is valid against Microsoft's schema (see `requests.test.ts`). */

const { AppointmentSchema, ItemSchema } = ews;

/** Ids per `GetItem`: larger batches run into Exchange's limit of one minute ("EWS best practices"). */
export const readBatch = 10;
/** Largest page that `SyncFolderItems` allows. */
const syncPage = 512;
/** More copies of one item than any person makes. */
const findPage = 100;

export const stampProperty = new ews.ExtendedPropertyDefinition(
  new ews.Guid(stamp.propertySetId),
  stamp.name,
  ews.MapiPropertyType.String,
);

/** A folder by the role it has in its mailbox, or by its id. */
export function folder(container: string): ews.FolderId {
  const own = ownFolders.get(container);
  return own === undefined ? new ews.FolderId(container) : new ews.FolderId(own);
}

const ownFolders = new Map([
  ["calendar", ews.WellKnownFolderName.Calendar],
  ["tasks", ews.WellKnownFolderName.Tasks],
  ["contacts", ews.WellKnownFolderName.Contacts],
]);

export function shape(...properties: ews.PropertyDefinitionBase[]): ews.PropertySet {
  return new ews.PropertySet(ews.BasePropertySet.IdOnly, properties);
}

/** All that `readItem` reads. */
function itemShape(): ews.PropertySet {
  const wanted = shape(
    ItemSchema.Subject,
    ItemSchema.Body,
    ItemSchema.Sensitivity,
    ItemSchema.IsReminderSet,
    ItemSchema.ReminderMinutesBeforeStart,
    AppointmentSchema.ICalUid,
    AppointmentSchema.Location,
    AppointmentSchema.Start,
    AppointmentSchema.End,
    AppointmentSchema.IsAllDayEvent,
    AppointmentSchema.StartTimeZone,
    AppointmentSchema.LegacyFreeBusyStatus,
    AppointmentSchema.AppointmentType,
    AppointmentSchema.Recurrence,
    AppointmentSchema.LastOccurrence,
    AppointmentSchema.ModifiedOccurrences,
    AppointmentSchema.DeletedOccurrences,
    AppointmentSchema.RequiredAttendees,
    AppointmentSchema.OptionalAttendees,
    AppointmentSchema.Resources,
    AppointmentSchema.Organizer,
    AppointmentSchema.AppointmentState,
    AppointmentSchema.MyResponseType,
    stampProperty,
  );
  wanted.RequestedBodyType = ews.BodyType.Text;
  return wanted;
}

/** Ids of what changed, with as much as shows that a single appointment is far from any window. */
export function syncCalendar(container: string, syncState: string | undefined): Request {
  return syncFolderItems(
    container,
    syncState,
    shape(AppointmentSchema.Start, AppointmentSchema.End, AppointmentSchema.AppointmentType),
  );
}

/** Ids of what changed, and the named properties. */
export function syncFolderItems(
  container: string,
  syncState: string | undefined,
  properties: ews.PropertySet = shape(),
): Request {
  return {
    operation: "SyncFolderItems",
    messages: 1,
    write: (service) =>
      service.SyncFolderItems(
        folder(container),
        properties,
        null as never,
        syncPage,
        ews.SyncFolderItemsScope.NormalItems,
        syncState ?? (null as never),
      ),
  };
}

export function getItems(ids: readonly string[]): Request {
  return getItem(ids, itemShape());
}

/** Only whether the items are there. */
export function getItemIds(ids: readonly string[]): Request {
  return getItem(ids, shape());
}

/** Occurrences of a series by their number, from 1; a cancelled one keeps its number. */
export function getOccurrences(seriesId: string, numbers: readonly number[]): Request {
  const ids = numbers.map((number) => new ews.AppointmentOccurrenceId(seriesId, number));
  return {
    operation: "GetItem",
    messages: ids.length,
    write: (service) => service.BindToItems(ids, itemShape()),
  };
}

export function getItem(ids: readonly string[], properties: ews.PropertySet): Request {
  return {
    operation: "GetItem",
    messages: ids.length,
    write: (service) =>
      service.BindToItems(
        ids.map((id) => new ews.ItemId(id)),
        properties,
      ),
  };
}

/** By restriction: query strings do not know custom properties. */
export function findByStamp(container: string, key: string): Request {
  return {
    operation: "FindItem",
    messages: 1,
    write: (service) => {
      const view = new ews.ItemView(findPage);
      view.PropertySet = shape();
      return service.FindItems(folder(container), new ews.SearchFilter.IsEqualTo(stampProperty, key), view);
    },
  };
}

export function createItem(container: string, fields: EwsFields, key: string): Request {
  return {
    operation: "CreateItem",
    messages: 1,
    write: (service) => {
      const item = new ews.Appointment(service);
      assign(item, fields);
      item.SetExtendedProperty(stampProperty, key);
      return item.Save(folder(container), ews.SendInvitationsMode.SendToNone);
    },
  };
}

export function updateItem(id: string, changeKey: string, fields: EwsFields): Request {
  return {
    operation: "UpdateItem",
    messages: 1,
    write: (service) => {
      const item = existing(ews.Appointment, service, id, changeKey);
      assign(item, fields);
      return update(service, item, ews.SendInvitationsOrCancellationsMode.SendToNone);
    },
  };
}

/** Only if nobody changed the item since its change key (`NeverOverwrite`; the default would merge silently). */
export function update(
  service: ews.ExchangeService,
  item: ews.Item,
  invitations?: ews.SendInvitationsOrCancellationsMode,
): Promise<unknown> {
  return service.UpdateItems(
    [item],
    null as never,
    ews.ConflictResolutionMode.NeverOverwrite,
    null as never,
    invitations ?? (null as never),
  );
}

/** Into Deleted Items, where its owner finds it again. */
export function deleteItem(id: string): Request {
  return {
    operation: "DeleteItem",
    messages: 1,
    write: (service) =>
      service.DeleteItems(
        [new ews.ItemId(id)],
        ews.DeleteMode.MoveToDeletedItems,
        ews.SendCancellationsMode.SendToNone,
        null as never,
      ),
  };
}

/** What this account may do in the folder. */
export function getFolder(container: string): Request {
  return {
    operation: "GetFolder",
    messages: 1,
    write: (service) => ews.Folder.Bind(service, folder(container), shape(ews.FolderSchema.EffectiveRights)),
  };
}
