/**
 * JSON schemas of the answers and bodies that the published subset lacks, after the reference pages
 * (`api/reference/restful/…`, `apps/tenant-status/status-page.md`, `authentication/online/…`).
 */
const PUBLISHED = "superoffice-subset.json#/$defs/";
const published = (name: string): object => ({ $ref: PUBLISHED + name });
const text = { type: ["string", "null"] };
const id = { type: "integer" };
const date = published("DateTime");
const mode = { enum: ["OnlyThis", "ThisAndForward", "StopRecurrence"] };
const mailServer = { type: ["object", "null"] };

const closed = (
  properties: Record<string, object>,
  required: string[] = Object.keys(properties),
): object => ({
  type: "object",
  additionalProperties: false,
  properties,
  required,
});
const list = (items: object): object => ({ type: "array", items });

export const WIRE_SCHEMA = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  $id: "superoffice-wire.json",
  $defs: {
    AppointmentEntity: published("AppointmentEntity"),
    AppointmentEntityOrNull: { anyOf: [published("AppointmentEntity"), { type: "null" }] },
    Appointment: published("Appointment"),
    AppointmentOrNull: { anyOf: [published("Appointment"), { type: "null" }] },
    Appointments: list(published("Appointment")),
    PersonEntity: published("PersonEntity"),
    ContactEntity: published("ContactEntity"),
    Person: published("Person"),
    Contact: published("Contact"),
    Associate: published("Associate"),
    AssociateOrNull: { anyOf: [published("Associate"), { type: "null" }] },
    Associates: list(published("Associate")),
    TaskListItem: published("TaskListItem"),
    TaskListItems: list(published("TaskListItem")),
    RecurrenceInfo: published("RecurrenceInfo"),
    MDOList: list(published("MDOListItem")),
    PatchRequest: published("PatchRequest"),
    SelectionEntity: published("SelectionEntity"),
    Number: id,
    Webhook: published("Webhook"),
    Webhooks: list(published("Webhook")),
    WebhookResult: published("WebhookResult"),
    WebhookPayload: published("WebhookPayload"),
    Text: text,
    Error: closed({
      Error: { const: true },
      ErrorType: { type: "string" },
      ErrorMessage: { type: "string" },
      ErrorSource: { type: "string" },
    }),
    ArchivePage: closed(
      {
        "odata.metadata": { type: "string" },
        "odata.nextLink": text,
        value: list({
          type: "object",
          required: ["PrimaryKey", "EntityName"],
          properties: { PrimaryKey: { type: ["integer", "string"] }, EntityName: { type: "string" } },
        }),
      },
      ["odata.metadata", "value"],
    ),
    TimeZones: closed({
      "odata.metadata": { type: "string" },
      value: list({ type: "object", required: ["PrimaryKey", "timeZone", "offset"] }),
    }),
    Principal: {
      type: "object",
      required: ["UserType", "Associate", "AssociateId", "PersonId", "FullName", "DatabaseContextIdentifier"],
      properties: {
        UserType: published("UserType"),
        Associate: text,
        AssociateId: id,
        IsPerson: { type: "boolean" },
        PersonId: id,
        ContactId: id,
        FullName: text,
        EMailAddress: text,
        DatabaseContextIdentifier: text,
        UserName: text,
      },
    },
    ApiVersion: { type: "object", required: ["v1", "Version", "NetServerVersion"] },
    TenantState: closed({
      ContextIdentifier: { type: "string" },
      Endpoint: text,
      State: { type: "string" },
      IsRunning: { type: "boolean" },
      ValidUntil: { type: "string" },
      Api: text,
    }),
    OpenIdMetadata: {
      type: "object",
      required: ["issuer", "authorization_endpoint", "token_endpoint", "jwks_uri"],
    },
    KeySet: closed({ keys: list({ type: "object", required: ["kty", "kid", "n", "e"] }) }),
    TokenAnswer: closed(
      {
        token_type: { const: "Bearer" },
        access_token: { type: "string" },
        expires_in: id,
        refresh_token: { type: "string" },
        id_token: { type: "string" },
      },
      ["token_type", "access_token", "expires_in", "id_token"],
    ),
    OAuthError: closed({ error: { type: "string" }, error_description: { type: "string" } }),
    SystemUserRequest: closed({
      SignedSystemToken: { type: "string" },
      ApplicationToken: { type: "string" },
      ContextIdentifier: { type: "string" },
      ReturnTokenType: { type: "string" },
    }),
    SystemUserAnswer: closed({ IsSuccessful: { type: "boolean" }, Token: text, ErrorMessage: text }),
    SaveRequest: closed(
      {
        AppointmentEntity: published("AppointmentEntity"),
        UpdateMode: mode,
        SendEmailToParticipants: { type: "boolean" },
        SmtpEMailConnectionInfo: mailServer,
        ImapEMailConnectionInfo: mailServer,
      },
      ["AppointmentEntity", "UpdateMode"],
    ),
    DeleteRequest: closed(
      {
        AppointmentId: id,
        UpdateMode: mode,
        SendEmailToParticipants: { type: "boolean" },
        SmtpEMailConnectionInfo: mailServer,
        ImapEMailConnectionInfo: mailServer,
      },
      ["AppointmentId", "UpdateMode"],
    ),
    UpdateRequest: closed({
      Id: id,
      StartTime: date,
      EndTime: date,
      Status: { type: "string" },
      Type: published("AppointmentType"),
      AssociateId: id,
      UpdateMode: mode,
    }),
    AnswerInvitationRequest: closed({ AppointmentId: id, UpdateMode: mode, RejectReason: text }, [
      "AppointmentId",
      "UpdateMode",
    ]),
    EntityRequest: closed({ AppointmentEntity: published("AppointmentEntity") }),
    CreateForUidRequest: closed({
      AppointmentEntity: published("AppointmentEntity"),
      UID: { type: "string" },
    }),
    UidRequest: closed({ UID: { type: "string" } }),
    UidOfRequest: closed({ AppointmentId: id, UseMotherId: { type: "boolean" } }, ["AppointmentId"]),
    Ids: list(id),
    RecordsRequest: closed({ MotherId: id, RecurrenceRuleId: id }),
    DiaryRequest: closed({ AssociateId: id, StartTime: date, EndTime: date, Count: id }, [
      "AssociateId",
      "StartTime",
      "EndTime",
    ]),
  },
};
