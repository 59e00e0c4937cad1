/**
 * One refused item or request, by its EWS response code.
 *
 * Inside a batch it becomes that item's `ResponseClass="Error"`; outside of one a SOAP fault under HTTP 500.
 * @see https://learn.microsoft.com/en-us/exchange/client-developer/web-service-reference/responsecode
 */
export class EwsError extends Error {
  readonly code: string;
  /** Name and value pairs of `MessageXml`, for example `BackOffMilliseconds`. */
  readonly values: Record<string, string>;

  constructor(code: string, message?: string, values: Record<string, string> = {}) {
    super(message ?? texts[code] ?? "The request could not be completed.");
    this.code = code;
    this.values = values;
  }
}

/** A refusal of the whole request, always sent as SOAP fault. */
export class EwsFault extends EwsError {}

const texts: Record<string, string> = {
  ErrorAccessDenied: "Access is denied. Check credentials and try again.",
  ErrorAffectedTaskOccurrencesRequired: "AffectedTaskOccurrences attribute must be specified for tasks.",
  ErrorCalendarEndDateIsEarlierThanStartDate: "EndDate is earlier than StartDate",
  ErrorCalendarFolderIsInvalidForCalendarView: "CalendarView can only be used with a calendar folder.",
  ErrorCalendarInvalidRecurrence: "The recurrence is invalid.",
  ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange: "Occurrence index is out of recurrence range.",
  ErrorCalendarOccurrenceIsDeletedFromRecurrence: "Occurrence with this index was previously deleted.",
  ErrorCalendarViewRangeTooBig: "The calendar view range cannot span more than two years.",
  ErrorCalendarCannotUseIdForOccurrenceId: "The ID does not belong to an occurrence of a recurring master.",
  ErrorCalendarCannotUseIdForRecurringMasterId: "The ID does not belong to a recurring master.",
  ErrorCannotUseFolderIdForItemId: "Id must be an item id, not a folder id.",
  ErrorCannotUseItemIdForFolderId: "Id must be a folder id, not an item id.",
  ErrorChangeKeyRequiredForWriteOperations: "The change key is required for write operations.",
  ErrorDeleteDistinguishedFolder: "Distinguished folders cannot be deleted.",
  ErrorFolderExists: "A folder with the specified name already exists.",
  ErrorFolderNotFound: "The specified folder could not be found in the store.",
  ErrorInvalidChangeKey: "The change key is invalid.",
  ErrorInvalidIdEmpty: "Id must be non-empty.",
  ErrorInvalidIdMalformed: "Id is malformed.",
  ErrorInvalidPropertyAppend: "Append is not supported for the property.",
  ErrorInvalidPropertyDelete: "Delete is not supported for the property.",
  ErrorInvalidPropertySet: "Set action is invalid for property.",
  ErrorInvalidRecipients: "At least one recipient isn't valid.",
  ErrorInvalidSyncStateData: "Synchronization state data is corrupt or otherwise invalid.",
  ErrorInvalidTimeInterval: "The time interval is invalid.",
  ErrorIrresolvableConflict:
    "The send or update operation could not be performed because the change key passed in the request does not match the current change key for the item.",
  ErrorItemNotFound: "The specified object was not found in the store.",
  ErrorMessageDispositionRequired: "Message disposition is required for items of type message.",
  ErrorNameResolutionNoResults: "No results were found.",
  ErrorNonExistentMailbox: "The SMTP address has no mailbox associated with it.",
  ErrorOccurrenceCrossingBoundary: "Modified occurrence is crossing or overlapping adjacent occurrence.",
  ErrorSendMeetingCancellationsRequired: "SendMeetingCancellations attribute is required for calendar items.",
  ErrorSendMeetingInvitationsOrCancellationsRequired:
    "SendMeetingInvitationsOrCancellations attribute is required for calendar items.",
  ErrorSendMeetingInvitationsRequired: "SendMeetingInvitations attribute is required for calendar items.",
  ErrorServerBusy: "The server cannot service this request right now. Try again later.",
  ErrorTimeZone: "The time zone is not known.",
  ErrorUnsupportedPathForQuery: "The property can not be used with this type of restriction.",
  ErrorUnsupportedPathForSortGroup: "The property can not be used for either grouping or sorting.",
  ErrorUpdatePropertyMismatch: "The property does not match the object's value.",
};
