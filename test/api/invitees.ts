import type { OrganizationId } from "../../core/ids.ts";
import type { Browser, Page } from "./browser.ts";
import { createClient } from "./client.ts";
import type { Installation, SandboxPerson } from "./installation.ts";

interface Invited {
  results: { userId: string; invitationId: string; commandId: string }[];
}

export interface Detail {
  user: { state: string; invitation: { id: string; state: string } | null };
  mailbox: { id: string; address: string } | null;
  attempts: { outcome: string; signedInAs: string | null }[];
}

export interface ReceivedMail {
  id: number;
  text: string;
  subject: string;
  html: string;
}

/** An organization whose people are invited one after the other, each test its own. */
export async function createInvitees(everlink: Installation, slug: string) {
  const organizationId: OrganizationId = await everlink.organization(slug);
  const api = createClient(everlink.publicUrl, await everlink.token(organizationId, "administrator"));
  const people = await everlink.people();
  let next = 0;

  return {
    organizationId,
    api,

    /** Somebody whom no test has used yet. */
    somebody(): SandboxPerson {
      const person = people[next++];
      if (!person) throw new Error("the sample company is too small for these tests");
      return person;
    },

    /** Invited, mailed, and with a link and a code at hand. */
    async invited(person: SandboxPerson, body: Record<string, unknown> = {}) {
      const answer = await api.post<Invited>("/invitations", { associateIds: [person.associateId], ...body });
      const [result] = answer.body.results;
      if (!result) throw new Error(`not invited: ${JSON.stringify(answer.body)}`);
      const { userId, invitationId } = result;
      await everlink.carryOut(organizationId, userId);
      const minted = await api.post<{ link: string; code: string }>(`/invitations/${invitationId}/links`);
      return { userId, invitationId, ...minted.body };
    },

    async mailsTo(address: string): Promise<ReceivedMail[]> {
      const read = async <Body>(path: string) =>
        (await (await fetch(`${everlink.sandbox.origin}/mail/messages${path}`)).json()) as Body;
      const list = await read<{ id: number }[]>(`?to=${encodeURIComponent(address)}`);
      return await Promise.all(list.map(({ id }) => read<ReceivedMail>(`/${id}`)));
    },

    async detailOf(userId: string): Promise<Detail> {
      return (await api.get<Detail>(`/users/${userId}`)).body;
    },

    /** How many permissions are stored for a user. */
    async tokens(userId: string): Promise<number> {
      return await everlink.database.inOrganization(organizationId, async (tx) => {
        const [row] = await tx<{ count: number }[]>`
          select count(*)::integer as count from vault_entry where purpose = 'msal' and user_id = ${userId}`;
        return row?.count ?? 0;
      });
    },

    /** Opens the link and presses the button. */
    begin: async (browser: Browser, link: string): Promise<Page> =>
      await browser.submit(await browser.get(link)),
  };
}

export type Invitees = Awaited<ReturnType<typeof createInvitees>>;

export function linkIn(text: string): string {
  return /http:\/\/localhost:\d+\/register\/[\w-]{43}/.exec(text)?.[0] ?? "";
}

export const atCallback = (url: string): boolean => url.includes("/register/callback");
