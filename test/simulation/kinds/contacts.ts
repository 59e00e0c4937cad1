import { crmLikeContacts, mailboxLikeContacts } from "../../../connectors/memory/flavours.ts";
import { differences, inCommon } from "../../../core/items/compare.ts";
import { emptyContact } from "../../../core/items/contact-kind.ts";
import type { Contact } from "../../../core/items/contact.ts";
import { contactRules } from "../../../core/sync/kinds/contact.ts";
import { defaultSettings } from "../../../core/sync/settings.ts";
import type { Edit, KindModel } from "./model.ts";
import { remembering } from "./remembering.ts";

const { rules, capabilities } = remembering(contactRules, {
  crm: crmLikeContacts,
  mailbox: mailboxLikeContacts,
});

export const contacts: KindModel<Contact> = {
  rules,
  capabilities,
  name: "name/surname",
  texts: ["name/surname", "titles/job", "notes/note"],

  settings: (dice) => ({
    ...defaultSettings,
    ...dice.pick([
      { direction: "crm-to-mailbox", outsideEdits: "revert" } as const,
      { direction: "crm-to-mailbox", outsideEdits: "keep" } as const,
      { direction: "two-way", createPersons: true } as const,
      { direction: "two-way" } as const,
    ]),
  }),

  make: (pen, dice) => ({
    ...emptyContact,
    "name/given": dice.pick(["Kari", "Ola", "Åse"]),
    "name/surname": pen("surname"),
    "titles/job": pen("job"),
    "notes/note": pen("note"),
    "organizations/company": dice.pick(["Acme", "Bolt", "Cirrus"]),
    "emails/first": `person${dice.below(1_000)}@example.com`,
    "phones/mobile": `+47 22 12 ${10 + dice.below(80)} ${10 + dice.below(80)}`,
  }),

  change(item, dice): Edit<Contact> {
    const roll = dice.next();
    if (roll < 0.2) return { patch: { "phones/mobile": item["phones/mobile"].replaceAll(" ", "") } };
    if (roll < 0.4) return { patch: { "phones/mobile": `+47 22 13 ${10 + dice.below(80)}` } };
    if (roll < 0.55)
      return { patch: { "emails/first": dice.chance(0.3) ? "" : item["emails/first"].toUpperCase() } };
    if (roll < 0.7)
      return { patch: { "anniversaries/birth": dice.pick([null, "1970-12-31", "1999-02-28"]) } };
    if (roll < 0.85) {
      const address = {
        street: `Road ${dice.below(99)}`,
        locality: "Oslo",
        region: "",
        postcode: "0150",
        country: "NO",
      };
      return { patch: { "addresses/work": dice.chance(0.3) ? null : address } };
    }
    return { patch: { "name/title": dice.pick(["", "Dr", "Professor emeritus of the university"]) } };
  },

  move: () => null,

  hostile(_item, pen, dice): Edit<Contact> {
    return dice.chance(0.5)
      ? { patch: { "name/surname": `${pen("surname")} ${"x".repeat(5_000)}` } }
      : { patch: { "name/surname": `${pen("surname")}\u0007\uD800`, "anniversaries/birth": "1970-02-31" } };
  },

  togglePrivate: () => null,

  mayStay: ({ item }, side, settings) =>
    !rules.kind.isValid(item) ||
    (side === "mailbox" && !(settings.direction === "two-way" && settings.createPersons)),

  differences: (a, b) =>
    differences(
      rules.kind,
      inCommon(rules.kind, a, capabilities.crm, capabilities.mailbox),
      inCommon(rules.kind, b, capabilities.crm, capabilities.mailbox),
    ),
};
