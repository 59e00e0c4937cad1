import { afterEach, describe, expect, it } from "vitest";
import { Failure } from "../../core/errors/failure.ts";
import { createGraphClient, type GraphClient, type Request } from "./client.ts";
import { batched, openServer, refuse, type TestServer } from "./testing/server.ts";

const signal = new AbortController().signal;
const read: Request = { operation: "GET event", method: "GET", path: "/me/events/1" };

let server: TestServer;
afterEach(() => server.close());

async function open(answer: TestServer["answer"]): Promise<GraphClient> {
  server = await openServer(answer);
  let tokens = 0;
  return createGraphClient({
    url: server.url,
    userAgent: "Everlink test",
    token: async (_, again) => `token-${(tokens += 1)}${again ? `-again-${again.claims ?? ""}` : ""}`,
  });
}

async function failure(work: Promise<unknown>): Promise<Failure> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Failure);
  return error as Failure;
}

describe("a request", () => {
  it("asks for ids that stay, with whatever else it prefers", async () => {
    const client = await open(() => ({}));
    await client.send({ ...read, headers: { prefer: 'outlook.timezone="UTC"' } }, signal);
    expect(server.calls[0]).toMatchObject({
      path: "/me/events/1",
      headers: { authorization: "Bearer token-1", prefer: 'IdType="ImmutableId", outlook.timezone="UTC"' },
    });
  });

  it("is made again with one fresh token after a 401, its claims passed on", async () => {
    const client = await open((call, response) =>
      call.headers.authorization === "Bearer token-1"
        ? refuse(response, 401, "InvalidAuthenticationToken", { "www-authenticate": 'Bearer claims="abc"' })
        : { id: "1" },
    );
    expect(await client.send(read, signal)).toEqual({ id: "1" });
    expect(server.calls[1]?.headers.authorization).toBe("Bearer token-2-again-abc");
  });

  it("that stays refused is the person's matter", async () => {
    const client = await open((_, response) => refuse(response, 401, "InvalidAuthenticationToken"));
    expect((await failure(client.send(read, signal))).code).toBe("graph.unauthorized");
    expect(server.calls).toHaveLength(2);
  });

  it("carries its credential to no other host", async () => {
    const client = await open(() => ({}));
    expect((await failure(client.send({ ...read, path: "https://evil.example/v1.0/me" }, signal))).code).toBe(
      "remote.malformed",
    );
    expect(server.calls).toHaveLength(0);
  });

  it("runs beside at most three others", async () => {
    let running = 0;
    let most = 0;
    const client = await open((_, response) => {
      running += 1;
      most = Math.max(most, running);
      setImmediate(() => {
        running -= 1;
        response.end("{}");
      });
      return undefined;
    });
    await Promise.all(Array.from({ length: 20 }, () => client.send(read, signal)));
    expect(most).toBeLessThanOrEqual(4);
    expect(server.calls).toHaveLength(20);
  });

  it("gives up its place in the queue when it is aborted", async () => {
    const client = await open(() => undefined);
    const stuck = new AbortController();
    const waiting = new AbortController();
    const four = Array.from({ length: 4 }, () => client.send(read, stuck.signal).catch(() => "stopped"));
    const fifth = client.send(read, waiting.signal);
    waiting.abort(new Error("no longer"));
    await expect(fifth).rejects.toThrow("no longer");
    await expect.poll(() => server.calls.length).toBe(4);
    stuck.abort(new Error("enough"));
    expect(await Promise.all(four)).toEqual(["stopped", "stopped", "stopped", "stopped"]);
  });
});

describe("a refusal", () => {
  it.each([
    [404, "ErrorItemNotFound", "item.not-found"],
    [404, "MailboxNotEnabledForRESTAPI", "graph.mailbox-missing"],
    [404, "SomethingElse", "graph.unavailable"],
    [403, "ErrorAccessDenied", "graph.access-denied"],
    [410, "whatever", "graph.sync-state-invalid"],
    [400, "syncStateNotFound", "graph.sync-state-invalid"],
    [400, "ErrorPropertyValidationFailure", "graph.request-invalid"],
    [409, "ErrorDuplicateTransactionId", "item.version-conflict"],
    [412, "ErrorIrresolvableConflict", "item.version-conflict"],
    [429, "ApplicationThrottled", "graph.throttled"],
    [503, "ErrorTooManyObjectsOpened", "graph.throttled"],
    [504, "UnknownError", "graph.unavailable"],
    [418, "Teapot", "graph.unavailable"],
  ])("%i %s is %s", async (status, response, code) => {
    const client = await open((_, answer) => refuse(answer, status, response));
    expect((await failure(client.send(read, signal))).code).toBe(code);
  });

  it("that tells when to come back is obeyed without asking again", async () => {
    const client = await open((_, response) =>
      refuse(response, 429, "ApplicationThrottled", { "retry-after": "2" }),
    );
    expect((await failure(client.send(read, signal))).retryAfterMs).toBe(2000);
    const local = await failure(client.send(read, signal));
    expect(local.code).toBe("graph.throttled");
    expect(local.retryAfterMs).toBeGreaterThan(1000);
    expect(server.calls).toHaveLength(1);
  });

  it("does not carry what the server wrote into the log", async () => {
    const client = await open((_, response) => refuse(response, 400, "Cannot read 'Secret dinner'"));
    expect((await failure(client.send(read, signal))).detail).toEqual({
      operation: "GET event",
      status: 400,
    });
  });
});

describe("an answer that is no answer", () => {
  it.each<[string, TestServer["answer"], string]>([
    ["an HTML page", (_, response) => void response.end("<html>"), "remote.malformed"],
    [
      "an HTML page with 503",
      (_, response) => void response.writeHead(503).end("<html>"),
      "graph.unavailable",
    ],
    ["half of it", (_, response) => void response.end('{"id":'), "remote.malformed"],
    ["not UTF-8", (_, response) => void response.end(Buffer.from([0x7b, 0xff, 0x7d])), "remote.malformed"],
    [
      "a redirect",
      (_, response) => void response.writeHead(302, { location: "/" }).end(),
      "graph.unavailable",
    ],
    ["a broken connection", (_, response) => void response.destroy(), "network.unreachable"],
  ])("%s is a failure of the table", async (_, answer, code) => {
    const client = await open(answer);
    expect((await failure(client.send(read, signal))).code).toBe(code);
  });

  it("silence ends with the time limit, or with the caller's wish", async () => {
    const client = await open(() => undefined);
    expect((await failure(client.send(read, AbortSignal.timeout(30)))).code).toBe("network.timeout");
    const stop = new AbortController();
    const work = client.send(read, stop.signal);
    stop.abort(new Error("stopped"));
    await expect(work).rejects.toThrow("stopped");
  });
});

describe("a batch", () => {
  const ids = ["a", "b", "c"];
  const requests = ids.map((id): Request => ({ ...read, path: `/me/events/${id}` }));

  it("gives each request its own answer, in the order of the requests", async () => {
    const client = await open((call) =>
      batched(call, (url) =>
        url.endsWith("b")
          ? { status: 404, body: { error: { code: "ErrorItemNotFound", message: "No." } } }
          : { status: 200, body: { url } },
      ),
    );
    const parts = await client.batch(requests, signal);
    expect(parts.map((part) => (part.ok ? part.json : part.failure.code))).toEqual([
      { url: "/me/events/a" },
      "item.not-found",
      { url: "/me/events/c" },
    ]);
  });

  it("asks for ids that stay in each of its requests", async () => {
    const client = await open((call) =>
      batched(call, (_, headers) => ({ status: 200, body: { prefer: headers["prefer"] } })),
    );
    const [part] = await client.batch(requests, signal);
    expect(part).toEqual({ ok: true, json: { prefer: 'IdType="ImmutableId"' } });
  });

  it("of one request is that request", async () => {
    const client = await open((_, response) => refuse(response, 404, "ErrorItemNotFound"));
    const [part] = await client.batch(requests.slice(0, 1), signal);
    expect(part).toMatchObject({ ok: false, failure: { code: "item.not-found" } });
    expect(server.calls.map(({ path }) => path)).toEqual(["/me/events/a"]);
  });

  it("that leaves a request unanswered says so of that request", async () => {
    const client = await open(() => ({ responses: [{ id: "0", status: 200, body: {} }] }));
    const parts = await client.batch(requests, signal);
    expect(parts.map((part) => part.ok)).toEqual([true, false, false]);
  });

  it("keeps quiet when one of its requests was throttled", async () => {
    const client = await open((call) =>
      batched(call, () => ({
        status: 429,
        headers: { "Retry-After": "3" },
        body: { error: { code: "TooManyRequests", message: "Slow." } },
      })),
    );
    const [part] = await client.batch(requests, signal);
    expect(part).toMatchObject({ ok: false, failure: { code: "graph.throttled", retryAfterMs: 3000 } });
    expect((await failure(client.send(read, signal))).code).toBe("graph.throttled");
    expect(server.calls).toHaveLength(1);
  });
});
