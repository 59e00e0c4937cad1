import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { OrganizationId, UserId } from "../../core/ids.ts";
import { createBrowser, titleOf } from "./browser.ts";
import { createClient, type Client } from "./client.ts";
import { startInstallation, type Installation, type SandboxPerson } from "./installation.ts";

interface Invited {
  results: { userId: string; invitationId: string; commandId: string }[];
}

describe("from invitation to mailbox", () => {
  let everlink: Installation;
  let organizationId: OrganizationId;
  let api: Client;
  let people: SandboxPerson[];

  beforeAll(async () => {
    everlink = await startInstallation();
    organizationId = await everlink.organization("north");
    api = createClient(everlink.publicUrl, await everlink.token(organizationId, "administrator"));
    people = await everlink.people();
  });
  afterAll(() => everlink.close());

  it("goes all the way: invite, mail, page, sign-in, mailbox, link, token", async () => {
    const person = people[0]!;
    const invited = await api.post<Invited>("/invitations", {
      associateIds: [person.associateId],
      message: "Dear all,\n\nplease sign in.",
    });
    expect(invited.status).toBe(200);
    const { userId } = invited.body.results[0]!;
    await everlink.carryOut(organizationId, userId);

    const mails = (await (
      await fetch(`${everlink.sandbox.origin}/mail/messages?to=${person.address}`)
    ).json()) as { id: number; text: string }[];
    expect(mails).toHaveLength(1);
    const mail = (await (await fetch(`${everlink.sandbox.origin}/mail/messages/${mails[0]!.id}`)).json()) as {
      text: string;
    };
    const link = /http:\/\/localhost:\d+\/register\/[\w-]{43}/.exec(mail.text)![0];

    const browser = createBrowser();
    const page = await browser.get(link);
    expect(titleOf(page)).toBe("Keep your diary in sync");
    const microsoft = await browser.submit(page);
    const back = await browser.signIn(microsoft, person);
    expect(titleOf(back)).toBe("You are connected");
    await everlink.carryOut(organizationId, userId);

    const detail = await api.get<{ user: { state: string }; mailbox: { id: string; address: string } }>(
      `/users/${userId}`,
    );
    expect(detail.body.user.state).toBe("registered");
    expect(detail.body.mailbox.address).toBe(person.address);

    const linked = await api.post(`/users/${userId}/link`, { settings: { diary: { direction: "two-way" } } });
    expect(linked.status).toBe(202);
    await everlink.carryOut(organizationId, userId);
    expect((await api.get<{ user: { state: string } }>(`/users/${userId}`)).body.user.state).toBe("syncing");

    const token = await everlink.entra.accessToken(
      { organizationId, userId: userId as UserId, resource: "ews" },
      AbortSignal.timeout(10_000),
    );
    expect(token.length).toBeGreaterThan(20);
    const forced = await everlink.entra.accessToken(
      { organizationId, userId: userId as UserId, resource: "ews", force: true },
      AbortSignal.timeout(10_000),
    );
    expect(forced).not.toBe(token);
  });
});
