import { DateTime } from "luxon";
import type { Person, SampleContact, SampleTask } from "../context.ts";
import { blankContact, blankTask, settledTask } from "../samples.ts";
import type { Topic } from "./corpus.ts";
import { makePeople } from "./company.ts";
import type { Random } from "./random.ts";

/** Tasks of one side, some late, some done. */
export function makeTasks(
  person: Person,
  topics: Topic[],
  count: number,
  now: Date,
  random: Random,
): SampleTask[] {
  const today = DateTime.fromJSDate(now).setZone(person.timeZone);
  return Array.from({ length: count }, (_, index) => {
    const { subject, body } = random.pick(topics);
    const due = today.plus({ days: random.int(-10, 60) });
    const settled = settledTask({ percentComplete: random.pick([0, 0, 25, 50, 100]) });
    return {
      ...blankTask,
      ...settled,
      // No two of a list may look the same: whoever compares both sides must be able to tell them apart.
      subject: index === 0 ? subject : `${subject} (${index + 1})`,
      body,
      start: random.chance(0.5) ? due.minus({ days: random.int(1, 10) }).toFormat("yyyy-MM-dd") : null,
      due: random.chance(0.8) ? due.toFormat("yyyy-MM-dd") : null,
      importance: random.pick(["low", "normal", "normal", "high"] as const),
      private: random.chance(0.1),
      reminderAt: random.chance(0.3)
        ? (due.set({ hour: 9, minute: 0 }).startOf("minute").toUTC().toISO({ suppressMilliseconds: true }) ??
          null)
        : null,
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

/** Contacts of one side: people of other companies. */
export function makeContacts(count: number, random: Random): SampleContact[] {
  if (count === 0) return [];
  return makePeople(count, random.int(100, 100_000)).map((stranger) => {
    const given = random.pick(companies);
    const phone = (prefix: string): string =>
      `${prefix} ${random.int(10, 99)} ${random.int(10, 99)} ${random.int(100, 999)}`;
    return {
      ...blankContact,
      givenName: stranger.firstName,
      surname: stranger.lastName,
      displayName: stranger.fullName,
      companyName: given,
      jobTitle: random.pick(["Daglig leder", "Buyer", "Technische Leitung", "Ekonomichef", ""]),
      emails: [`${stranger.address.split("@")[0]}@kunde.example`],
      phones: [
        { kind: "mobile" as const, number: phone("+47 9") },
        ...(random.chance(0.5) ? [{ kind: "business" as const, number: phone("+46 8") }] : []),
        ...(random.chance(0.2) ? [{ kind: "home" as const, number: phone("+45 3") }] : []),
      ],
      addresses: random.chance(0.4)
        ? [
            {
              kind: "home" as const,
              street: `Storgata ${random.int(1, 99)}`,
              city: random.pick(["Ålesund", "Göteborg", "Aarhus"]),
              state: "",
              postalCode: String(random.int(1000, 9999)),
              country: random.pick(["Norway", "Sweden", "Denmark"]),
            },
          ]
        : [],
      birthday: random.chance(0.3)
        ? `${random.int(1950, 2005)}-0${random.int(1, 9)}-${random.int(10, 28)}`
        : null,
      webPage: random.chance(0.2) ? "https://www.kunde.example/" : "",
      notes: random.chance(0.3) ? "Met at the trade fair.\nLikes coffee & <cake>." : "",
    };
  });
}
