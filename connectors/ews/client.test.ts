import type { ServerResponse } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { Failure } from "../../core/errors/failure.ts";
import type { EwsStoreOptions } from "./calls.ts";
import { createEwsStore } from "./store.ts";
import { calendarItem, envelope, fault, gotItem, refusal, response } from "./testing/answers.ts";
import { startServer, type TestServer } from "./testing/server.ts";
import { longestAnswerBytes } from "./transport.ts";

let server: TestServer | undefined;
afterEach(() => server?.close());

const good = response("GetItem", gotItem(calendarItem("AAMk=")));
const idle = new AbortController().signal;

type Answer = Parameters<typeof startServer>[0];

async function storeAgainst(answer: Answer, options: Partial<EwsStoreOptions> = {}) {
  server = await startServer(answer);
  return createEwsStore({
    url: server.url,
    mailboxAddress: "ase@nordlys.example",
    userAgent: "Everlink/1 (test)",
    ...(options.basic ? {} : { token: () => Promise.resolve("token") }),
    ...options,
  });
}

function send(status: number, body: string, headers: Record<string, string> = {}): Answer {
  return (reply) =>
    reply
      .writeHead(status, { "content-type": "text/xml; charset=utf-8", connection: "close", ...headers })
      .end(body);
}

/** What reading one item comes to. */
async function failureOf(answer: Answer, options: Partial<EwsStoreOptions> = {}): Promise<Failure> {
  const store = await storeAgainst(answer, options);
  const failure = await store.get("AAMk=", idle).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(Failure);
  return failure as Failure;
}

describe("a request", () => {
  it("names the mailbox and the product, carries the token, and is seen by onExchange as its answer is", async () => {
    const seen: string[] = [];
    const store = await storeAgainst(send(200, good), { onExchange: (direction) => seen.push(direction) });
    expect((await store.get("AAMk=", idle))?.item.title).toBe("Site visit");
    expect(server?.requests[0]?.headers).toMatchObject({
      authorization: "Bearer token",
      "user-agent": "Everlink/1 (test)",
      "x-anchormailbox": "ase@nordlys.example",
      "content-type": "text/xml; charset=utf-8",
    });
    expect(seen).toEqual(["request", "response"]);
  });

  it("acts as the mailbox with a service account's password", async () => {
    const basic = { user: "svc", password: "pä:ss", impersonate: true };
    const store = await storeAgainst(send(200, good), { basic });
    await store.get("AAMk=", idle);
    const request = server?.requests[0];
    expect(request?.headers.authorization).toBe(`Basic ${Buffer.from("svc:pä:ss").toString("base64")}`);
    expect(request?.body).toMatch(/ExchangeImpersonation.*ase@nordlys\.example/u);
  });
});

describe("an answer that is none", () => {
  const bomb = `<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">]>${good.slice(good.indexOf("<s:"))}`;
  const cases: [string, Answer, string][] = [
    ["an empty 500", send(500, ""), "ews.unavailable"],
    ["a 500 in plain words", send(500, "Internal Server Error"), "ews.unavailable"],
    ["a 500 in HTML", send(500, "<html><body>Server Error in '/EWS'</body></html>"), "ews.unavailable"],
    ["a 500 with half a fault", send(500, fault("ErrorServerBusy").slice(0, 300)), "ews.unavailable"],
    ["an empty 200", send(200, ""), "remote.malformed"],
    ["a sign-in page", send(200, "<!DOCTYPE html><html></html>"), "remote.malformed"],
    ["JSON", send(200, '{"error":{}}', { "content-type": "application/json" }), "remote.malformed"],
    ["half of it", send(200, good.slice(0, good.length / 2)), "remote.malformed"],
    ["all but the last sign", send(200, good.slice(0, -1)), "remote.malformed"],
    [
      "a hole in the middle",
      send(200, good.slice(0, 700) + good.slice(700).replace(/<\/t:\w+>/u, "")),
      "remote.malformed",
    ],
    ["a document type", send(200, bomb), "remote.malformed"],
    ["another encoding", (reply) => reply.end(Buffer.from(good, "latin1")), "remote.malformed"],
    ["another operation's answer", send(200, response("FindItem")), "remote.malformed"],
    ["no response messages", send(200, response("GetItem")), "remote.malformed"],
    ["an empty body", send(200, envelope("")), "remote.malformed"],
    ["a redirect", send(302, "", { location: "http://127.0.0.1:9/" }), "ews.unavailable"],
    ["another path", send(404, "<html></html>"), "ews.unavailable"],
    ["a closed connection", (reply) => reply.destroy(), "network.unreachable"],
    [
      "a connection that breaks",
      (reply) => {
        reply.writeHead(200, { "content-length": String(good.length) });
        reply.write(good.slice(0, 400), () => reply.destroy());
      },
      "network.unreachable",
    ],
  ];
  it.each(cases)("%s", async (_, answer, code) => {
    expect((await failureOf(answer)).code).toBe(code);
  });

  it("is not read to its end when it is too long", async () => {
    const block = Buffer.alloc(1024 * 1024, 0x20);
    const flood = (reply: ServerResponse): void => {
      const more = (): void => {
        if (!reply.destroyed) reply.write(block, more);
      };
      reply.writeHead(200, { "content-type": "text/xml" });
      more();
    };
    const failure = await failureOf(flood);
    expect(failure.code).toBe("remote.malformed");
    expect(failure.detail["reason"]).toBe("answer too long");
    expect(longestAnswerBytes).toBeLessThan(64 * 1024 * 1024);
  });

  it("is no answer when nobody listens", async () => {
    const store = await storeAgainst(send(200, good));
    await server?.close();
    await expect(store.get("AAMk=", idle)).rejects.toMatchObject({ code: "network.unreachable" });
  });
});

describe("time", () => {
  const hangs: [string, Answer][] = [
    ["that never answers", () => undefined],
    ["that never ends its answer", (reply) => void reply.writeHead(200).write(good.slice(0, 200))],
  ];
  it.each(hangs)("runs out for a server %s", async (_, answer) => {
    const failure = await failureOf(answer, { timeoutMs: 100 });
    expect(failure.code).toBe("network.timeout");
  });

  it.each(hangs)("stops at once when aborted, for a server %s", async (_, answer) => {
    const stop = new AbortController();
    const reason = new Error("worker stops");
    const store = await storeAgainst((reply, request) => {
      answer(reply, request);
      setImmediate(() => stop.abort(reason));
    });
    await expect(store.get("AAMk=", stop.signal)).rejects.toBe(reason);
  });
});

describe("401", () => {
  it("asks for a fresh token once, then gives up", async () => {
    const asked: unknown[] = [];
    const token: NonNullable<EwsStoreOptions["token"]> = async (_signal, again) => {
      asked.push(again);
      return again ? "fresh" : "stale";
    };
    expect((await failureOf(send(401, ""), { token })).code).toBe("ews.unauthorized");
    expect(asked).toEqual([undefined, { force: true }]);
    expect(server?.requests.map((request) => request.headers.authorization)).toEqual([
      "Bearer stale",
      "Bearer fresh",
    ]);
  });

  it("goes on with the fresh token, and hands over a claims challenge", async () => {
    const asked: unknown[] = [];
    const store = await storeAgainst(
      (reply, { number }) =>
        number === 1
          ? send(401, "", {
              "www-authenticate": 'Bearer error="insufficient_claims", claims="eyJ4IjoxfQ=="',
            })(reply, { body: "", number })
          : send(200, good)(reply, { body: "", number }),
      {
        token: async (_signal, again) => {
          asked.push(again);
          return "token";
        },
      },
    );
    expect(await store.get("AAMk=", idle)).toBeDefined();
    expect(asked).toEqual([undefined, { force: true, claims: "eyJ4IjoxfQ==" }]);
  });

  it("is final for a password", async () => {
    const failure = await failureOf(send(401, ""), { basic: { user: "a", password: "b" } });
    expect(failure.code).toBe("ews.unauthorized");
    expect(server?.requests).toHaveLength(1);
  });

  it("lets the reason pass when there is no token", async () => {
    const token = () => Promise.reject(new Failure("entra.grant-revoked"));
    expect((await failureOf(send(200, good), { token })).code).toBe("entra.grant-revoked");
  });
});

describe("refusals", () => {
  const date = { date: "Mon, 02 Mar 2026 08:00:00 GMT", "retry-after": "Mon, 02 Mar 2026 08:01:30 GMT" };
  const cases: [string, Answer, string, number | undefined][] = [
    ["403", send(403, ""), "ews.forbidden", undefined],
    ["429", send(429, "", { "retry-after": "7" }), "ews.throttled", 7000],
    ["503 until a time", send(503, "", date), "ews.unavailable", 90_000],
    ["503 without more", send(503, "<html/>"), "ews.unavailable", undefined],
    ["a busy fault", send(500, fault("ErrorServerBusy", 11_000)), "ews.throttled", 11_000],
    ["a busy fault with 200", send(200, fault("ErrorServerBusy", 11_000)), "ews.throttled", 11_000],
    [
      "a busy message",
      send(200, response("GetItem", refusal("GetItem", "ErrorServerBusy", 5000))),
      "ews.throttled",
      5000,
    ],
    [
      "no mailbox",
      send(200, response("GetItem", refusal("GetItem", "ErrorNonExistentMailbox"))),
      "ews.mailbox-missing",
      undefined,
    ],
    ["an unknown fault", send(500, fault("ErrorOfNextYear")), "ews.unavailable", undefined],
    [
      "an unknown message",
      send(200, response("GetItem", refusal("GetItem", "ErrorOfNextYear"))),
      "item.malformed",
      undefined,
    ],
    ["an invalid request", send(500, fault("ErrorSchemaValidation")), "ews.request-invalid", undefined],
  ];
  it.each(cases)("%s", async (_, answer, code, retryAfterMs) => {
    const failure = await failureOf(answer);
    expect(failure.code).toBe(code);
    expect(failure.retryAfterMs).toBe(retryAfterMs);
  });

  it("keep the client quiet until the server's back-off is over", async () => {
    const store = await storeAgainst(
      send(200, response("GetItem", refusal("GetItem", "ErrorServerBusy", 60_000))),
    );
    await expect(store.get("AAMk=", idle)).rejects.toMatchObject({ code: "ews.throttled" });
    const again = await store.get("AAMk=", idle).catch((error: unknown) => error as Failure);
    expect(again).toMatchObject({ code: "ews.throttled" });
    expect((again as Failure).retryAfterMs).toBeLessThanOrEqual(60_000);
    expect(server?.requests).toHaveLength(1);
  });

  it("are an answer for a probe", async () => {
    const store = await storeAgainst(send(403, ""));
    expect(await store.probe(idle)).toEqual({ ok: false, code: "ews.forbidden" });
  });

  it("tell nothing of the answer in their detail", async () => {
    const failure = await failureOf(send(500, fault("Error Åse <secret>".replaceAll("<", "&lt;"))));
    expect(JSON.stringify(failure.detail)).not.toContain("secret");
  });
});
