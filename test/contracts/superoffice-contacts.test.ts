import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Cursor, Scope } from "../../connectors/contract.ts";
import { createSuperOfficeContactStore } from "../../connectors/superoffice/contacts.ts";
import { Failure } from "../../core/errors/failure.ts";
import { emptyContact } from "../../core/items/contact-kind.ts";
import { blankContact, type SampleContact } from "../../sandbox/samples.ts";
import { colleague, openOffice, otherWay, person, scope as diary, signal } from "./superoffice-sandbox.ts";

const scope: Scope = { ...diary, kind: "contact", container: "persons" };
const kari: SampleContact = {
  ...blankContact,
  givenName: "Kari",
  surname: "Nordmann",
  companyName: "Fjord Shipping",
  department: "Sales",
  jobTitle: "Buyer",
  emails: ["kari@fjord.example", "kari@home.example"],
  phones: [
    { kind: "business", number: "+47 22 00 00 00" },
    { kind: "mobile", number: "+47 90 00 00 00" },
  ],
  addresses: [
    { kind: "business", street: "Kaien 1", city: "Bergen", state: "", postalCode: "5003", country: "Norway" },
  ],
  notes: "Likes skiing.",
};

describe.each([
  ["as documented pages have it", {}],
  ["everything undocumented the other way round", otherWay],
])("SuperOffice's contacts, %s", (_, switches) => {
  let open: Awaited<ReturnType<typeof openOffice>>;
  let desk: NonNullable<(typeof open)["office"]["selections"]>;
  beforeAll(async () => {
    open = await openOffice(switches);
    desk = open.office.selections!;
  });
  afterAll(() => open.close());
  beforeEach(() => {
    for (const each of open.samples.contacts.list(person)) open.samples.contacts.remove(person, each.id);
  });

  const put = (sample: Partial<SampleContact> = {}, whose = person) =>
    open.samples.contacts.put(whose, { ...kari, ...sample });
  const refOf = (id: string) => `person:${id}`;
  const favourites = () => desk.list(person.associateId).find(({ name }) => name === "Contacts I favour")!;

  async function read(cursor?: Cursor, store = open.contacts) {
    let page = await store.changes(scope, cursor, signal);
    const all = { ...page };
    while (page.more) {
      page = await store.changes(scope, page.next, signal);
      all.upserts = [...all.upserts, ...page.upserts];
      all.gone = [...all.gone, ...page.gone];
      all.next = page.next;
    }
    return all;
  }

  it("are the persons of the chosen selections, with what their company says", async () => {
    const id = put();
    put({ givenName: "Elsewhere" }, colleague);
    const { upserts, listing } = await read();
    expect(listing).toBe("complete");
    expect(upserts.map(({ ref }) => ref)).toEqual([refOf(id)]);
    expect(upserts[0]?.item).toEqual({
      ...emptyContact,
      "name/given": "Kari",
      "name/surname": "Nordmann",
      "organizations/company": "Fjord Shipping",
      "organizations/department": "Sales",
      "titles/job": "Buyer",
      "emails/first": "kari@fjord.example",
      "emails/second": "kari@home.example",
      "phones/office": "+47 22 00 00 00",
      "phones/mobile": "+47 90 00 00 00",
      "addresses/work": {
        street: "Kaien 1",
        locality: "Bergen",
        region: "",
        postcode: "5003",
        country: "Norway",
      },
      "notes/note": "Likes skiing.",
    });
  });

  it("are read to the last page of a selection", async () => {
    const ids = Array.from({ length: 7 }, (__, number) => put({ givenName: `N${number}` }));
    expect((await read()).upserts.map(({ ref }) => ref).toSorted()).toEqual(ids.map(refOf).toSorted());
  });

  it("change with their company", async () => {
    const id = put();
    const { next } = await read((await read()).next);
    const path = `Contact/${(await personOf(id)).Contact.ContactId}`;
    await open.client.call({
      method: "PATCH",
      path,
      body: { Department: "Purchasing" },
      contentType: "application/merge-patch+json",
      signal,
    });
    const since = await read(next);
    expect(since.upserts.map(({ ref, item }) => [ref, item["organizations/department"]])).toEqual([
      [refOf(id), "Purchasing"],
    ]);
  });

  it("that leave every selection are gone, and not deleted; who comes back is told again", async () => {
    const [stays, leaves] = [put(), put({ givenName: "Leaves" })];
    const { next } = await read((await read()).next);
    desk.members(favourites().selectionId, { add: [], remove: [Number(leaves)] });
    const since = await read(next);
    expect(since.gone).toEqual([{ ref: refOf(leaves), why: "left-scope" }]);
    expect(await open.contacts.get(refOf(leaves), signal)).toBeUndefined();
    expect(await open.contacts.get(refOf(stays), signal)).toBeDefined();
    desk.members(favourites().selectionId, { add: [Number(leaves)], remove: [] });
    expect((await read(since.next)).upserts.map(({ ref }) => ref)).toContain(refOf(leaves));
  });

  it("that are deleted are told as deleted", async () => {
    const id = put();
    const { next } = await read((await read()).next);
    open.samples.contacts.remove(person, id);
    expect((await read(next)).gone).toEqual([{ ref: refOf(id), why: "deleted" }]);
  });

  it.each(["GET /Selection/{id}/Members", "GET /Selection"])(
    "are not gone because %s was empty once",
    async (operation) => {
      const ids = [put(), put({ givenName: "Ola" })];
      const { next } = await read((await read()).next);
      open.sandbox.rules.add({ system: "superoffice", operation, times: 1, effect: { kind: "empty" } });
      const since = await open.contacts.changes(scope, next, signal);
      expect([since.gone, since.listing]).toEqual([[], "partial"]);
      expect((await read(since.next)).gone).toEqual([]);
      for (const id of ids) expect(await open.contacts.get(refOf(id), signal)).toBeDefined();
    },
  );

  it("come from other selections too: one's own by name, anybody's by number, those that choose by themselves", async () => {
    const own = desk.save({ associateId: person.associateId, name: "VIP", kind: "Static", filter: "" });
    const shared = desk.save({
      associateId: colleague.associateId,
      name: "Buyers",
      kind: "Dynamic",
      filter: "title eq 'Chief buyer'",
    });
    const [vip, buyer] = [put({}, colleague), put({ jobTitle: "Chief buyer" }, colleague)];
    desk.members(own.selectionId, { add: [Number(vip)], remove: [] });
    const selections = ["vip", `#${shared.selectionId}`, "Not there", "#999999"];
    const store = createSuperOfficeContactStore({ ...open.options, selections });
    const { upserts } = await read(undefined, store);
    expect(upserts.map(({ ref }) => ref).toSorted()).toEqual([refOf(vip), refOf(buyer)].toSorted());
  });

  it("are written field by field; what the company says, and the rest of the person, stays", async () => {
    const id = put();
    await open.client.call({
      method: "PATCH",
      path: `Person/${id}`,
      contentType: "application/merge-patch+json",
      signal,
      body: {
        PersonNumber: "N-17",
        Emails: [
          { Value: "kari@fjord.example", Description: "Work" },
          { Value: "kari@home.example" },
          { Value: "3@x.example" },
          { Value: "4@x.example" },
        ],
      },
    });
    const before = (await open.contacts.get(refOf(id), signal))!;
    const updated = await open.contacts.update(
      before.ref,
      {
        "emails/first": "new@fjord.example",
        "organizations/company": "Not ours to say",
        "titles/job": "Director",
      },
      before.version,
      signal,
    );
    expect(updated.item).toEqual({
      ...before.item,
      "emails/first": "new@fjord.example",
      "titles/job": "Director",
    });
    const now = await personOf(id);
    expect(now.PersonNumber).toBe("N-17");
    expect(now.Emails.map(({ Value, Description }) => [Value, Description ?? ""])).toEqual([
      ["new@fjord.example", "Work"],
      ["kari@home.example", ""],
      ["3@x.example", ""],
      ["4@x.example", ""],
    ]);
  });

  it("that are made go into the selection, to the company of that name, and are made once", async () => {
    put({ companyName: "Berg & Sønn", department: "Store" });
    const made = await open.contacts.create(
      scope,
      { ...emptyContact, "name/surname": "Berg", "organizations/company": "berg & sønn" },
      "el.made-once",
      signal,
    );
    expect(made).toMatchObject({ key: "el.made-once", item: { "organizations/department": "Store" } });
    const again = await open.contacts.create(
      scope,
      { ...emptyContact, "name/surname": "Berg" },
      "el.made-once",
      signal,
    );
    expect(again.ref).toBe(made.ref);
    expect((await open.contacts.findByKey(scope, "el.made-once", signal)).map(({ ref }) => ref)).toEqual([
      made.ref,
    ]);
    expect(open.samples.contacts.list(person).map(({ surname }) => surname)).toEqual(["Nordmann", "Berg"]);
  });

  it("go on from a create that died between person and selection", async () => {
    put();
    open.sandbox.rules.add({
      system: "superoffice",
      operation: "POST /Selection/{id}/Members/Add",
      times: 1,
      effect: { kind: "status", status: 503 },
    });
    const item = { ...emptyContact, "name/surname": "Half" };
    await expect(open.contacts.create(scope, item, "el.half", signal)).rejects.toBeInstanceOf(Failure);
    expect(await open.contacts.findByKey(scope, "el.half", signal)).toEqual([]);
    await open.contacts.create(scope, item, "el.half", signal);
    const { rows } = await everybody();
    expect(rows.filter(({ lastName }) => lastName === "Half")).toHaveLength(1);
  });

  it("are not made where there is no selection to put them into", async () => {
    const store = createSuperOfficeContactStore({ ...open.options, selections: ["Not there"] });
    await expect(store.create(scope, emptyContact, "el.nowhere", signal)).rejects.toMatchObject({
      code: "superoffice.request-invalid",
    });
  });

  it("are never deleted: who is removed leaves the selection", async () => {
    const id = put();
    const { ref, version } = (await open.contacts.get(refOf(id), signal))!;
    await open.contacts.remove(ref, version, signal);
    expect(await open.contacts.get(ref, signal)).toBeUndefined();
    expect((await personOf(id)).PersonId).toBe(Number(id));
  });

  it("cost one request each for selections, members and companies when nothing happened", async () => {
    put();
    const { next } = await read();
    await new Promise((resolve) => setTimeout(resolve, 0));
    open.requests.length = 0;
    await open.contacts.changes(scope, next, signal);
    const idle = open.requests.filter((request) => !/Person\/\d|Contact\/\d/.test(request));
    expect(idle).toHaveLength(3);
  });

  async function personOf(id: string) {
    const { value } = await open.client.call({ method: "GET", path: `Person/${id}`, signal });
    return value as {
      PersonId: number;
      PersonNumber: string;
      Contact: { ContactId: number };
      Emails: { Value: string; Description?: string }[];
    };
  }
  async function everybody() {
    const query = { $select: "personId,lastName", $top: "1000" };
    const { value } = await open.client.call({ method: "GET", path: "Person", query, signal });
    return { rows: (value as { value: { lastName: string }[] }).value };
  }
});
