import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import ICAL from "ical.js";

/** What an appointment is about; when it is comes from the seed. */
export interface Topic {
  subject: string;
  body: string;
  location: string;
}

const fileLimitBytes = 200_000;
/** Exchange takes 255 characters as subject; SuperOffice less as location. */
const subjectLimit = 250;
const locationLimit = 200;
const bodyLimit = 1900;

/** Topics of real calendar files in `<sharedDir>/data/ics`, or our own where there are none. Each subject once. */
export function readTopics(sharedDir: string | undefined): Topic[] {
  const folder = sharedDir === undefined ? undefined : join(sharedDir, "data", "ics");
  if (folder === undefined || !existsSync(folder)) return ownTopics;
  const bySubject = new Map(ownTopics.map((topic) => [topic.subject, topic]));
  for (const name of readdirSync(folder).toSorted()) {
    const file = join(folder, name);
    if (!name.endsWith(".ics") || statSync(file).size > fileLimitBytes) continue;
    for (const topic of topicsIn(readFileSync(file, "utf8")).slice(0, 10)) {
      if (!bySubject.has(topic.subject)) bySubject.set(topic.subject, topic);
    }
  }
  return [...bySubject.values()];
}

/** Broken files and broken items among good ones are left out silently: being broken is what they are kept for. */
function topicsIn(text: string): Topic[] {
  let parsed: unknown;
  try {
    parsed = ICAL.parse(text);
  } catch {
    return [];
  }
  const calendars = (Array.isArray((parsed as unknown[])[0]) ? parsed : [parsed]) as ConstructorParameters<
    typeof ICAL.Component
  >[0][];
  return calendars.flatMap((calendar) => {
    try {
      return new ICAL.Component(calendar).getAllSubcomponents("vevent").flatMap((event) => {
        const said = (name: string): string => {
          const value: unknown = event.getFirstPropertyValue(name);
          return typeof value === "string" ? value : "";
        };
        const subject = clean(said("summary"), subjectLimit).replace(/\s+/g, " ").trim();
        if (subject === "") return [];
        return [
          {
            subject,
            body: clean(said("description"), bodyLimit).trim(),
            location: clean(said("location"), locationLimit).replace(/\s+/g, " ").trim(),
          },
        ];
      });
    } catch {
      return [];
    }
  });
}

/** No characters that XML cannot carry, no half characters, one kind of line end. */
function clean(text: string, limit: number): string {
  return Array.from(text.toWellFormed().replace(/\r\n?/g, "\n"))
    .filter((character) => /[\t\n\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u.test(character))
    .filter((character) => character !== "\uFFFD")
    .slice(0, limit)
    .join("");
}

const ownTopics: Topic[] = [
  ["Ukemøte salg", "Status på tilbud, neste steg per kunde.", "Møterom Lofoten"],
  ["Demo hos Bølgen & Moi", "Husk adapter.\nKontakt: resepsjonen.", "Tjuvholmen allé 5, Oslo"],
  ["Budgetgenomgång", "", "Stockholm / Teams"],
  ["Fødselsdag: bestemor", "Kage kl. 15 🎂", ""],
  ["Quarterly business review <Q3>", 'Agenda: numbers, "risks", next steps & owners', "Room 4.12"],
  ["Tandlæge", "", "Nørrebrogade 12"],
  ["1:1", "How are things? What blocks you?", ""],
  ["Projektstart Müller GmbH", "Teilnehmer bringen ihre Unterlagen mit.", "Köln"],
  ["Palaveri: sopimus", "Sopimusluonnos liitteenä.", "Neuvotteluhuone Ääkkönen"],
  ["Reise til Bergen", "Fly DY602, hotell er bestilt.", "Flesland"],
  ["Recrutement : entretien n° 2", "CV relu ; préparer l’exercice.", "Paris – 3e étage"],
  ["Σύσκεψη ομάδας", "", "Αθήνα"],
  ["Совещание по проекту", "Повестка дня прилагается.", ""],
  ["会議：製品計画", "議題を確認してください。", "東京"],
  ["פגישה", "", ""],
  ["Focus time – no meetings", "", ""],
  ["Kundebesøk Ærfugl AS", "Parkering bak bygget.", "Vikaveien 31, 8050 Tverlandet"],
  ['Call 100% about A&B\'s "offer"', "Dial +47 22 00 00 00, code 1234#", "Phone"],
  ["Lunsj", "", "Kantina"],
  [
    "Planning for next year’s trade fair with all partners and the agency, first draft of the stand",
    "Long.\n\nVery long.",
    "",
  ],
].map(([subject, body, location]) => ({ subject: subject!, body: body!, location: location! }));
