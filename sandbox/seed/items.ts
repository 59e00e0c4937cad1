import { DateTime } from "luxon";
import type { Person, SampleContact, SampleTask } from "../context.ts";
import type { Topic } from "./corpus.ts";
import { makePeople } from "./company.ts";
import type { Random } from "./random.ts";

/** A few tasks of a mailbox, some late, some done. */
export function makeTasks(person: Person, topics: Topic[], now: Date, random: Random): SampleTask[] {
  const today = DateTime.fromJSDate(now).setZone(person.timeZone);
  return random.some(topics, 5).map(({ subject, body }) => {
    const due = today.plus({ days: random.int(-10, 60) });
    return {
      subject,
      body,
      start: random.chance(0.5) ? due.minus({ days: random.int(1, 10) }).toFormat("yyyy-MM-dd") : null,
      due: random.chance(0.8) ? due.toFormat("yyyy-MM-dd") : null,
      percentComplete: random.pick([0, 0, 25, 50, 100]),
      importance: random.pick(["low", "normal", "normal", "high"] as const),
    };
  });
}

const companies = [
  "Fjordkraft Service AS",
  "Bölge & Söner AB",
  "Müller Maschinenbau GmbH",
  "Hygge ApS",
  "Ærfugl Mat AS",
];

/** A few contacts of a mailbox: people of other companies. */
export function makeContacts(random: Random): SampleContact[] {
  return makePeople(5, random.int(100, 100_000)).map((stranger) => {
    const companyName = random.pick(companies);
    return {
      givenName: stranger.firstName,
      surname: stranger.lastName,
      displayName: stranger.fullName,
      companyName,
      jobTitle: random.pick(["Daglig leder", "Buyer", "Technische Leitung", "Ekonomichef", ""]),
      emails: [`${stranger.address.split("@")[0]}@kunde.example`],
      phones: [
        {
          kind: "mobile" as const,
          number: `+47 9${random.int(10, 99)} ${random.int(10, 99)} ${random.int(100, 999)}`,
        },
        ...(random.chance(0.5)
          ? [{ kind: "business" as const, number: `+46 8 ${random.int(100, 999)} ${random.int(10, 99)} 00` }]
          : []),
      ],
    };
  });
}
