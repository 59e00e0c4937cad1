import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startExchange, type TestExchange } from "./testing/server.ts";
import {
  all,
  createItems,
  distinguished,
  findItem,
  getItem,
  itemId,
  post,
  postRaw,
  syncItems,
  text,
} from "./testing/soap-client.ts";
import { attribute } from "./xml.ts";

let at: TestExchange;
beforeAll(async () => {
  at = await startExchange();
});
afterAll(async () => {
  expect(at.exchange.counters()["responsesInvalid"]).toBe(0);
  await at.close();
});

const getCalendar = `<m:GetFolder><m:FolderShape><t:BaseShape>Default</t:BaseShape></m:FolderShape><m:FolderIds>${distinguished("calendar")}</m:FolderIds></m:GetFolder>`;
const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;

describe("sign-in", () => {
  it("takes an address, a user principal name, an alias or DOMAIN\\login", async () => {
    const { person } = at;
    for (const user of [
      person.address,
      person.userPrincipalName,
      "ALIAS1@nordlys.example",
      `NORDLYS\\${person.loginName}`,
    ]) {
      const answer = await post(at, getCalendar, { authorization: basic(user, person.password) });
      expect(answer.status, user).toBe(200);
    }
  });

  it("answers 401 with both challenges to wrong passwords, and names a refused token", async () => {
    const wrong = await post(at, getCalendar, { authorization: basic(at.person.address, "wrong") });
    expect(wrong.status).toBe(401);
    expect(wrong.headers.get("www-authenticate")).toMatch(/Bearer .*authorization_uri=.*Basic realm=/);
    const token = await post(at, getCalendar, { authorization: "Bearer of.no.good" });
    expect(token.status).toBe(401);
    expect(token.headers.get("www-authenticate")).toContain(`error="invalid_token"`);
  });

  it("takes tokens that the verifier knows, for its own audience only", async () => {
    const audiences: string[] = [];
    at.frame.verifyTokensWith({
      verify(authorization, audience) {
        audiences.push(audience);
        return authorization === "Bearer good"
          ? { person: at.colleague, scopes: [] }
          : { refused: "audience" };
      },
    });
    const answer = await post(at, getCalendar, { authorization: "Bearer good" });
    expect(answer.status).toBe(200);
    expect(audiences).toEqual(["https://outlook.office365.com"]);
    at.frame.verifyTokensWith({ verify: () => ({ refused: "gone" }) });
  });

  it("answers 403 where EWS is switched off, and has no mailbox for who has none", async () => {
    const { directory } = at.frame.context;
    const { person } = at;
    directory.save({ ...person, capabilities: { ...person.capabilities, ews: false } });
    expect((await post(at, getCalendar)).status).toBe(403);
    directory.save({ ...person, capabilities: { ...person.capabilities, mailbox: false } });
    expect((await post(at, getCalendar)).messages[0]?.code).toBe("ErrorNonExistentMailbox");
    directory.save(person);
  });

  it("keeps people out of each other's folders", async () => {
    const of = (address: string): string =>
      getCalendar.replace(
        "/></m:FolderIds>",
        `><t:Mailbox><t:EmailAddress>${address}</t:EmailAddress></t:Mailbox></t:DistinguishedFolderId></m:FolderIds>`,
      );
    expect((await post(at, of(at.person.address))).messages[0]?.code).toBe("NoError");
    expect((await post(at, of(at.colleague.address))).messages[0]?.code).toBe("ErrorAccessDenied");
    expect((await post(at, of("nobody@nordlys.example"))).messages[0]?.code).toBe("ErrorNonExistentMailbox");
    const header = `<t:ExchangeImpersonation><t:ConnectingSID><t:PrimarySmtpAddress>${at.colleague.address}</t:PrimarySmtpAddress></t:ConnectingSID></t:ExchangeImpersonation>`;
    const answer = await post(at, getCalendar, { header });
    expect(answer.text).toContain("ErrorImpersonateUserDenied");
  });
});

describe("messages", () => {
  it("tell the server's version in every answer, faults too", async () => {
    for (const operation of [getCalendar, "<m:Nonsense/>"]) {
      const broken = operation !== getCalendar;
      expect((await post(at, operation, { broken })).text).toContain(`ServerVersionInfo MajorVersion="15"`);
    }
  });

  it("that break the schema are refused with the place, and change nothing", async () => {
    const before = at.exchange.counters();
    const misplaced = `<t:CalendarItem><t:Start>2026-03-02T09:00:00Z</t:Start><t:Subject>Late</t:Subject></t:CalendarItem>`;
    const answer = await post(at, createItems("calendar", misplaced), { broken: true });
    expect(answer.status).toBe(500);
    expect(answer.text).toContain("a:ErrorSchemaValidation");
    expect(answer.text).toMatch(/<t:LineNumber>\d+<\/t:LineNumber>/);
    expect(text(answer.content, "Violation")).toContain("Subject");
    expect(at.exchange.counters()["requestsInvalid"]).toBe(Number(before["requestsInvalid"]) + 1);
    const found = await post(at, findItem("calendar"));
    expect(all(found.content, "CalendarItem")).toHaveLength(0);
  });

  it("with a document type, broken XML, or nested too deep are no XML to it", async () => {
    const bomb = `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>`;
    const deep = "<a>".repeat(3000) + "</a>".repeat(3000);
    for (const body of [bomb, deep, "<s:Envelope", "", Buffer.from([0xff, 0xfe, 0x3c, 0x00])]) {
      expect((await postRaw(at, body, { broken: true })).status).toBe(400);
    }
  });

  it("of an unknown server version are refused", async () => {
    const answer = await postRaw(
      at,
      `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types" xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages"><s:Header><t:RequestServerVersion Version="Exchange3000"/></s:Header><s:Body>${getCalendar}</s:Body></s:Envelope>`,
      { broken: true },
    );
    expect(answer.text).toContain("ErrorInvalidServerVersion");
  });
});

describe("fault rules", () => {
  it("turn a call into a throttling fault with its back-off", async () => {
    const id = at.frame.rules.add({
      system: "exchange",
      operation: "GetFolder",
      effect: { kind: "ewsFault", code: "ErrorServerBusy", backOffMs: 5000 },
    });
    const answer = await post(at, getCalendar);
    at.frame.rules.remove(id);
    expect(answer.status).toBe(500);
    expect(answer.text).toContain(`<t:Value Name="BackOffMilliseconds">5000</t:Value>`);
    expect((await post(at, getCalendar)).status).toBe(200);
  });

  it("make listings empty without losing what was in them", async () => {
    await post(at, createItems("tasks", "<t:Task><t:Subject>There</t:Subject></t:Task>"));
    const id = at.frame.rules.add({ system: "exchange", effect: { kind: "empty" } });
    const empty = await post(at, syncItems("tasks"));
    const search = await post(at, findItem("tasks"));
    at.frame.rules.remove(id);
    expect(all(empty.content, "Create")).toHaveLength(0);
    expect(text(empty.content, "IncludesLastItemInRange")).toBe("true");
    expect(attribute(all(search.content, "RootFolder")[0], "TotalItemsInView")).toBe("0");
    const full = await post(at, syncItems("tasks", text(empty.content, "SyncState")));
    expect(all(full.content, "Create")).toHaveLength(1);
  });

  it("lose an answer, but not the work", async () => {
    const id = at.frame.rules.add({
      system: "exchange",
      operation: "CreateItem",
      effect: { kind: "lostResponse" },
    });
    await expect(
      post(at, createItems("contacts", "<t:Contact><t:Surname>Lost</t:Surname></t:Contact>")),
    ).rejects.toThrow("fetch failed");
    at.frame.rules.remove(id);
    expect(all((await post(at, findItem("contacts"))).content, "Contact")).toHaveLength(1);
  });
});

describe("the rest of the protocol", () => {
  it("converts ids there and back", async () => {
    const created = await post(at, createItems("tasks", "<t:Task><t:Subject>Id</t:Subject></t:Task>"));
    const id = attribute(all(created.content, "ItemId")[0], "Id") ?? "";
    const convert = async (from: string, to: string, value: string): Promise<string> => {
      const answer = await post(
        at,
        `<m:ConvertId DestinationFormat="${to}"><m:SourceIds><t:AlternateId Format="${from}" Id="${value}" Mailbox="${at.person.address}"/></m:SourceIds></m:ConvertId>`,
      );
      return attribute(all(answer.content, "AlternateId")[0], "Id") ?? answer.messages[0]?.code ?? "";
    };
    for (const format of ["EntryId", "HexEntryId", "StoreId", "OwaId"]) {
      expect(await convert(format, "EwsId", await convert("EwsId", format, id)), format).toBe(id);
    }
    expect(await convert("EwsId", "EntryId", id.toLowerCase())).toBe("ErrorInvalidIdMalformed");
  });

  it("resolves names: none, one, several", async () => {
    const resolve = (entry: string): string =>
      `<m:ResolveNames ReturnFullContactData="true"><m:UnresolvedEntry>${entry}</m:UnresolvedEntry></m:ResolveNames>`;
    expect((await post(at, resolve("Nobody"))).messages[0]?.code).toBe("ErrorNameResolutionNoResults");
    const one = await post(at, resolve(at.colleague.address));
    expect(text(one.content, "EmailAddress")).toBe(at.colleague.address);
    const several = await post(at, resolve("Åse"));
    expect(several.messages[0]).toMatchObject({
      code: "ErrorNameResolutionMultipleResults",
      responseClass: "Warning",
    });
  });

  it("knows the time zones with their rules", async () => {
    const answer = await post(
      at,
      `<m:GetServerTimeZones ReturnFullTimeZoneData="true"><m:Ids><t:Id>W. Europe Standard Time</t:Id></m:Ids></m:GetServerTimeZones>`,
    );
    expect(all(answer.content, "Period").map((period) => attribute(period, "Bias"))).toEqual([
      "-PT1H",
      "-PT2H",
    ]);
    const months = all(answer.content, "RecurringDayTransition").map((change) => [
      text(change, "Month"),
      text(change, "Occurrence"),
      text(change, "TimeOffset"),
    ]);
    expect(months).toEqual([
      ["3", "-1", "PT2H"],
      ["10", "-1", "PT3H"],
    ]);
    const everyone = await post(at, `<m:GetServerTimeZones ReturnFullTimeZoneData="true"/>`);
    expect(all(everyone.content, "TimeZoneDefinition").length).toBeGreaterThan(100);
  });

  it("makes, renames, finds, syncs and deletes folders, but not its own", async () => {
    const sync = (state?: string): string =>
      `<m:SyncFolderHierarchy><m:FolderShape><t:BaseShape>Default</t:BaseShape></m:FolderShape>${state ? `<m:SyncState>${state}</m:SyncState>` : ""}</m:SyncFolderHierarchy>`;
    const start = await post(at, sync());
    expect(all(start.content, "Create").length).toBeGreaterThan(8);
    const create = `<m:CreateFolder><m:ParentFolderId>${distinguished("calendar")}</m:ParentFolderId><m:Folders><t:CalendarFolder><t:DisplayName>Team</t:DisplayName></t:CalendarFolder></m:Folders></m:CreateFolder>`;
    const created = await post(at, create);
    expect((await post(at, create)).messages[0]?.code).toBe("ErrorFolderExists");
    const changed = await post(at, sync(text(start.content, "SyncState")));
    expect(all(changed.content, "DisplayName").map((name) => name.text)).toEqual(["Team"]);
    const folder = all(created.content, "FolderId")[0];
    const id = `<t:FolderId Id="${attribute(folder, "Id")}" ChangeKey="${attribute(folder, "ChangeKey")}"/>`;
    const drop = (target: string): string =>
      `<m:DeleteFolder DeleteType="HardDelete"><m:FolderIds>${target}</m:FolderIds></m:DeleteFolder>`;
    expect((await post(at, drop(id))).messages[0]?.code).toBe("NoError");
    expect((await post(at, drop(distinguished("calendar")))).messages[0]?.code).toBe(
      "ErrorDeleteDistinguishedFolder",
    );
    const gone = await post(at, sync(text(changed.content, "SyncState")));
    expect(all(gone.content, "Delete")).toHaveLength(1);
    const wrongId = itemId(await post(at, createItems("tasks", "<t:Task><t:Subject>x</t:Subject></t:Task>")));
    expect((await post(at, getItem(id.replace("FolderId", "ItemId")))).messages[0]?.code).toBe(
      "ErrorCannotUseFolderIdForItemId",
    );
    expect((await post(at, drop(wrongId.replace("ItemId", "FolderId")))).messages[0]?.code).toBe(
      "ErrorCannotUseItemIdForFolderId",
    );
  });
});
