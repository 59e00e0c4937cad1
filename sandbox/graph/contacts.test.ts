import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startGraph, type Json, type TestGraph } from "./testing/server.ts";

let at: TestGraph;
beforeAll(async () => {
  at = await startGraph();
});
afterAll(async () => {
  expect(at.errors).toEqual([]);
  expect(at.graph.counters()["responsesInvalid"]).toBe(0);
  await at.close();
});

const whole = {
  givenName: "Kari",
  surname: "Nordmann",
  middleName: "Anne",
  title: "Dr.",
  jobTitle: "Engineer",
  companyName: "Fjord & Co",
  department: "R&D",
  officeLocation: "3.14",
  nickName: "Kaja",
  birthday: "1984-05-17T00:00:00Z",
  personalNotes: "Met in Bergen",
  emailAddresses: [
    { address: "kari@example.org", name: "Kari" },
    { address: "k@example.com", name: "k@example.com" },
  ],
  businessPhones: ["+47 22 00 00 00", "+47 22 00 00 01"],
  homePhones: ["+47 33 00 00 00"],
  mobilePhone: "+47 900 00 000",
  businessAddress: { street: "Storgata 1", city: "Oslo", postalCode: "0155", countryOrRegion: "Norway" },
  categories: ["Blue"],
  children: ["Per"],
};
const create = async (body: object = whole): Promise<Json> => {
  const answer = await at.send("POST", "/me/contacts", { body });
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body;
};

describe("contacts", () => {
  it("come back as they were created, with a display name made of their parts", async () => {
    const made = await create();
    const got = await at.send("GET", `/me/contacts/${made.id}`);
    expect(got.body).toMatchObject({
      ...whole,
      displayName: "Kari Anne Nordmann",
      primaryEmailAddress: { address: "kari@example.org" },
    });
  });

  it("take a PATCH of some members and leave the others", async () => {
    const made = await create();
    const { body } = await at.send("PATCH", `/me/contacts/${made.id}`, {
      body: {
        businessPhones: ["+47 1"],
        mobilePhone: null,
        title: null,
        jobTitle: "Chief",
        emailAddresses: [],
      },
    });
    expect(body).toMatchObject({
      businessPhones: ["+47 1"],
      homePhones: whole.homePhones,
      mobilePhone: null,
      title: null,
      jobTitle: "Chief",
      emailAddresses: [],
      businessAddress: whole.businessAddress,
    });
    const four = Array.from({ length: 4 }, (_, n) => ({ address: `a${n}@example.org` }));
    expect(
      (await at.send("PATCH", `/me/contacts/${made.id}`, { body: { emailAddresses: four } })).status,
    ).toBe(400);
  });

  it("are told by a delta of their folder: added, changed, deleted", async () => {
    const [one, two] = [await create({ givenName: "One" }), await create({ givenName: "Two" })];
    let link = "/me/contacts/delta?$select=givenName";
    const all: Json[] = [];
    while (!link.includes("deltatoken")) {
      const { body } = await at.send("GET", link, { headers: { prefer: "odata.maxpagesize=1" } });
      all.push(...body.value);
      link = body["@odata.nextLink"] ?? body["@odata.deltaLink"];
    }
    expect(all.map((each) => each.id)).toEqual(expect.arrayContaining([one.id, two.id]));
    expect(all[0].surname).toBeUndefined();
    await at.send("PATCH", `/me/contacts/${one.id}`, { body: { givenName: "First" } });
    await at.send("DELETE", `/me/contacts/${two.id}`);
    const { body } = await at.send("GET", link);
    expect(body.value).toHaveLength(2);
    expect(body.value.find((each: Json) => each.id === one.id).givenName).toBe("First");
    expect(body.value.find((each: Json) => each.id === two.id)["@removed"]).toEqual({ reason: "deleted" });
    expect((await at.send("GET", "/me/contacts/delta?$filter=givenName eq 'x'")).status).toBe(400);
  });

  it("live in folders of their own too", async () => {
    const folder = await at.send("POST", "/me/contactFolders", { body: { displayName: "CRM" } });
    expect(folder.status).toBe(201);
    const path = `/me/contactFolders/${folder.body.id}`;
    const made = await at.send("POST", `${path}/contacts`, { body: { givenName: "Inside" } });
    expect(made.body.parentFolderId).toBe(folder.body.id);
    const child = await at.send("POST", `${path}/childFolders`, { body: { displayName: "Below" } });
    expect(child.status).toBe(201);
    expect((await at.send("GET", `${path}/childFolders`)).body.value).toHaveLength(1);
    expect(
      (await at.send("GET", "/me/contactFolders")).body.value.map((each: Json) => each.displayName),
    ).toEqual(["CRM"]);
    expect((await at.send("PATCH", path, { body: { displayName: "SuperOffice" } })).body.displayName).toBe(
      "SuperOffice",
    );
    expect((await at.send("GET", `${path}/contacts`)).body.value).toHaveLength(1);
    const inDelta = await at.send("GET", `${path}/contacts/delta`);
    expect(inDelta.body.value.map((each: Json) => each.id)).toEqual([made.body.id]);
    expect((await at.send("DELETE", path)).status).toBe(204);
    expect((await at.send("GET", path)).status).toBe(404);
    const home = await at.send("GET", `/me/contactFolders/${(await create()).parentFolderId}`);
    expect(home.body.displayName).toBe("Contacts");
    expect((await at.send("DELETE", `/me/contactFolders/${home.body.id}`)).status).toBe(400);
  });
});
