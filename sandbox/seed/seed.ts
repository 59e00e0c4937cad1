import type { SandboxContext, System } from "../context.ts";
import type { Settings } from "../database.ts";
import { makePeople, tenant } from "./company.ts";
import { readTopics, type Topic } from "./corpus.ts";
import { makeDiary, type DiaryKind } from "./diary.ts";
import { makeContacts, makeTasks } from "./items.ts";
import { createRandom, hash } from "./random.ts";

export interface SeedOptions {
  people: number;
  randomSeed: number;
  /** On each side. */
  appointmentsPerPerson: number;
  tasksPerPerson: number;
  contactsPerPerson: number;
}

export const usualSeed: SeedOptions = {
  people: 25,
  randomSeed: 1,
  appointmentsPerPerson: 30,
  tasksPerPerson: 5,
  contactsPerPerson: 5,
};

/** What a seed made: for each side, how many appointments of each kind. */
export interface SeedSummary extends SeedOptions {
  seededAt: string;
  sides: Record<string, Record<DiaryKind, number> & { tasks: number; contacts: number }>;
}

const summarySetting = "seed.summary";
const sides = ["exchange", "superoffice"] as const;

export function readSummary(settings: Settings): SeedSummary | undefined {
  const stored = settings.get(summarySetting);
  return stored === undefined ? undefined : (JSON.parse(stored) as SeedSummary);
}

export const forgetSummary = (settings: Settings): void => settings.remove(summarySetting);

/**
 * Fills the sandbox with the sample company. The two sides' diaries are disjoint: they draw from different topics.
 * Deterministic by `randomSeed` and the day of the sandbox's clock. One transaction per person, so that thousands
 * of items take seconds.
 */
export async function seedSandbox(
  { context, settings }: { context: SandboxContext; settings: Settings },
  systems: System[],
  options: SeedOptions,
  sharedDir: string | undefined,
): Promise<SeedSummary> {
  const people = makePeople(options.people, options.randomSeed);
  const topics = readTopics(sharedDir);
  const now = context.clock.now();
  const summary: SeedSummary = { ...options, seededAt: now.toISOString(), sides: {} };
  context.transaction(() => {
    context.directory.saveTenant(tenant);
    for (const person of people) {
      context.directory.save(person);
      for (const system of systems) system.admit?.(person);
    }
  });
  for (const person of people) {
    const colleagues = people.filter((each) => each.associateId !== person.associateId);
    context.transaction(() => {
      for (const side of sides) {
        const store = systems.find((each) => each.name === side)?.samples;
        if (store === undefined) continue;
        const random = createRandom(options.randomSeed, side, person.associateId);
        const counts = (summary.sides[side] ??= {
          single: 0,
          series: 0,
          endless: 0,
          exceptions: 0,
          meeting: 0,
          tasks: 0,
          contacts: 0,
        });
        const count = options.appointmentsPerPerson;
        const mine = topicsOf(topics, side);
        for (const { kind, sample } of makeDiary({
          side,
          person,
          colleagues,
          count,
          topics: mine,
          now,
          random,
        })) {
          store.put(person, sample);
          counts[kind] += 1;
        }
        for (const task of makeTasks(person, mine, options.tasksPerPerson, now, random)) {
          store.tasks.put(person, task);
          counts.tasks += 1;
        }
        for (const contact of makeContacts(options.contactsPerPerson, random)) {
          store.contacts.put(person, contact);
          counts.contacts += 1;
        }
      }
    });
    // A sandbox that seeds still answers.
    await new Promise((resolve) => setImmediate(resolve));
  }
  settings.set(summarySetting, JSON.stringify(summary));
  return summary;
}

const topicsOf = (topics: Topic[], side: (typeof sides)[number]): Topic[] =>
  topics.filter(({ subject }) => hash(subject) % 2 === sides.indexOf(side));
