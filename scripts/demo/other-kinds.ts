import type { Company } from "./graph-mailboxes.ts";
import { oneLine } from "./compare.ts";
import { killInTheMiddle } from "./installation.ts";
import { until, verify } from "./report.ts";
import type { Contact, Person, Side, Task } from "./sandbox.ts";

const patienceMs = 600_000;
const sides = ["superoffice", "exchange"] as const;

/** One person, and whether the mailbox is behind Graph: To Do has no word for "private". */
export interface Owner {
  person: Person;
  onGraph: boolean;
}

/** Tasks go both ways and contacts to the mailbox, for everybody, until both systems say the same. */
export async function switchOn(company: Company, owners: readonly Owner[]) {
  const { everlink, sandbox } = company;
  const own = new Map<number, number>();
  for (const { person } of owners) {
    own.set(person.associateId, (await sandbox.contacts("exchange", person.associateId)).length);
    const { userId } = await everlink.row(person.associateId);
    await everlink.changeSettings(userId!, {
      tasks: { direction: "two-way" },
      contacts: { direction: "crm-to-mailbox" },
    });
  }
  await untilSame(company, owners);
  const total = { ews: { tasks: 0, contacts: 0 }, graph: { tasks: 0, contacts: 0 } };
  for (const { person, onGraph } of owners) {
    const counts = total[onGraph ? "graph" : "ews"];
    counts.tasks += (await sandbox.tasks("superoffice", person.associateId)).filter(isSynced).length;
    const persons = (await sandbox.contacts("superoffice", person.associateId)).length;
    const now = (await sandbox.contacts("exchange", person.associateId)).length;
    verify(
      now === own.get(person.associateId)! + persons,
      `${person.address} has every contact once (${now} of ${own.get(person.associateId)!} and ${persons})`,
    );
    counts.contacts += persons;
  }
  return total;
}

/** Edits of people on both sides, and deletes: every one must arrive, once. */
export async function editOtherKinds(company: Company, owners: readonly Owner[]) {
  const { installation, sandbox } = company;
  const wanted: { associateId: number; subject: string; there: boolean }[] = [];
  const edited = { superoffice: 0, exchange: 0, contacts: 0, copies: 0 };
  const deleted = { superoffice: 0, exchange: 0 };
  for (const { person } of owners) {
    const { associateId } = person;
    for (const side of sides) {
      const tasks = (await sandbox.tasks(side, associateId)).filter(
        (task) => isSynced(task) && !task.private && !/ task \d/.test(task.subject),
      );
      const mine = tasks.filter((task) => sideOf(task) === side);
      const [gone, ...others] = mine.toSorted((a, b) => (a.subject < b.subject ? -1 : 1)).slice(0, 4);
      for (const task of others) {
        const subject = `${side} task ${edited[side]}`;
        const due = dayAfter(task.due);
        await change(company, side, associateId, { id: task.id, item: { subject, due, importance: "high" } });
        wanted.push({ associateId, subject, there: true });
        edited[side] += 1;
      }
      const all = await Promise.all(sides.map((each) => sandbox.tasks(each, associateId)));
      const isUnique = (each: Task[]) => each.filter(({ subject }) => subject === gone?.subject).length === 1;
      if (gone === undefined || !all.every(isUnique)) continue;
      await sandbox.editKind(side, associateId, "task", { action: "delete", id: gone.id });
      wanted.push({ associateId, subject: gone.subject, there: false });
      deleted[side] += 1;
    }
    if (await retitle(company, "superoffice", associateId, "Head of everything")) edited.contacts += 1;
    // A copy is the subscriber's, not its content: what is written into it is taken back.
    if (await retitle(company, "exchange", associateId, "Not their job", copyOf)) edited.copies += 1;
  }
  const killed = await killInTheMiddle(installation);
  await until(
    "every edit and delete of a task has arrived",
    async () => {
      for (const { associateId, subject, there } of wanted) {
        for (const side of sides) {
          const count = (await sandbox.tasks(side, associateId)).filter(
            (task) => oneLine(task.subject) === oneLine(subject),
          ).length;
          if (count !== (there ? 1 : 0)) return false;
        }
      }
      return true;
    },
    patienceMs,
    2_000,
  );
  await untilSame(company, owners);
  return { edited, deleted, killed };
}

/** What is written into a copy goes to SuperOffice where the setting says so; nothing is made there or deleted. */
export async function contactsBothWays(company: Company, owners: readonly Owner[]) {
  const { everlink, sandbox } = company;
  const before = new Map<number, number>();
  for (const { person } of owners) {
    before.set(person.associateId, (await sandbox.contacts("superoffice", person.associateId)).length);
    const { userId } = await everlink.row(person.associateId);
    await everlink.changeSettings(userId!, { contacts: { direction: "two-way" } });
  }
  const edited: Contact[] = [];
  for (const { person } of owners) {
    const contact = await retitle(company, "exchange", person.associateId, "Chief of staff", copyOf);
    if (contact) edited.push(contact);
  }
  verify(edited.length > 0, "a contact was edited in a mailbox");
  await untilSame(company, owners);
  const titles: string[] = [];
  for (const { person } of owners) {
    const persons = await sandbox.contacts("superoffice", person.associateId);
    verify(
      persons.length === before.get(person.associateId),
      `${person.address} has as many persons as before`,
    );
    titles.push(...persons.map(({ jobTitle }) => jobTitle));
  }
  verify(
    titles.filter((title) => title === "Chief of staff").length === edited.length,
    "every edit of a contact is in SuperOffice, once",
  );
  return { people: owners.length, edited: edited.length };
}

type Pick = (contacts: readonly Contact[], persons: readonly Contact[]) => Contact | undefined;

/** The copy of the last person: nobody edits that one in SuperOffice. */
const copyOf: Pick = (contacts, persons) => {
  const person = persons.length > 1 ? persons.at(-1) : undefined;
  return person && contacts.find((each) => contactAsSeen(each) === contactAsSeen(person));
};

async function retitle(
  { sandbox }: Company,
  side: Side,
  associateId: number,
  jobTitle: string,
  pick: Pick = ([first]) => first,
): Promise<Contact | undefined> {
  const [contacts, persons] = [
    await sandbox.contacts(side, associateId),
    await sandbox.contacts("superoffice", associateId),
  ];
  const contact = pick(contacts, persons);
  if (contact)
    await sandbox.editKind(side, associateId, "contact", {
      action: "change",
      id: contact.id,
      item: { jobTitle },
    });
  return contact;
}

/** Waits until tasks are the same on both sides, and every person of SuperOffice is in the mailbox. */
export async function untilSame({ sandbox }: Company, owners: readonly Owner[]): Promise<void> {
  let different = "";
  await until(
    "tasks and contacts are the same on both sides",
    async () => {
      for (const owner of owners) {
        const { associateId, address } = owner.person;
        const [crm, mailbox] = await Promise.all(sides.map((side) => sandbox.tasks(side, associateId)));
        const [here, there] = [crm!, mailbox!].map((tasks) => bagOf(tasks.filter(isSynced), owner));
        different = `${address}: tasks ${here?.find((each) => !there?.includes(each)) ?? there?.find((each) => !here?.includes(each))}`;
        if (here!.join("\n") !== there!.join("\n")) return false;
        const copies = (await sandbox.contacts("exchange", associateId)).map(contactAsSeen);
        const missing = (await sandbox.contacts("superoffice", associateId))
          .map(contactAsSeen)
          .find((each) => !copies.includes(each));
        different = `${address}: contact ${missing}`;
        if (missing !== undefined) return false;
      }
      return true;
    },
    patienceMs,
    2_000,
  ).catch((error: unknown) => {
    throw new Error(`${(error as Error).message} ${different}`);
  });
}

function bagOf(tasks: readonly Task[], owner: Owner): string[] {
  return tasks.map((task) => taskAsSeen(task, owner)).toSorted((a, b) => (a < b ? -1 : 1));
}

/** What both systems hold in full; of a private task of the mailbox SuperOffice learns when, not what. */
function taskAsSeen(task: Task, { onGraph }: Owner): string {
  const { due, status, importance } = task;
  const hidden = task.private && !onGraph;
  const said = hidden ? ["Private", ""] : [oneLine(task.subject), plain(task.body)];
  return JSON.stringify([...said, due, status === "completed", importance]);
}

function contactAsSeen({ givenName, surname, jobTitle, emails, phones }: Contact): string {
  const mobile = phones.find(({ kind }) => kind === "mobile")?.number.replaceAll(/[^\d+]/g, "") ?? "";
  return JSON.stringify([givenName, surname, jobTitle, ...emails, mobile].map(oneLine));
}

const plain = (text: string) =>
  text
    .replaceAll("\r\n", "\n")
    .replaceAll(/[^\S\n]+$/gm, "")
    .trimEnd();

/** Who edits it: the same for both copies of a task, so that nobody edits what the other side does. */
function sideOf({ subject }: Task): Side {
  const sum = Array.from(oneLine(subject)).reduce((total, letter) => total + letter.codePointAt(0)!, 0);
  return sum % 2 === 0 ? "superoffice" : "exchange";
}

/** With a day, and not done long ago: others stay where they are. */
function isSynced({ due, status }: Task): boolean {
  return due !== null && status !== "completed";
}

function dayAfter(day: string | null): string {
  return new Date(Date.parse(day ?? "") + 86_400_000).toISOString().slice(0, 10);
}

async function change(
  { sandbox }: Company,
  side: Side,
  associateId: number,
  { id, item }: { id: string; item: Partial<Task> },
): Promise<void> {
  await sandbox.editKind(side, associateId, "task", { action: "change", id, item });
}
