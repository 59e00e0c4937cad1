import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { UserId } from "../../core/ids.ts";
import { createBrowser, titleOf } from "./browser.ts";
import { startInstallation, type Installation, type SandboxPerson } from "./installation.ts";
import { atCallback, createInvitees, linkIn, type Invitees } from "./invitees.ts";

describe("registration", () => {
  let everlink: Installation;
  let north: Invitees;

  beforeAll(async () => {
    everlink = await startInstallation();
    north = await createInvitees(everlink, "north");
  });
  afterAll(() => everlink.close());

  it("goes all the way: invite, mail, page, sign-in, mailbox, link, token", async () => {
    const person = north.somebody();
    const answer = await north.api.post<{ results: { userId: string }[] }>("/invitations", {
      associateIds: [person.associateId],
      subject: "Your diary",
      message: "Dear all,\n\nplease sign in.",
      senderName: "Ada Holm, IT",
    });
    const { userId } = answer.body.results[0]!;
    await everlink.carryOut(north.organizationId, userId);
    const [mail, ...others] = await north.mailsTo(person.address);
    expect(others).toEqual([]);
    expect(mail!.subject).toBe("Your diary");
    expect(mail!.text).toContain("please sign in.");
    expect((await north.detailOf(userId)).user.invitation?.state).toBe("accepted");

    const browser = createBrowser();
    const back = await browser.signIn(await north.begin(browser, linkIn(mail!.text)), person);
    expect(titleOf(back)).toBe("You are connected");
    await everlink.carryOut(north.organizationId, userId);
    const detail = await north.detailOf(userId);
    expect(detail.user.state).toBe("registered");
    expect(detail.user.invitation?.state).toBe("registered");
    expect(detail.mailbox?.address).toBe(person.address);

    const linked = await north.api.post(`/users/${userId}/link`, {
      settings: { diary: { direction: "two-way" } },
    });
    expect(linked.status).toBe(202);
    await everlink.carryOut(north.organizationId, userId);
    expect((await north.detailOf(userId)).user.state).toBe("syncing");

    const user = { organizationId: north.organizationId, userId: userId as UserId, resource: "ews" as const };
    const token = await everlink.entra.accessToken(user, AbortSignal.timeout(10_000));
    expect(await everlink.entra.accessToken(user, AbortSignal.timeout(10_000))).toBe(token);
    expect(await everlink.entra.accessToken({ ...user, force: true }, AbortSignal.timeout(10_000))).not.toBe(
      token,
    );
  });

  it("works by typing the code, in any spelling, and refuses others with the same words", async () => {
    const person = north.somebody();
    const { userId, code } = await north.invited(person);
    const browser = createBrowser();
    const form = await browser.get(`${everlink.publicUrl}/register/code`);
    for (const wrong of ["", "nonsense", "0000-0000-0000", `${code}0`]) {
      const refused = await browser.submit(form, { code: wrong });
      expect(titleOf(refused)).toBe("Type your code");
      expect(refused.html).toContain("This code does not work.");
    }
    const page = await browser.submit(form, {
      code: code.toLowerCase().replaceAll("-", " ").replaceAll("0", "o").replaceAll("1", "l"),
    });
    expect(titleOf(page)).toBe("Keep your diary in sync");
    const back = await browser.signIn(await browser.submit(page), person);
    expect(titleOf(back)).toBe("You are connected");
    expect(await north.tokens(userId)).toBe(1);
  });

  it("changes nothing by GET and HEAD: a mail scanner leaves the link as it was", async () => {
    const person = north.somebody();
    const { userId, link } = await north.invited(person);
    for (let visits = 0; visits < 5; visits += 1) {
      await (await fetch(link)).text();
      await fetch(link, { method: "HEAD" });
    }
    expect((await north.detailOf(userId)).user.invitation?.state).toBe("accepted");
    const browser = createBrowser();
    expect(titleOf(await browser.signIn(await north.begin(browser, link), person))).toBe("You are connected");
    await everlink.carryOut(north.organizationId, userId);
    expect(titleOf(await createBrowser().get(link))).toBe("You are connected already");
  });

  describe("two browsers", () => {
    let person: SandboxPerson;
    let other: SandboxPerson;
    let userId: string;
    let link: string;
    beforeAll(async () => {
      person = north.somebody();
      other = north.somebody();
      ({ userId, link } = await north.invited(person));
    });

    it.each([
      ["the invited person, in a browser that never began", () => person, false],
      ["the invited person, in a browser that began on its own", () => person, true],
      ["somebody else, in a browser that never began", () => other, false],
      ["somebody else, in a browser that began on its own", () => other, true],
    ] as const)("stores nothing when one begins and another finishes: %s", async (_, account, alsoBegan) => {
      const starter = createBrowser();
      const finisher = createBrowser();
      if (alsoBegan) await north.begin(finisher, link);
      const microsoft = await north.begin(starter, link);
      const stopped = await starter.signIn(microsoft, account(), { stop: atCallback });
      expect(stopped.url).toContain("/register/callback");
      expect(titleOf(await finisher.get(stopped.url))).toBe("Please start again");
      expect(await north.tokens(userId)).toBe(0);
      expect((await north.detailOf(userId)).attempts).toEqual([]);
    });

    it("stores nothing when another person signs in, shows both accounts, and tells the administrator", async () => {
      const browser = createBrowser();
      const page = await browser.signIn(await north.begin(browser, link), other);
      expect(titleOf(page)).toBe("This is another account");
      expect(page.html).toContain(other.address);
      expect(page.html).toContain(person.address);
      expect(await north.tokens(userId)).toBe(0);
      expect((await north.detailOf(userId)).attempts[0]).toMatchObject({
        outcome: "registration.wrong-account",
        signedInAs: other.address,
      });
      // The page's own button leads to the right account.
      const again = await browser.signIn(await browser.submit(page), person);
      expect(titleOf(again)).toBe("You are connected");
      expect(await north.tokens(userId)).toBe(1);
    });

    it("consumes nothing twice when a callback is replayed, in either browser", async () => {
      const late = north.somebody();
      const fresh = await north.invited(late);
      const browser = createBrowser();
      const stopped = await browser.signIn(await north.begin(browser, fresh.link), late, {
        stop: atCallback,
      });
      const first = await browser.get(stopped.url);
      expect(titleOf(first)).toBe("You are connected");
      const commands = async () =>
        await everlink.database.inOrganization(
          north.organizationId,
          (tx) => tx`select command_id from command where user_id = ${fresh.userId} and kind = 'register'`,
        );
      expect(await commands()).toHaveLength(1);
      expect(titleOf(await browser.get(stopped.url))).toBe("You are connected already");
      expect(titleOf(await createBrowser().get(stopped.url))).toBe("Please start again");
      expect(await commands()).toHaveLength(1);
    });
  });
});
