import { createHash } from "node:crypto";
import type { Person, Tenant } from "../context.ts";
import { createRandom } from "./random.ts";

const firstNames =
  `Ingrid Åse Bjørn Søren Malin Łukasz Zoë Jürgen Siobhán Aleksander Þóra Mikko Elif Tomás Anaïs Henrik
Kari Solveig Magnus Freja Oona Väinö Jadwiga Matteo Inês Lars Gunnhild Emil Astrid Nils Márta Karel Daphne Rasmus Liv
Pelle Saga Eirik Tuuli Oskar Noor Signe Joakim Hanne Vidar Ylva Espen Maja Torstein Frida`.split(/\s+/);

const lastNames =
  `Nordahl Østby Håkonsen Sørensen Lindqvist Kowalski O’Brien Müller Virtanen Jónsdóttir Øyen Åkesson
Van-der-Berg Dubois Ferreira Rossi Bakke Lund Nygård Holmström Korhonen Nowak Schröder Martínez Haugen Solberg Dahl
Bergström Mäkinen Petersen Iversen Strand Ek Gustafsson Laine Wiśniewska Horváth Novák Papadopoulou Halvorsen Moen Ruud
Wallin Salonen Thorsen Kjær Friis Brandt Keller Engström`.split(/\s+/);

const zones = [
  "Europe/Oslo",
  "Europe/Oslo",
  "Europe/Oslo",
  "Europe/Stockholm",
  "Europe/Copenhagen",
  "Europe/Helsinki",
  "Europe/Berlin",
  "Europe/London",
  "Europe/Lisbon",
  "Europe/Athens",
  "America/New_York",
  "Asia/Kolkata",
];

/** The same for every seed: an installation connected to a sandbox stays connected when that is seeded again. */
export const tenant: Tenant = {
  id: uuid("tenant"),
  name: "Nordlys Handel AS",
  domain: "nordlys.example",
};

const firstAssociateId = 101;

/** The associates of the sample company; each has a mailbox in the one tenant. */
export function makePeople(count: number, randomSeed: number): Person[] {
  const random = createRandom(randomSeed, "people");
  const taken = new Set<string>();
  return Array.from({ length: count }, (_, index) => {
    const associateId = firstAssociateId + index;
    // Every first name once before any comes twice, so that a short list looks like people and not like a table.
    const firstName = firstNames[(index + randomSeed * 7) % firstNames.length]!;
    const lastName = random.pick(lastNames).replaceAll("-", " ");
    let local = `${ascii(firstName)}.${ascii(lastName)}`;
    while (taken.has(local)) local = `${ascii(firstName)}.${ascii(lastName)}${associateId}`;
    taken.add(local);
    const address = `${local}@${tenant.domain}`;
    // Sign-in name and mail address differ for some, as in many real tenants.
    const differs = random.chance(0.3);
    const userPrincipalName = differs
      ? `${ascii(firstName).slice(0, 2)}${associateId}@nordlys.onmicrosoft.example`
      : address;
    return {
      associateId,
      personId: 1000 + associateId,
      contactId: 2,
      loginName: `${ascii(firstName).slice(0, 2).toUpperCase()}${associateId}`,
      firstName,
      lastName,
      fullName: `${firstName} ${lastName}`,
      address,
      userPrincipalName,
      proxyAddresses: [
        `SMTP:${address}`,
        ...(differs ? [`smtp:${userPrincipalName}`] : []),
        ...(random.chance(0.4) ? [`smtp:${ascii(firstName)}${associateId}@${tenant.domain}`] : []),
      ],
      userType: "Member",
      objectId: uuid(`person/${associateId}`),
      tenant: tenant.id,
      password: `Nordlys-${createHash("sha256").update(`${randomSeed}/${associateId}`).digest("hex").slice(0, 10)}`,
      timeZone: index === 0 ? "Europe/Oslo" : random.pick(zones),
      capabilities: { mailbox: true, ews: true, graph: true, enabled: true, retired: false },
    };
  });
}

function ascii(name: string): string {
  return name
    .toLowerCase()
    .replace(/[øö]/g, "o")
    .replace(/æ/g, "ae")
    .replace(/ł/g, "l")
    .replace(/þ/g, "th")
    .replace(/ð/g, "d")
    .normalize("NFD")
    .replace(/[^a-z ]/g, "")
    .replaceAll(" ", ".");
}

/** A stable uuid (version 8, as RFC 9562 calls home-made ones). */
function uuid(name: string): string {
  const hex = createHash("sha256").update(`everlink-sandbox/${name}`).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
