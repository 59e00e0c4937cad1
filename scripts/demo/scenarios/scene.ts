import postgres from "postgres";
import { Everlink } from "../everlink.ts";
import type { Installation } from "../installation.ts";
import { isFor, linkOf, register } from "../registration.ts";
import { until, verify, type Report } from "../report.ts";
import { Sandbox, type Appointment, type NewAppointment, type Person, type Side } from "../sandbox.ts";
import { Ledger, type Count, type Diaries } from "./ledger.ts";

/** Four people with 65 appointments on either side: more than 500 that sync. */
const company = { people: 4, appointmentsPerPerson: 65, tasksPerPerson: 0, contactsPerPerson: 0 };
const leastItems = 500;
/** On a machine that has other things to do as well. */
const patienceMs = 600_000;

/** One person of a scene, and what is to be found in both systems in the end. */
export interface Player {
  person: Person;
  userId: string;
  ledger: Ledger;
}

/** A small company that syncs: where every scenario begins and ends. */
export class Scene {
  readonly installation: Installation;
  readonly report: Report;
  readonly sandbox: Sandbox;
  readonly everlink: Everlink;
  players: Player[] = [];
  /** Numbers what people do, so that nothing is mistaken for something else. */
  #deeds = 0;

  private constructor(installation: Installation, report: Report, everlink: Everlink) {
    this.installation = installation;
    this.report = report;
    this.everlink = everlink;
    this.sandbox = new Sandbox(installation.sandboxOrigin);
  }

  /** Invites, registers and links a fresh company, and waits until both sides are equal. */
  static async begin(installation: Installation, report: Report): Promise<Scene> {
    const token = await installation.cli(["token", "create", "--role", "administrator"]);
    const scene = new Scene(
      installation,
      report,
      new Everlink(installation.origin, token.split("\n").at(-1)!.trim()),
    );
    await report.step("Seed, invite, register, link and sync for the first time", () => scene.#start());
    return scene;
  }

  async #start() {
    const { sandbox, everlink, installation } = this;
    await sandbox.seed(company);
    const people = await sandbox.people();
    await everlink.refresh();
    await until("the new company is listed", async () =>
      (await everlink.rows()).some((row) => row.address === people[0]!.address),
    );
    await everlink.invite({
      associateIds: people.map((person) => person.associateId),
      subject: "Your diary in Outlook and SuperOffice",
      message: "Hello,\n\nplease connect your mailbox.",
      senderName: "The office",
    });
    for (const person of people) {
      const mail = await until(`${person.address} is invited`, async () =>
        (await sandbox.mails(person.address)).find((each) => isFor(each, person)),
      );
      const page = await register({ link: linkOf(mail, installation.origin) }, person);
      verify(page.status === 200, `${person.address} is registered`);
    }
    const rows = await until("all are registered", async () => {
      const all = (await everlink.rows()).filter((row) => row.state === "registered");
      return all.length === people.length && all;
    });
    await everlink.link(rows.map((row) => row.userId!));
    let items = 0;
    for (const person of people) {
      const { userId } = rows.find((row) => row.associateId === person.associateId)!;
      const ledger = await this.#sameOnBothSides(person, userId!);
      this.players.push({ person, userId: userId!, ledger });
      items += (await this.diaries(person)).superoffice.length;
    }
    verify(items >= leastItems, `there are at least ${leastItems} items (${items})`);
    return { people: people.length, itemsOnEachSide: items };
  }

  async #sameOnBothSides(person: Person, userId: string): Promise<Ledger> {
    let problem = "";
    return until(
      `${person.address} has the same diary on both sides`,
      async () => {
        try {
          const { findings } = await this.everlink.user(userId);
          const untouched = findings.find(({ code }) => code === "unsupported-recurrence")?.count ?? 0;
          return Ledger.of(await this.diaries(person), untouched);
        } catch (error) {
          problem = (error as Error).message;
          return undefined;
        }
      },
      patienceMs,
      2_000,
    ).catch((error: unknown) => {
      throw new Error(`${(error as Error).message} ${problem}`);
    });
  }

  async diaries(person: Person): Promise<Diaries> {
    const [superoffice, exchange] = await Promise.all([
      this.sandbox.items("superoffice", person.associateId),
      this.sandbox.items("exchange", person.associateId),
    ]);
    return { superoffice, exchange };
  }

  /** Edits a number of single appointments on one side as the person would, and notes what must come of it. */
  async edit(
    player: Player,
    side: Side,
    count: number,
    fits: (item: Appointment) => boolean = () => true,
  ): Promise<{ id: string; subject: string }[]> {
    const edited = [];
    for (const item of (await this.#plain(player, side)).filter(fits).slice(0, count)) {
      const subject = `Edited ${(this.#deeds += 1)}`;
      await this.sandbox.edit(side, player.person.associateId, {
        action: "change",
        id: item.id,
        item: { subject },
      });
      player.ledger.changed(item, { subject });
      edited.push({ id: item.id, subject });
    }
    verify(edited.length === count, `there are ${count} appointments to edit in ${side}`);
    return edited;
  }

  async delete(player: Player, side: Side, count: number): Promise<void> {
    const items = (await this.#plain(player, side)).slice(0, count);
    verify(items.length === count, `there are ${count} appointments to delete in ${side}`);
    for (const item of items) {
      await this.sandbox.edit(side, player.person.associateId, { action: "delete", id: item.id });
      player.ledger.deleted(item);
    }
  }

  /** @param daysAhead of the first of them; one a day */
  async make(player: Player, side: Side, count: number, daysAhead = 3): Promise<void> {
    for (let index = 0; index < count; index += 1) {
      const day = new Date(Date.now() + (daysAhead + index) * 86_400_000).toISOString().slice(0, 10);
      const wish: NewAppointment = {
        subject: `Made ${(this.#deeds += 1)}`,
        body: "",
        location: "Room",
        start: `${day}T10:00:00`,
        end: `${day}T11:00:00`,
        timeZone: player.person.timeZone,
        allDay: false,
        busy: "busy",
        private: false,
        reminderMinutes: null,
        recurrence: null,
      };
      const { id } = await this.sandbox.edit(side, player.person.associateId, {
        action: "create",
        item: wish,
      });
      const made = (await this.sandbox.items(side, player.person.associateId)).find((item) => item.id === id);
      player.ledger.made(made!);
    }
  }

  /** Single ones whose every word flows, those that nobody has touched first. */
  async #plain(player: Player, side: Side): Promise<Appointment[]> {
    return (await this.sandbox.items(side, player.person.associateId)).filter(
      (item) =>
        player.ledger.isUntouched(item) &&
        !item.recurrence &&
        !item.private &&
        !item.attendees?.length &&
        !/^(Edited|Made) \d/.test(item.subject),
    );
  }

  /** Waits until everybody is in this state. */
  async untilAll(state: string): Promise<void> {
    await until(`everybody is ${state}`, async () => {
      const rows = await this.everlink.rows();
      return this.players.every(({ userId }) => rows.find((row) => row.userId === userId)?.state === state);
    });
  }

  /** Runs a cycle of everybody now and waits until `cycles` have ended that began after this. */
  async cycles(count = 1): Promise<void> {
    for (let round = 0; round < count; round += 1)
      await Promise.all(this.players.map((each) => this.#cycle(each)));
  }

  async #cycle({ userId, person }: Player): Promise<void> {
    const { cycles } = (await this.everlink.user(userId)).counters;
    await this.everlink.syncNow(userId);
    await until(
      `another cycle of ${person.address} has ended`,
      async () => (await this.everlink.user(userId)).counters.cycles > cycles,
      patienceMs,
      500,
    );
  }

  async #count(): Promise<Count> {
    const total: Count = { expected: 0, duplicates: 0, losses: 0, examples: [] };
    for (const { person, ledger } of this.players) {
      const one = ledger.count(await this.diaries(person));
      total.expected += one.expected;
      total.duplicates += one.duplicates;
      total.losses += one.losses;
      total.examples.push(...one.examples);
    }
    return total;
  }

  /** Waits until both systems hold exactly what they must. */
  async untilCounted(): Promise<void> {
    let last: Count | undefined;
    await until(
      "both systems hold what they must",
      async () => {
        last = await this.#count();
        if (process.env.EVERLINK_DEMO_VERBOSE) console.log("  waiting:", JSON.stringify(last));
        return last.duplicates + last.losses === 0;
      },
      patienceMs,
      2_000,
    ).catch((error: unknown) => {
      const { duplicates, losses, examples } = last!;
      throw new Error(
        `${(error as Error).message} Duplicates ${duplicates}, losses ${losses}.\n  ${examples.join("\n  ")}`,
      );
    });
  }

  /**
   * Waits until both systems hold what they must, then lets three more cycles pass and counts again: nothing may be written
   * any more, and nobody may have been mailed.
   */
  async end(): Promise<void> {
    await this.report.step("Count both sides", async () => {
      await this.untilCounted();
      const before = await this.#writes();
      await this.cycles(3);
      const rest = await this.#writes();
      const { expected, duplicates, losses, examples } = await this.#count();
      verify(duplicates === 0, `there are no duplicates (${duplicates}: ${examples[0]})`);
      verify(losses === 0, `nothing is lost (${losses}: ${examples[0]})`);
      verify(rest === before, `three more cycles write nothing (${rest - before} writes)`);
      const attendeeMails = await this.sandbox.attendeeMails();
      verify(attendeeMails === 0, `no attendee was mailed (${attendeeMails})`);
      return { itemsOnBothSides: expected, duplicates, losses, attendeeMails };
    });
  }

  /** The ids of the item links that both sides share; read as the owner of the tables. */
  async itemLinks(): Promise<Set<string>> {
    const sql = postgres(this.installation.databaseUrl, { max: 1, onnotice: () => {} });
    try {
      const rows = await sql<{ id: string }[]>`
        select item_link_id as id from item_side join item_link using (organization_id, item_link_id)
        where state <> 'deleted' group by 1 having count(*) = 2`;
      return new Set(rows.map(({ id }) => id));
    } finally {
      await sql.end();
    }
  }

  /** Calls that write items, in both systems. */
  async #writes(): Promise<number> {
    const { traffic } = (await this.sandbox.counters()) as {
      traffic: Record<string, Record<string, { calls: number }>>;
    };
    return Object.entries(traffic)
      .flatMap(([system, operations]) =>
        ["exchange", "graph", "superoffice"].includes(system) ? Object.entries(operations) : [],
      )
      .reduce((sum, [operation, { calls }]) => (isWrite(operation) ? sum + calls : sum), 0);
  }
}

function isWrite(operation: string): boolean {
  return (
    /^(CreateItem|UpdateItem|DeleteItem|MoveItem)$/.test(operation) ||
    /^(PATCH|PUT|DELETE) /.test(operation) ||
    /^POST .*(\/events|\/tasks|\/contacts|CreateAppointmentForUID|SaveAppointment|DeleteAppointment)/i.test(
      operation,
    )
  );
}
