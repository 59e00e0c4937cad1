import type { Contact } from "../../core/items/contact.ts";
import { contactKind, emptyContact } from "../../core/items/contact-kind.ts";
import { fieldByField, type KindExamples } from "./item-store.suite.ts";

/** Somebody of whom everything is known; tests name what matters to them. */
export function contact(patch: Partial<Contact> = {}): Contact {
  return {
    "name/title": "Dr.",
    "name/given": "Kari",
    "name/given2": "Anne",
    "name/surname": "Nordmann",
    "organizations/company": "Nordlys Engineering",
    "organizations/department": "Sales",
    "titles/job": "Engineer",
    "anniversaries/birth": "1970-12-31",
    "emails/first": "kari@nordlys.example",
    "emails/second": "kari@home.example",
    "emails/third": "kari@club.example",
    "phones/office": "+47 22 00 00 00",
    "phones/office2": "+47 22 00 00 01",
    "phones/mobile": "+47 90 00 00 00",
    "phones/home": "+47 23 00 00 00",
    "phones/other": "+47 24 00 00 00",
    "phones/fax": "+47 22 00 00 99",
    "phones/company": "+47 22 00 00 10",
    "addresses/work": {
      street: "Storgata 1\nInngang B",
      locality: "Oslo",
      region: "",
      postcode: "0155",
      country: "Norway",
    },
    "addresses/home": {
      street: "Lia 2",
      locality: "Ålesund",
      region: "Møre og Romsdal",
      postcode: "6002",
      country: "Norway",
    },
    "addresses/other": {
      street: "Postboks 3",
      locality: "Oslo",
      region: "",
      postcode: "0101",
      country: "Norway",
    },
    "onlineServices/im": "kari.nordmann",
    "links/homepage": "https://nordlys.example/kari",
    "notes/note": "Likes skiing.\nMet in Bergen.",
    "keywords/category": "Customer",
    ...patch,
  };
}

const address = {
  street: "Strandgaten 4",
  locality: "Bergen",
  region: "Vestland",
  postcode: "5013",
  country: "Norway",
};

export const contactExamples: KindExamples<Contact> = {
  kind: contactKind,
  plain: contact(),
  named: (surname) => ({ "name/surname": surname }),
  nameOf: (item) => item["name/surname"],
  shapes: {
    "one of whom everything is known": contact(),
    "a name only": { ...emptyContact, "name/given": "Ola", "name/surname": "Nordmann" },
    "one without a first name": {
      ...emptyContact,
      "name/surname": "Ødegård",
      "phones/mobile": "99 88 77 66",
    },
    "somebody of a company": {
      ...emptyContact,
      "name/surname": "Berg",
      "organizations/company": "Bølge & Sønn <AS>",
      "emails/first": "berg@bolge.example",
    },
    "a second address without a first": { ...contact(), "emails/first": "" },
    "half an address": contact({
      "addresses/home": { street: "", locality: "Bodø", region: "", postcode: "", country: "" },
    }),
    "born on 29 February": contact({ "anniversaries/birth": "1980-02-29" }),
    "born on the first of a year": contact({ "anniversaries/birth": "2000-01-01" }),
    "born long ago": contact({ "anniversaries/birth": "1923-06-15" }),
    "markup and other alphabets": contact({
      "name/given": `R&D <b>"Ærlig"</b>`,
      "name/surname": "日本語 🎉 'x'",
      "notes/note": "First line\n\n  indented & <not> markup\n]]> end",
      "keywords/category": "Kunde & <mer>",
    }),
  },
  patches: {
    ...fieldByField(
      contactKind,
      contact(),
      {
        "name/title": "Prof.",
        "name/given": "Karin",
        "name/given2": "Beate",
        "name/surname": "Berg",
        "organizations/company": "Fjord Shipping",
        "organizations/department": "Purchasing",
        "titles/job": "Director",
        "anniversaries/birth": "1971-01-01",
        "emails/first": "karin@fjord.example",
        "emails/second": "karin@home.example",
        "emails/third": "karin@club.example",
        "phones/office": "+47 55 00 00 00",
        "phones/office2": "+47 55 00 00 01",
        "phones/mobile": "+47 91 00 00 00",
        "phones/home": "+47 56 00 00 00",
        "phones/other": "+47 57 00 00 00",
        "phones/fax": "+47 55 00 00 99",
        "phones/company": "+47 55 00 00 10",
        "addresses/work": address,
        "addresses/home": address,
        "addresses/other": address,
        "onlineServices/im": "karin.berg",
        "links/homepage": "https://fjord.example/karin",
        "notes/note": "Likes sailing.",
        "keywords/category": "Supplier",
      },
      { ...emptyContact },
    ),
    "half an address": {
      "addresses/work": { street: "", locality: "Bodø", region: "", postcode: "", country: "" },
    },
    "two addresses changed about": {
      "emails/first": "kari@home.example",
      "emails/second": "kari@nordlys.example",
    },
    "another job": {
      "organizations/company": "Fjord Shipping",
      "organizations/department": "",
      "titles/job": "Director",
      "phones/office": "+47 55 00 00 00",
      "addresses/work": address,
    },
  },
  thorough: {
    "name/surname": "Ours",
    "organizations/company": "Fjord Shipping",
    "emails/first": "karin@fjord.example",
    "phones/mobile": "+47 91 00 00 00",
    "addresses/work": address,
    "anniversaries/birth": "1971-01-01",
    "notes/note": "Likes sailing.",
    "keywords/category": "Supplier",
  },
};
