import { z } from "zod";
import { blankContact } from "../samples.ts";

/** What `/control/` accepts. Unknown members are refused: a misspelt switch must not look as if it worked. */

const associateId = z.int().positive();
const localTime = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/, "a local time like 2026-03-02T09:00:00");
const timeZone = z.string().refine((zone) => isZone(zone), "an IANA time zone");

function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

export const seedWish = z.strictObject({
  people: z.int().min(1).max(5000).default(25),
  randomSeed: z.int().min(0).default(1),
  appointmentsPerPerson: z.int().min(0).max(5000).default(30),
  tasksPerPerson: z.int().min(0).max(5000).default(5),
  contactsPerPerson: z.int().min(0).max(5000).default(5),
});

const capabilities = z.strictObject({
  mailbox: z.boolean().optional(),
  ews: z.boolean().optional(),
  graph: z.boolean().optional(),
  enabled: z.boolean().optional(),
  retired: z.boolean().optional(),
});

export const personWish = z.strictObject({
  associateId: associateId.optional(),
  firstName: z.string().min(1).optional(),
  lastName: z.string().min(1).optional(),
  fullName: z.string().min(1).optional(),
  loginName: z.string().min(1).optional(),
  address: z.email().optional(),
  userPrincipalName: z.email().optional(),
  proxyAddresses: z.array(z.string().min(3)).optional(),
  userType: z.enum(["Member", "Guest"]).optional(),
  password: z.string().min(1).optional(),
  timeZone: timeZone.optional(),
  capabilities: capabilities.optional(),
});

const busy = z.enum(["free", "tentative", "busy", "oof", "elsewhere"]);
const importance = z.enum(["low", "normal", "high"]);

const occurrenceFields = {
  subject: z.string().optional(),
  body: z.string().optional(),
  location: z.string().optional(),
  start: localTime.optional(),
  end: localTime.optional(),
  busy: busy.optional(),
  private: z.boolean().optional(),
  reminderMinutes: z.int().min(0).nullable().optional(),
};

export const occurrenceChange = z.strictObject(occurrenceFields);

const day = z.enum(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]);

const recurrence = z.strictObject({
  frequency: z.enum(["daily", "weekly", "monthly", "yearly"]),
  interval: z.int().positive(),
  byDay: z.array(day).optional(),
  position: z.int().min(-1).max(4).optional(),
  dayOfMonth: z.int().min(1).max(31).optional(),
  month: z.int().min(1).max(12).optional(),
  end: z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("endless") }),
    z.strictObject({ kind: z.literal("count"), count: z.int().positive() }),
    z.strictObject({ kind: z.literal("until"), date: z.iso.date() }),
  ]),
  deleted: z.array(localTime).optional(),
  modified: z.array(z.strictObject({ originalStart: localTime, ...occurrenceFields })).optional(),
});

const appointmentFields = {
  subject: z.string(),
  body: z.string(),
  location: z.string(),
  start: localTime,
  end: localTime,
  timeZone,
  allDay: z.boolean(),
  busy,
  private: z.boolean(),
  reminderMinutes: z.int().min(0).nullable(),
  recurrence: recurrence.nullable(),
  categories: z.array(z.string()).optional(),
  importance: importance.optional(),
  attendees: z.array(z.email()).optional(),
  uid: z.string().optional(),
};

export const appointmentChange = z.strictObject(appointmentFields).partial();

/** On creation only subject, start and end must be given. */
export const appointmentWish = z.strictObject({
  ...appointmentFields,
  body: appointmentFields.body.default(""),
  location: appointmentFields.location.default(""),
  timeZone: appointmentFields.timeZone.default("Europe/Oslo"),
  allDay: appointmentFields.allDay.default(false),
  busy: appointmentFields.busy.default("busy"),
  private: appointmentFields.private.default(false),
  reminderMinutes: appointmentFields.reminderMinutes.default(null),
  recurrence: appointmentFields.recurrence.default(null),
});

const dateOnly = z.iso.date().nullable();
const text = z.string();

const taskFields = {
  subject: text,
  body: text,
  start: dateOnly,
  due: dateOnly,
  status: z.enum(["not-started", "in-progress", "completed", "waiting", "deferred"]),
  percentComplete: z.number().min(0).max(100),
  completedOn: dateOnly,
  importance,
  private: z.boolean(),
  reminderAt: z.iso.datetime().nullable(),
  categories: z.array(text),
  recurrence: recurrence.nullable(),
};

export const taskChange = z.strictObject(taskFields).partial();
/** On creation only the subject must be given. */
export const taskWish = taskChange.required({ subject: true });

const phoneKind = z.enum([
  "business",
  "home",
  "mobile",
  "other",
  "businessFax",
  "homeFax",
  "otherFax",
  "pager",
  "assistant",
  "company",
  "car",
  "primary",
]);

export const contactChange = z
  .strictObject({
    givenName: text,
    middleName: text,
    surname: text,
    displayName: text,
    nickname: text,
    suffix: text,
    companyName: text,
    department: text,
    jobTitle: text,
    profession: text,
    officeLocation: text,
    manager: text,
    assistant: text,
    spouse: text,
    emails: z.array(z.email()),
    phones: z.array(z.strictObject({ kind: phoneKind, number: text })),
    addresses: z.array(
      z.strictObject({
        kind: z.enum(["business", "home", "other"]),
        street: text.default(""),
        city: text.default(""),
        state: text.default(""),
        postalCode: text.default(""),
        country: text.default(""),
      }),
    ),
    im: z.array(text),
    webPage: text,
    birthday: dateOnly,
    anniversary: dateOnly,
    notes: text,
    categories: z.array(text),
    private: z.boolean(),
    retired: z.boolean(),
  })
  .partial();
/** On creation only the displayed name must be given. */
export const contactWish = contactChange
  .required({ displayName: true })
  .transform((given) => ({ ...blankContact, ...given }));

const side = z.enum(["exchange", "superoffice"]);

const kind = z.enum(["appointment", "task", "contact"]).default("appointment");

export const editWish = z.strictObject({
  side,
  associateId,
  action: z.enum(["create", "change", "delete"]),
  kind,
  id: z.string().optional(),
  /** Local, in the series' zone: only this occurrence. */
  originalStart: localTime.optional(),
  /** With `originalStart`: and all later ones. */
  following: z.boolean().default(false),
  item: z.unknown().optional(),
});

export const itemsQuery = z.strictObject({
  side,
  associateId: z.coerce.number().pipe(associateId),
  kind,
});

export const selectionWish = z.strictObject({
  associateId,
  name: z.string().min(1),
  kind: z.enum(["Static", "Dynamic"]).default("Static"),
  filter: z.string().default(""),
});
export const memberWish = z.strictObject({
  add: z.array(z.int().positive()).default([]),
  remove: z.array(z.int().positive()).default([]),
});
export const ofAssociate = z.strictObject({ associateId: z.coerce.number().pipe(associateId) });

/** A file as text, or its bytes as base64. */
export const importWish = z
  .strictObject({ side, associateId, text: z.string().optional(), base64: z.base64().optional() })
  .refine((wish) => (wish.text === undefined) !== (wish.base64 === undefined), "either text or base64");

const effect = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("latency"), ms: z.int().min(0) }),
  z.strictObject({
    kind: z.literal("status"),
    status: z.int().min(200).max(599),
    retryAfterSeconds: z.int().min(0).optional(),
    body: z.string().optional(),
  }),
  z.strictObject({
    kind: z.literal("ewsFault"),
    code: z.string().min(1),
    backOffMs: z.int().min(0).optional(),
  }),
  z.strictObject({ kind: z.literal("truncate"), bytes: z.int().min(0) }),
  z.strictObject({ kind: z.literal("empty") }),
  z.strictObject({ kind: z.literal("lostResponse") }),
  z.strictObject({ kind: z.literal("lateCommit"), ms: z.int().min(0) }),
]);

export const faultWish = z.strictObject({
  system: z.enum(["entra", "exchange", "graph", "superoffice", "mail"]),
  operation: z.string().min(1).optional(),
  associateId: associateId.optional(),
  effect,
  times: z.int().positive().optional(),
  probability: z.number().min(0).max(1).optional(),
  seed: z.int().optional(),
});

export const clockWish = z.union([
  z.strictObject({ advanceMs: z.int() }),
  z.strictObject({ reset: z.literal(true) }),
]);

export const personOnly = z.strictObject({ associateId });
export const revokeWish = z.strictObject({ associateId, keepAccessTokens: z.boolean().default(false) });
export const passwordWish = z.strictObject({
  associateId,
  password: z.string().min(1).optional(),
  keepAccessTokens: z.boolean().default(false),
});
export const blockWish = z.strictObject({ associateId, blocked: z.boolean().default(true) });
export const userTypeWish = z.strictObject({ associateId, userType: z.enum(["Member", "Guest"]) });
export const requireConsentWish = z.strictObject({ required: z.boolean().default(true) });
export const grantConsentWish = z.strictObject({ scopes: z.array(z.string()).optional() });
export const withdrawConsentWish = z.strictObject({ associateId: associateId.optional() });
export const accessTokenWish = z.strictObject({ seconds: z.int().min(1) });
export const applicationWish = z.strictObject({
  name: z.string().min(1).optional(),
  clientSecrets: z.array(z.string().min(1)).optional(),
  certificates: z.array(z.string().startsWith("-----BEGIN CERTIFICATE-----")).optional(),
  redirectUris: z.array(z.url()).optional(),
  loopbackPaths: z.array(z.string().min(1)).optional(),
});
