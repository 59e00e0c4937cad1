import { z } from "zod";

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
  modified: z
    .array(
      z.strictObject({
        originalStart: localTime,
        subject: z.string().optional(),
        start: localTime.optional(),
        end: localTime.optional(),
      }),
    )
    .optional(),
});

const appointmentFields = {
  subject: z.string(),
  body: z.string(),
  location: z.string(),
  start: localTime,
  end: localTime,
  timeZone,
  allDay: z.boolean(),
  busy: z.enum(["free", "tentative", "busy", "oof", "elsewhere"]),
  private: z.boolean(),
  reminderMinutes: z.int().min(0).nullable(),
  recurrence: recurrence.nullable(),
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

export const taskWish = z.strictObject({
  subject: z.string(),
  body: z.string().default(""),
  start: z.string().nullable().default(null),
  due: z.string().nullable().default(null),
  percentComplete: z.number().min(0).max(100).default(0),
  importance: z.enum(["low", "normal", "high"]).default("normal"),
});

export const contactWish = z.strictObject({
  givenName: z.string().default(""),
  surname: z.string().default(""),
  displayName: z.string(),
  companyName: z.string().default(""),
  jobTitle: z.string().default(""),
  emails: z.array(z.email()).default([]),
  phones: z
    .array(z.strictObject({ kind: z.enum(["business", "mobile", "home"]), number: z.string() }))
    .default([]),
});

const side = z.enum(["exchange", "superoffice"]);

export const editWish = z.strictObject({
  side,
  associateId,
  action: z.enum(["create", "change", "delete"]),
  kind: z.enum(["appointment", "task", "contact"]).default("appointment"),
  id: z.string().optional(),
  item: z.unknown().optional(),
});

export const itemsQuery = z.strictObject({ side, associateId: z.coerce.number().pipe(associateId) });

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
