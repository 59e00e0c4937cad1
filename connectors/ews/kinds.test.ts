import { afterEach, describe, expect, it } from "vitest";
import type { Request } from "./client.ts";
import { contactFields, observedContact, readContact } from "./contact-map.ts";
import { createContact, deleteContact, getContacts, updateContact } from "./contact-requests.ts";
import { createEwsContactStore } from "./contacts.ts";
import { writeRequest } from "./library.ts";
import { getFolder, syncFolderItems } from "./requests.ts";
import { observedTask, readTask, taskFields } from "./task-map.ts";
import { createTask, deleteTask, getTasks, updateTask } from "./task-requests.ts";
import { gotItem, response, synced } from "./testing/answers.ts";
import { schemaViolation } from "./testing/schema.ts";
import { startServer, type TestServer } from "./testing/server.ts";
import { parseEnvelope } from "./answer.ts";
import { UnreadableItem } from "./values.ts";
import { child, children, type Xml } from "./xml.ts";

/** The item of an answer. */
function element(xml: string): Xml {
  const body = child(parseEnvelope(response("GetItem", gotItem(xml)), "GetItem"), "Body");
  let found = body as Xml;
  for (const name of ["GetItemResponse", "ResponseMessages", "GetItemResponseMessage", "Items"])
    found = child(found, name) as Xml;
  return children(found)[0] as Xml;
}

const task = (parts = "") =>
  element(
    `<t:Task><t:ItemId Id="a" ChangeKey="c"/><t:Subject>Call</t:Subject><t:Sensitivity>Normal</t:Sensitivity>` +
      `<t:Importance>Normal</t:Importance>${parts}</t:Task>`,
  );
const open = "<t:PercentComplete>0</t:PercentComplete><t:Status>NotStarted</t:Status>";
const contact = (parts: string) => element(`<t:Contact><t:ItemId Id="a" ChangeKey="c"/>${parts}</t:Contact>`);

const everything = {
  prefix: "Dr.",
  texts: { GivenName: "R&D <b>", Surname: "Nordmann" },
  entries: [
    { entry: ["EmailAddresses", "EmailAddress1"], value: "kari@nordlys.example" },
    { entry: ["PhoneNumbers", "MobilePhone"], value: "+47 90 00 00 00" },
    { entry: ["ImAddresses", "ImAddress1"], value: "kari" },
  ],
  addresses: [
    {
      key: "Business",
      value: {
        Street: "Storgata 1\nB",
        City: "Oslo",
        State: "",
        CountryOrRegion: "Norway",
        PostalCode: "0155",
      },
    },
  ],
  birthday: "1970-12-31T11:59:00Z",
  body: "Likes skiing & <b>",
  categories: ["Customer"],
  displayName: "Kari Nordmann",
  fileAs: "SurnameCommaGivenName",
} satisfies Parameters<typeof createContact>[1];

describe("every request for tasks and contacts is valid against Microsoft's schema", () => {
  const full = taskFields({
    title: "Call R&D <b>",
    description: "",
    due: "2026-03-06",
    start: "2026-03-02",
    progress: { status: "completed", percentComplete: 100, completedOn: "2026-03-04" },
    priority: "high",
    privacy: "private",
    alert: "2026-03-05T08:15:00Z",
    category: "Call",
  });
  it.each<[string, Request]>([
    ["SyncFolderItems of tasks", syncFolderItems("tasks", undefined)],
    ["GetItem of tasks", getTasks(["AAMk1="])],
    ["CreateItem of a task", createTask("tasks", full, "el.key")],
    ["UpdateItem of a task", updateTask("AAMk1=", "DwAAAB", full)],
    [
      "UpdateItem that empties a task",
      updateTask("AAMk1=", "DwAAAB", {
        subject: null,
        due: null,
        start: null,
        reminder: null,
        categories: [],
      }),
    ],
    ["DeleteItem of a task", deleteTask("AAMk1=")],
    ["GetItem of contacts", getContacts(["AAMk1="])],
    ["CreateItem of a contact", createContact("contacts", everything, "el.key")],
    ["UpdateItem of a contact", updateContact("AAMk1=", "DwAAAB", everything)],
    [
      "UpdateItem that empties a contact",
      updateContact("AAMk1=", "DwAAAB", {
        prefix: null,
        texts: { Surname: null },
        entries: everything.entries.map(({ entry }) => ({ entry, value: null })),
        addresses: [
          {
            key: "Home",
            value: { Street: "", City: "", State: "", CountryOrRegion: "", PostalCode: "" },
          },
        ],
        birthday: null,
        categories: [],
      }),
    ],
    ["DeleteItem of a contact", deleteContact("AAMk1=")],
    ["GetFolder of contacts", getFolder("contacts")],
  ])("%s", async (_, request) => {
    const xml = await writeRequest(request.operation, request.write, undefined);
    expect(schemaViolation(xml)).toBeUndefined();
  });

  it("what is emptied is deleted, each by its own address", async () => {
    const { operation, write } = updateContact("AAMk1=", "DwAAAB", {
      prefix: null,
      entries: [{ entry: ["PhoneNumbers", "MobilePhone"], value: null }],
      addresses: [
        { key: "Home", value: { Street: "Lia 2", City: "", State: "", CountryOrRegion: "", PostalCode: "" } },
      ],
    });
    const xml = await writeRequest(operation, write, undefined);
    const named = (element: string) =>
      [...xml.matchAll(new RegExp(`<t:${element}><t:\\w+ ([^>]*?)\\s*/?>`, "gu"))].map((match) => match[1]);
    expect(named("SetItemField")).toEqual(['FieldURI="contacts:PhysicalAddress:Street" FieldIndex="Home"']);
    expect(new Set(named("DeleteItemField"))).toEqual(
      new Set([
        'FieldURI="contacts:PhoneNumber" FieldIndex="MobilePhone"',
        ...["City", "CountryOrRegion", "PostalCode", "State"].map(
          (part) => `FieldURI="contacts:PhysicalAddress:${part}" FieldIndex="Home"`,
        ),
        'PropertyTag="14917" PropertyType="String"',
      ]),
    );
  });

  it("a delete of a task says what becomes of later ones, and everything is written at a version", async () => {
    const written = (request: Request) => writeRequest(request.operation, request.write, undefined);
    expect(await written(deleteTask("AAMk1="))).toContain('AffectedTaskOccurrences="AllOccurrences"');
    for (const request of [
      updateTask("AAMk1=", "DwAAAB", full),
      updateContact("AAMk1=", "DwAAAB", everything),
    ])
      expect(await written(request)).toContain('ConflictResolution="NeverOverwrite"');
  });
});

describe("a task", () => {
  it("is not read in part: what every task has must be there and be known", () => {
    expect(() => readTask(task())).toThrow(UnreadableItem);
    expect(() =>
      readTask(task("<t:PercentComplete>x</t:PercentComplete><t:Status>NotStarted</t:Status>")),
    ).toThrow(UnreadableItem);
    const odd = task("<t:PercentComplete>0</t:PercentComplete><t:Status>Paused</t:Status>");
    expect(() => observedTask(readTask(odd))).toThrow(UnreadableItem);
  });

  it("has its days wherever their midnight was", () => {
    for (const at of [
      "2026-03-06T00:00:00Z",
      "2026-03-05T23:00:00Z",
      "2026-03-06T08:00:00Z",
      "2026-03-06T01:00:00+02:00",
    ]) {
      const read = readTask(task(`<t:DueDate>${at}</t:DueDate>${open}`));
      expect([at, observedTask(read).item.due]).toEqual([at, "2026-03-06"]);
    }
  });

  it("that comes again is told as a recurrence that is not understood", () => {
    const recurrence =
      "<t:Recurrence><t:DailyRegeneration><t:Interval>1</t:Interval></t:DailyRegeneration><t:NoEndRecurrence>" +
      "<t:StartDate>2026-03-02</t:StartDate></t:NoEndRecurrence></t:Recurrence>";
    const read = readTask(
      task(`<t:PercentComplete>0</t:PercentComplete>${recurrence}<t:Status>NotStarted</t:Status>`),
    );
    expect(observedTask(read).traits.recurrenceUnknown).toBe(true);
  });

  it("keeps a person's categories behind ours", () => {
    const list = "<t:Categories><t:String>Call</t:String><t:String>Mine</t:String></t:Categories>";
    const present = readTask(task(`${list}${open}`));
    expect(taskFields({ category: "Meeting" }, present)).toEqual({ categories: ["Meeting", "Mine"] });
    expect(taskFields({ category: "Mine" }, present)).toEqual({ categories: ["Mine"] });
    expect(taskFields({ category: "" }, present)).toEqual({ categories: ["Mine"] });
  });
});

describe("a contact", () => {
  it("with an address of the server's own directory is left alone: its path is no address", () => {
    const entry = (routing: string, value: string) =>
      `<t:EmailAddresses><t:Entry Key="EmailAddress1" RoutingType="${routing}">${value}</t:Entry></t:EmailAddresses>`;
    expect(() => readContact(contact(entry("EX", "/o=First/cn=Recipients/cn=kari")))).toThrow(UnreadableItem);
    const read = readContact(contact(entry("SMTP", "kari@nordlys.example")));
    expect(observedContact(read).item["emails/first"]).toBe("kari@nordlys.example");
  });

  it("is written field by field, and its name in lists follows its parts", () => {
    const present = readContact(contact("<t:GivenName>Kari</t:GivenName><t:Surname>Nordmann</t:Surname>"));
    expect(contactFields({ "phones/mobile": "" }, present)).toEqual({
      entries: [{ entry: ["PhoneNumbers", "MobilePhone"], value: null }],
    });
    expect(contactFields({ "name/surname": "Berg" }, present)).toEqual({
      texts: { Surname: "Berg" },
      displayName: "Kari Berg",
    });
  });

  let server: TestServer | undefined;
  afterEach(() => server?.close());

  it("is read, and a distribution list beside it is not", async () => {
    const named = (name: string, id: string) =>
      `<t:Create><t:${name}><t:ItemId Id="${id}" ChangeKey="c"/></t:${name}></t:Create>`;
    const asked: string[] = [];
    server = await startServer((reply, { body }) => {
      asked.push(...[...body.matchAll(/<t:ItemId Id="([^"]+)"/gu)].map((match) => match[1] ?? ""));
      const answer = body.includes("<m:SyncFolderItems")
        ? synced(named("DistributionList", "list") + named("Contact", "one"))
        : response("GetItem", gotItem(`<t:Contact><t:ItemId Id="one" ChangeKey="c"/></t:Contact>`));
      reply.writeHead(200, { "content-type": "text/xml" }).end(answer);
    });
    const store = createEwsContactStore({
      url: server.url,
      mailboxAddress: "ase@nordlys.example",
      userAgent: "Everlink test",
      token: () => Promise.resolve("token"),
    });
    const window = { from: "2026-01-01T00:00:00Z", to: "2027-01-01T00:00:00Z" };
    const { signal } = new AbortController();
    const told = await store.changes({ kind: "contact", container: "contacts", window }, undefined, signal);
    expect(told.upserts.map(({ ref }) => ref)).toEqual(["one"]);
    expect([told.gone, told.failed, asked]).toEqual([[], [], ["one"]]);
  });
});
