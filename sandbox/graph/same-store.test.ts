import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  all,
  createItems,
  deleteItem,
  distinguished,
  getItem,
  itemId,
  post,
  setField,
  syncItems,
  text,
  updateItem,
} from "../exchange/testing/soap-client.ts";
import { attribute } from "../exchange/xml.ts";
import { startGraph, type Json, type TestGraph } from "./testing/server.ts";

/** One mailbox, two languages: what is written in one is read in the other. */
let at: TestGraph;
beforeAll(async () => {
  at = await startGraph();
});
afterAll(async () => {
  expect(at.errors).toEqual([]);
  expect(at.graph.counters()["responsesInvalid"]).toBe(0);
  expect(at.exchange.counters()["responsesInvalid"]).toBe(0);
  await at.close();
});

const ews = (operation: string) => post(at.ews, operation);
const translate = async (ids: string[], source: string, target: string): Promise<Json[]> => {
  const { body } = await at.send("POST", "/me/translateExchangeIds", {
    body: { inputIds: ids, sourceIdType: source, targetIdType: target },
  });
  return body.value;
};
const ewsItem = async (graphId: string): Promise<string> => {
  const [{ targetId }] = (await translate([graphId], "restId", "ewsId")) as [Json];
  return `<t:ItemId Id="${targetId}"/>`;
};
const graphId = async (item: string): Promise<string> => {
  const id = /Id="([^"]*)"/.exec(item)?.[1] ?? "";
  const [{ targetId }] = (await translate([id], "ewsId", "restId")) as [Json];
  return targetId as string;
};
const event = (subject: string, more: object = {}): Json => ({
  subject,
  start: { dateTime: "2026-03-02T09:00:00", timeZone: "W. Europe Standard Time" },
  end: { dateTime: "2026-03-02T10:00:00", timeZone: "W. Europe Standard Time" },
  ...more,
});
const stamp = "{8b6a1c1e-2f1b-4c6d-9a55-6d0c5e6f7a01}";
const stampUri = `<t:ExtendedFieldURI PropertySetId="${stamp.slice(1, -1)}" PropertyName="Stamp" PropertyType="String"/>`;
const stampId = `String ${stamp} Name Stamp`;
const stampOf = (id = stampId): string =>
  encodeURIComponent(`singleValueExtendedProperties($filter=id eq '${id}')`);

describe("an event", () => {
  it("made over Graph is the same over EWS: times, zone, recurrence, version", async () => {
    const recurrence = {
      pattern: { type: "weekly", interval: 2, daysOfWeek: ["monday"], firstDayOfWeek: "monday" },
      range: { type: "numbered", startDate: "2026-03-02", numberOfOccurrences: 5 },
    };
    const { body } = await at.send("POST", "/me/events", {
      body: event("Both", {
        recurrence,
        showAs: "tentative",
        body: { contentType: "text", content: "Line 1\nLine 2" },
      }),
    });
    const got = await ews(getItem(await ewsItem(body.id)));
    expect(text(got.content, "Subject")).toBe("Both");
    expect(text(got.content, "Start")).toBe("2026-03-02T08:00:00Z");
    expect(attribute(all(got.content, "StartTimeZone")[0], "Id")).toBe("W. Europe Standard Time");
    expect(text(got.content, "NumberOfOccurrences")).toBe("5");
    expect(text(got.content, "LegacyFreeBusyStatus")).toBe("Tentative");
    expect(attribute(all(got.content, "ItemId")[0], "ChangeKey")).toBe(body.changeKey);
    expect(text(got.content, "UID")).toBe(body.iCalUId);
  });

  it("changed over one is told as changed by the other's change log", async () => {
    const { body } = await at.send("POST", "/me/events", { body: event("Turns") });
    const state = text((await ews(syncItems("calendar"))).content, "SyncState") ?? "";
    const window = "/me/calendarView/delta?startDateTime=2026-03-01&endDateTime=2026-04-01";
    const round = await at.send("GET", window, { headers: { prefer: "odata.maxpagesize=1000" } });
    await at.send("PATCH", `/me/events/${body.id}`, { body: { location: { displayName: "Graph" } } });
    const synced = await ews(syncItems("calendar", state));
    expect(all(synced.content, "Update")).toHaveLength(1);
    const got = await ews(getItem(itemId(synced)));
    expect(text(got.content, "Location")).toBe("Graph");
    await ews(updateItem(itemId(got), setField("item:Subject", "<t:Subject>EWS</t:Subject>")));
    const { value } = (await at.send("GET", round.body["@odata.deltaLink"])).body;
    expect(value).toMatchObject([{ id: body.id, subject: "EWS", location: { displayName: "Graph" } }]);
    const stale = { "if-match": body["@odata.etag"] };
    expect((await at.send("DELETE", `/me/events/${body.id}`, { headers: stale })).status).toBe(412);
    await ews(deleteItem(await ewsItem(body.id)));
    expect((await at.send("GET", `/me/events/${body.id}`)).status).toBe(404);
  });

  it("carries the same stamp on both sides, and is found by it", async () => {
    const { body } = await at.send("POST", "/me/events", {
      body: event("Stamped", { singleValueExtendedProperties: [{ id: stampId, value: "crm:1" }] }),
    });
    expect(body.singleValueExtendedProperties).toBeUndefined();
    const got = await ews(getItem(await ewsItem(body.id), "IdOnly", stampUri));
    expect(text(got.content, "Value")).toBe("crm:1");
    const other = await ews(
      createItems(
        "calendar",
        `<t:CalendarItem><t:Subject>From EWS</t:Subject><t:ExtendedProperty>${stampUri}<t:Value>crm:2</t:Value></t:ExtendedProperty></t:CalendarItem>`,
      ),
    );
    const path = `/me/events/${await graphId(itemId(other))}`;
    const read = await at.send("GET", `${path}?$expand=${stampOf()}`);
    expect(read.body.singleValueExtendedProperties).toEqual([{ id: stampId, value: "crm:2" }]);
    const filter = encodeURIComponent(
      `singleValueExtendedProperties/any(ep: ep/id eq '${stampId}' and ep/value eq 'crm:2')`,
    );
    const found = await at.send("GET", `/me/events?$filter=${filter}&$expand=${stampOf()}`);
    expect(found.body.value).toMatchObject([
      { subject: "From EWS", singleValueExtendedProperties: [{ value: "crm:2" }] },
    ]);
    const changed = await at.send("PATCH", path, {
      body: { singleValueExtendedProperties: [{ id: stampId, value: "crm:3" }] },
    });
    expect(changed.status).toBe(200);
    expect(text((await ews(getItem(itemId(other), "IdOnly", stampUri))).content, "Value")).toBe("crm:3");
    expect((await at.send("GET", `${path}?$expand=singleValueExtendedProperties`)).status).toBe(400);
  });

  it("keeps its open extensions when EWS writes it", async () => {
    const extension = {
      "@odata.type": "microsoft.graph.openTypeExtension",
      extensionName: "example.stamp",
      crm: "7",
    };
    const { body } = await at.send("POST", "/me/events", {
      body: event("Extended", { extensions: [extension] }),
    });
    await ews(
      updateItem(await ewsWithKey(body.id), setField("item:Subject", "<t:Subject>Still</t:Subject>")),
    );
    const path = `/me/events/${body.id}`;
    expect((await at.send("GET", `${path}?$expand=extensions`)).body).toMatchObject({
      subject: "Still",
      extensions: [{ extensionName: "example.stamp", crm: "7" }],
    });
    const one = `${path}/extensions/example.stamp`;
    expect((await at.send("PATCH", one, { body: { crm: "8", more: 1 } })).body).toMatchObject({
      crm: "8",
      more: 1,
    });
    expect((await at.send("POST", `${path}/extensions`, { body: extension })).status).toBe(409);
    const filter = encodeURIComponent("Extensions/any(f:f/id eq 'example.stamp')");
    expect((await at.send("GET", `/me/events?$filter=${filter}`)).body.value).toHaveLength(1);
    expect((await at.send("DELETE", one)).status).toBe(204);
    expect((await at.send("GET", one)).status).toBe(404);
  });
});

const ewsWithKey = async (id: string): Promise<string> =>
  itemId(await ews(getItem(await ewsItem(id), "IdOnly")));

describe("ids", () => {
  it("change when EWS moves an item, unless they are immutable", async () => {
    const headers = { prefer: 'IdType="ImmutableId"' };
    const made = await at.send("POST", "/me/events", { body: event("Mover"), headers });
    const calendar = await at.send("POST", "/me/calendars", { body: { name: "Target" } });
    const [rest, folder] = (await translate(
      [made.body.id, calendar.body.id],
      "restImmutableEntryId",
      "restId",
    )) as [Json, Json];
    expect(folder.errorDetails.code).toBe("ErrorInvalidIdMalformed");
    const [target] = (await translate([calendar.body.id], "restId", "ewsId")) as [Json];
    await ews(
      `<m:MoveItem><m:ToFolderId><t:FolderId Id="${target.targetId}"/></m:ToFolderId><m:ItemIds>${await ewsItem(rest.targetId)}</m:ItemIds></m:MoveItem>`,
    );
    expect((await at.send("GET", `/me/events/${rest.targetId}`)).status).toBe(404);
    const moved = await at.send("GET", `/me/events/${made.body.id}`, { headers });
    expect(moved.body).toMatchObject({ id: made.body.id, subject: "Mover" });
    const [now] = (await translate([made.body.id], "restImmutableEntryId", "restId")) as [Json];
    expect(now.targetId).not.toBe(rest.targetId);
    const [back] = (await translate([now.targetId], "restId", "restImmutableEntryId")) as [Json];
    expect(back.targetId).toBe(made.body.id);
  });

  it("of all formats can be translated there and back, of occurrences too", async () => {
    const recurrence = {
      pattern: { type: "daily", interval: 1 },
      range: { type: "numbered", startDate: "2026-03-02", numberOfOccurrences: 3 },
    };
    const { body } = await at.send("POST", "/me/events", { body: event("Formats", { recurrence }) });
    const instances = await at.send(
      "GET",
      `/me/events/${body.id}/instances?startDateTime=2026-03-01&endDateTime=2026-04-01`,
    );
    const ids = [body.id, instances.body.value[1].id] as string[];
    for (const format of ["ewsId", "entryId", "immutableEntryId", "restImmutableEntryId"]) {
      const there = (await translate(ids, "restId", format)).map((each) => each.targetId as string);
      expect((await translate(there, format, "restId")).map((each) => each.targetId)).toEqual(ids);
    }
    const [ewsId] = (await translate([ids[1] as string], "restId", "ewsId")) as [Json];
    const got = await ews(getItem(`<t:ItemId Id="${ewsId.targetId}"/>`));
    expect(text(got.content, "CalendarItemType")).toBe("Occurrence");
    expect(Buffer.from(instances.body.value[1].iCalUId, "hex").toString("base64")).toBe(
      text(
        (
          await ews(
            getItem(
              `<t:ItemId Id="${ewsId.targetId}"/>`,
              "IdOnly",
              `<t:ExtendedFieldURI DistinguishedPropertySetId="Meeting" PropertyId="3" PropertyType="Binary"/>`,
            ),
          )
        ).content,
        "Value",
      ),
    );
    const extension = { "@odata.type": "microsoft.graph.openTypeExtension", extensionName: "a.b" };
    const onOne = await at.send("POST", `/me/events/${ids[1]}/extensions`, { body: extension });
    expect(onOne.status).toBe(400);
    const headers = { "x-broken-on-purpose": "1" };
    const many = { inputIds: Array<string>(1001).fill("x"), sourceIdType: "ewsId", targetIdType: "restId" };
    expect((await at.send("POST", "/me/translateExchangeIds", { body: many, headers })).status).toBe(400);
  });
});

describe("tasks and contacts", () => {
  it("made over EWS are read over Graph", async () => {
    const task = await ews(
      createItems(
        "tasks",
        "<t:Task><t:Subject>Call</t:Subject><t:DueDate>2026-03-05T00:00:00Z</t:DueDate><t:PercentComplete>50</t:PercentComplete></t:Task>",
      ),
    );
    const list = (await at.send("GET", "/me/todo/lists")).body.value[0].id;
    const path = `/me/todo/lists/${list}/tasks/${await graphId(itemId(task))}`;
    expect((await at.send("GET", path)).body).toMatchObject({
      title: "Call",
      status: "inProgress",
      dueDateTime: { dateTime: "2026-03-05T00:00:00.0000000", timeZone: "UTC" },
    });
    await at.send("PATCH", path, { body: { status: "completed" } });
    expect(text((await ews(getItem(itemId(task)))).content, "PercentComplete")).toBe("100");
    const contact = await ews(
      createItems(
        "contacts",
        `<t:Contact><t:GivenName>Ola</t:GivenName><t:EmailAddresses><t:Entry Key="EmailAddress1">ola@example.org</t:Entry></t:EmailAddresses>` +
          `<t:PhoneNumbers><t:Entry Key="BusinessFax">1</t:Entry><t:Entry Key="BusinessPhone">2</t:Entry></t:PhoneNumbers><t:Surname>Berg</t:Surname></t:Contact>`,
      ),
    );
    const contactPath = `/me/contacts/${await graphId(itemId(contact))}`;
    expect((await at.send("GET", contactPath)).body).toMatchObject({
      displayName: "Ola Berg",
      emailAddresses: [{ address: "ola@example.org" }],
      businessPhones: ["2"],
    });
    await at.send("PATCH", contactPath, { body: { businessPhones: [] } });
    const got = await ews(getItem(itemId(contact)));
    expect(all(got.content, "PhoneNumbers")[0]?.children?.map((entry) => attribute(entry, "Key"))).toEqual([
      "BusinessFax",
    ]);
  });

  it("of another list have another id after EWS moved them there", async () => {
    const list = await at.send("POST", "/me/todo/lists", { body: { displayName: "Other" } });
    const main = (await at.send("GET", "/me/todo/lists")).body.value[0].id;
    const made = await at.send("POST", `/me/todo/lists/${main}/tasks`, {
      body: { title: "Moving", linkedResources: [{ externalId: "crm:9" }] },
    });
    const [target] = (await translate([list.body.id], "restId", "ewsId")) as [Json];
    await ews(
      `<m:MoveItem><m:ToFolderId><t:FolderId Id="${target.targetId}"/></m:ToFolderId><m:ItemIds>${await ewsItem(made.body.id)}</m:ItemIds></m:MoveItem>`,
    );
    const there = await at.send("GET", `/me/todo/lists/${list.body.id}/tasks?$expand=linkedResources`);
    expect(there.body.value).toMatchObject([{ title: "Moving", linkedResources: [{ externalId: "crm:9" }] }]);
    expect(there.body.value[0].id).not.toBe(made.body.id);
  });

  it("of the calendar folder are known to EWS by its distinguished name", async () => {
    const calendar = await at.send("GET", "/me/calendar");
    const got = await ews(
      `<m:GetFolder><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape></m:FolderShape><m:FolderIds>${distinguished("calendar")}</m:FolderIds></m:GetFolder>`,
    );
    const [{ targetId }] = (await translate([calendar.body.id], "restId", "ewsId")) as [Json];
    expect(attribute(all(got.content, "FolderId")[0], "Id")).toBe(targetId);
  });
});
