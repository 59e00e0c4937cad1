import type { Everlink } from "./everlink.ts";
import type { Installation } from "./installation.ts";
import { isFor, linkOf, register } from "./registration.ts";
import { until, verify } from "./report.ts";
import type { Person, Sandbox } from "./sandbox.ts";

/** Long enough for a company on a busy machine. */
const patienceMs = 300_000;

export interface Company {
  installation: Installation;
  sandbox: Sandbox;
  everlink: Everlink;
}

/** Puts living mailboxes behind Microsoft Graph; whose permission does not cover it signs in once more, asked by mail. */
export async function putOnGraph(company: Company, people: readonly Person[]): Promise<number> {
  const { everlink } = company;
  const mailsBefore = new Map<number, number>();
  for (const person of people) {
    mailsBefore.set(person.associateId, (await mailsOf(company, person)).length);
    const { userId } = await everlink.row(person.associateId);
    await everlink.switchBackend(userId!, "graph");
  }
  let signedIn = 0;
  for (const person of people) {
    const { userId } = await everlink.row(person.associateId);
    const isOver = async () => (await everlink.user(userId!)).mailbox?.backend === "graph";
    const state = await until(
      `${person.address} has gone over, or is asked to sign in`,
      async () => {
        if (await isOver()) return "over" as const;
        return (await everlink.row(person.associateId)).state === "needs-reauth" && ("asked" as const);
      },
      patienceMs,
      1_000,
    );
    if (state === "asked") {
      await signInAgain(company, person, mailsBefore.get(person.associateId)!);
      signedIn += 1;
    }
    await until(`${person.address} is behind Graph`, isOver, patienceMs, 1_000);
  }
  return signedIn;
}

/** Takes the first of the mails after those `before` that has a link to sign in, and follows it. */
export async function signInAgain(company: Company, person: Person, before: number): Promise<void> {
  const { origin } = company.installation;
  const mail = await until(`${person.address} has a mail to sign in again`, async () =>
    (await mailsOf(company, person)).slice(before).find((each) => /register\//.test(linkOf(each, origin))),
  );
  const page = await register({ link: linkOf(mail, origin) }, person);
  verify(page.status === 200, `${person.address} has signed in again`);
}

/** In the order in which they came. */
export async function mailsOf({ sandbox }: Company, person: Person) {
  const mails = (await sandbox.mails(person.address)).filter((mail) => isFor(mail, person));
  return mails.toSorted((a, b) => (a.date < b.date ? -1 : 1));
}
