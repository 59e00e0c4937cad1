import { contactKind } from "../../items/contact-kind.ts";
import type { Contact } from "../../items/contact.ts";
import type { KindRules } from "../rules.ts";

export const contactRules: KindRules<Contact> = {
  kind: contactKind,
  content: [],
  privacy: null,
  isPrivate: () => false,
  mask: (item) => item,
  emptied: Object.fromEntries(
    contactKind.fields.map((field) => [
      field,
      field.startsWith("addresses/") || field === "anniversaries/birth" ? "null" : '""',
    ]),
  ),
  whyUntouched: () => null,
  whyFiltered: () => null,
  subscribes: "crm",
};
