import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import tls from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SuperOfficeClient } from "../../connectors/superoffice/client.ts";
import { kinds } from "../../core/items/kinds.ts";
import { otherSide, sides, type Kind, type Side } from "../../core/items/observed.ts";
import { createExchange } from "../../sandbox/exchange/index.ts";
import { startSandbox, type Sandbox } from "../../sandbox/server.ts";
import { createSuperOffice, type SuperOffice } from "../../sandbox/superoffice/index.ts";
import type { Appointment, Contact } from "../../scripts/demo/sandbox.ts";
import { clientOf } from "../contracts/superoffice-sandbox.ts";
import { Desk, refOf, type Listed } from "./desk.ts";
import { datesOf, type Seen } from "./occurrences.ts";
import { seenOf } from "./seen.ts";

const data = resolve(process.env["EVERLINK_SHARED"] ?? "../shared", "data");
const files = ["ics", "ics/broken", "vcf", "vcf/broken"].flatMap((folder) =>
  existsSync(join(data, folder))
    ? readdirSync(join(data, folder), { withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(folder, entry.name))
    : [],
);
/** All of them by `npm run real-data`, which takes some minutes; else every tenth, other ones from side to side. */
const chosen =
  process.env["EVERLINK_REAL_DATA"] === "all" ? files : files.filter((_, index) => index % 10 === 3);
/** Edited on each side, per file: the first ones, which are as good as any. */
const editsPerFile = 2;

/** How often each thing happened, over all files; printed at the end. */
class Table {
  readonly #rows = new Map<string, number>();
  count(row: string, by = 1): void {
    this.#rows.set(row, (this.#rows.get(row) ?? 0) + by);
  }
  of(row: string): number {
    return this.#rows.get(row) ?? 0;
  }
  print(): void {
    const rows = [...this.#rows].toSorted(([a], [b]) => (a < b ? -1 : 1));
    const width = Math.max(...rows.map(([name]) => name.length));
    console.info(rows.map(([name, count]) => `${name.padEnd(width)} ${count}`).join("\n"));
  }
}

/**
 * Every file of the shared data goes in on one side, as that system would hold it, is synced, changed on each side and
 * synced back; what both hold is compared through `/control/`, which shares no code with the connectors.
 */
describe.skipIf(files.length === 0)("files of real programs (skipped where there is no shared data)", () => {
  let sandbox: Sandbox;
  let client: SuperOfficeClient;
  const dataDir = mkdtempSync(join(tmpdir(), "everlink-real-data-"));
  const table = new Table();

  beforeAll(async () => {
    sandbox = await startSandbox({ dataDir, seed: false, systems: [createExchange, createSuperOffice] });
    tls.setDefaultCACertificates([...tls.getCACertificates("default"), readFileSync(sandbox.caFile, "utf8")]);
    client = clientOf(sandbox.systems[1] as SuperOffice, fetch);
  });
  afterAll(async () => {
    await sandbox.close();
    rmSync(dataDir, { recursive: true, force: true });
    table.print();
  });

  /** Each item of `side` has a counterpart that is equal, or a reason that people are told. @returns what does not */
  async function silent<K extends Kind>(desk: Desk, kind: K, side: Side): Promise<string[]> {
    const far = otherSide(side);
    const other = new Map((await desk.items(kind, far)).map((item) => [refOf(kind, far, item.id), item]));
    const differences: string[] = [];
    for (const item of await desk.items(kind, side)) {
      const name = nameOf(item);
      const link = desk.link(kind, side, item.id);
      if (link?.state === "untouched") {
        table.count(`${kind}s left alone: ${link.reason}`);
        continue;
      }
      if (link === undefined && beyond(item, desk)) {
        table.count(`${kind}s left alone: beyond the window`);
        continue;
      }
      const twin = other.get(link?.sides[far]?.ref ?? "");
      if (twin === undefined) {
        const found = link ? desk.findings(kind, link) : [];
        if (found.length > 0) table.count(`${kind}s left alone: ${found.join(", ")}`);
        else differences.push(`${name} has no counterpart: ${JSON.stringify([link ?? null, item])}`);
        continue;
      }
      const [ours, theirs] = [item, twin].map((each) => seenOf[kind](each, desk.horizon())) as [
        Seen[],
        Seen[],
      ];
      if (ours.length !== theirs.length)
        differences.push(`${name}: ${JSON.stringify([ours.length, item, theirs.length, twin])}`);
      for (const [index, seen] of ours.entries()) {
        for (const [field, value] of Object.entries(seen)) {
          const [one, two] = [value, theirs[index]?.[field]].map((each) => JSON.stringify(each));
          table.count(`fields of ${kind}s compared`);
          if (one === two) continue;
          if (shifted(item, twin) && (field === "start" || field === "end"))
            table.count("moments kept by the tenant's clock: series of another zone");
          else differences.push(`${name}: ${field} ${one} / ${two}`);
        }
      }
    }
    return differences;
  }

  /** SuperOffice keeps a series by the clock of the tenant's zone: declared lossy (docs/architecture.md §10). */
  const shifted = (one: Item, two: Item) =>
    isAppointment(one) &&
    isAppointment(two) &&
    one.recurrence !== null &&
    !one.allDay &&
    one.timeZone !== two.timeZone;
  /** Nothing of it lies in the window: too late, all dates cancelled, or a task that was done long ago. */
  const beyond = (item: Item, desk: Desk) =>
    isAppointment(item)
      ? datesOf(item, desk.horizon()).length === 0
      : "due" in item && item.status === "completed";

  async function thereAndBack<K extends Kind>(desk: Desk, kind: K, side: Side): Promise<void> {
    const items = await desk.items(kind, side);
    if (items.length === 0) return;
    table.count(`${kind}s in the ${side}`, items.length);
    const appointments = (items as Item[]).filter(isAppointment);
    if (appointments.length > 0) desk.lookAt(appointments);
    await desk.sync(kind);
    expect(await silent(desk, kind, side)).toEqual([]);

    for (const changing of [otherSide(side), side]) {
      const linked = (await desk.items(kind, changing)).filter(
        ({ id }) => desk.link(kind, changing, id)?.state === "linked",
      );
      for (const item of linked.slice(0, editsPerFile)) {
        await desk.change(kind, changing, item.id, renamed(item, changing) as Partial<Listed[K]>);
        table.count(`${kind}s edited in the ${changing}`);
      }
      await desk.sync(kind);
      expect(await silent(desk, kind, side)).toEqual([]);
    }
    expect(await desk.sync(kind)).toBe(0);
  }

  for (const [index, file] of chosen.entries()) {
    const side = sides[index % 2] as Side;
    it(`${file}, from the ${side}`, async () => {
      const desk = await Desk.open(sandbox.origin, client);
      const answers = await desk.import(side, readFileSync(join(data, file)));
      table.count("files");
      for (const { component, outcome } of answers) table.count(`${component} ${outcome}`);
      for (const kind of kinds) await thereAndBack(desk, kind, side);
    }, 240_000);
  }

  it("nobody was mailed, and every message was valid", () => {
    expect(sandbox.context.attendeeMails.count()).toBe(0);
    const counters = sandbox.systems[0]?.counters?.() ?? {};
    expect(counters).toMatchObject({ requestsInvalid: 0, responsesInvalid: 0 });
  });
});

type Item = Listed[Kind];

const isAppointment = (item: Item): item is Appointment => "startsAt" in item && "allDay" in item;

const nameOf = (item: Item): string => ("subject" in item ? item.subject : item.displayName);

/** As a person would change it: another title, or another job. */
function renamed(item: Item, side: Side): Partial<Appointment> | Partial<Contact> {
  return "subject" in item
    ? { subject: `${side} ${item.subject}`.slice(0, 200).trim() }
    : { jobTitle: `${side} ${item.jobTitle}`.slice(0, 200).trim() };
}
