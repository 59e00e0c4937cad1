import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startExchange, type TestExchange } from "./testing/server.ts";
import {
  all,
  createItems,
  deleteItem,
  distinguished,
  findItem,
  getItem,
  itemId,
  post,
  setField,
  syncItems,
  text,
  updateItem,
} from "./testing/soap-client.ts";
import { attribute, child, childText, children } from "./xml.ts";

let at: TestExchange;
beforeAll(async () => {
  at = await startExchange();
});
afterAll(async () => {
  expect(at.log).toEqual([]);
  const counters = at.exchange.counters();
  expect(counters["responsesInvalid"]).toBe(0);
  expect(counters["responsesValid"]).toBeGreaterThan(0);
  await at.close();
});

const appointment = (subject: string, more = ""): string =>
  `<t:CalendarItem><t:Subject>${subject}</t:Subject>${more}` +
  `<t:Start>2026-03-02T09:00:00Z</t:Start><t:End>2026-03-02T10:00:00Z</t:End></t:CalendarItem>`;

describe("items", () => {
  it("come back from GetItem as they were created, in UTC", async () => {
    const created = await post(at, createItems("calendar", appointment("Tea &amp; &lt;cake&gt;")));
    expect(created.messages[0]?.code).toBe("NoError");
    const got = await post(at, getItem(itemId(created)));
    expect(text(got.content, "Subject")).toBe("Tea & <cake>");
    expect(text(got.content, "Start")).toBe("2026-03-02T09:00:00Z");
    expect(text(got.content, "CalendarItemType")).toBe("Single");
    expect(text(got.content, "UID")).toMatch(/^040000008200E00074C5B7101A82E008/);
    expect(text(got.content, "LegacyFreeBusyStatus")).toBe("Busy");
    expect(all(got.content, "TimeZoneDefinition")).toHaveLength(0);
  });

  it("of a batch fail one by one", async () => {
    const created = await post(at, createItems("calendar", appointment("One")));
    const ids = `${itemId(created)}<t:ItemId Id="nonsense"/><t:ItemId Id=""/>`;
    const got = await post(at, getItem(ids, "IdOnly"));
    expect(got.messages.map((message) => message.code)).toEqual([
      "NoError",
      "ErrorInvalidIdMalformed",
      "ErrorInvalidIdEmpty",
    ]);
  });

  it("of another mailbox are refused", async () => {
    const created = await post(at, createItems("calendar", appointment("Private")));
    const got = await post(at, getItem(itemId(created)), { person: at.colleague });
    expect(got.messages[0]?.code).toBe("ErrorAccessDenied");
  });

  it("are found no more after HardDelete, and lie in Deleted Items after MoveToDeletedItems", async () => {
    const created = await post(at, createItems("calendar", appointment("Gone") + appointment("Binned")));
    await post(at, deleteItem(itemId(created, 0)));
    await post(at, deleteItem(itemId(created, 1), "MoveToDeletedItems"));
    const got = await post(at, getItem(itemId(created, 0) + itemId(created, 1), "IdOnly"));
    expect(got.messages.map((message) => message.code)).toEqual(["ErrorItemNotFound", "ErrorItemNotFound"]);
    const bin = await post(at, findItem("deleteditems", "", "Default"));
    expect(all(bin.content, "Subject").map((subject) => subject.text)).toContain("Binned");
  });

  it("need the attributes that say who is mailed", async () => {
    const created = await post(at, createItems("calendar", appointment("Attributes")));
    const without = await post(at, `<m:CreateItem><m:Items>${appointment("No")}</m:Items></m:CreateItem>`);
    expect(without.messages[0]?.code).toBe("ErrorSendMeetingInvitationsRequired");
    const undeleted = await post(
      at,
      `<m:DeleteItem DeleteType="HardDelete"><m:ItemIds>${itemId(created)}</m:ItemIds></m:DeleteItem>`,
    );
    expect(undeleted.messages[0]?.code).toBe("ErrorSendMeetingCancellationsRequired");
    const task = await post(at, createItems("tasks", `<t:Task><t:Subject>T</t:Subject></t:Task>`));
    const undone = await post(
      at,
      `<m:DeleteItem DeleteType="HardDelete"><m:ItemIds>${itemId(task)}</m:ItemIds></m:DeleteItem>`,
    );
    expect(undone.messages[0]?.code).toBe("ErrorAffectedTaskOccurrencesRequired");
  });

  it("cannot be created in a folder of another kind", async () => {
    const answer = await post(at, createItems("tasks", appointment("Misplaced")));
    expect(answer.messages[0]?.code).toBe("ErrorCannotCreateCalendarItemInNonCalendarFolder");
  });

  it("get a new id when moved, and a copy keeps the extended property", async () => {
    const stamp =
      `<t:ExtendedProperty><t:ExtendedFieldURI PropertySetId="c11ff724-aa03-4555-9952-8fa248a11c3e" PropertyName="Stamp" PropertyType="String"/>` +
      `<t:Value>42</t:Value></t:ExtendedProperty>`;
    const created = await post(at, createItems("calendar", appointment("Travels", stamp)));
    const to = `<m:ToFolderId>${distinguished("deleteditems")}</m:ToFolderId>`;
    const copied = await post(at, `<m:CopyItem>${to}<m:ItemIds>${itemId(created)}</m:ItemIds></m:CopyItem>`);
    const moved = await post(at, `<m:MoveItem>${to}<m:ItemIds>${itemId(created)}</m:ItemIds></m:MoveItem>`);
    const old = await post(at, getItem(itemId(created), "IdOnly"));
    expect(old.messages[0]?.code).toBe("ErrorItemNotFound");
    const uri = `<t:ExtendedFieldURI PropertySetId="C11FF724-AA03-4555-9952-8FA248A11C3E" PropertyName="Stamp" PropertyType="String"/>`;
    for (const answer of [copied, moved]) {
      const got = await post(at, getItem(itemId(answer), "IdOnly", uri));
      expect(text(got.content, "Value")).toBe("42");
    }
  });
});

describe("updates", () => {
  it("change the change key, and NeverOverwrite refuses a stale one", async () => {
    const created = await post(at, createItems("calendar", appointment("First")));
    const second = await post(
      at,
      updateItem(itemId(created), setField("item:Subject", "<t:Subject>Second</t:Subject>")),
    );
    expect(second.messages[0]?.code).toBe("NoError");
    expect(itemId(second)).not.toBe(itemId(created));
    const stale = await post(
      at,
      updateItem(itemId(created), setField("item:Subject", "<t:Subject>Third</t:Subject>")),
    );
    expect(stale.messages[0]?.code).toBe("ErrorIrresolvableConflict");
    const keyless = itemId(created).replace(/ ChangeKey="[^"]*"/, "");
    const missing = await post(
      at,
      updateItem(keyless, setField("item:Subject", "<t:Subject>Third</t:Subject>")),
    );
    expect(missing.messages[0]?.code).toBe("ErrorChangeKeyRequiredForWriteOperations");
    const forced = await post(
      at,
      updateItem(keyless, setField("item:Subject", "<t:Subject>Third</t:Subject>"), "AlwaysOverwrite"),
    );
    expect(forced.messages[0]?.code).toBe("NoError");
    expect(text((await post(at, getItem(itemId(forced)))).content, "Subject")).toBe("Third");
  });

  it("delete and append fields, or leave everything when one part is refused", async () => {
    const body = `<t:Body BodyType="Text">one</t:Body>`;
    const created = await post(at, createItems("calendar", appointment("Fields", body)));
    const location = setField("calendar:Location", "<t:Location>Room</t:Location>");
    const append = `<t:AppendToItemField><t:FieldURI FieldURI="item:Body"/><t:CalendarItem><t:Body BodyType="Text"> two</t:Body></t:CalendarItem></t:AppendToItemField>`;
    const updated = await post(at, updateItem(itemId(created), location + append));
    const got = await post(at, getItem(itemId(updated)));
    expect(text(got.content, "Body")).toBe("one two");
    expect(text(got.content, "Location")).toBe("Room");
    const remove = (uri: string): string =>
      `<t:DeleteItemField><t:FieldURI FieldURI="${uri}"/></t:DeleteItemField>`;
    const refused = await post(
      at,
      updateItem(itemId(updated), remove("calendar:Location") + remove("calendar:Start")),
    );
    expect(refused.messages[0]?.code).toBe("ErrorInvalidPropertyDelete");
    const removed = await post(at, updateItem(itemId(updated), remove("calendar:Location")));
    const after = await post(at, getItem(itemId(removed)));
    expect(text(after.content, "Location")).toBeUndefined();
  });

  it("refuse properties that are the server's own", async () => {
    const created = await post(at, createItems("calendar", appointment("Own")));
    const set = setField(
      "item:DateTimeCreated",
      "<t:DateTimeCreated>2020-01-01T00:00:00Z</t:DateTimeCreated>",
    );
    expect((await post(at, updateItem(itemId(created), set))).messages[0]?.code).toBe(
      "ErrorInvalidPropertySet",
    );
    const end = setField("calendar:End", "<t:End>2026-03-01T00:00:00Z</t:End>");
    expect((await post(at, updateItem(itemId(created), end))).messages[0]?.code).toBe(
      "ErrorCalendarEndDateIsEarlierThanStartDate",
    );
  });
});

describe("SyncFolderItems", () => {
  const sync = async (state?: string, most?: number) => {
    const answer = await post(at, syncItems("contacts", state, most));
    const message = answer.messages[0]?.xml;
    return {
      code: answer.messages[0]?.code,
      status: answer.status,
      state: childText(message, "SyncState") ?? "",
      isLast: childText(message, "IncludesLastItemInRange"),
      changes: children(child(message, "Changes")).map((change) => ({
        kind: change.name,
        id: attribute(all(change, "ItemId")[0], "Id") ?? "",
      })),
    };
  };
  const contact = (name: string): string => `<t:Contact><t:DisplayName>${name}</t:DisplayName></t:Contact>`;

  it("pages newest first and then tells only what changed", async () => {
    const created = await post(at, createItems("contacts", ["a", "b", "c", "d", "e"].map(contact).join("")));
    const ids = all(created.content, "ItemId").map((id) => attribute(id, "Id"));
    const first = await sync(undefined, 2);
    expect(first.isLast).toBe("false");
    expect(first.changes.map((change) => change.id)).toEqual([ids[4], ids[3]]);
    const second = await sync(first.state, 2);
    const third = await sync(second.state, 2);
    expect(third.isLast).toBe("true");
    expect(third.changes.map((change) => change.id)).toEqual([ids[0]]);
    const idle = await sync(third.state);
    expect(idle.changes).toEqual([]);

    await post(
      at,
      updateItem(itemId(created, 1), setField("contacts:Surname", "<t:Surname>Z</t:Surname>", "Contact")),
    );
    await post(at, deleteItem(itemId(created, 2)));
    const more = await post(at, createItems("contacts", contact("f")));
    const passing = await post(at, createItems("contacts", contact("passing")));
    await post(at, deleteItem(itemId(passing)));
    const later = await sync(idle.state);
    expect(later.changes).toEqual([
      { kind: "Create", id: attribute(all(more.content, "ItemId")[0], "Id") },
      { kind: "Delete", id: ids[2] },
      { kind: "Update", id: ids[1] },
    ]);
    expect((await sync(later.state)).changes).toEqual([]);
  });

  it("tells read flags apart from other changes", async () => {
    const message = `<t:Message><t:Subject>Hi</t:Subject><t:IsRead>false</t:IsRead></t:Message>`;
    const created = await post(at, createItems("drafts", message));
    const before = await post(at, syncItems("drafts"));
    await post(
      at,
      updateItem(itemId(created), setField("message:IsRead", "<t:IsRead>true</t:IsRead>", "Message")),
    );
    const after = await post(at, syncItems("drafts", text(before.content, "SyncState")));
    expect(all(after.content, "ReadFlagChange")).toHaveLength(1);
    expect(text(after.content, "IsRead")).toBe("true");
  });

  it("refuses states that are not its own", async () => {
    const own = await sync();
    expect((await sync("rubbish")).code).toBe("ErrorInvalidSyncStateData");
    expect((await post(at, syncItems("calendar", own.state))).messages[0]?.code).toBe(
      "ErrorInvalidSyncStateData",
    );
    const colleague = await post(at, syncItems("contacts", own.state), { person: at.colleague });
    expect(colleague.messages[0]?.code).toBe("ErrorInvalidSyncStateData");
  });

  it("takes at most 512", async () => {
    const answer = await post(at, syncItems("contacts", undefined, 513), { broken: true });
    expect(answer.status).toBe(500);
    expect(answer.text).toContain("ErrorSchemaValidation");
  });
});

describe("FindItem", () => {
  const uri = `<t:ExtendedFieldURI PropertySetId="c11ff724-aa03-4555-9952-8fa248a11c3e" PropertyName="Number" PropertyType="Integer"/>`;
  const task = (subject: string, more = ""): string =>
    `<t:Task><t:Subject>${subject}</t:Subject>${more}</t:Task>`;
  const stamped = (subject: string, number: number): string =>
    task(
      subject,
      `<t:Categories><t:String>CRM</t:String><t:String>Find</t:String></t:Categories><t:ExtendedProperty>${uri}<t:Value>${number}</t:Value></t:ExtendedProperty>`,
    );
  const find = async (restriction: string, more = "", before = ""): Promise<(string | undefined)[]> => {
    const parts = `${before}${restriction ? `<m:Restriction>${restriction}</m:Restriction>` : ""}${more}`;
    const answer = await post(at, findItem("tasks", parts, "Default"));
    if (answer.messages[0]?.code !== "NoError") return [answer.messages[0]?.code];
    return all(answer.content, "Subject").map((subject) => subject.text);
  };
  const constant = (value: string): string =>
    `<t:FieldURIOrConstant><t:Constant Value="${value}"/></t:FieldURIOrConstant>`;
  const field = (name: string): string => `<t:FieldURI FieldURI="${name}"/>`;
  const bySubject = `<m:SortOrder><t:FieldOrder Order="Ascending">${field("item:Subject")}</t:FieldOrder></m:SortOrder>`;

  beforeAll(async () => {
    await post(
      at,
      createItems("tasks", stamped("Find ten", 10) + stamped("Find nine", 9) + task("Find plain")),
    );
  });

  it("compares extended properties by their type", async () => {
    expect(await find(`<t:IsEqualTo>${uri}${constant("10")}</t:IsEqualTo>`)).toEqual(["Find ten"]);
    expect(await find(`<t:IsLessThan>${uri}${constant("10")}</t:IsLessThan>`)).toEqual(["Find nine"]);
    expect(await find(`<t:Exists>${uri}</t:Exists>`, bySubject)).toEqual(["Find nine", "Find ten"]);
  });

  it("combines And, Or and Not over categories and text", async () => {
    const category = `<t:IsEqualTo>${field("item:Categories")}${constant("CRM")}</t:IsEqualTo>`;
    const plain = `<t:Contains ContainmentMode="Substring" ContainmentComparison="IgnoreCase">${field("item:Subject")}<t:Constant Value="PLAIN"/></t:Contains>`;
    const named = `<t:Contains ContainmentMode="Prefixed" ContainmentComparison="Exact">${field("item:Subject")}<t:Constant Value="Find"/></t:Contains>`;
    expect(await find(`<t:Or>${category}${plain}</t:Or>`, bySubject)).toEqual([
      "Find nine",
      "Find plain",
      "Find ten",
    ]);
    expect(await find(`<t:And>${named}<t:Not>${category}</t:Not></t:And>`)).toEqual(["Find plain"]);
    expect(
      await find(`<t:And>${named}<t:IsNotEqualTo>${uri}${constant("9")}</t:IsNotEqualTo></t:And>`, bySubject),
    ).toEqual(["Find plain", "Find ten"]);
  });

  it("pages from an offset", async () => {
    const view = `<m:IndexedPageItemView MaxEntriesReturned="1" Offset="1" BasePoint="Beginning"/>`;
    const answer = await post(at, findItem("tasks", `${view}${bySubject}`, "Default"));
    const root = all(answer.content, "RootFolder")[0];
    expect(all(root, "Subject")).toHaveLength(1);
    expect(attribute(root, "IndexedPagingOffset")).toBe("2");
    expect(attribute(root, "IncludesLastItemInRange")).toBe("false");
  });

  it("refuses what the server cannot search by", async () => {
    expect(await find(`<t:IsEqualTo>${field("task:Status")}${constant("Completed")}</t:IsEqualTo>`)).toEqual([
      "ErrorUnsupportedPathForQuery",
    ]);
  });
});

describe("attendees", () => {
  it("are written down only when the client wants them mailed", async () => {
    const invited = appointment("Meeting").replace(
      "</t:CalendarItem>",
      `<t:RequiredAttendees><t:Attendee><t:Mailbox><t:EmailAddress>x@y.example</t:EmailAddress></t:Mailbox></t:Attendee></t:RequiredAttendees></t:CalendarItem>`,
    );
    const mails = at.frame.context.attendeeMails;
    const before = mails.count();
    const created = await post(at, createItems("calendar", invited));
    await post(at, updateItem(itemId(created), setField("item:Subject", "<t:Subject>Other</t:Subject>")));
    expect(mails.count()).toBe(before);
    await post(at, createItems("calendar", invited).replace("SendToNone", "SendToAllAndSaveCopy"));
    expect(mails.list().at(-1)).toMatchObject({ to: ["x@y.example"], operation: "CreateItem" });
    await post(at, deleteItem(itemId(created)).replace("SendToNone", "SendOnlyToAll"));
    expect(mails.count()).toBe(before + 2);
  });
});
