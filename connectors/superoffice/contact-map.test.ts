import { describe, expect, it } from "vitest";
import { emptyContact } from "../../core/items/contact-kind.ts";
import { contactCapabilities, readContact, writePerson } from "./contact-map.ts";
import { noLists } from "./lists.ts";
import { companyEntity, personEntity, type CompanyEntity, type PersonEntity } from "./wire.ts";

const person = (more: Partial<PersonEntity> = {}): PersonEntity =>
  personEntity.parse({ PersonId: 17, UpdatedDate: "2026-03-02T08:00:00Z", Lastname: "Nordmann", ...more });
const company = (more: Partial<CompanyEntity> = {}): CompanyEntity =>
  companyEntity.parse({ ContactId: 5, UpdatedDate: "2026-03-02T08:00:00Z", Name: "Fjord", ...more });
const street = (AtypeIdx: string, Address1: string) => ({
  AtypeIdx,
  Address1,
  City: "Bergen",
  Zipcode: "5003",
});
const norway = { Name: "Norway" };
const lists = { ...noLists, countries: [{ id: 578, name: "Norway" }] };

describe("a person as a contact", () => {
  it("works where the company is, and has its mail at the company's postal address", () => {
    const Address = {
      Street: street("ContactStreetAddress", "Kaien 1"),
      Postal: street("ContactPostalAddress", "Box 2"),
    };
    const item = readContact(person(), company({ Address, Country: norway, Phones: [{ Value: "55 00" }] }));
    expect(item["addresses/work"]).toMatchObject({ street: "Kaien 1", country: "Norway" });
    expect(item["addresses/other"]).toMatchObject({ street: "Box 2", country: "Norway" });
    expect([item["addresses/home"], item["phones/company"]]).toEqual([null, "55 00"]);
  });

  it("lives at an address of their own, not at the company's that SuperOffice answers for want of one", () => {
    const at = (AtypeIdx: string) =>
      readContact(person({ Address: { Street: street(AtypeIdx, "Lia 2") }, Country: norway }), undefined);
    expect(at("PersonPrivateAddress")["addresses/home"]).toMatchObject({ street: "Lia 2" });
    expect(at("ContactStreetAddress")["addresses/home"]).toBeNull();
  });

  it("has no address for having a country, and no birthday at the beginning of time", () => {
    const item = readContact(
      person({
        Address: { Street: street("PersonPrivateAddress", ""), Postal: null },
        Country: norway,
        BirthDate: "0001-01-01T00:00:00Z",
      }),
      undefined,
    );
    expect(item["anniversaries/birth"]).toBeNull();
    const empty = { AtypeIdx: "PersonPrivateAddress", Address1: "", City: "" };
    expect(
      readContact(person({ Address: { Street: empty }, Country: norway }), undefined)["addresses/home"],
    ).toBeNull();
  });
});

describe("a contact as a person", () => {
  const { project } = contactCapabilities(lists);

  it("keeps a country of the tenant's list in the list's spelling, and no other", () => {
    const home = { street: "Lia 2", locality: "", region: "", postcode: "", country: "NORWAY" };
    const country = (name: string) =>
      project({ ...emptyContact, "addresses/home": { ...home, country: name } })["addresses/home"]?.country;
    expect([country("NORWAY"), country("Narnia")]).toEqual(["Norway", ""]);
    expect(
      writePerson(
        { "addresses/home": home },
        project({ ...emptyContact, "addresses/home": home }),
        undefined,
        lists,
      ),
    ).toMatchObject({
      Address: { Street: { AtypeIdx: "PersonPrivateAddress", Address1: "Lia 2" } },
      Country: { CountryId: 578 },
    });
  });

  it("writes nothing of what belongs to the company", () => {
    const patch = {
      "organizations/company": "X",
      "organizations/department": "X",
      "phones/company": "1",
      "addresses/work": null,
      "addresses/other": null,
      "keywords/category": "X",
    };
    expect(writePerson(patch, { ...emptyContact, ...patch }, person(), lists)).toEqual({});
  });

  it("keeps what people wrote about a number, and the numbers that are not ours", () => {
    const OfficePhones = [
      { Value: "1", Description: "Direct" },
      { Value: "2", Description: "Desk" },
      { Value: "3", Description: "Lab" },
    ];
    const write = (first: string, second: string) => {
      const after = { ...emptyContact, "phones/office": first, "phones/office2": second };
      return writePerson({ "phones/office": first }, after, person({ OfficePhones }), lists)["OfficePhones"];
    };
    const [, desk, lab] = OfficePhones;
    expect(write("9", "2")).toEqual([{ Value: "9", Description: "Direct" }, desk, lab]);
    expect(write("2", "1")).toEqual([desk, OfficePhones[0], lab]);
    expect(write("2", "")).toEqual([desk, lab]);
  });

  it("brings a second address to the first place, and says so", () => {
    const item = { ...emptyContact, "emails/second": "a@x.example", "emails/third": "b@x.example" };
    const held = project(item);
    expect([held["emails/first"], held["emails/second"], held["emails/third"]]).toEqual([
      "a@x.example",
      "b@x.example",
      "",
    ]);
    expect(project(held)).toEqual(held);
  });
});
