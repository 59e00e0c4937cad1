import { afterEach, describe, expect, it } from "vitest";
import type { Changes, Scope } from "../../core/items/observed.ts";
import { createEwsStore } from "./store.ts";
import {
  calendarItem,
  deleted,
  fault,
  gotFolder,
  gotItem,
  named,
  refusal,
  response,
  synced,
} from "./testing/answers.ts";
import { startServer, type TestServer } from "./testing/server.ts";

const idle = new AbortController().signal;
const scope: Scope = {
  kind: "appointment",
  container: "calendar",
  window: { from: "2026-01-01T00:00:00Z", to: "2027-01-01T00:00:00Z" },
};

let server: TestServer | undefined;
afterEach(() => server?.close());

/**
 * Answers as the mailbox's script says; without one, every item is there and like the sample. An empty answer is
 * one that never comes.
 */
interface Script {
  sync(state: string | undefined, call: number): string;
  items?(ids: string[], call: number): string | undefined;
}

const calls = { sync: [] as (string | undefined)[], items: [] as string[][] };

async function mailbox(script: Script) {
  calls.sync = [];
  calls.items = [];
  server = await startServer((reply, { body }) => {
    // Asked for once with each listing from nothing.
    if (body.includes("<m:GetFolder")) {
      reply.writeHead(200, { "content-type": "text/xml" }).end(gotFolder("calendar-1"));
      return;
    }
    const answer = body.includes("<m:SyncFolderItems") ? sync(body) : items(body);
    if (answer === "") return;
    reply.writeHead(answer.includes(":Fault>") ? 500 : 200, { "content-type": "text/xml" }).end(answer);
  });
  const sync = (body: string): string => {
    const state = /<m:SyncState>([^<]*)</u.exec(body)?.[1];
    calls.sync.push(state);
    return script.sync(state, calls.sync.length);
  };
  const items = (body: string): string => {
    const ids = [...body.matchAll(/<t:ItemId Id="([^"]+)"/gu)].map((match) => match[1] ?? "");
    calls.items.push(ids);
    return (
      script.items?.(ids, calls.items.length) ??
      response("GetItem", ...ids.map((id) => gotItem(calendarItem(id))))
    );
  };
}

/** A store as each run makes it: nothing is remembered but the cursor. */
function changes(cursor?: string, at: Scope = scope, timeoutMs = 20_000): Promise<Changes> {
  return createEwsStore({
    timeoutMs,
    url: server?.url ?? "",
    mailboxAddress: "ase@nordlys.example",
    userAgent: "Everlink test",
    token: () => Promise.resolve("token"),
  }).changes(at, cursor, idle);
}

const ids = (count: number) => Array.from({ length: count }, (_, index) => `id${index}`);
const creates = (count: number) =>
  ids(count)
    .map((id) => named("Create", id))
    .join("");
const refs = (answer: Changes) => answer.upserts.map((item) => item.ref);

describe("a page", () => {
  it("is read in batches of ten, and the listing is complete, then a delta", async () => {
    await mailbox({ sync: (_, call) => (call === 1 ? synced(creates(25)) : synced("", { state: "next" })) });
    const first = await changes();
    expect(refs(first)).toEqual(ids(25));
    expect(calls.items.map((batch) => batch.length)).toEqual([10, 10, 5]);
    expect(first).toMatchObject({
      listing: "complete",
      incarnation: "calendar-1",
      reset: false,
      more: false,
      gone: [],
      failed: [],
    });
    const second = await changes(first.next);
    expect(second).toMatchObject({ listing: "delta", reset: false, more: false, upserts: [] });
  });

  it("is followed by the next until Exchange has named all", async () => {
    const state = "x".repeat(150_000);
    await mailbox({
      sync: (_, call) =>
        call === 1 ? synced(named("Create", "a"), { state, last: false }) : synced(named("Create", "b")),
    });
    const first = await changes();
    expect(first).toMatchObject({ more: true, listing: "complete" });
    const second = await changes(first.next);
    expect(calls.sync).toEqual([undefined, state]);
    expect(second).toMatchObject({ more: false, listing: "complete" });
    expect(refs(second)).toEqual(["b"]);
  });

  it("goes on where a throttled mailbox stopped it, reading nothing twice", async () => {
    await mailbox({
      sync: () => synced(creates(25)),
      items: (_, call) => (call === 2 ? fault("ErrorServerBusy", 1) : undefined),
    });
    const first = await changes();
    expect(refs(first)).toEqual(ids(10));
    expect(first.more).toBe(true);
    const second = await changes(first.next);
    expect([...refs(first), ...refs(second)]).toEqual(ids(25));
    expect(second).toMatchObject({ more: false, listing: "complete" });
    expect(calls.sync).toHaveLength(1);
  });

  it("tells of the throttling once nothing more can be read", async () => {
    await mailbox({ sync: () => synced(creates(5)), items: () => fault("ErrorServerBusy", 20_000) });
    const first = await changes();
    expect(first).toMatchObject({ upserts: [], more: true });
    await expect(changes(first.next)).rejects.toMatchObject({ code: "ews.throttled", retryAfterMs: 20_000 });
  });

  it("goes on after a batch that the server stopped", async () => {
    await mailbox({
      sync: () => synced(creates(5)),
      items: (batch, call) =>
        call > 1
          ? undefined
          : response(
              "GetItem",
              ...batch.map((id, index) =>
                index < 2 ? gotItem(calendarItem(id)) : refusal("GetItem", "ErrorBatchProcessingStopped"),
              ),
            ),
    });
    expect(refs(await changes())).toEqual(ids(5));
    expect(calls.items.map((batch) => batch.length)).toEqual([5, 3]);
  });

  it("ends with what was read when the time is over", async () => {
    await mailbox({ sync: () => synced(creates(25)), items: (_, call) => (call === 2 ? "" : undefined) });
    const first = await changes(undefined, scope, 300);
    expect(refs(first)).toEqual(ids(10));
    expect(refs(await changes(first.next))).toEqual(ids(25).slice(10));
  });

  it("is not believed when messages are missing", async () => {
    await mailbox({
      sync: () => synced(creates(3)),
      items: () => response("GetItem", gotItem(calendarItem("id0"))),
    });
    const first = await changes();
    expect(first).toMatchObject({ upserts: [], more: true });
    await expect(changes(first.next)).rejects.toMatchObject({ code: "remote.malformed" });
  });

  it("is not believed without a sync state", async () => {
    await mailbox({ sync: () => synced("").replace(/<m:SyncState>.*<\/m:SyncState>/u, "") });
    await expect(changes()).rejects.toMatchObject({ code: "remote.malformed" });
  });
});

describe("one item", () => {
  it("that cannot be read holds nobody up", async () => {
    const parts: Record<string, string> = {
      id1: refusal("GetItem", "ErrorItemNotFound"),
      id2: refusal("GetItem", "ErrorInternalServerError"),
      id3: gotItem(calendarItem("id3", { Body: '<t:Body BodyType="HTML">&lt;p/&gt;</t:Body>' })),
      id4: gotItem(calendarItem("somebody else's")),
      id5: gotItem(calendarItem("id5", { Sensitivity: "<t:Sensitivity>Secret</t:Sensitivity>" })),
    };
    await mailbox({
      sync: () => synced(creates(7)),
      items: (batch) => response("GetItem", ...batch.map((id) => parts[id] ?? gotItem(calendarItem(id)))),
    });
    const answer = await changes();
    expect(refs(answer)).toEqual(["id0", "id6"]);
    expect(answer.gone).toEqual([{ ref: "id1", why: "unknown" }]);
    expect(answer.failed).toEqual(
      ["id2", "id3", "id4", "id5"].map((ref) => ({ ref, code: "item.malformed" })),
    );
  });

  it("that is deleted is so when its id is positively gone", async () => {
    await mailbox({
      sync: () => synced(deleted("gone") + deleted("moved") + deleted("odd")),
      items: (batch) =>
        response(
          "GetItem",
          ...batch.map((id) =>
            id === "gone"
              ? refusal("GetItem", "ErrorItemNotFound")
              : id === "odd"
                ? refusal("GetItem", "ErrorItemCorrupt")
                : gotItem(calendarItem(id)),
          ),
        ),
    });
    expect((await changes()).gone).toEqual([
      { ref: "gone", why: "deleted" },
      { ref: "moved", why: "unknown" },
      { ref: "odd", why: "unknown" },
    ]);
  });

  it("that was only read is not told", async () => {
    const flag =
      '<t:ReadFlagChange><t:ItemId Id="a" ChangeKey="c"/><t:IsRead>true</t:IsRead></t:ReadFlagChange>';
    await mailbox({ sync: () => synced(flag) });
    expect(await changes()).toMatchObject({ upserts: [], gone: [], failed: [] });
    expect(calls.items).toEqual([]);
  });

  it("that is no appointment is passed over", async () => {
    const request =
      '<t:Create><t:MeetingRequest><t:ItemId Id="m" ChangeKey="c"/></t:MeetingRequest></t:Create>';
    await mailbox({ sync: () => synced(request) });
    expect(await changes()).toMatchObject({ upserts: [], gone: [], failed: [] });
  });
});

describe("the window", () => {
  const past = named("Create", "past", "2020-03-02T08:00:00Z", "2020-03-02T09:00:00Z");
  const next = named("Create", "next", "2027-01-20T08:00:00Z", "2027-01-20T09:00:00Z");
  it("leaves far single items unread, and says that they are there", async () => {
    await mailbox({ sync: () => synced(past + next) });
    const answer = await changes();
    expect(answer.gone).toEqual(["past", "next"].map((ref) => ({ ref, why: "left-scope" })));
    expect(calls.items).toEqual([]);
  });

  it("needs a new listing when it reaches further", async () => {
    await mailbox({ sync: () => synced(named("Create", "a")) });
    const first = await changes();
    for (const window of [
      { from: "2025-01-01T00:00:00Z", to: scope.window.to },
      { from: scope.window.from, to: "2027-01-02T00:00:00Z" },
    ]) {
      expect(await changes(first.next, { ...scope, window })).toMatchObject({
        reset: true,
        listing: "complete",
      });
    }
    expect(calls.sync).toEqual([undefined, undefined, undefined]);
    const within = { from: "2026-02-01T00:00:00Z", to: "2026-12-01T00:00:00Z" };
    expect(await changes(first.next, { ...scope, window: within })).toMatchObject({ reset: false });
  });
});

describe("a cursor", () => {
  it("that Exchange forgot starts a listing from nothing", async () => {
    await mailbox({
      sync: (state) =>
        state === undefined
          ? synced(named("Create", "a"))
          : response("SyncFolderItems", refusal("SyncFolderItems", "ErrorInvalidSyncStateData")),
    });
    const first = await changes();
    const again = await changes(first.next);
    expect(again).toMatchObject({ reset: true, listing: "complete" });
    expect(refs(again)).toEqual(["a"]);
  });

  it.each(["", "ews1:", "ews1:{}", "ews0:{}", "no such cursor"])(
    "that is none (%s) does too",
    async (cursor) => {
      await mailbox({ sync: () => synced(named("Create", "a")) });
      expect(await changes(cursor)).toMatchObject({ reset: true, listing: "complete" });
    },
  );
});
