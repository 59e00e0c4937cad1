/** Answers as Exchange writes them, for tests: the shapes are of Microsoft's operation pages. */

const namespaces =
  'xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages" ' +
  'xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types"';

export function envelope(body: string): string {
  return (
    '<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">' +
    '<s:Header><h:ServerVersionInfo MajorVersion="15" MinorVersion="20" MajorBuildNumber="1" MinorBuildNumber="2" ' +
    'xmlns:h="http://schemas.microsoft.com/exchange/services/2006/types"/></s:Header>' +
    `<s:Body>${body}</s:Body></s:Envelope>`
  );
}

export function response(operation: string, ...messages: string[]): string {
  return envelope(
    `<m:${operation}Response ${namespaces}><m:ResponseMessages>${messages.join("")}</m:ResponseMessages></m:${operation}Response>`,
  );
}

export function success(operation: string, content: string): string {
  return `<m:${operation}ResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode>${content}</m:${operation}ResponseMessage>`;
}

export function refusal(operation: string, code: string, backOffMs?: number): string {
  const xml =
    backOffMs === undefined
      ? ""
      : `<m:MessageXml><t:Value Name="BackOffMilliseconds">${backOffMs}</t:Value></m:MessageXml>`;
  return (
    `<m:${operation}ResponseMessage ResponseClass="Error"><m:MessageText>No.</m:MessageText>` +
    `<m:ResponseCode>${code}</m:ResponseCode><m:DescriptiveLinkKey>0</m:DescriptiveLinkKey>${xml}` +
    `${operation === "GetItem" ? "<m:Items/>" : ""}</m:${operation}ResponseMessage>`
  );
}

export function fault(code: string, backOffMs?: number): string {
  const xml =
    backOffMs === undefined
      ? ""
      : '<t:MessageXml xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types">' +
        `<t:Value Name="BackOffMilliseconds">${backOffMs}</t:Value></t:MessageXml>`;
  return envelope(
    '<s:Fault><faultcode xmlns:a="http://schemas.microsoft.com/exchange/services/2006/types">' +
      `a:${code}</faultcode><faultstring xml:lang="en-US">No.</faultstring><detail>` +
      `<e:ResponseCode xmlns:e="http://schemas.microsoft.com/exchange/services/2006/errors">${code}</e:ResponseCode>` +
      `<e:Message xmlns:e="http://schemas.microsoft.com/exchange/services/2006/errors">No.</e:Message>${xml}</detail></s:Fault>`,
  );
}

/** A calendar item in the order of the schema; `parts` replace or add elements by name. */
export function calendarItem(id: string, parts: Record<string, string> = {}): string {
  const elements: Record<string, string> = {
    ItemId: `<t:ItemId Id="${id}" ChangeKey="DwAAABYAAAB1"/>`,
    Subject: "<t:Subject>Site visit</t:Subject>",
    Sensitivity: "<t:Sensitivity>Normal</t:Sensitivity>",
    Body: "",
    ReminderIsSet: "<t:ReminderIsSet>true</t:ReminderIsSet>",
    ReminderMinutesBeforeStart: "<t:ReminderMinutesBeforeStart>15</t:ReminderMinutesBeforeStart>",
    ExtendedProperty: "",
    UID: "<t:UID>040000008200E00074C5B7101A82E008</t:UID>",
    Start: "<t:Start>2026-03-02T08:00:00Z</t:Start>",
    End: "<t:End>2026-03-02T09:00:00Z</t:End>",
    IsAllDayEvent: "<t:IsAllDayEvent>false</t:IsAllDayEvent>",
    LegacyFreeBusyStatus: "<t:LegacyFreeBusyStatus>Busy</t:LegacyFreeBusyStatus>",
    Location: "",
    CalendarItemType: "<t:CalendarItemType>Single</t:CalendarItemType>",
    MyResponseType: "<t:MyResponseType>Organizer</t:MyResponseType>",
    Organizer:
      "<t:Organizer><t:Mailbox><t:Name>Åse Lund</t:Name><t:EmailAddress>Ase@Nordlys.example</t:EmailAddress>" +
      "<t:RoutingType>SMTP</t:RoutingType></t:Mailbox></t:Organizer>",
    RequiredAttendees: "",
    OptionalAttendees: "",
    Resources: "",
    AppointmentState: "<t:AppointmentState>0</t:AppointmentState>",
    Recurrence: "",
    LastOccurrence: "",
    ModifiedOccurrences: "",
    DeletedOccurrences: "",
    StartTimeZone:
      '<t:StartTimeZone Name="(UTC+01:00) Amsterdam, Berlin" Id="W. Europe Standard Time"><t:Periods>' +
      '<t:Period Bias="-PT1H" Name="Standard" Id="s"/><t:Period Bias="-PT2H" Name="Daylight" Id="d"/></t:Periods>' +
      "</t:StartTimeZone>",
    ...parts,
  };
  return `<t:CalendarItem>${Object.values(elements).join("")}</t:CalendarItem>`;
}

export function gotItem(item: string): string {
  return success("GetItem", `<m:Items>${item}</m:Items>`);
}

export function synced(changes: string, options: { state?: string; last?: boolean } = {}): string {
  const { state = "H4sIAAA=", last = true } = options;
  return response(
    "SyncFolderItems",
    success(
      "SyncFolderItems",
      `<m:SyncState>${state}</m:SyncState><m:IncludesLastItemInRange>${last}</m:IncludesLastItemInRange><m:Changes>${changes}</m:Changes>`,
    ),
  );
}

/** One change as `SyncFolderItems` names it, with what this connector asks for. */
export function named(
  change: "Create" | "Update",
  id: string,
  start = "2026-03-02T08:00:00Z",
  end = "2026-03-02T09:00:00Z",
): string {
  return (
    `<t:${change}><t:CalendarItem><t:ItemId Id="${id}" ChangeKey="c"/><t:Start>${start}</t:Start>` +
    `<t:End>${end}</t:End><t:CalendarItemType>Single</t:CalendarItemType></t:CalendarItem></t:${change}>`
  );
}

export function deleted(id: string): string {
  return `<t:Delete><t:ItemId Id="${id}" ChangeKey="c"/></t:Delete>`;
}

/** A folder, as it is asked for once with each listing from nothing. */
export function gotFolder(id: string): string {
  const folder = `<t:Folder><t:FolderId Id="${id}" ChangeKey="c"/></t:Folder>`;
  return response("GetFolder", success("GetFolder", `<m:Folders>${folder}</m:Folders>`));
}
