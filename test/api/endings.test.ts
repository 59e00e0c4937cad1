import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { UserId } from "../../core/ids.ts";
import { createBrowser, titleOf } from "./browser.ts";
import { startInstallation, type Installation } from "./installation.ts";
import { createInvitees, linkIn, type Invitees } from "./invitees.ts";

describe("endings of a registration", () => {
  let everlink: Installation;
  let north: Invitees;

  beforeAll(async () => {
    everlink = await startInstallation();
    north = await createInvitees(everlink, "north");
  });
  afterAll(() => everlink.close());

  it("declined: stores nothing, and the same link works when the mind has changed", async () => {
    const person = north.somebody();
    const { userId, link } = await north.invited(person);
    const browser = createBrowser();
    const page = await browser.signIn(await north.begin(browser, link), person, { consent: "decline" });
    expect(titleOf(page)).toBe("You did not allow the access");
    expect(await north.tokens(userId)).toBe(0);
    expect(titleOf(await browser.signIn(await browser.submit(page), person))).toBe("You are connected");
  });

  it("admin approval needed: a text to forward, and afterwards the same link works", async () => {
    const person = north.somebody();
    const { userId, link } = await north.invited(person);
    const browser = createBrowser();
    await everlink.control("entra/require-admin-consent", { required: true });
    try {
      const page = await browser.signIn(await north.begin(browser, link), person);
      expect(titleOf(page)).toBe("Your administrator has to approve first");
      expect(page.html).toContain("/adminconsent?client_id=");
      expect(page.html).toContain("entra.admin-consent-required");
      expect(await north.tokens(userId)).toBe(0);
      await everlink.control("entra/grant-admin-consent", {});
      expect(titleOf(await browser.signIn(await browser.submit(page), person))).toBe("You are connected");
    } finally {
      await everlink.control("entra/require-admin-consent", { required: false });
    }
  });

  it("expired and unknown links look the same, to the letter", async () => {
    const { userId, link } = await north.invited(north.somebody());
    await everlink.database.inOrganization(
      north.organizationId,
      (tx) => tx`update invitation set expires_at = now() - interval '1 second' where user_id = ${userId}`,
    );
    const browser = createBrowser();
    const expired = await browser.get(link);
    const unknown = await browser.get(`${everlink.publicUrl}/register/${"x".repeat(43)}`);
    expect(titleOf(expired)).toBe("This link does not work any more");
    expect(expired.status).toBe(unknown.status);
    const bare = (html: string) => html.replace(/nonce="[^"]*"/g, "");
    expect(bare(expired.html)).toBe(bare(unknown.html));
    const pressed = await fetch(link, { method: "POST", redirect: "manual" });
    expect(pressed.status).toBe(404);
  });

  it("revoked: says so, and a sign-in that was under way stores nothing", async () => {
    const person = north.somebody();
    const { userId, invitationId, link } = await north.invited(person);
    const browser = createBrowser();
    const microsoft = await north.begin(browser, link);
    expect((await north.api.post(`/invitations/${invitationId}/revoke`)).status).toBe(202);
    expect(titleOf(await createBrowser().get(link))).toBe("This invitation was withdrawn");
    expect(titleOf(await browser.signIn(microsoft, person))).toBe("This invitation was withdrawn");
    expect(await north.tokens(userId)).toBe(0);
    await everlink.carryOut(north.organizationId, userId);
    expect((await north.detailOf(userId)).user.state).toBe("ended");
  });

  it("guest: refused though the address fits", async () => {
    const person = north.somebody();
    const { userId, link } = await north.invited(person);
    await everlink.control("entra/user-type", { associateId: person.associateId, userType: "Guest" });
    const browser = createBrowser();
    const page = await browser.signIn(await north.begin(browser, link), person);
    expect(page.html).toContain("is a guest of the Microsoft tenant");
    expect(await north.tokens(userId)).toBe(0);
  });

  it("no mailbox: says who has to act", async () => {
    const person = north.somebody();
    const { userId, link } = await north.invited(person);
    await everlink.control("people", { associateId: person.associateId, capabilities: { mailbox: false } });
    const browser = createBrowser();
    const page = await browser.signIn(await north.begin(browser, link), person);
    expect(titleOf(page)).toBe("This account has no mailbox");
    expect(await north.tokens(userId)).toBe(0);
  });

  it("conditional access: tells what Microsoft said", async () => {
    const person = north.somebody();
    const { userId, link } = await north.invited(person);
    await everlink.control("entra/conditional-access", { associateId: person.associateId, blocked: true });
    const browser = createBrowser();
    const page = await browser.signIn(await north.begin(browser, link), person);
    expect(titleOf(page)).toBe("Microsoft did not let Everlink in");
    expect(page.html).toContain("entra.conditional-access");
    expect(await north.tokens(userId)).toBe(0);
  });

  it.each(["token", "GET /me"])(
    "trouble at %s: nothing is lost, and the page's button goes on",
    async (operation) => {
      const person = north.somebody();
      const { userId, link } = await north.invited(person);
      const browser = createBrowser();
      const microsoft = await north.begin(browser, link);
      const system = operation === "token" ? "entra" : "graph";
      await everlink.control("faults", {
        system,
        operation,
        effect: { kind: "status", status: 503 },
        times: 1,
      });
      const page = await browser.signIn(microsoft, person);
      expect(titleOf(page)).toBe("Microsoft does not answer just now");
      expect(await north.tokens(userId)).toBe(0);
      expect(titleOf(await browser.signIn(await browser.submit(page), person))).toBe("You are connected");
    },
  );

  it("a renamed person signs in again as the same person; another with the old address does not", async () => {
    const person = north.somebody();
    const imposter = north.somebody();
    const { userId, link } = await north.invited(person);
    const browser = createBrowser();
    await browser.signIn(await north.begin(browser, link), person);
    await everlink.carryOut(north.organizationId, userId);
    const user = { organizationId: north.organizationId, userId: userId as UserId, resource: "ews" as const };

    await everlink.control("entra/revoke", { associateId: person.associateId });
    await expect(
      everlink.entra.accessToken({ ...user, force: true }, AbortSignal.timeout(10_000)),
    ).rejects.toMatchObject({
      code: "entra.grant-revoked",
    });
    expect((await north.api.post(`/users/${userId}/reauth`)).status).toBe(202);
    await everlink.carryOut(north.organizationId, userId);
    const mail = (await north.mailsTo(person.address)).find((each) => each.subject.includes("sign in again"));
    const again = linkIn(mail!.text);

    await everlink.control("people", {
      associateId: person.associateId,
      address: `renamed.${person.address}`,
      userPrincipalName: `renamed.${person.address}`,
      proxyAddresses: [`SMTP:renamed.${person.address}`],
    });
    await everlink.control("people", {
      associateId: imposter.associateId,
      proxyAddresses: [`SMTP:${person.address}`],
    });

    const wrong = createBrowser();
    const refused = await wrong.signIn(await north.begin(wrong, again), imposter);
    expect(titleOf(refused)).toBe("This is another account");

    const right = createBrowser();
    const page = await right.get(again);
    expect(titleOf(page)).toBe("Please sign in again");
    const renamed = { ...person, userPrincipalName: `renamed.${person.address}` };
    expect(titleOf(await right.signIn(await right.submit(page), renamed))).toBe("You are signed in again");
    expect(
      await everlink.entra.accessToken({ ...user, force: true }, AbortSignal.timeout(10_000)),
    ).toBeTruthy();
    expect(await north.tokens(userId)).toBe(1);
  });

  it("keeps every page locked down: no script, no frame, no store, nowhere to send a form but home and Microsoft", async () => {
    const { link } = await north.invited(north.somebody());
    const { headers } = await createBrowser().get(link);
    const policy = headers.get("content-security-policy")!;
    expect(policy).toContain(`form-action 'self' ${everlink.sandbox.origin};`);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/script-src|unsafe/);
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  });

  it("begins nothing for a form of another site", async () => {
    const { userId, link } = await north.invited(north.somebody());
    for (const headers of [{ origin: "https://evil.example" }, { "sec-fetch-site": "cross-site" }]) {
      const answer = await fetch(link, { method: "POST", headers, redirect: "manual" });
      expect(answer.status).toBe(403);
    }
    expect((await north.detailOf(userId)).user.invitation?.state).toBe("accepted");
  });
});
