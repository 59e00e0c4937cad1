import type { ItemKind } from "./model.ts";

/** One property of an item as the schema and the documentation have it. */
export interface Property {
  /** Element name; also the name under which the value is stored. */
  element: string;
  /** `item:Subject`, `calendar:Start`, … */
  uri: string;
  /** Part of the Default shape. */
  byDefault: boolean;
  /** Part of the AllProperties shape. */
  inAll: boolean;
  /** May be given in CreateItem. */
  settable: boolean;
  /** May be set and deleted by UpdateItem. */
  updatable: boolean;
  /** Not answered by FindItem and SyncFolderItems, only by GetItem. */
  bindOnly: boolean;
}

/**
 * Elements in the order of Microsoft's schema, each with letters:
 * s settable when created · u updatable · d in the Default shape · b answered by GetItem only · x only when asked for ·
 * no letter: the server's own.
 * @see https://learn.microsoft.com/en-us/exchange/client-developer/exchange-web-services/property-sets-and-response-shapes-in-ews-in-exchange
 */
const tables: Record<"item" | "message" | "calendar" | "task" | "contacts", string> = {
  item: `MimeContent:bx ItemId:d ParentFolderId ItemClass:su Subject:sud Sensitivity:sud Body:sudb Attachments:b
    DateTimeReceived Size Categories:su Importance:su InReplyTo:su IsSubmitted IsDraft IsFromMe IsResend IsUnmodified
    InternetMessageHeaders:b DateTimeSent DateTimeCreated ResponseObjects:b ReminderDueBy:su ReminderIsSet:su
    ReminderNextTime ReminderMinutesBeforeStart:su DisplayCc DisplayTo HasAttachments:d ExtendedProperty:sux
    Culture:su EffectiveRights:b LastModifiedName LastModifiedTime IsAssociated WebClientReadFormQueryString
    WebClientEditFormQueryString ConversationId UniqueBody:bx Flag:su StoreEntryId:bx InstanceKey:x NormalizedBody:bx
    EntityExtractionResult:bx PolicyTag:bx ArchiveTag:bx RetentionDate:bx Preview:x TextBody:bx`,
  message: `Sender ToRecipients:sudb CcRecipients:sub BccRecipients:sub IsReadReceiptRequested:su
    IsDeliveryReceiptRequested:su ConversationIndex ConversationTopic From:sud InternetMessageId:s IsRead:sud
    IsResponseRequested:su References:su ReplyTo:su ReceivedBy ReceivedRepresenting`,
  calendar: `UID:sud RecurrenceId DateTimeStamp Start:sud End:sud OriginalStart IsAllDayEvent:su LegacyFreeBusyStatus:sud
    Location:sud When:su IsMeeting IsCancelled IsRecurring MeetingRequestWasSent IsResponseRequested:su
    CalendarItemType:d MyResponseType Organizer:d RequiredAttendees:sudb OptionalAttendees:sudb Resources:sudb
    ConflictingMeetingCount:bx AdjacentMeetingCount:bx ConflictingMeetings:bx AdjacentMeetings:bx Duration TimeZone
    AppointmentReplyTime AppointmentSequenceNumber AppointmentState Recurrence:sudb FirstOccurrence:db
    LastOccurrence:db ModifiedOccurrences:db DeletedOccurrences:db MeetingTimeZone:sux StartTimeZone:sub
    EndTimeZone:sub ConferenceType:su AllowNewTimeProposal:su IsOnlineMeeting:s MeetingWorkspaceUrl:su NetShowUrl:su
    EnhancedLocation:subx StartWallClock:x EndWallClock:x StartTimeZoneId:x EndTimeZoneId:x IntendedFreeBusyStatus:x
    JoinOnlineMeetingUrl:x OnlineMeetingSettings:x IsOrganizer InboxReminders:x`,
  task: `ActualWork:su AssignedTime BillingInformation:su ChangeCount Companies:su CompleteDate:su Contacts:su
    DelegationState Delegator DueDate:sud IsAssignmentEditable IsComplete IsRecurring IsTeamTask Mileage:su Owner
    PercentComplete:sud Recurrence:sub StartDate:sud Status:sud StatusDescription TotalWork:su`,
  contacts: `FileAs:su FileAsMapping:su DisplayName:su GivenName:su Initials:su MiddleName:su Nickname:su CompleteName:d
    CompanyName:sud EmailAddresses:sd PhysicalAddresses:s PhoneNumbers:sd AssistantName:su Birthday:su
    BusinessHomePage:su Children:su Companies:su ContactSource Department:su Generation:su ImAddresses:sd JobTitle:sud
    Manager:su Mileage:su OfficeLocation:su PostalAddressIndex:su Profession:su SpouseName:su Surname:su
    WeddingAnniversary:su HasPicture PhoneticFullName PhoneticFirstName PhoneticLastName Alias Notes:x Photo:bx
    UserSMIMECertificate:bx MSExchangeCertificate:bx DirectoryId:x ManagerMailbox:x DirectReports:x`,
};

function parse(prefix: keyof typeof tables): Property[] {
  return tables[prefix]
    .trim()
    .split(/\s+/)
    .map((entry) => {
      const [element = "", letters = ""] = entry.split(":");
      return {
        element,
        uri: `${prefix}:${element}`,
        byDefault: letters.includes("d"),
        inAll: !letters.includes("x"),
        settable: letters.includes("s"),
        updatable: letters.includes("u"),
        bindOnly: letters.includes("b"),
      };
    });
}

const item = parse("item");
const ofKind: Record<ItemKind, Property[]> = {
  Item: item,
  Message: [...item, ...parse("message")],
  CalendarItem: [...item, ...parse("calendar")],
  Task: [...item, ...parse("task")],
  Contact: [...item, ...parse("contacts")],
};

const byElement = new Map<ItemKind, Map<string, Property>>();
const byUri = new Map<ItemKind, Map<string, Property>>();
for (const [kind, list] of Object.entries(ofKind) as [ItemKind, Property[]][]) {
  byElement.set(kind, new Map(list.map((property) => [property.element, property])));
  byUri.set(kind, new Map(list.map((property) => [property.uri, property])));
}

/** Properties of a kind in the order in which answers must hold them. */
export function propertiesOf(kind: ItemKind): Property[] {
  return ofKind[kind];
}

export function propertyByElement(kind: ItemKind, element: string): Property | undefined {
  return byElement.get(kind)?.get(element);
}

export function propertyByUri(kind: ItemKind, uri: string): Property | undefined {
  return byUri.get(kind)?.get(uri);
}

/** Properties whose value is an instant; stored in UTC, answered in the request's zone. */
export const timeProperties: ReadonlySet<string> = new Set([
  "ReminderDueBy",
  "DueDate",
  "StartDate",
  "CompleteDate",
  "Birthday",
  "WeddingAnniversary",
]);

/** `contacts:EmailAddress` and the like: the dictionary and, for addresses, the part of an entry. */
export interface DictionaryPath {
  element: "EmailAddresses" | "PhoneNumbers" | "ImAddresses" | "PhysicalAddresses";
  part?: string;
}

const dictionaries: Record<string, DictionaryPath["element"]> = {
  "contacts:EmailAddress": "EmailAddresses",
  "contacts:PhoneNumber": "PhoneNumbers",
  "contacts:ImAddress": "ImAddresses",
};

export function dictionaryPath(uri: string): DictionaryPath | undefined {
  const element = dictionaries[uri];
  if (element) return { element };
  const part = /^contacts:PhysicalAddress:(\w+)$/.exec(uri)?.[1];
  return part === undefined ? undefined : { element: "PhysicalAddresses", part };
}
