import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Person, SampleStore } from "../context.ts";
import { all, findItem, getItem, post } from "../exchange/testing/soap-client.ts";
import { startExchange, type TestExchange } from "../exchange/testing/server.ts";
import { attribute } from "../exchange/xml.ts";
import type { Frame } from "../frame.ts";
import { openOffice, type Json, type TestOffice } from "../superoffice/testOffice.ts";
import { decodeFile } from "./content-lines.ts";
import { importFile } from "./import-file.ts";

const shared = resolve(process.env["EVERLINK_SHARED"] ?? "../shared", "data");
const files = ["ics", "ics/broken", "vcf", "vcf/broken"].flatMap((folder) =>
  existsSync(join(shared, folder))
    ? readdirSync(join(shared, folder), { withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(folder, entry.name))
    : [],
);

const sizes = (store: SampleStore, person: Person) => ({
  appointment: store.list(person).length,
  task: store.tasks.list(person).length,
  contact: store.contacts.list(person).length,
});

/** Loads every file. @returns how many components of each kind had each outcome */
function loadAll(store: SampleStore, person: Person, frame: Frame): Record<string, number> {
  const tally: Record<string, number> = {};
  const ids = { appointment: new Set(), task: new Set(), contact: new Set() };
  const attempt = <T>(work: () => T): T => frame.context.transaction(work);
  for (const file of files) {
    const text = decodeFile(readFileSync(join(shared, file)));
    const answers = attempt(() => importFile(text, store, person, attempt));
    expect(answers.length, file).toBe(componentsIn(text, answers.length));
    for (const answer of answers) {
      const key = `${answer.component} ${answer.outcome}`;
      tally[key] = (tally[key] ?? 0) + 1;
      if (answer.outcome === "stored") ids[answer.kind!].add(answer.id);
      else
        expect([answer.id, typeof answer.reason], `${file} ${answer.component}`).toEqual([
          undefined,
          "string",
        ]);
    }
  }
  expect(sizes(store, person)).toEqual({
    appointment: ids.appointment.size,
    task: ids.task.size,
    contact: ids.contact.size,
  });
  return tally;
}

/** How many items the file opens, counted by another way; whatever else it holds is not counted. */
function componentsIn(text: string, answered: number): number {
  const opened = text.match(/^BEGIN:(VEVENT|VTODO|VJOURNAL|VFREEBUSY)\s*$/gim)?.length ?? 0;
  return Math.max(opened, answered);
}

describe.skipIf(files.length === 0)("every file of the shared data (skipped where there is none)", () => {
  describe("in Exchange", () => {
    let at: TestExchange;
    beforeAll(async () => {
      at = await startExchange();
    });
    afterAll(() => at.close());

    it("has one answer for each component, and all that is stored is valid on the wire", async () => {
      const tally = loadAll(at.exchange.samples!, at.person, at.frame);
      console.info("exchange", JSON.stringify(tally));
      expect(tally["VEVENT stored"]).toBeGreaterThan(2000);
      for (const folder of ["calendar", "tasks", "contacts"]) {
        const listing = await post(at, findItem(folder));
        const ids = all(listing.content, "ItemId").map((id) => `<t:ItemId Id="${attribute(id, "Id")}"/>`);
        expect(ids.length).toBeGreaterThan(0);
        for (let from = 0; from < ids.length; from += 100) {
          const answer = await post(at, getItem(ids.slice(from, from + 100).join("")));
          expect(new Set(answer.messages.map((message) => message.code))).toEqual(new Set(["NoError"]));
        }
      }
      expect(at.exchange.counters()["responsesInvalid"]).toBe(0);
      expect(at.log).toEqual([]);
      expect(at.frame.context.attendeeMails.count()).toBe(0);
    }, 120_000);
  });

  describe("in SuperOffice", () => {
    let office: TestOffice;
    beforeAll(async () => {
      office = await openOffice();
    });
    afterAll(() => office.close());

    it("has one answer for each component, and all that is stored is valid on the wire", async () => {
      const tally = loadAll(office.office.samples!, office.ada, office.frame);
      console.info("superoffice", JSON.stringify(tally));
      expect(tally["VEVENT stored"]).toBeGreaterThan(1500);
      for (const [entity, id] of [
        ["Appointment", "appointmentId"],
        ["Person", "personId"],
      ]) {
        const listing = await office.call("GET", `/${entity}?$select=${id}&$top=20000`);
        const rows = listing.body["value"] as Json[];
        // Each date of a series is a row: a sample of the long tail is enough.
        const some = rows.length > 3000 ? rows.filter((_, index) => index % 7 === 0) : rows;
        for (const row of some) {
          const read = await office.call("GET", `/${entity}/${String(row["PrimaryKey"])}`);
          expect(read.status, JSON.stringify(read.body)).toBe(200);
        }
      }
      expect(office.office.counters().answers.invalid).toBe(0);
      expect(office.frame.context.attendeeMails.count()).toBe(0);
    }, 120_000);
  });
});
