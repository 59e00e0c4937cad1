import { comparable, compareDiaries, oneLine, untouchedBecause } from "./compare.ts";
import { Everlink } from "./everlink.ts";
import { mailsOf, putOnGraph, signInAgain } from "./graph-mailboxes.ts";
import { killInTheMiddle, type Installation } from "./installation.ts";
import { isFor, linkOf, register, titleOf } from "./registration.ts";
import { contactsBothWays, editOtherKinds, switchOn, untilSame } from "./other-kinds.ts";
import { findRemains, whatStays } from "./remains.ts";
import { percentile, until, verify, type Report } from "./report.ts";
import {
  Sandbox,
  type Appointment,
  type Mail,
  type NewAppointment,
  type Person,
  type Side,
} from "./sandbox.ts";

const PENDING = 2;
const BY_CODE = 3;
const EDITS_PER_SIDE = 200;
const DELETES_PER_SIDE = 40;
/** Patience, not a promise: a busy machine takes its time for a whole company. */
const everybodyWithinMs = 900_000;
const otherSide = { superoffice: "exchange", exchange: "superoffice" } as const;

interface Diaries {
  superoffice: Appointment[];
  exchange: Appointment[];
}

/**
 * Invite, register, link, sync all three kinds both ways, with EWS and with Microsoft Graph, survive kills, mend revoked
 * grants, erase: the main job on real protocols.
 */
export async function mainJob(installation: Installation, report: Report): Promise<void> {
  const sandbox = new Sandbox(installation.sandboxOrigin);
  const token = await installation.cli(["token", "create", "--role", "administrator"]);
  const everlink = new Everlink(installation.origin, token.split("\n").at(-1)!.trim());
  const people = await sandbox.people();
  const byId = new Map(people.map((person) => [person.associateId, person]));

  await report.step("Invite everybody", async () => {
    await everlink.refresh();
    const answer = await everlink.invite({
      associateIds: people.map((person) => person.associateId),
      subject: "Your diary in Outlook and SuperOffice",
      message:
        "Hello,\n\nplease connect your mailbox so that your SuperOffice diary and Outlook stay the same.",
      senderName: "The office",
    });
    verify(
      answer.invited === people.length && answer.invited >= 25,
      "at least 25 people are invited and nobody is refused",
    );
    await until("each invitation has arrived", async () => (await sandbox.mails()).length >= people.length);
    const mails = await sandbox.mails();
    for (const person of people) {
      verify(
        mails.filter((mail) => isFor(mail, person)).length === 1,
        `${person.address} has exactly one mail`,
      );
    }
    return { invited: answer.invited, mails: mails.length };
  });

  const registered = people.slice(0, people.length - PENDING);
  await report.step("Register through the pages", async () => {
    let byLink = 0;
    let byCode = 0;
    for (const [index, person] of registered.entries()) {
      const [mail] = (await sandbox.mails(person.address)).filter((each) => isFor(each, person));
      verify(mail !== undefined, `${person.address} has an invitation`);
      const code = index < BY_CODE ? codeOf(mail) : undefined;
      const page = await register(
        code
          ? { codePage: `${installation.origin}/register/code`, code }
          : { link: linkOf(mail, installation.origin) },
        person,
      );
      verify(
        page.status === 200 && /connected/i.test(titleOf(page)),
        `${person.address} ends on the page that says it worked (got "${titleOf(page)}" at ${page.url})`,
      );
      if (code) byCode += 1;
      else byLink += 1;
    }
    await until(
      "all are registered",
      async () =>
        (await everlink.rows()).filter((row) => row.state === "registered").length === registered.length,
    );
    const rows = await everlink.rows();
    const pending = rows.filter((row) => row.state === "invited").length;
    verify(pending === PENDING, `${PENDING} people are still invited`);
    return { byLink, byCode, pending };
  });

  const before = new Map<number, Diaries>();
  for (const person of registered) before.set(person.associateId, await diaries(sandbox, person));

  await report.step("Link and sync for the first time", async () => {
    const rows = await everlink.rows();
    const userIds = rows.filter((row) => row.state === "registered").map((row) => row.userId!);
    const answer = await everlink.link(userIds);
    verify(answer.linked === registered.length && answer.refused === 0, "all registered people are linked");
    await until(
      "everybody's diary is equal on both sides",
      () => allEqual(sandbox, registered),
      everybodyWithinMs,
      2_000,
    );
    return { linked: answer.linked };
  });

  await report.step("Compare field by field", async () => {
    let equal = 0;
    let toMailbox = 0;
    let toCrm = 0;
    const untouched: Record<string, number> = {};
    for (const person of registered) {
      const now = await diaries(sandbox, person);
      const {
        equal: same,
        onlyCrm,
        onlyMailbox,
      } = compareDiaries(syncable(now.superoffice), syncable(now.exchange));
      verify(
        onlyCrm.length === 0 && onlyMailbox.length === 0,
        `${person.address}: ${describeDifference(onlyCrm, onlyMailbox)}`,
      );
      equal += same;
      const old = before.get(person.associateId)!;
      toMailbox += countFound(syncable(old.superoffice), now.exchange);
      toCrm += countFound(syncable(old.exchange), now.superoffice);
      verifyPrivacy(person, syncable(old.exchange), now.superoffice);
      for (const side of ["superoffice", "exchange"] as const) {
        verifyUntouched(person, side, old[side], now[side]);
        for (const item of now[side]) {
          const why = untouchedBecause(item);
          if (why) untouched[`${side}: ${why}`] = (untouched[`${side}: ${why}`] ?? 0) + 1;
        }
      }
    }
    verify(toMailbox >= 500, `at least 500 appointments went to the mailboxes (${toMailbox})`);
    verify(toCrm >= 500, `at least 500 appointments went to SuperOffice (${toCrm})`);
    return { equal, toMailbox, toCrm, untouched };
  });

  const company = { installation, sandbox, everlink };
  const owners = registered.map((person, index) => ({ person, onGraph: index % 3 === 1 }));
  const graph = owners.filter(({ onGraph }) => onGraph).map(({ person }) => person);

  await report.step("Put every third mailbox behind Microsoft Graph", async () => {
    const signedIn = await putOnGraph(company, graph);
    await until("both sides are equal", () => allEqual(sandbox, registered), everybodyWithinMs, 2_000);
    return { graph: graph.length, ews: registered.length - graph.length, signedIn };
  });

  await report.step("Sync tasks and contacts as well", () => switchOn(company, owners));

  await report.step(
    "Edit and delete tasks and contacts on both sides, with kill -9 of worker and Temporal",
    () => editOtherKinds(company, owners),
  );

  await report.step("Let three people's contacts go both ways", () =>
    contactsBothWays(company, owners.slice(0, 3)),
  );

  await report.step("Edit and delete on both sides, with kill -9 of worker and Temporal", async () => {
    const edits = await editBothSides(sandbox, registered);
    const killed = await killInTheMiddle(installation);
    await until(
      "every edit and delete has arrived and both sides are equal",
      () => editsArrived(sandbox, registered, edits),
      everybodyWithinMs,
      2_000,
    );
    return {
      editsInSuperOffice: edits.filter((edit) => edit.side === "superoffice" && edit.subject).length,
      editsInExchange: edits.filter((edit) => edit.side === "exchange" && edit.subject).length,
      deletesInSuperOffice: edits.filter((edit) => edit.side === "superoffice" && !edit.subject).length,
      deletesInExchange: edits.filter((edit) => edit.side === "exchange" && !edit.subject).length,
      killed,
    };
  });

  await report.step("Measure how long one edit takes", async () => {
    const seconds: Record<Side, number[]> = { superoffice: [], exchange: [] };
    for (const [index, person] of registered.slice(0, 10).entries()) {
      const side: Side = index % 2 === 0 ? "superoffice" : "exchange";
      const [item] = syncable(await sandbox.items(side, person.associateId)).filter(
        (each) => !each.recurrence && !each.private,
      );
      const subject = `Measured ${index}`;
      const startedAt = Date.now();
      await sandbox.edit(side, person.associateId, { action: "change", id: item!.id, item: { subject } });
      await until(`"${subject}" is on the other side`, async () =>
        (await sandbox.items(otherSide[side], person.associateId)).some((each) => each.subject === subject),
      );
      seconds[side].push((Date.now() - startedAt) / 1000);
    }
    return {
      intervalSeconds: Number(installation.env.EVERLINK_SYNC_INTERVAL_SECONDS),
      fromSuperOfficeMedian: percentile(seconds.superoffice, 0.5),
      fromSuperOfficeMax: Math.max(...seconds.superoffice),
      fromExchangeMedian: percentile(seconds.exchange, 0.5),
      fromExchangeMax: Math.max(...seconds.exchange),
    };
  });

  await report.step("Revoke two grants and mend them", async () => {
    const revoked = registered.slice(4, 6);
    const mailboxes = new Map<number, string>();
    const mailsBefore = new Map<number, number>();
    for (const person of revoked) {
      mailsBefore.set(person.associateId, (await mailsOf(company, person)).length);
      mailboxes.set(person.associateId, (await everlink.row(person.associateId)).mailbox!.id);
      await sandbox.revokeSessions(person.associateId);
    }
    const reasons: string[] = [];
    for (const person of revoked) {
      const row = await until(
        `${person.address} needs to sign in again`,
        async () => {
          const each = await everlink.row(person.associateId);
          return each.state === "needs-reauth" && each;
        },
        180_000,
      );
      reasons.push(row.problem!.code);
      // What changes meanwhile must arrive once the permission is mended.
      await sandbox.edit("superoffice", person.associateId, { action: "create", item: meanwhile(person) });
      await signInAgain(company, person, mailsBefore.get(person.associateId)!);
      await until(
        `${person.address} is syncing again`,
        async () => (await everlink.row(person.associateId)).state === "syncing",
      );
      verify(
        (await everlink.row(person.associateId)).mailbox!.id === mailboxes.get(person.associateId),
        "the mailbox is the same one",
      );
    }
    await until("both sides are equal again", () => allEqual(sandbox, revoked), 180_000, 2_000);
    return { revoked: revoked.length, reasons };
  });

  await report.step("Erase three people", async () => {
    const erased = registered.slice(6, 9);
    const userIds: string[] = [];
    const itemsBefore = new Map<number, Diaries>();
    for (const person of erased) {
      itemsBefore.set(person.associateId, await diaries(sandbox, person));
      const { userId } = await everlink.row(person.associateId);
      userIds.push(userId!);
      await everlink.erase(userId!);
    }
    const receipts = [];
    for (const userId of userIds) {
      receipts.push(
        await until("the erasure is complete", async () => {
          const erasure = await everlink.erasure(userId);
          return erasure.completedAt !== null && erasure.receipt;
        }),
      );
    }
    const texts = erased.flatMap((person) => [
      person.fullName,
      person.address,
      person.userPrincipalName,
      person.objectId,
    ]);
    const remains = await until(
      "nothing of them is left in the database",
      async () => {
        const found = await findRemains(installation.databaseUrl, texts);
        return found.length === 0 && { found: 0 };
      },
      30_000,
    ).catch(async () => {
      throw new Error(
        `Left in the database: ${(await findRemains(installation.databaseUrl, texts)).join("; ")}`,
      );
    });
    for (const person of erased) {
      const now = await diaries(sandbox, person);
      const old = itemsBefore.get(person.associateId)!;
      verify(
        now.exchange.length === old.exchange.length && now.superoffice.length === old.superoffice.length,
        `${person.address} keeps all items`,
      );
    }
    const stays = await whatStays(installation.databaseUrl, userIds);
    console.log("  What stays, with random ids only:", JSON.stringify(stays));
    console.log("  Receipt:", JSON.stringify(receipts[0]));
    return { erased: erased.length, found: remains.found, stays };
  });

  await report.step("Read everything once more", async () => {
    const rest = registered.filter((_, index) => index < 6 || index >= 9);
    await until("both sides are equal", () => allEqual(sandbox, rest), 120_000, 2_000);
    const still = owners.filter(({ person }) => rest.includes(person));
    await untilSame(company, still);
    const attendeeMails = await sandbox.attendeeMails();
    verify(attendeeMails === 0, "no attendee was ever mailed");
    const mails = await sandbox.mails();
    const perPerson = people.map((person) => mails.filter((mail) => isFor(mail, person)).length);
    // Each sign-in is asked for once and confirmed once: for Graph, and for the grant that was revoked.
    const asked = (person: Person) =>
      Number(graph.includes(person)) + Number(registered.slice(4, 6).includes(person));
    verify(
      people.every((person, index) => perPerson[index]! <= 1 + 2 * asked(person)),
      "nobody got more than the invitation, and a sign-in link and a recovery mail for each loss of permission",
    );
    verify([...byId.keys()].length === people.length, "the company is whole");
    return { diaries: rest.length, attendeeMails, mails: mails.length, counters: await sandbox.counters() };
  });
}

async function diaries(sandbox: Sandbox, person: Person): Promise<Diaries> {
  const [superoffice, exchange] = await Promise.all([
    sandbox.items("superoffice", person.associateId),
    sandbox.items("exchange", person.associateId),
  ]);
  return { superoffice, exchange };
}

const syncable = (items: readonly Appointment[]) =>
  items.filter((item) => untouchedBecause(item) === undefined);
const keyOf = (item: Appointment) => JSON.stringify(comparable(item));

async function allEqual(sandbox: Sandbox, people: readonly Person[]): Promise<boolean> {
  for (const person of people) {
    const now = await diaries(sandbox, person);
    const { onlyCrm, onlyMailbox } = compareDiaries(syncable(now.superoffice), syncable(now.exchange));
    if (onlyCrm.length > 0 || onlyMailbox.length > 0) {
      if (process.env.EVERLINK_DEMO_VERBOSE)
        console.log(`  waiting: ${person.address}: ${describeDifference(onlyCrm, onlyMailbox)}`);
      return false;
    }
  }
  return true;
}

function describeDifference(onlyCrm: readonly Appointment[], onlyMailbox: readonly Appointment[]): string {
  const show = (items: readonly Appointment[]) => items.slice(0, 2).map(keyOf).join(" ");
  return `${onlyCrm.length} only in SuperOffice ${show(onlyCrm)}; ${onlyMailbox.length} only in Exchange ${show(onlyMailbox)}`;
}

/** How many of the old appointments of one side are now on the other, each counted once. */
function countFound(old: readonly Appointment[], now: readonly Appointment[]): number {
  return compareDiaries(old, now).equal;
}

function verifyUntouched(
  person: Person,
  side: Side,
  old: readonly Appointment[],
  now: readonly Appointment[],
): void {
  const left = (items: readonly Appointment[]) =>
    items
      .filter((item) => untouchedBecause(item))
      .map(keyOf)
      .toSorted()
      .join("\n");
  verify(left(old) === left(now), `${person.address}: what is left alone in ${side} is as it was`);
}

/** Of a private appointment of the mailbox SuperOffice gets the time and nothing else. */
function verifyPrivacy(person: Person, mailbox: readonly Appointment[], crm: readonly Appointment[]): void {
  const told = new Set(crm.flatMap((item) => [item.subject, item.body, item.location]));
  const open = new Set(
    mailbox.filter((item) => !item.private).flatMap((item) => [item.subject, item.body, item.location]),
  );
  for (const item of mailbox.filter((each) => each.private)) {
    for (const text of [item.subject, item.body, item.location].filter(
      (each) => each.length > 8 && !open.has(each),
    )) {
      verify(!told.has(text), `${person.address}: nothing of a private appointment is in SuperOffice`);
    }
  }
}

interface Edit {
  side: Side;
  associateId: number;
  /** The new subject; absent for a delete. */
  subject?: string;
  /** The item as it was, for a delete. */
  before: Appointment;
}

/** Edits and deletes single appointments, different ones on each side, spread over all people. */
async function editBothSides(sandbox: Sandbox, people: readonly Person[]): Promise<Edit[]> {
  const edits: Edit[] = [];
  const taken = new Set<string>();
  for (const side of ["superoffice", "exchange"] as const) {
    let edited = 0;
    let deleted = 0;
    const pools = new Map<number, Appointment[]>();
    for (const person of people) {
      // Of private ones the other side learns nothing; and an edit of the other side may be here already.
      const items = syncable(await sandbox.items(side, person.associateId)).filter(
        (item) => !item.recurrence && !item.private && !/^(superoffice|exchange) edit /.test(item.subject),
      );
      // The brake holds more than a fifth of a diary; a person would not delete that much either.
      pools.set(
        person.associateId,
        items.filter((item) => !taken.has(`${person.associateId} ${keyOf(item)}`)),
      );
    }
    for (let round = 0; edited < EDITS_PER_SIDE || deleted < DELETES_PER_SIDE; round += 1) {
      verify(round < 100, `there are enough appointments in ${side} to edit`);
      for (const person of people) {
        const item = pools.get(person.associateId)!.shift();
        if (!item) continue;
        taken.add(`${person.associateId} ${keyOf(item)}`);
        if (round < 2 && deleted < DELETES_PER_SIDE) {
          await sandbox.edit(side, person.associateId, { action: "delete", id: item.id });
          edits.push({ side, associateId: person.associateId, before: item });
          deleted += 1;
        } else if (edited < EDITS_PER_SIDE) {
          const subject = oneLine(`${side} edit ${edited}: ${item.subject}`.slice(0, 200));
          await sandbox.edit(side, person.associateId, {
            action: "change",
            id: item.id,
            item: { subject, location: `Room ${edited}` },
          });
          edits.push({ side, associateId: person.associateId, subject, before: item });
          edited += 1;
        }
      }
    }
  }
  return edits;
}

async function editsArrived(
  sandbox: Sandbox,
  people: readonly Person[],
  edits: readonly Edit[],
): Promise<boolean> {
  if (!(await allEqual(sandbox, people))) return false;
  for (const person of people) {
    const now = await diaries(sandbox, person);
    for (const edit of edits.filter((each) => each.associateId === person.associateId)) {
      for (const side of ["superoffice", "exchange"] as const) {
        const found = now[side].filter((item) =>
          edit.subject === undefined ? keyOf(item) === keyOf(edit.before) : item.subject === edit.subject,
        ).length;
        if (found !== (edit.subject === undefined ? 0 : 1)) return false;
      }
    }
  }
  return true;
}

function meanwhile(person: Person): NewAppointment {
  const day = new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10);
  return {
    subject: "Made while the permission was gone",
    body: "",
    location: "",
    start: `${day}T10:00:00`,
    end: `${day}T11:00:00`,
    timeZone: person.timeZone,
    allDay: false,
    busy: "busy",
    private: false,
    reminderMinutes: null,
    recurrence: null,
  };
}

/** The code in the mail's text, with or without dashes. */
function codeOf(mail: Mail): string {
  const code = /\b([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})\b/.exec(mail.text)?.[1];
  verify(code !== undefined, "the mail names a code");
  return code;
}
