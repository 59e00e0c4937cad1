import { createPublicKey, createVerify } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Failure } from "../../core/errors/failure.ts";
import { signSystemUserToken } from "./signin.ts";
import { json, openTenant, type TestTenant } from "./test-tenant.ts";
import { createTicketCache } from "./ticket-cache.ts";

const signal = new AbortController().signal;
const read = { method: "GET", path: "Appointment/17", signal } as const;

async function failure(work: Promise<unknown>): Promise<Failure> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Failure);
  return error as Failure;
}

let tenant: TestTenant;
beforeEach(async () => {
  tenant = await openTenant();
});
afterEach(() => tenant.close());

describe("a request", () => {
  it("carries ticket, application token and the wish for UTC with offsets", async () => {
    let headers: Record<string, unknown> = {};
    tenant.api = (request, response) => {
      headers = request.headers;
      json(response, { AppointmentId: 17 });
    };
    expect((await tenant.client().call(read)).value).toEqual({ AppointmentId: 17 });
    expect(headers).toMatchObject({
      authorization: "SOTicket 7T:Cust00001-1",
      "so-apptoken": "app-Cust00001",
      "so-timezone": "UTC, includeTZOffset",
    });
  });

  it("asks for the tenant's state only when something is wrong", async () => {
    await tenant.client().call(read);
    expect(tenant.stateAsked).toBe(0);
  });

  it("writes blanks of a query as %20, since a plus may stand for itself", async () => {
    let url = "";
    tenant.api = (request, response) => {
      url = request.url ?? "";
      json(response, {});
    };
    await tenant.client().call({ ...read, query: { $filter: "a eq 1 and b eq '+'" } });
    expect(url).toBe("/Cust00001/api/v1/Appointment/17?$filter=a%20eq%201%20and%20b%20eq%20%27%2B%27");
  });
});

describe("an answer that is no answer", () => {
  const cases: Record<string, { api: TestTenant["api"]; code: string }> = {
    "broken JSON": { api: (_, response) => void response.end('{"AppointmentId":'), code: "remote.malformed" },
    "an HTML page": { api: (_, response) => void response.end("<html>"), code: "remote.malformed" },
    "a redirect": {
      api: (_, response) => void response.writeHead(302, { location: "https://elsewhere.example/" }).end(),
      code: "remote.malformed",
    },
    "a body cut off": {
      api: (_, response) => {
        response.writeHead(200, { "content-length": "500" });
        response.write('{"AppointmentId":17');
        setImmediate(() => response.destroy());
      },
      code: "remote.malformed",
    },
    "no answer at all": { api: (request) => void request.socket.destroy(), code: "network.unreachable" },
    "an endless body": {
      api: (_, response) => {
        const chunk = Buffer.alloc(1024 * 1024, "x");
        const more = (): void => {
          while (!response.destroyed && response.write(chunk));
          if (!response.destroyed) response.once("drain", more);
        };
        more();
      },
      code: "remote.malformed",
    },
    silence: { api: () => undefined, code: "network.timeout" },
  };
  it.each(Object.entries(cases))("is a failure: %s", async (_, { api, code }) => {
    tenant.api = api;
    expect((await failure(tenant.client({ timeoutMs: 700 }).call(read))).code).toBe(code);
  });

  it("stops as soon as the caller aborts, with the caller's reason", async () => {
    const controller = new AbortController();
    tenant.api = () => controller.abort(new Error("enough"));
    await expect(tenant.client().call({ ...read, signal: controller.signal })).rejects.toThrow("enough");
  });
});

describe("a refusal", () => {
  const statuses: [number, string][] = [
    [400, "superoffice.request-invalid"],
    [403, "superoffice.forbidden"],
    [404, "item.not-found"],
    [409, "superoffice.request-invalid"],
    [412, "item.version-conflict"],
    [429, "superoffice.throttled"],
    [500, "superoffice.unavailable"],
    [503, "superoffice.unavailable"],
    [599, "superoffice.unavailable"],
  ];
  it.each(statuses)("%i is %s", async (status, code) => {
    tenant.api = (_, response) => json(response, { Error: true, ErrorMessage: "Ada's diary" }, status);
    const refused = await failure(tenant.client().call(read));
    expect(refused.code).toBe(code);
    expect(refused.detail).toEqual({ status, operation: "GET /Appointment/{id}" });
  });

  it("tells how long to wait, in seconds or until a date", async () => {
    tenant.api = (_, response) => json(response, {}, 429, { "retry-after": "7" });
    expect((await failure(tenant.client().call(read))).retryAfterMs).toBe(7_000);
    const until = new Date(Date.now() + 60_000).toUTCString();
    tenant.api = (_, response) => json(response, {}, 503, { "retry-after": until });
    expect((await failure(tenant.client().call(read))).retryAfterMs).toBeGreaterThan(50_000);
  });

  it.each([403, 404, 500, 503])("%i of a suspended tenant says that it is suspended", async (status) => {
    tenant.running = false;
    tenant.api = (_, response) => json(response, {}, status);
    const client = tenant.client();
    expect((await failure(client.call(read))).code).toBe("superoffice.tenant-suspended");
    expect((await failure(client.call(read))).code).toBe("superoffice.tenant-suspended");
    expect(tenant.stateAsked).toBe(1);
  });

  it("a 404 is no evidence while nobody knows whether the tenant runs", async () => {
    const stateless: typeof fetch = (input, init) =>
      String(input instanceof Request ? input.url : input).includes("/api/state/")
        ? Promise.reject(new Error("no route"))
        : fetch(input, init);
    tenant.api = (_, response) => json(response, {}, 404);
    expect((await failure(tenant.client({ fetch: stateless }).call(read))).code).toBe(
      "superoffice.unavailable",
    );
  });
});

describe("the ticket", () => {
  it("is renewed once when it is refused", async () => {
    tenant.api = (request, response) =>
      json(response, {}, request.headers.authorization === "SOTicket 7T:Cust00001-1" ? 401 : 200);
    await tenant.client().call(read);
    expect(tenant.signIns).toHaveLength(2);
  });

  it("is not renewed for ever", async () => {
    tenant.api = (_, response) => json(response, {}, 401);
    expect((await failure(tenant.client().call(read))).code).toBe("superoffice.unauthorized");
    expect(tenant.signIns).toHaveLength(2);
  });

  it("is renewed on a 403 only when it is not fresh", async () => {
    let now = Date.now();
    const client = tenant.client({ clock: { now: () => now } });
    tenant.api = (_, response) => json(response, {}, 403);
    await failure(client.call(read));
    expect(tenant.signIns).toHaveLength(1);
    now += 120_000;
    await failure(client.call(read));
    expect(tenant.signIns).toHaveLength(2);
  });

  it("is shared by all that ask at the same time, and by clients with the same cache", async () => {
    const ticketCache = createTicketCache();
    const [one, other] = [tenant.client({ ticketCache }), tenant.client({ ticketCache })];
    await Promise.all([...Array(10).keys()].map((turn) => (turn % 2 ? one : other).call(read)));
    expect(tenant.signIns).toHaveLength(1);
  });

  it("never goes to another tenant, even with one cache", async () => {
    const second = await openTenant("Cust00002");
    try {
      const ticketCache = createTicketCache();
      const seen: unknown[] = [];
      for (const each of [tenant, second]) {
        each.api = (request, response) => {
          seen.push([
            request.url?.split("/")[1],
            request.headers.authorization,
            request.headers["so-apptoken"],
          ]);
          json(response, {});
        };
      }
      const [one, other] = [tenant.client({ ticketCache }), second.client({ ticketCache })];
      await Promise.all([one.call(read), other.call(read), one.call(read), other.call(read)]);
      expect(new Set(seen.map((entry) => JSON.stringify(entry)))).toEqual(
        new Set([
          '["Cust00001","SOTicket 7T:Cust00001-1","app-Cust00001"]',
          '["Cust00002","SOTicket 7T:Cust00002-1","app-Cust00002"]',
        ]),
      );
    } finally {
      await second.close();
    }
  });

  it("lives six hours from its last use", async () => {
    let now = Date.now();
    const client = tenant.client({ clock: { now: () => now } });
    await client.call(read);
    now += 5 * 3_600_000;
    await client.call(read);
    now += 5 * 3_600_000;
    await client.call(read);
    expect(tenant.signIns).toHaveLength(1);
  });

  it("is asked for again after a sign-in that failed", async () => {
    const client = tenant.client();
    tenant.refuseSignIn = true;
    expect((await failure(client.call(read))).code).toBe("superoffice.unauthorized");
    tenant.refuseSignIn = false;
    await client.call(read);
  });
});

describe("the sign-in", () => {
  it("signs token and minute with RSA-SHA256", async () => {
    const { secrets } = tenant.connection();
    const signed = signSystemUserToken("App-x.y", secrets.privateKeyPem, Date.parse("2026-03-02T08:05:59Z"));
    expect(signed.startsWith("App-x.y.202603020805.")).toBe(true);
    const dot = signed.lastIndexOf(".");
    const genuine = createVerify("SHA256")
      .update(signed.slice(0, dot))
      .verify(createPublicKey(secrets.privateKeyPem), signed.slice(dot + 1), "base64");
    expect(genuine).toBe(true);
  });

  const lies: Record<string, Partial<TestTenant["token"]>> = {
    "signed by somebody else": { forged: true },
    "of another tenant": { claims: { "http://schemes.superoffice.net/identity/ctx": "Cust99999" } },
    "from another issuer": { issuer: "https://evil.example" },
    "for another audience": { audience: "somebody" },
    "without a ticket": { claims: { "http://schemes.superoffice.net/identity/ticket": "" } },
    "with a ticket that breaks headers": {
      claims: { "http://schemes.superoffice.net/identity/ticket": "x\r\nx: y" },
    },
    "that expired": { expires: "6m ago" },
  };
  it.each(Object.entries(lies))("takes no ticket from a token %s", async (_, token) => {
    Object.assign(tenant.token, token);
    let reached = false;
    tenant.api = (_request, response) => {
      reached = true;
      json(response, {});
    };
    const refused = await failure(tenant.client().call(read));
    expect(refused.code).toBe("superoffice.unauthorized");
    expect(reached).toBe(false);
  });

  it("says so when the private key is none", async () => {
    const { secrets } = tenant.connection();
    const client = tenant.client({ secrets: { ...secrets, privateKeyPem: "no key" } });
    expect((await failure(client.call(read))).detail).toEqual({ reason: "private-key" });
  });
});
