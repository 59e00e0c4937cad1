import { bodyAs } from "../bodies.ts";
import { formatTime, MINUTE } from "../timezones.ts";
import type { Call } from "../call.ts";
import type { ItemView } from "../model.ts";
import { el, type Xml } from "../xml.ts";
import { completeMailbox, stored, type Reader, type Readers } from "./reader.ts";

const rights = el("EffectiveRights", [
  ...["CreateAssociated", "CreateContents", "CreateHierarchy"].map((name) => el(name, "false")),
  ...["Delete", "Modify", "Read", "ViewPrivateItems"].map((name) => el(name, "true")),
]);

const body: Reader = (view, _call, options) => {
  const { type, content } = bodyAs(view.data.body, options.bodyType);
  return el("Body", content, { BodyType: type });
};

const text: Reader = (view) => {
  const { content } = bodyAs(view.data.body, "Text");
  return content === "" ? undefined : el("TextBody", content, { BodyType: "Text" });
};

/** Minutes of the reminder; Exchange's default is 15. */
function reminderMinutes(view: ItemView): number {
  return Number(
    view.data.values["ReminderMinutesBeforeStart"]?.text ?? (view.item.kind === "CalendarItem" ? 15 : 0),
  );
}

/** Calendar items get a reminder unless the client says no. */
function reminderIsSet(view: ItemView, call: Call): boolean {
  const value = view.data.values["ReminderIsSet"]?.text;
  return value === undefined
    ? view.item.kind === "CalendarItem" && call.switches.reminderByDefault
    : value === "true" || value === "1";
}

export const itemReaders: Readers = {
  MimeContent: () => undefined,
  ItemId: (view, call) => call.itemId(view),
  ParentFolderId: (view, call) => call.parentFolderId(view.item.folder),
  ItemClass: (view) => view.data.itemClass,
  Sensitivity: stored("Sensitivity", "Normal"),
  Body: body,
  UniqueBody: body,
  NormalizedBody: body,
  TextBody: text,
  Preview: (view) => bodyAs(view.data.body, "Text").content.slice(0, 255),
  DateTimeReceived: (view, call) => formatTime(view.data.created, call.zone),
  DateTimeSent: (view, call) => formatTime(view.data.created, call.zone),
  DateTimeCreated: (view, call) => formatTime(view.data.created, call.zone),
  LastModifiedTime: (view, call) => formatTime(view.data.modified, call.zone),
  LastModifiedName: (_view, call) => call.person.fullName,
  Size: (view) => String(view.item.size),
  Categories: (view) => {
    const categories = view.data.values["Categories"];
    return categories?.children && categories.children.length > 0 ? categories : undefined;
  },
  Importance: stored("Importance", "Normal"),
  IsSubmitted: () => "false",
  IsDraft: () => "false",
  IsFromMe: () => "false",
  IsResend: () => "false",
  IsUnmodified: (view) => String(view.data.created === view.data.modified),
  ResponseObjects: () => el("ResponseObjects", [el("ForwardItem")]),
  ReminderIsSet: (view, call) => String(reminderIsSet(view, call)),
  ReminderMinutesBeforeStart: (view) => String(reminderMinutes(view)),
  ReminderDueBy: (view, call) => {
    const given = view.data.values["ReminderDueBy"]?.text;
    const due = given === undefined ? view.data.calendar?.start : Date.parse(given);
    return due === undefined || !reminderIsSet(view, call) ? undefined : formatTime(due, call.zone);
  },
  ReminderNextTime: (view, call) => {
    const start = view.data.calendar?.start;
    if (start === undefined || !reminderIsSet(view, call)) return undefined;
    return formatTime(start - reminderMinutes(view) * MINUTE, call.zone);
  },
  DisplayCc: () => "",
  DisplayTo: (view) =>
    displayNames(view.data.values["RequiredAttendees"] ?? view.data.values["ToRecipients"]),
  HasAttachments: () => "false",
  Culture: stored("Culture", "en-US"),
  EffectiveRights: () => rights,
  IsAssociated: () => "false",
};

function displayNames(list: Xml | undefined): string {
  return (list?.children ?? [])
    .map((entry) => entry.children?.find((part) => part.name === "Mailbox") ?? entry)
    .map((mailbox) => completeMailbox(mailbox).children?.[0]?.text ?? "")
    .join("; ");
}

const owner: Reader = (view, call) =>
  view.data.values["From"] ?? ownMailbox(call.person.fullName, call.person.address);

function ownMailbox(name: string, address: string): Xml {
  return el("From", [completeMailbox(el("Mailbox", [el("Name", name), el("EmailAddress", address)]))]);
}

export const messageReaders: Readers = {
  From: owner,
  Sender: owner,
  IsRead: (view) => String(view.item.isRead),
  IsDraft: (view) => String(view.data.values["ToRecipients"] === undefined),
  IsReadReceiptRequested: stored("IsReadReceiptRequested", "false"),
  IsDeliveryReceiptRequested: stored("IsDeliveryReceiptRequested", "false"),
  IsResponseRequested: stored("IsResponseRequested", "false"),
  ConversationTopic: (view) => view.data.values["Subject"]?.text,
};
