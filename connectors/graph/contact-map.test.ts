import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { differences, held } from "../../core/items/compare.ts";
import type { Contact } from "../../core/items/contact.ts";
import { contactKind, emptyContact } from "../../core/items/contact-kind.ts";
import { contactBody, contactDeclaration, observedContact, readContact } from "./contact-map.ts";
import { schemaViolation } from "./testing/schema.ts";

const blank = {
  id: "AAMk1=",
  changeKey: "c1",
  title: null,
  givenName: null,
  middleName: null,
  surname: null,
  companyName: null,
  department: null,
  jobTitle: null,
  birthday: null,
  emailAddresses: [],
  businessPhones: [],
  homePhones: [],
  mobilePhone: null,
  businessAddress: {},
  homeAddress: {},
  otherAddress: {},
  imAddresses: [],
  businessHomePage: null,
  personalNotes: "",
  categories: [],
};

const line = fc.constantFrom("", "Åse", "R&D <x>", "+47 22 00 00 00", "kari@nordlys.example");
const address = fc.option(
  fc.record({ street: line, locality: line, region: line, postcode: line, country: line }),
);
const contact: fc.Arbitrary<Contact> = fc.record({
  ...(Object.fromEntries(Object.keys(emptyContact).map((field) => [field, line])) as {
    [Field in keyof Contact]: fc.Arbitrary<never>;
  }),
  "anniversaries/birth": fc.constantFrom(null, "1970-12-31", "2000-02-29"),
  "addresses/work": address,
  "addresses/home": address,
  "addresses/other": address,
  "notes/note": fc.constantFrom("", "One\r\ntwo  \n"),
});
const read = (stored: unknown) => observedContact(readContact(stored)).item;
const holds = (item: Contact) => held(contactKind, item, contactDeclaration);

describe("contacts", () => {
  it("read as they were written, as the projection says, in bodies that Microsoft's schema allows", () => {
    fc.assert(
      fc.property(contact, (item) => {
        const body = contactBody(contactDeclaration.project(item));
        expect(schemaViolation("contactWrite", body)).toBeUndefined();
        expect(differences(contactKind, read({ ...blank, ...body }), holds(item))).toEqual([]);
      }),
    );
  });

  it("project once and for all", () => {
    fc.assert(
      fc.property(contact, (item) => {
        expect(contactDeclaration.project(holds(item))).toEqual(holds(item));
      }),
    );
  });

  it("are patched field by field, and nothing else is named", () => {
    const fields = contactKind.fields.filter((field) => !/^(?:emails|phones\/office)/u.test(field));
    fc.assert(
      fc.property(contact, contact, fc.constantFrom(...fields), (from, to, field) => {
        const before = { ...blank, ...contactBody(contactDeclaration.project(from)) };
        const patch = { [field]: holds(to)[field] };
        const after = { ...before, ...contactBody(patch, readContact(before)) };
        expect(differences(contactKind, read(after), { ...holds(from), ...patch })).toEqual([]);
      }),
    );
    expect(contactBody({}, readContact(blank))).toEqual({});
    expect(contactBody({ "titles/job": "Chief" }, readContact(blank))).toEqual({ jobTitle: "Chief" });
  });

  it("keep what a list holds beyond our fields, and a person's name for an address", () => {
    const stored = readContact({
      ...blank,
      emailAddresses: [
        { address: "a@nordlys.example", name: "Åse at work" },
        { address: "b@nordlys.example", name: "Åse at home" },
      ],
      homePhones: ["1", "2"],
      categories: ["Customer", "Skiing"],
    });
    expect(contactBody({ "emails/first": "c@nordlys.example" }, stored)["emailAddresses"]).toEqual([
      { address: "c@nordlys.example", name: "c@nordlys.example" },
      { address: "b@nordlys.example", name: "Åse at home" },
    ]);
    expect(contactBody({ "phones/home": "3" }, stored)["homePhones"]).toEqual(["3", "2"]);
    expect(contactBody({ "keywords/category": "Partner" }, stored)["categories"]).toEqual([
      "Partner",
      "Skiing",
    ]);
  });

  it.each([
    ["1970-12-31T00:00:00Z"],
    ["1970-12-31T11:59:00Z"],
    ["1970-12-30T23:00:00Z"],
    ["1970-12-31T08:00:00Z"],
  ])("born at %s were born on the last of December", (birthday) => {
    expect(read({ ...blank, birthday })["anniversaries/birth"]).toBe("1970-12-31");
  });

  it("that lack what every contact has are unreadable", () => {
    expect(() => readContact({ ...blank, surname: undefined })).toThrow("surname");
    expect(() => read({ ...blank, birthday: "soon" })).toThrow("birthday");
  });
});
