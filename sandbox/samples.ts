import type { Person } from "./context.ts";

/*
 * Neutral items: what `/control/` reads and writes, what the seed makes and what imported files become, the same for
 * every system. Not the product's model. Days are `2026-03-02`, local times `2026-03-02T09:00:00`.
 */

export interface SampleAppointment {
  subject: string;
  body: string;
  location: string;
  /** Local times in `timeZone` (IANA); at midnight when `allDay`, end exclusive. */
  start: string;
  end: string;
  timeZone: string;
  allDay: boolean;
  busy: "free" | "tentative" | "busy" | "oof" | "elsewhere";
  private: boolean;
  /** Minutes before start, or null for none. */
  reminderMinutes: number | null;
  recurrence: SampleRecurrence | null;
  /** Only in systems that hold them. */
  categories?: string[];
  importance?: "low" | "normal" | "high";
  /** Addresses; only read by systems that hold participants. Nobody is mailed. */
  attendees?: string[];
  uid?: string;
}

export interface SampleRecurrence {
  frequency: "daily" | "weekly" | "monthly" | "yearly";
  interval: number;
  /** Two-letter iCalendar days; with `position` for relative monthly and yearly patterns. */
  byDay?: ("MO" | "TU" | "WE" | "TH" | "FR" | "SA" | "SU")[];
  /** 1..4 or -1 (last). */
  position?: number;
  dayOfMonth?: number;
  month?: number;
  end: { kind: "endless" } | { kind: "count"; count: number } | { kind: "until"; date: string };
  /** Original starts (local) of cancelled occurrences. */
  deleted?: string[];
  /** Changed occurrences by original start; members left out are the series'. */
  modified?: SampleOccurrence[];
}

/** What one occurrence may have of its own. */
export type OccurrenceChange = Partial<
  Pick<
    SampleAppointment,
    "subject" | "body" | "location" | "start" | "end" | "busy" | "private" | "reminderMinutes"
  >
>;
export interface SampleOccurrence extends OccurrenceChange {
  originalStart: string;
}

export interface SampleTask {
  subject: string;
  body: string;
  /** Days. SuperOffice's times of day stand in {@link ListedTask}. */
  start: string | null;
  due: string | null;
  status: "not-started" | "in-progress" | "completed" | "waiting" | "deferred";
  /** SuperOffice has no percentage: there it is 0, 50 or 100 by the status. */
  percentComplete: number;
  completedOn: string | null;
  importance: "low" | "normal" | "high";
  private: boolean;
  /** A UTC instant, or null for none. */
  reminderAt: string | null;
  categories: string[];
  /** Exchange only. */
  recurrence: SampleRecurrence | null;
}

export interface SampleContact {
  givenName: string;
  middleName: string;
  surname: string;
  /** Given, middle and family name where a system makes it itself. */
  displayName: string;
  nickname: string;
  suffix: string;
  companyName: string;
  department: string;
  jobTitle: string;
  profession: string;
  officeLocation: string;
  manager: string;
  assistant: string;
  spouse: string;
  emails: string[];
  phones: SamplePhone[];
  addresses: SampleAddress[];
  im: string[];
  webPage: string;
  birthday: string | null;
  anniversary: string | null;
  notes: string;
  categories: string[];
  private: boolean;
  /** SuperOffice only: no longer with that company. */
  retired?: boolean;
}

export interface SamplePhone {
  kind:
    | "business"
    | "home"
    | "mobile"
    | "other"
    | "businessFax"
    | "homeFax"
    | "otherFax"
    | "pager"
    | "assistant"
    | "company"
    | "car"
    | "primary";
  number: string;
}

export interface SampleAddress {
  kind: "business" | "home" | "other";
  street: string;
  city: string;
  state: string;
  postalCode: string;
  country: string;
}

/** As read back: with the moments, since a local time that a clock shows twice (end of summer time) tells only half. */
export interface ListedAppointment extends SampleAppointment {
  id: string;
  /** UTC instants. */
  startsAt: string;
  endsAt: string;
}

export interface ListedTask extends SampleTask {
  id: string;
  /** UTC instants where the system keeps times of day for tasks. */
  startsAt?: string;
  dueAt?: string;
}

export interface ListedContact extends SampleContact {
  id: string;
}

/** One kind of items of one person in one system. @throws Error from every writing method for what it cannot hold */
export interface SampleItems<Sample, Listed> {
  put(person: Person, sample: Sample): string;
  change(person: Person, id: string, changes: Partial<Sample>): void;
  remove(person: Person, id: string): void;
  list(person: Person): Listed[];
}

/** What a calendar-bearing system offers to the seed and to `/control/`; all inside `transaction`. */
export interface SampleStore extends SampleItems<SampleAppointment, ListedAppointment> {
  /** Changes one occurrence of a series, found by its original start (local, in the series' zone). */
  changeOccurrence(person: Person, id: string, originalStart: string, changes: OccurrenceChange): void;
  cancelOccurrence(person: Person, id: string, originalStart: string): void;
  /**
   * Changes the occurrence with this original start and all that follow, as the system's own people do it.
   * @returns the id under which the later part is listed from then on
   */
  changeFollowing(
    person: Person,
    id: string,
    originalStart: string,
    changes: Partial<SampleAppointment>,
  ): string;
  tasks: SampleItems<SampleTask, ListedTask>;
  contacts: SampleItems<SampleContact, ListedContact>;
}

export const blankTask: SampleTask = {
  subject: "",
  body: "",
  start: null,
  due: null,
  status: "not-started",
  percentComplete: 0,
  completedOn: null,
  importance: "normal",
  private: false,
  reminderAt: null,
  categories: [],
  recurrence: null,
};

export const blankContact: SampleContact = {
  givenName: "",
  middleName: "",
  surname: "",
  displayName: "",
  nickname: "",
  suffix: "",
  companyName: "",
  department: "",
  jobTitle: "",
  profession: "",
  officeLocation: "",
  manager: "",
  assistant: "",
  spouse: "",
  emails: [],
  phones: [],
  addresses: [],
  im: [],
  webPage: "",
  birthday: null,
  anniversary: null,
  notes: "",
  categories: [],
  private: false,
};

/** Status and percentage go together: whichever of them was said leads. */
export function settledTask(given: Partial<SampleTask>, before: SampleTask = blankTask): SampleTask {
  const task = { ...before, ...given };
  if (given.status !== undefined) {
    if (given.status === "completed") task.percentComplete = 100;
    else if (given.status === "not-started") task.percentComplete = 0;
    else if (task.percentComplete >= 100 && given.percentComplete === undefined) task.percentComplete = 0;
  } else if (given.percentComplete !== undefined) {
    task.status =
      given.percentComplete >= 100 ? "completed" : given.percentComplete > 0 ? "in-progress" : "not-started";
  }
  if (task.status !== "completed") task.completedOn = null;
  return task;
}
