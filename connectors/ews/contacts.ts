import type { Contact } from "../../core/items/contact.ts";
import type { Account, ItemStore } from "../contract.ts";
import type { EwsStoreOptions } from "./calls.ts";
import {
  contactDeclaration,
  contactFields,
  needsPresentContact,
  observedContact,
  readContact,
  type EwsContact,
  type EwsContactFields,
} from "./contact-map.ts";
import { createContact, deleteContact, getContacts, updateContact } from "./contact-requests.ts";
import { createFolderStore, type FolderKind } from "./folder-store.ts";

const contacts: FolderKind<Contact, EwsContact, EwsContactFields> = {
  element: "Contact",
  container: "contacts",
  declaration: contactDeclaration,
  read: readContact,
  observe: observedContact,
  inWindow: () => true,
  needsPresent: needsPresentContact,
  fields: contactFields,
  get: getContacts,
  create: createContact,
  update: updateContact,
  remove: deleteContact,
};

/** The contacts folder of one mailbox by Exchange Web Services; distribution lists in it are left alone. */
export function createEwsContactStore(options: EwsStoreOptions): ItemStore<Contact> & Account {
  return createFolderStore(contacts, options);
}
