/**
 * Behaviours of SuperOffice that no document settles, each with what is known about it.
 * A client must work with every position; `/control` (through `configure`) and tests turn them.
 * Paths are in the repository SuperOfficeDocs/superoffice-docs, `docs/en/`.
 */
export interface Switches {
  /** Basic works on-site only: api/authentication/onsite, table "Auth type" ("Basic is not allowed in Online"). */
  basicAllowed: boolean;
  /**
   * Status for an expired or unknown credential. The REST reference names none; "use access tokens until an
   * HTTP 403 error occurs" stands in developer-portal/best-practices.
   */
  expiredCredentialStatus: 401 | 403;
  /** What the API of a tenant answers that is not running; apps/tenant-status only says "APIs are not available". */
  unavailableStatus: 503 | 403 | 404;
  /** Access token lifetime: 3600 s in authentication/online/api.md, 20 minutes in developer-portal/best-practices. */
  accessTokenSeconds: number;
  /** How far a signed system token's timestamp may be off; only the error code InvalidTimestamp is documented. */
  signedTokenToleranceMinutes: number;
  /** `2026-01-01T00:00:00Z` or `…+00:00` with `SO-TimeZone: UTC, includeTZOffset`; samples show only other zones. */
  utcOffsetStyle: "Z" | "+00:00";
  /** An unknown code in `SO-TimeZone`: web-services/so-timezone.md names none. */
  unknownTimeZone: "refuse" | "ignore";
  /** Zone of a date without offset in a filter on `updatedDate` or `registeredDate`, whose values are UTC. */
  updatedDateFilterZone: "utc" | "request";
  /** Whether `after '2026-01-01'` includes the day itself; api/search/odata/date.md shows no result. */
  afterIncludesDay: boolean;
  /** PrimaryKey is text in api/search/odata/using-filters.md and a number in the generated reference. */
  primaryKeyAs: "number" | "text";
  /** `associateId` "displays the login ID" (archive-providers/findappointment.md), raw value in full mode. */
  slimAssociate: "login" | "id";
  /** Rows per page without `$top`. Not documented. */
  defaultTop: number;
  /** `odata.nextLink` of the last page. Not documented. */
  lastPageNextLink: "absent" | "null";
  /** Columns an archive does not know in `$select`. Not documented. */
  unknownColumn: "refuse" | "ignore";
  /**
   * Whether FindAppointment leaves out tentative and rejected bookings; the column
   * `skipTentativeAndRejectedRestriction` suggests it, no page says it.
   */
  hidesTentative: boolean;
  /** Case of the members of Agents bodies: pages show Pascal case, NetServer's parser ignores case (unverified). */
  agentMemberCase: "any" | "pascal";
  /**
   * Body of calls that take primary keys alone (GetAssociateList, GetAppointmentList): the reference names the body
   * `associateIds`, which reads as a bare array; "any" also takes an object with one array in it.
   */
  idListBody: "array" | "any";
  /**
   * GetAppointmentFromUID for a UID of nobody: nothing, or a default entity with id 0. The services' documentation
   * says "if exists or a default appointment entity", the REST reference nothing.
   */
  unknownUid: "default" | "null";
  /** End of an all-day appointment as SuperOffice keeps it. Not documented; used by the samples only. */
  allDayEnd: "23:59:59" | "23:59:00" | "next-midnight" | "same-midnight";
  /** Recurrence mode of REST PUT, PATCH and DELETE, which carry none. Not documented. */
  restUpdateMode: "OnlyThis" | "ThisAndForward";
  /** Whether a this-and-forward change gives the later dates a recurrence id of their own. Not documented. */
  thisAndForwardSplits: boolean;
  /** Most dates in one series. No limit is documented; 0 is none. */
  maxOccurrences: number;
  /** Monthly on a day that a month lacks. Not documented. */
  shortMonth: "last-day" | "skip";
  /** An end before the start. Not documented. */
  endBeforeStart: "refuse" | "keep";
  /** Whether a moved booking must be accepted again (InvitationStatus `Moved` exists, its conditions do not). */
  movedBookingsAskAgain: boolean;
  /**
   * Slaves of a deleted mother: kept as `Cancelled` until cleaned up (status 10 BookingDeleted in
   * database/tables/enums/appointmentstatus.md), or removed; no page says it of REST's DELETE.
   */
  slavesOfDeletedMother: "removed" | "cancelled";
  /** Whether REST DELETE tells participants with SendEmail; only the Agents call has a parameter for it. */
  restDeleteMails: boolean;
  /**
   * Member of a webhook's payload that carries the row's fields: FieldValues in automation/webhook/dev/notification.md,
   * Values in the older samples (and, there, for deletes).
   */
  webhookValues: "FieldValues" | "Values";
  /** Unit of the pauses between attempts to deliver (1 and 4 of them); notification.md says 1 s and 4 s. */
  webhookRetryMs: number;
  /** "TargetUrl must be HTTPS" (automation/webhook/dev/register.md); on this machine plain HTTP is taken too. */
  webhookOverHttp: boolean;
  /** Whether deleting an appointment frees its UID. Not documented. */
  uidFreedByDelete: boolean;
  /**
   * What `GET Selection/{id}/Members` takes besides columns: its page names `$select`, `$mode` and `$format` only; links to
   * the next page need more.
   */
  membersQuery: "odata" | "columns";
}

export const DEFAULT_SWITCHES: Switches = {
  basicAllowed: false,
  expiredCredentialStatus: 401,
  unavailableStatus: 503,
  accessTokenSeconds: 3600,
  signedTokenToleranceMinutes: 60,
  utcOffsetStyle: "Z",
  unknownTimeZone: "refuse",
  updatedDateFilterZone: "utc",
  afterIncludesDay: false,
  primaryKeyAs: "number",
  slimAssociate: "login",
  defaultTop: 100,
  lastPageNextLink: "absent",
  unknownColumn: "refuse",
  hidesTentative: false,
  agentMemberCase: "any",
  idListBody: "array",
  unknownUid: "default",
  allDayEnd: "23:59:59",
  restUpdateMode: "OnlyThis",
  thisAndForwardSplits: false,
  maxOccurrences: 0,
  shortMonth: "last-day",
  endBeforeStart: "refuse",
  movedBookingsAskAgain: true,
  slavesOfDeletedMother: "cancelled",
  restDeleteMails: true,
  webhookValues: "FieldValues",
  webhookRetryMs: 1000,
  webhookOverHttp: true,
  uidFreedByDelete: true,
  membersQuery: "odata",
};

/** The positions of the switches that are words; the others are booleans and numbers. */
const CHOICES: { [Name in keyof Switches]?: readonly Switches[Name][] } = {
  expiredCredentialStatus: [401, 403],
  unavailableStatus: [503, 403, 404],
  utcOffsetStyle: ["Z", "+00:00"],
  unknownTimeZone: ["refuse", "ignore"],
  updatedDateFilterZone: ["utc", "request"],
  primaryKeyAs: ["number", "text"],
  slimAssociate: ["login", "id"],
  lastPageNextLink: ["absent", "null"],
  unknownColumn: ["refuse", "ignore"],
  agentMemberCase: ["any", "pascal"],
  idListBody: ["array", "any"],
  unknownUid: ["default", "null"],
  allDayEnd: ["23:59:59", "23:59:00", "next-midnight", "same-midnight"],
  restUpdateMode: ["OnlyThis", "ThisAndForward"],
  shortMonth: ["last-day", "skip"],
  endBeforeStart: ["refuse", "keep"],
  slavesOfDeletedMother: ["removed", "cancelled"],
  webhookValues: ["FieldValues", "Values"],
  membersQuery: ["odata", "columns"],
};

/**
 * The switches in `settings`, checked.
 * @throws Error that names every unknown switch and every position that does not exist
 */
export function readSwitches(settings: Record<string, unknown>): Partial<Switches> {
  const mistakes: string[] = [];
  for (const [name, value] of Object.entries(settings)) {
    if (!Object.hasOwn(DEFAULT_SWITCHES, name)) {
      mistakes.push(`no switch is called ${name}`);
      continue;
    }
    const choices = CHOICES[name as keyof Switches] as readonly unknown[] | undefined;
    const known = DEFAULT_SWITCHES[name as keyof Switches];
    if (choices ? !choices.includes(value) : typeof value !== typeof known) {
      mistakes.push(`${name} cannot be ${JSON.stringify(value)}`);
    }
  }
  if (mistakes.length > 0) throw new Error(`SuperOffice switches: ${mistakes.join("; ")}`);
  return settings;
}
