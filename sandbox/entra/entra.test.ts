import { createHash, X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls from "node:tls";
import { ConfidentialClientApplication, CryptoProvider, type NodeAuthOptions } from "@azure/msal-node";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { SandboxContext } from "../context.ts";
import { startSandbox, type Sandbox } from "../server.ts";
import { createGraph } from "../graph/index.ts";
import { Browser, type Visit } from "../testing/browser.ts";
import { makeSigningCertificate } from "../testing/certificate.ts";
import { samplePerson, sampleTenant } from "../testing/people.ts";
import { createEntra, type Entra } from "./index.ts";

const redirectUri = "http://localhost:12345/register/callback";
const graphScopes = ["User.Read", "MailboxSettings.Read", "Calendars.ReadWrite"];
const ewsScope = "https://outlook.office365.com/EWS.AccessAsUser.All";
const dataDir = mkdtempSync(join(tmpdir(), "sandbox-entra-"));
let sandbox: Sandbox;
let entra: Entra;
let context: SandboxContext;

beforeAll(async () => {
  sandbox = await startSandbox({ dataDir, systems: [createEntra, createGraph], seed: false });
  context = sandbox.context;
  entra = sandbox.systems.find((each) => each.name === "entra") as Entra;
  tls.setDefaultCACertificates([...tls.getCACertificates("default"), readFileSync(sandbox.caFile, "utf8")]);
});
afterAll(async () => {
  await sandbox.close();
  rmSync(dataDir, { recursive: true, force: true });
});
beforeEach(() => {
  entra.reset();
  context.clock.reset();
  context.directory.saveTenant(sampleTenant);
  context.directory.save(samplePerson(1));
  context.directory.save(samplePerson(2));
});

const application = () => entra.admin.application(sampleTenant.id);

function client(auth: Partial<NodeAuthOptions> = { clientSecret: application().clientSecrets[0]! }) {
  return new ConfidentialClientApplication({
    auth: {
      clientId: application().clientId,
      authority: `${sandbox.origin}/${sampleTenant.id}`,
      knownAuthorities: [new URL(sandbox.origin).host],
      ...auth,
    },
  });
}

interface Attempt {
  cca: ConfidentialClientApplication;
  browser: Browser;
  page: Visit;
  verifier: string;
}

async function begin(
  over: Record<string, unknown> = {},
  cca = client(),
  browser = new Browser(sandbox.origin),
): Promise<Attempt> {
  const { verifier, challenge } = await new CryptoProvider().generatePkceCodes();
  const url = await cca.getAuthCodeUrl({
    scopes: graphScopes,
    extraScopesToConsent: [ewsScope],
    redirectUri,
    codeChallenge: challenge,
    codeChallengeMethod: "S256",
    nonce: "the-nonce",
    state: "the-state",
    prompt: "select_account",
    loginHint: "p1@nordlys.example",
    ...over,
  });
  return { cca, browser, page: await browser.get(url), verifier };
}

const target = (visit: Visit): URLSearchParams => {
  const location = visit.headers.get("location");
  if (location === null) throw new Error(`no redirect but ${visit.status}: ${visit.text}`);
  return new URL(location).searchParams;
};

const login = (attempt: Attempt, username = "p1@nordlys.example", password = "right") =>
  attempt.browser.submit(attempt.page, "signin", { username, password });

async function redeem({ cca, verifier }: Attempt, back: URLSearchParams, scopes = graphScopes) {
  expect(back.get("state")).toBe("the-state");
  return cca.acquireTokenByCode(
    {
      code: back.get("code")!,
      scopes,
      redirectUri,
      codeVerifier: verifier,
      nonce: "the-nonce",
      state: "the-state",
    },
    { code: back.get("code")!, state: back.get("state")!, nonce: "the-nonce" },
  );
}

/** Signs person 1 in, accepting what is asked. */
async function connected(cca = client()) {
  const attempt = await begin({}, cca);
  let page = await login(attempt);
  if (page.status === 200) page = await attempt.browser.submit(page, "accept");
  const result = await redeem(attempt, target(page));
  return { ...attempt, result, account: result.account! };
}

const claims = (jwt: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(jwt.split(".")[1]!, "base64url").toString()) as Record<string, unknown>;

const refreshTokens = (cca: ConfidentialClientApplication): string[] =>
  Object.values(
    (JSON.parse(cca.getTokenCache().serialize()) as { RefreshToken: Record<string, { secret: string }> })
      .RefreshToken,
  ).map((each) => each.secret);

async function token(form: Record<string, string>) {
  const answer = await fetch(`${sandbox.origin}/${sampleTenant.id}/oauth2/v2.0/token`, {
    method: "POST",
    body: new URLSearchParams({
      client_id: application().clientId,
      client_secret: application().clientSecrets[0]!,
      ...form,
    }),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

describe("signing in with MSAL through the pages", () => {
  it("asks for the password, then for consent, and gives tokens of one audience with the person's identity", async () => {
    // MSAL leaves `login_hint` out of requests with `prompt=select_account`.
    const attempt = await begin({ prompt: undefined });
    expect(attempt.page.text).toContain('value="p1@nordlys.example"');
    const wrong = await login(attempt, "p1@nordlys.example", "wrong");
    expect(wrong.text).toContain("AADSTS50126");
    const consent = await login(attempt);
    expect(consent.text).toContain("Permissions requested");
    expect(consent.text).toContain("EWS.AccessAsUser.All");
    const result = await redeem(attempt, target(await attempt.browser.submit(consent, "accept")));
    expect(result.tenantId).toBe(sampleTenant.id);
    expect(result.idTokenClaims).toMatchObject({
      iss: `${sandbox.origin}/${sampleTenant.id}/v2.0`,
      tid: sampleTenant.id,
      oid: samplePerson(1).objectId,
      preferred_username: "p1@nordlys.onmicrosoft.example",
      nonce: "the-nonce",
    });
    expect(result.account!.homeAccountId).toBe(`${samplePerson(1).objectId}.${sampleTenant.id}`);
    expect(claims(result.accessToken)).toMatchObject({
      aud: "https://graph.microsoft.com",
      oid: samplePerson(1).objectId,
      tid: sampleTenant.id,
      upn: "p1@nordlys.onmicrosoft.example",
    });
    expect(String(claims(result.accessToken)["scp"]).split(" ").toSorted()).toEqual(graphScopes.toSorted());
  });

  it("asks for consent only once, offers the signed-in account, and lets another be chosen", async () => {
    const first = await connected();
    const again = await begin({}, first.cca, first.browser);
    expect(again.page.text).toContain("Pick an account");
    expect(target(await again.browser.submit(again.page, "continue")).get("code")).toBeTruthy();
    const other = await begin({}, first.cca, first.browser);
    const form = await other.browser.submit(other.page, "other");
    const consent = await other.browser.submit(form, "signin", {
      username: "alias2@nordlys.example",
      password: "right",
    });
    const result = await redeem(other, target(await other.browser.submit(consent, "accept")));
    expect(result.idTokenClaims).toMatchObject({ oid: samplePerson(2).objectId });
  });

  it("answers from the cache, refreshes with rotation, and leaves the old refresh token good", async () => {
    const { cca, account, result } = await connected();
    const silent = await cca.acquireTokenSilent({ account, scopes: graphScopes });
    expect(silent.fromCache).toBe(true);
    const [old] = refreshTokens(cca);
    const forced = await cca.acquireTokenSilent({ account, scopes: graphScopes, forceRefresh: true });
    expect(forced.fromCache).toBe(false);
    expect(forced.accessToken).not.toBe(result.accessToken);
    expect(refreshTokens(cca)).not.toContain(old);
    for (const _ of [1, 2]) {
      const reused = await token({ grant_type: "refresh_token", refresh_token: old!, scope: "User.Read" });
      expect(reused.status).toBe(200);
    }
  });

  it("gives an EWS token from the same grant, which EWS accepts and Graph refuses", async () => {
    const { cca, account, result } = await connected();
    const ews = await cca.acquireTokenSilent({ account, scopes: [ewsScope] });
    expect(claims(ews.accessToken)).toMatchObject({
      aud: "https://outlook.office365.com",
      scp: "EWS.AccessAsUser.All",
    });
    const { tokens } = context;
    const bearer = `Bearer ${ews.accessToken}`;
    expect(tokens.verify(bearer, "https://outlook.office365.com")).toMatchObject({
      person: { associateId: 1 },
    });
    expect(tokens.verify(bearer, "https://graph.microsoft.com")).toHaveProperty("refused");
    expect(tokens.verify(`Bearer ${result.accessToken}`, "https://outlook.office365.com")).toHaveProperty(
      "refused",
    );
    expect(tokens.verify(`${bearer}x`, "https://outlook.office365.com")).toHaveProperty("refused");
    context.clock.advance(3601_000);
    expect(tokens.verify(bearer, "https://outlook.office365.com")).toEqual({
      refused: "the token has expired",
    });
  });

  it("accepts an assertion signed with a registered certificate, and no other", async () => {
    const good = await makeSigningCertificate();
    const bad = await makeSigningCertificate();
    entra.admin.changeApplication(sampleTenant.id, { certificates: [good.certificate] });
    const auth = ({ certificate, key }: typeof good): Partial<NodeAuthOptions> => ({
      clientCertificate: {
        thumbprintSha256: createHash("sha256").update(new X509Certificate(certificate).raw).digest("hex"),
        privateKey: key,
      },
    });
    const { cca, account } = await connected(client(auth(good)));
    await cca.acquireTokenSilent({ account, scopes: graphScopes, forceRefresh: true });
    await cca.acquireTokenSilent({ account, scopes: [ewsScope] });
    await expect(connected(client(auth(bad)))).rejects.toMatchObject({
      errorCode: "invalid_client",
      errorNo: 700027,
    });
  });
});

describe("what an administrator does", () => {
  it("revoked sessions: 50173 invalid_grant as a plain ServerError, tokens refused at once, signing in mends it", async () => {
    const { cca, account, result, browser } = await connected();
    entra.admin.revoke(samplePerson(1));
    expect(
      context.tokens.verify(`Bearer ${result.accessToken}`, "https://graph.microsoft.com"),
    ).toHaveProperty("refused");
    const failed = cca.acquireTokenSilent({ account, scopes: graphScopes, forceRefresh: true });
    await expect(failed).rejects.toMatchObject({
      name: "ServerError",
      errorCode: "invalid_grant",
      errorNo: 50173,
    });
    const again = await begin({}, cca, browser);
    expect(again.page.text).toContain('name="password"');
    const mended = await redeem(again, target(await login(again)));
    expect(
      context.tokens.verify(`Bearer ${mended.accessToken}`, "https://graph.microsoft.com"),
    ).toHaveProperty("person");
    await cca.acquireTokenSilent({ account, scopes: graphScopes, forceRefresh: true });
  });

  it("revoked sessions may leave access tokens alive, as without continuous access evaluation", async () => {
    const { result } = await connected();
    entra.admin.revoke(samplePerson(1), { keepAccessTokens: true });
    expect(
      context.tokens.verify(`Bearer ${result.accessToken}`, "https://graph.microsoft.com"),
    ).toHaveProperty("person");
  });

  it.each<[string, string, () => void]>([
    ["a reset password", "50173", () => void entra.admin.resetPassword(samplePerson(1), "new")],
    ["a disabled account", "50057", () => entra.admin.setEnabled(samplePerson(1), false)],
    ["conditional access", "53003", () => entra.admin.blockByConditionalAccess(samplePerson(1), true)],
    ["withdrawn consent", "65001", () => entra.admin.withdrawConsent(sampleTenant.id, samplePerson(1))],
    ["90 unused days", "700082", () => context.clock.advance(91 * 24 * 3600 * 1000)],
  ])("%s: %s", async (_, code, act) => {
    const { cca } = await connected();
    const [refreshToken] = refreshTokens(cca);
    act();
    const { status, body } = await token({
      grant_type: "refresh_token",
      refresh_token: refreshToken!,
      scope: "User.Read",
    });
    expect(status).toBe(400);
    expect(body).toMatchObject({
      error: code === "53003" ? "interaction_required" : "invalid_grant",
      error_codes: [Number(code)],
      error_description: expect.stringMatching(
        new RegExp(`^AADSTS${code}: .* Trace ID: .* Correlation ID: `),
      ) as string,
    });
    expect(Object.keys(body)).toEqual(expect.arrayContaining(["trace_id", "correlation_id", "timestamp"]));
  });

  it("admin consent required: the person is told, the client gets 90094; once granted, no question is asked", async () => {
    entra.admin.requireAdminConsent(sampleTenant.id, true);
    const attempt = await begin();
    const page = await login(attempt);
    expect(page.text).toContain("Need admin approval");
    const back = target(await attempt.browser.submit(page, "back"));
    expect(back.get("error")).toBe("access_denied");
    expect(back.get("error_description")).toContain("AADSTS90094");
    expect(back.get("state")).toBe("the-state");
    const query = new URLSearchParams({
      client_id: application().clientId,
      redirect_uri: redirectUri,
      state: "s",
    });
    const browser = new Browser(sandbox.origin);
    const review = await browser.get(`${sandbox.origin}/${sampleTenant.id}/adminconsent?${query}`);
    expect(target(await browser.submit(review, "accept")).get("admin_consent")).toBe("True");
    const second = await begin();
    await redeem(second, target(await login(second)));
  });

  it("conditional access and disabled accounts stop at the sign-in page", async () => {
    entra.admin.blockByConditionalAccess(samplePerson(1), true);
    const attempt = await begin();
    const blocked = await login(attempt);
    expect(blocked.text).toContain("You cannot access this right now");
    expect(target(await attempt.browser.submit(blocked, "blocked")).get("error_description")).toContain(
      "AADSTS53003",
    );
    entra.admin.setEnabled(samplePerson(2), false);
    const second = await begin();
    expect((await login(second, "p2@nordlys.example")).text).toContain("AADSTS50057");
  });
});

describe("refusals", () => {
  it("declining ends in access_denied with the state", async () => {
    const attempt = await begin();
    const back = target(await attempt.browser.submit(await login(attempt), "decline"));
    expect(back.get("error")).toBe("access_denied");
    expect(back.get("error_description")).toContain("AADSTS65004");
    expect(back.get("state")).toBe("the-state");
  });

  it("a token request that mixes resources: AADSTS700022", async () => {
    const attempt = await begin();
    const back = target(await attempt.browser.submit(await login(attempt), "accept"));
    const mixed = redeem(attempt, back, [...graphScopes, ewsScope]);
    await expect(mixed).rejects.toMatchObject({ errorNo: 700022 });
  });

  it("a code is good once, and only with its verifier", async () => {
    const attempt = await begin();
    const code = target(await attempt.browser.submit(await login(attempt), "accept")).get("code")!;
    const form = { grant_type: "authorization_code", code, redirect_uri: redirectUri, scope: "User.Read" };
    const guessed = await token({ ...form, code_verifier: "x".repeat(43) });
    expect(guessed.body).toMatchObject({ error: "invalid_grant", error_codes: [501481] });
    expect((await token({ ...form, code_verifier: attempt.verifier })).status).toBe(200);
    expect((await token({ ...form, code_verifier: attempt.verifier })).body).toMatchObject({
      error_codes: [54005],
    });
  });

  it("wrong secret, unknown application, unknown redirect address, unknown token", async () => {
    const refresh = { grant_type: "refresh_token", refresh_token: "nonsense", scope: "User.Read" };
    expect(await token({ ...refresh, client_secret: "wrong" })).toMatchObject({
      status: 401,
      body: { error: "invalid_client", error_codes: [7000215] },
    });
    expect((await token({ ...refresh, client_id: "unknown" })).body).toMatchObject({ error_codes: [700016] });
    expect((await token(refresh)).body).toMatchObject({ error: "invalid_grant", error_codes: [70000] });
    const elsewhere = await begin({ redirectUri: "https://evil.example/register/callback" });
    expect(elsewhere.page.status).toBe(400);
    expect(elsewhere.page.text).toContain("AADSTS50011");
    entra.admin.changeApplication(sampleTenant.id, {
      redirectUris: ["https://sync.example/register/callback"],
    });
    const registered = await begin({ redirectUri: "https://sync.example/register/callback" });
    expect(registered.page.text).toContain("Sign in");
  });
});

describe("Graph's /me", () => {
  async function get(path: string, bearer: string | undefined) {
    const answer = await fetch(`${sandbox.origin}/v1.0${path}`, {
      headers: bearer === undefined ? {} : { authorization: `Bearer ${bearer}` },
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  }

  it("tells the person, honours $select, and wants a Graph token", async () => {
    const { result, cca, account } = await connected();
    const plain = await get("/me", result.accessToken);
    expect(plain.body).toMatchObject({ id: samplePerson(1).objectId, mail: "p1@nordlys.example" });
    expect(plain.body).not.toHaveProperty("proxyAddresses");
    const chosen = await get("/me?$select=id,proxyAddresses,userType", result.accessToken);
    expect(chosen.body).toMatchObject({ userType: "Member", proxyAddresses: samplePerson(1).proxyAddresses });
    expect(chosen.body).not.toHaveProperty("mail");
    expect((await get("/me?$select=nonsense", result.accessToken)).status).toBe(400);
    expect(await get("/me", undefined)).toMatchObject({
      status: 401,
      body: { error: { code: "InvalidAuthenticationToken" } },
    });
    const ews = await cca.acquireTokenSilent({ account, scopes: [ewsScope] });
    expect((await get("/me", ews.accessToken)).status).toBe(401);
  });

  it("tells the mailbox settings, or that there is no mailbox", async () => {
    const { result } = await connected();
    const settings = await get("/me/mailboxSettings", result.accessToken);
    expect(settings.body).toMatchObject({ timeZone: "W. Europe Standard Time" });
    context.directory.save(
      samplePerson(1, { capabilities: { ...samplePerson(1).capabilities, mailbox: false } }),
    );
    expect(await get("/me/mailboxSettings", result.accessToken)).toMatchObject({
      status: 404,
      body: { error: { code: "MailboxNotEnabledForRESTAPI" } },
    });
  });
});
