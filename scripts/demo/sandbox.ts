import { json } from "./http.ts";

/** The sandbox's control port, as its README documents it: how the demo sees and changes both systems from outside. */
export interface Person {
  associateId: number;
  fullName: string;
  firstName: string;
  lastName: string;
  address: string;
  userPrincipalName: string;
  proxyAddresses: string[];
  password: string;
  objectId: string;
  tenant: string;
  timeZone: string;
}

export type Side = "exchange" | "superoffice";

export interface Appointment {
  id: string;
  subject: string;
  body: string;
  location: string;
  start: string;
  end: string;
  timeZone: string;
  /** UTC instants. */
  startsAt: string;
  endsAt: string;
  allDay: boolean;
  busy: "free" | "tentative" | "busy" | "oof" | "elsewhere";
  private: boolean;
  reminderMinutes: number | null;
  recurrence: {
    frequency: string;
    interval: number;
    byDay?: string[];
    position?: number;
    dayOfMonth?: number;
    month?: number;
    end: { kind: "endless" } | { kind: "count"; count: number } | { kind: "until"; date: string };
    deleted?: string[];
    modified?: { originalStart: string; start?: string; end?: string }[];
  } | null;
  attendees?: string[];
  uid?: string;
}

export interface Task {
  id: string;
  subject: string;
  body: string;
  /** Days; SuperOffice always has one. */
  start: string | null;
  due: string | null;
  status: "not-started" | "in-progress" | "completed" | "waiting" | "deferred";
  percentComplete: number;
  importance: "low" | "normal" | "high";
  private: boolean;
  /** A UTC instant. */
  reminderAt: string | null;
}

export interface Contact {
  id: string;
  givenName: string;
  middleName: string;
  surname: string;
  displayName: string;
  companyName: string;
  department: string;
  jobTitle: string;
  emails: string[];
  phones: { kind: string; number: string }[];
  addresses: {
    kind: "business" | "home" | "other";
    street: string;
    city: string;
    state: string;
    postalCode: string;
    country: string;
  }[];
  webPage: string;
  birthday: string | null;
  notes: string;
}

export type NewAppointment = Omit<Appointment, "id" | "startsAt" | "endsAt">;

export interface Mail {
  id: string;
  messageId: string;
  to: string[];
  subject: string;
  date: string;
  text: string;
  html: string;
  links: string[];
}

export class Sandbox {
  readonly #origin: string;

  constructor(origin: string) {
    this.#origin = origin;
  }

  people(): Promise<Person[]> {
    return json(`${this.#origin}/control/people`);
  }

  /** Empties the systems and makes a sample company. */
  seed(wish: {
    people: number;
    appointmentsPerPerson: number;
    tasksPerPerson: number;
    contactsPerPerson: number;
  }): Promise<unknown> {
    return json(`${this.#origin}/control/seed`, post(wish));
  }

  configure(system: "superoffice" | "exchange" | "graph", wish: Record<string, unknown>): Promise<unknown> {
    return json(`${this.#origin}/control/${system}`, post(wish));
  }

  tasks(side: Side, associateId: number): Promise<Task[]> {
    return json(`${this.#origin}/control/items?side=${side}&associateId=${associateId}&kind=task`);
  }

  contacts(side: Side, associateId: number): Promise<Contact[]> {
    return json(`${this.#origin}/control/items?side=${side}&associateId=${associateId}&kind=contact`);
  }

  items(side: Side, associateId: number): Promise<Appointment[]> {
    return json(`${this.#origin}/control/items?side=${side}&associateId=${associateId}`);
  }

  async edit(
    side: Side,
    associateId: number,
    change:
      | { action: "create"; item: NewAppointment }
      | { action: "change"; id: string; item: Partial<Appointment> }
      | { action: "delete"; id: string },
  ): Promise<{ id?: string }> {
    return json(`${this.#origin}/control/edit`, post({ side, associateId, kind: "appointment", ...change }));
  }

  async editKind(
    side: Side,
    associateId: number,
    kind: "task" | "contact",
    change:
      | { action: "change"; id: string; item: Partial<Task> | Partial<Contact> }
      | { action: "delete"; id: string },
  ): Promise<{ id?: string }> {
    return json(`${this.#origin}/control/edit`, post({ side, associateId, kind, ...change }));
  }

  async mails(to?: string): Promise<Mail[]> {
    return json(`${this.#origin}/mail/messages${to ? `?to=${encodeURIComponent(to)}` : ""}`);
  }

  revokeSessions(associateId: number): Promise<unknown> {
    return json(`${this.#origin}/control/entra/revoke`, post({ associateId }));
  }

  async attendeeMails(): Promise<number> {
    const answer = await json<{ count: number }>(`${this.#origin}/control/attendee-mails`);
    return answer.count;
  }

  counters(): Promise<Record<string, unknown>> {
    return json(`${this.#origin}/control/counters`);
  }
}

function post(body: unknown): RequestInit {
  return { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}
