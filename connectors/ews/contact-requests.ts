import type { Request } from "./client.ts";
import {
  prefixTag,
  type EwsAddress,
  type EwsAddressKey,
  type EwsContactFields,
  type EwsEntry,
} from "./contact-map.ts";
import { ews, instant } from "./library.ts";
import { folder, getItem, shape, stampProperty, update } from "./requests.ts";
import { assignCategories, existing } from "./writing.ts";

/** The requests for contacts. Each is valid against Microsoft's schema (see `requests.test.ts`). */

const { ItemSchema, ContactSchema } = ews;

const prefixProperty = new ews.ExtendedPropertyDefinition(prefixTag, ews.MapiPropertyType.String);

/** All that `readContact` reads. */
export function getContacts(ids: readonly string[]): Request {
  const wanted = shape(
    ItemSchema.Body,
    ItemSchema.Categories,
    ContactSchema.GivenName,
    ContactSchema.MiddleName,
    ContactSchema.Surname,
    ContactSchema.CompanyName,
    ContactSchema.Department,
    ContactSchema.JobTitle,
    ContactSchema.BusinessHomePage,
    ContactSchema.EmailAddresses,
    ContactSchema.PhoneNumbers,
    ContactSchema.PhysicalAddresses,
    ContactSchema.ImAddresses,
    ContactSchema.Birthday,
    prefixProperty,
    stampProperty,
  );
  wanted.RequestedBodyType = ews.BodyType.Text;
  return getItem(ids, wanted);
}

export function createContact(container: string, fields: EwsContactFields, key: string): Request {
  return {
    operation: "CreateItem",
    messages: 1,
    write: (service) => {
      const contact = new ews.Contact(service);
      assign(contact, fields, { isNew: true });
      contact.SetExtendedProperty(stampProperty, key);
      return contact.Save(folder(container));
    },
  };
}

export function updateContact(id: string, changeKey: string, fields: EwsContactFields): Request {
  return {
    operation: "UpdateItem",
    messages: 1,
    write: (service) => {
      const contact = existing(ews.Contact, service, id, changeKey);
      assign(contact, fields, { isNew: false });
      return update(service, contact);
    },
  };
}

/** Into Deleted Items, where its owner finds it again. */
export function deleteContact(id: string): Request {
  return {
    operation: "DeleteItem",
    messages: 1,
    write: (service) =>
      service.DeleteItems(
        [new ews.ItemId(id)],
        ews.DeleteMode.MoveToDeletedItems,
        null as never,
        null as never,
      ),
  };
}

/** Of an existing contact `null` deletes a property; a new one has none to delete. */
function assign(contact: ews.Contact, fields: EwsContactFields, { isNew }: { isNew: boolean }): void {
  const isWritten = (value: unknown) => value !== undefined && !(isNew && value === null);
  for (const [name, value] of Object.entries(fields.texts ?? {})) {
    if (isWritten(value)) Object.assign(contact, { [name]: value });
  }
  for (const { entry, value } of fields.entries ?? [])
    if (isWritten(value)) assignEntry(contact, entry, value);
  for (const { key, value } of fields.addresses ?? []) assignAddress(contact, key, value, isNew);
  if (isWritten(fields.prefix)) {
    contact.SetExtendedProperty(prefixProperty, fields.prefix ?? "-");
    if (fields.prefix === null) {
      // The library deletes only what it knows to have been there.
      (contact.ExtendedProperties as unknown as { ClearChangeLog(): void }).ClearChangeLog();
      contact.RemoveExtendedProperty(prefixProperty);
    }
  }
  if (isWritten(fields.birthday))
    contact.Birthday = typeof fields.birthday === "string" ? instant(fields.birthday) : (null as never);
  if (fields.body !== undefined) contact.Body = new ews.MessageBody(ews.BodyType.Text, fields.body);
  if (fields.displayName !== undefined) contact.DisplayName = fields.displayName;
  if (fields.fileAs !== undefined) contact.FileAsMapping = ews.FileAsMapping[fields.fileAs];
  if (fields.categories !== undefined && !(isNew && fields.categories.length === 0))
    assignCategories(contact, fields.categories);
}

/** The library's dictionaries, whose declarations lost what they are made of. */
interface Dictionary {
  _setItem(key: number, value: unknown): void;
  InternalAdd(entry: unknown): void;
  InternalRemove(key: number): void;
}

function dictionaryOf(contact: ews.Contact, name: EwsEntry[0] | "PhysicalAddresses"): Dictionary {
  return contact[name] as unknown as Dictionary;
}

const keys = {
  EmailAddresses: ews.EmailAddressKey,
  PhoneNumbers: ews.PhoneNumberKey,
  ImAddresses: ews.ImAddressKey,
} as const;

function assignEntry(contact: ews.Contact, [name, keyName]: EwsEntry, value: string | null): void {
  const key = (keys[name] as unknown as Record<string, number>)[keyName];
  if (key === undefined) throw new Error(`the library has no ${keyName}`);
  const dictionary = dictionaryOf(contact, name);
  const given = name === "EmailAddresses" ? new ews.EmailAddress(value ?? "-") : (value ?? "-");
  dictionary._setItem(key, given);
  if (value === null) dictionary.InternalRemove(key);
}

/** Part by part, since each is a property of its own. */
function assignAddress(
  contact: ews.Contact,
  keyName: EwsAddressKey,
  address: EwsAddress,
  isNew: boolean,
): void {
  const parts = Object.entries(address);
  if (isNew && parts.every(([, value]) => value === "")) return;
  const entry = new ews.PhysicalAddressEntry();
  const bag = entry as unknown as Record<string, unknown> & { ClearChangeLog(): void };
  for (const [part] of parts) bag[part] = "-";
  bag.ClearChangeLog();
  for (const [part, value] of parts) bag[part] = value === "" ? null : value;
  dictionaryOf(contact, "PhysicalAddresses")._setItem(ews.PhysicalAddressKey[keyName], entry);
}
