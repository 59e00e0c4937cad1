import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { claimsOf, openOffice, type TestOffice } from "./testOffice.ts";

const HOUR = 3_600_000;

describe("sign-in at SuperOffice", () => {
  let office: TestOffice;
  beforeAll(async () => {
    office = await openOffice();
  });
  afterAll(() => office.close());

  it("publishes metadata and keys that verify its tokens", async () => {
    const metadata = await office.fetch("/login/.well-known/openid-configuration");
    expect(metadata.body["token_endpoint"]).toBe(`${office.origin}/login/common/oauth/tokens`);
    const keys = await office.fetch("/login/.well-known/jwks");
    expect((keys.body["keys"] as unknown[]).length).toBe(1);
  });

  it("gives a ticket for a signed system user token, whatever the case of the path", async () => {
    for (const path of [
      "/Login/api/PartnerSystemUser/Authenticate",
      "/login/api/partnersystemuser/authenticate",
    ]) {
      const answer = await exchange(office, path, office.signedToken());
      expect(answer.body["IsSuccessful"]).toBe(true);
      const claims = claimsOf(String(answer.body["Token"]));
      expect(claims["iss"]).toBe("SuperOffice AS");
      expect(claims["http://schemes.superoffice.net/identity/ctx"]).toBe("Cust12345");
      expect(claims["http://schemes.superoffice.net/identity/webapi_url"]).toBe(
        `${office.origin}/Cust12345/api/`,
      );
    }
  });

  it("refuses a system user token with a wrong signature or an old timestamp", async () => {
    const forged = await exchange(
      office,
      "/Login/api/PartnerSystemUser/Authenticate",
      office.signedToken().replace("Everlink", "Overlink"),
    );
    expect(forged.body).toMatchObject({ IsSuccessful: false, Token: null });
    const old = await exchange(
      office,
      "/Login/api/PartnerSystemUser/Authenticate",
      office.signedToken(new Date(Date.now() - 3 * HOUR)),
    );
    expect(old.body["ErrorMessage"]).toContain("InvalidTimestamp");
  });

  it("needs the application token beside the ticket", async () => {
    const answer = await office.call("GET", "/User/currentPrincipal", undefined, { "SO-AppToken": "" });
    expect(answer.status).toBe(401);
    expect(answer.body["Error"]).toBe(true);
    const principal = await office.call("GET", "/User/currentPrincipal");
    expect(principal.body).toMatchObject({
      UserType: "SystemAssociate",
      DatabaseContextIdentifier: "Cust12345",
    });
  });

  it("keeps a ticket for six hours after its last use", async () => {
    const ticket = await office.ticket();
    const headers = { Authorization: `SOTicket ${ticket}` };
    office.frame.context.clock.advance(5 * HOUR);
    expect((await office.call("GET", "/MDOList/associate", undefined, headers)).status).toBe(200);
    office.frame.context.clock.advance(5 * HOUR);
    expect((await office.call("GET", "/MDOList/associate", undefined, headers)).status).toBe(200);
    office.frame.context.clock.advance(6 * HOUR);
    expect((await office.call("GET", "/MDOList/associate", undefined, headers)).status).toBe(401);
    office.frame.context.clock.reset();
  });

  it("signs a person in by form, with PKCE, and refreshes with a reusable token", async () => {
    const redirect = "http://127.0.0.1:9/callback";
    const query = new URLSearchParams({
      client_id: office.connection["clientId"] ?? "",
      response_type: "code",
      scope: "openid",
      redirect_uri: redirect,
      state: "s1",
      code_challenge: "verifier-verifier-verifier",
      code_challenge_method: "plain",
    });
    const page = await office.fetch(`/login/common/oauth/authorize?${query.toString()}`);
    expect(String(page.body["text"])).toContain('name="state" value="s1"');
    query.set("username", office.ada.address);
    query.set("password", office.ada.password);
    const done = await post(office, "/login/common/oauth/authorize", query);
    const location = new URL(done.headers.get("location") ?? "");
    expect(location.searchParams.get("state")).toBe("s1");
    const grant = new URLSearchParams({
      grant_type: "authorization_code",
      client_id: office.connection["clientId"] ?? "",
      client_secret: office.connection["clientSecret"] ?? "",
      redirect_uri: redirect,
      code: location.searchParams.get("code") ?? "",
      code_verifier: "verifier-verifier-verifier",
    });
    const tokens = await post(office, "/login/common/oauth/tokens", grant);
    expect(tokens.body["expires_in"]).toBe(3600);
    expect((await post(office, "/login/common/oauth/tokens", grant)).body["error"]).toBe("invalid_grant");
    const me = await office.call("GET", "/User/currentPrincipal", undefined, {
      Authorization: `Bearer ${String(tokens.body["access_token"])}`,
    });
    expect(me.body).toMatchObject({ AssociateId: office.ada.associateId, UserType: "InternalAssociate" });
    const refresh = new URLSearchParams({
      grant_type: "refresh_token",
      client_id: office.connection["clientId"] ?? "",
      client_secret: office.connection["clientSecret"] ?? "",
      refresh_token: String(tokens.body["refresh_token"]),
    });
    for (let turn = 0; turn < 2; turn += 1) {
      expect((await post(office, "/login/common/oauth/tokens", refresh)).body["access_token"]).toBeTypeOf(
        "string",
      );
    }
  });

  it("refuses Basic unless the switch allows it", async () => {
    const basic = {
      Authorization: `Basic ${Buffer.from(`${office.ada.loginName}:${office.ada.password}`).toString("base64")}`,
    };
    expect((await office.call("GET", "/MDOList/associate", undefined, basic)).status).toBe(401);
    office.office.configure({ basicAllowed: true });
    expect((await office.call("GET", "/MDOList/associate", undefined, basic)).status).toBe(200);
    office.office.configure({ basicAllowed: false });
  });

  it("says in the tenant's state whether it runs, and answers nothing while it does not", async () => {
    const running = await office.fetch("/api/state/Cust12345");
    expect(running.body).toMatchObject({
      IsRunning: true,
      State: "Running",
      Endpoint: `${office.origin}/Cust12345`,
    });
    office.office.configure({ tenantState: "Suspended" });
    expect((await office.fetch("/api/state/Cust12345")).body).toMatchObject({
      IsRunning: false,
      State: "Suspended",
    });
    expect((await office.call("GET", "/MDOList/associate")).status).toBe(503);
    office.office.configure({ tenantState: "Running" });
    expect((await office.fetch("/api/state/Cust99999")).body["State"]).toBe("Unknown");
  });

  it("refuses switches that do not exist, all at once, and turns none", () => {
    expect(() => office.office.configure({ slimAssociate: "id", nonsense: 1, utcOffsetStyle: "x" })).toThrow(
      /nonsense.*utcOffsetStyle/,
    );
    expect(office.office.configure({})["slimAssociate"]).toBe("login");
  });

  it("signs what it issues with the published key", async () => {
    const answer = await exchange(office, "/Login/api/PartnerSystemUser/Authenticate", office.signedToken());
    const [head = "", payload = "", signature = ""] = String(answer.body["Token"]).split(".");
    const keys = (await office.fetch("/login/.well-known/jwks")).body["keys"] as JsonWebKey[];
    const key = await crypto.subtle.importKey(
      "jwk",
      keys[0] as JsonWebKey,
      { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
      false,
      ["verify"],
    );
    const verified = await crypto.subtle.verify(
      "RSASSA-PKCS1-v1_5",
      key,
      Buffer.from(signature, "base64url"),
      Buffer.from(`${head}.${payload}`),
    );
    expect(verified).toBe(true);
  });
});

function exchange(office: TestOffice, path: string, signed: string) {
  return office.fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({
      SignedSystemToken: signed,
      ApplicationToken: office.connection["clientSecret"],
      ContextIdentifier: "Cust12345",
      ReturnTokenType: "JWT",
    }),
  });
}

function post(office: TestOffice, path: string, values: URLSearchParams) {
  return office.fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
    body: values.toString(),
  });
}
