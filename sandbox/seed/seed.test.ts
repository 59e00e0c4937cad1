import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SampleAppointment } from "../context.ts";
import { startSandbox, type Sandbox } from "../server.ts";
import { allSystems } from "../systems.ts";
import { makePeople } from "./company.ts";
import { readTopics } from "./corpus.ts";
import { makeDiary } from "./diary.ts";
import { createRandom } from "./random.ts";
import { readSummary } from "./seed.ts";

const dataDir = mkdtempSync(join(tmpdir(), "sandbox-seed-"));
const shared = resolve(process.env["EVERLINK_SHARED"] ?? "../shared");
let sandbox: Sandbox;
let seconds: number;
beforeAll(async () => {
  const begun = performance.now();
  sandbox = await startSandbox({ dataDir, systems: allSystems, sharedDir: shared });
  seconds = (performance.now() - begun) / 1000;
}, 60_000);
afterAll(async () => {
  await sandbox.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const store = (side: string) => sandbox.systems.find((each) => each.name === side)!.samples!;

describe("the sample company", () => {
  it("is 25 people with unique addresses, seeded in seconds", () => {
    const people = sandbox.context.directory.people();
    expect(people).toHaveLength(25);
    expect(new Set(people.map((each) => each.address)).size).toBe(25);
    expect(people.some((each) => each.userPrincipalName !== each.address)).toBe(true);
    expect(seconds).toBeLessThan(30);
  });

  it("the same seed makes the same people and diaries", () => {
    const diary = (randomSeed: number) => {
      const [person, ...colleagues] = makePeople(5, randomSeed);
      const random = createRandom(randomSeed, "exchange", person!.associateId);
      const now = new Date("2026-11-23T12:00:00Z");
      return makeDiary({
        side: "exchange",
        person: person!,
        colleagues,
        count: 30,
        topics: readTopics(undefined),
        now,
        random,
      });
    };
    expect(diary(7)).toEqual(diary(7));
    expect(diary(7)).not.toEqual(diary(8));
  });

  it("each person has at least 24 appointments on each side that sync today", () => {
    const people = sandbox.context.directory.people();
    for (const side of ["exchange", "superoffice"]) {
      for (const person of people) {
        const plain = store(side)
          .list(person)
          .filter((each) => (each.attendees ?? []).length === 0)
          .filter(({ recurrence }) => recurrence?.end.kind !== "endless")
          .filter(({ recurrence }) => !recurrence?.deleted?.length && !recurrence?.modified?.length);
        expect(plain.length).toBeGreaterThanOrEqual(24);
      }
    }
  });

  it("the two sides hold different appointments, within the window, and no attendee was mailed", () => {
    const subjects = (side: string): Set<string> =>
      new Set(
        sandbox.context.directory.people().flatMap((person) =>
          store(side)
            .list(person)
            .map((each) => each.subject.replace(/ \(\d+\)$/, "")),
        ),
      );
    const crm = subjects("superoffice");
    expect([...subjects("exchange")].filter((each) => crm.has(each))).toEqual([]);
    const now = Date.now();
    for (const person of sandbox.context.directory.people()) {
      for (const { start } of store("exchange").list(person)) {
        expect(Date.parse(start)).toBeGreaterThan(now - 32 * 86_400_000);
        expect(Date.parse(start)).toBeLessThan(now + 366 * 86_400_000);
      }
    }
    expect(sandbox.context.attendeeMails.count()).toBe(0);
  });

  it("has every kind of appointment that lives bring", () => {
    const [first] = sandbox.context.directory.people();
    const all: SampleAppointment[] = store("exchange").list(first!);
    const some = (test: (each: SampleAppointment) => boolean) => expect(all.some(test)).toBe(true);
    some((each) => each.allDay);
    some((each) => each.reminderMinutes !== null);
    some((each) => each.recurrence?.end.kind === "endless");
    some((each) => (each.recurrence?.modified?.length ?? 0) > 0);
    some((each) => each.recurrence?.frequency === "yearly");
    some((each) => (each.attendees?.length ?? 0) > 0);
    some((each) => !each.allDay && each.start.slice(0, 10) !== each.end.slice(0, 10));
  });

  it.skipIf(!existsSync(join(shared, "data", "ics")))(
    "draws on real calendar files when they are there",
    () => {
      expect(readTopics(shared).length).toBeGreaterThan(100);
      expect(readTopics(undefined).length).toBeGreaterThan(10);
    },
  );

  it("tells what it made", () => {
    const summary = readSummary(sandbox.settings)!;
    expect(summary.sides["exchange"]).toMatchObject({ meeting: 50, endless: 50, exceptions: 50, tasks: 125 });
    expect(summary.sides["superoffice"]!.single + summary.sides["superoffice"]!.series).toBe(24 * 25);
  });
});
