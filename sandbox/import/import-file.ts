import type { Person, SampleStore } from "../context.ts";
import { readCard } from "./card.ts";
import { first, readComponents, textOf, type Component } from "./content-lines.ts";
import { Broken } from "./dates.ts";
import { readEvent } from "./event.ts";
import { NotHeld } from "./rules.ts";
import { readTodo } from "./todo.ts";
import { Zones } from "./zones.ts";

/** What became of one component of a file. */
export interface ComponentAnswer {
  /** `VEVENT`, `VTODO`, `VCARD`, `VJOURNAL` … */
  component: string;
  uid?: string;
  /** `refused`: it is broken. `not-held`: it is well-formed, but the system has no place for it. */
  outcome: "stored" | "refused" | "not-held";
  kind?: "appointment" | "task" | "contact";
  /** Of the stored item; changed occurrences carry their series'. */
  id?: string;
  reason?: string;
  /** What of a stored item is not kept. */
  left?: string[];
}

/** Performs one write, all or nothing. */
type Attempt = <T>(work: () => T) => T;

/**
 * Stores each component of an iCalendar or vCard file as the system itself would hold it, for `person`; nobody is
 * mailed. One answer for each component, in the order of the file; a broken one does not keep its neighbours out.
 */
export function importFile(
  text: string,
  store: SampleStore,
  person: Person,
  attempt: Attempt,
): ComponentAnswer[] {
  const roots = readComponents(text);
  const answers = new Map<Component, ComponentAnswer>();
  const zones = new Zones(person.timeZone, roots);
  const parts = roots.flatMap((root) => (root.name === "VCALENDAR" ? root.components : [root]));
  const events = parts.filter((part) => part.name === "VEVENT");
  // A changed occurrence may stand before its series.
  for (const part of parts.toSorted((a, b) => Number(isMaster(b)) - Number(isMaster(a)))) {
    if (answers.has(part)) continue;
    const free = events.filter((event) => !answers.has(event));
    const overrides = isMaster(part) ? overridesOf(part, free) : [];
    const answer = answerFor(part, () => storeOne(part, overrides, store, person, zones, attempt));
    if (zones.unknown.size > 0 && answer.outcome === "stored") {
      answer.left = [...(answer.left ?? []), ...[...zones.unknown].map((name) => `zone ${name}`)];
    }
    zones.unknown.clear();
    answers.set(part, answer);
    for (const each of overrides) answers.set(each, { ...answer, component: each.name });
  }
  return parts.map((part) => answers.get(part) as ComponentAnswer);
}

function answerFor(part: Component, work: () => Partial<ComponentAnswer>): ComponentAnswer {
  const uid = textOf(first(part, "UID"));
  const named = { component: part.name, ...(uid === "" ? {} : { uid }) };
  try {
    return { ...named, outcome: "stored", ...work() };
  } catch (error) {
    const outcome = error instanceof Broken ? "refused" : "not-held";
    return { ...named, outcome, reason: (error as Error).message };
  }
}

function storeOne(
  part: Component,
  overrides: Component[],
  store: SampleStore,
  person: Person,
  zones: Zones,
  attempt: Attempt,
): Partial<ComponentAnswer> {
  if (part.cutOff || overrides.some((each) => each.cutOff)) throw new Broken("it is cut off");
  const home = person.timeZone;
  const junk = part.junk > 0 ? [`${part.junk} lines that are none`] : [];
  switch (part.name) {
    case "VEVENT": {
      const { sample, left } = readEvent(part, overrides, home, zones);
      return { kind: "appointment", id: attempt(() => store.put(person, sample)), left: [...left, ...junk] };
    }
    case "VTODO": {
      const { sample, left } = readTodo(part, home, zones);
      return { kind: "task", id: attempt(() => store.tasks.put(person, sample)), left: [...left, ...junk] };
    }
    case "VCARD": {
      const { sample, left } = readCard(part);
      return {
        kind: "contact",
        id: attempt(() => store.contacts.put(person, sample)),
        left: [...left, ...junk],
      };
    }
    case "VJOURNAL":
    case "VFREEBUSY":
    case "VTIMEZONE":
    case "VAVAILABILITY":
    case "VALARM":
      throw new NotHeld(`${part.name} has no place here`);
    default:
      throw part.name.startsWith("X-")
        ? new NotHeld(`${part.name} has no place here`)
        : new Broken(`${part.name} is no component`);
  }
}

const isMaster = (part: Component): boolean =>
  part.name === "VEVENT" && first(part, "RECURRENCE-ID") === undefined && first(part, "RRULE") !== undefined;

/** Changed occurrences of a series; those without a series in the file stand alone. */
function overridesOf(master: Component, events: Component[]): Component[] {
  const uid = textOf(first(master, "UID"));
  if (uid === "") return [];
  return events.filter(
    (each) => first(each, "RECURRENCE-ID") !== undefined && textOf(first(each, "UID")) === uid,
  );
}
