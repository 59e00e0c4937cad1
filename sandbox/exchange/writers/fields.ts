import { bodyAs, bodyToStore } from "../bodies.ts";
import type { Call } from "../call.ts";
import { EwsError } from "../errors.ts";
import { readExtended, setExtended } from "../extended.ts";
import { timeProperties } from "../properties.ts";
import { readTime, readZone } from "../timezones.ts";
import { attribute, childText, children, type Xml } from "../xml.ts";
import type { Draft } from "./draft.ts";

type Setter = (draft: Draft, value: Xml, call: Call) => void;

/** Properties that are more than a stored value. */
const setters: Record<string, Setter> = {
  MimeContent: () => {
    throw new EwsError("ErrorUnsupportedMimeConversion", "Items are not made from MIME content here.");
  },
  ItemClass: (draft, value) => {
    draft.data.itemClass = value.text ?? draft.data.itemClass;
  },
  Body: (draft, value) => {
    draft.data.body = bodyToStore(
      attribute(value, "BodyType") === "HTML" ? "HTML" : "Text",
      value.text ?? "",
    );
  },
  ExtendedProperty: (draft, value) => {
    const property = readExtended(value);
    setExtended(draft.data.extended, property);
    draft.touchedExtended.add(property.key);
  },
  IsRead: (draft, value) => {
    draft.isRead = isTrue(value);
  },
  UID: (draft, value) => {
    if (draft.occurrence) throw new EwsError("ErrorInvalidPropertySet");
    if (draft.data.calendar && value.text !== undefined) draft.data.calendar.uid = value.text;
  },
  Start: (draft, value) => {
    draft.pending.start = value.text ?? "";
  },
  End: (draft, value) => {
    draft.pending.end = value.text ?? "";
  },
  IsAllDayEvent: (draft, value) => {
    if (draft.data.calendar) draft.data.calendar.allDay = isTrue(value);
  },
  StartTimeZone: (draft, value) => {
    draft.pending.startZone = readZone(value);
  },
  EndTimeZone: (draft, value) => {
    draft.pending.endZone = readZone(value);
  },
  MeetingTimeZone: (draft, value) => {
    draft.pending.startZone = readZone(value);
    draft.pending.endZone = draft.pending.startZone;
  },
  EnhancedLocation: (draft, value) => {
    draft.data.values["Location"] = { name: "Location", text: childText(value, "DisplayName") ?? "" };
    draft.touched.add("Location");
  },
};

function isTrue(value: Xml): boolean {
  return value.text === "true" || value.text === "1";
}

/** Sets one property of a draft; `value` is the element as the client wrote it. */
export function setField(draft: Draft, value: Xml, call: Call): void {
  draft.touched.add(value.name);
  if (value.name === "Recurrence" && draft.kind === "CalendarItem") {
    if (draft.occurrence)
      throw new EwsError("ErrorInvalidPropertySet", "An occurrence has no recurrence of its own.");
    draft.pending.recurrence = value;
    return;
  }
  const setter = setters[value.name];
  if (setter) setter(draft, value, call);
  else if (timeProperties.has(value.name)) {
    const utc = readTime(value.text ?? "", call.zone);
    draft.data.values[value.name] = {
      name: value.name,
      text: new Date(utc).toISOString().replace(".000Z", "Z"),
    };
  } else draft.data.values[value.name] = value;
}

const permanent = new Set([
  "ItemClass",
  "Start",
  "End",
  "UID",
  "IsAllDayEvent",
  "LegacyFreeBusyStatus",
  "StartTimeZone",
  "EndTimeZone",
  "MeetingTimeZone",
  "Sensitivity",
  "Importance",
  "IsRead",
  "ReminderIsSet",
  "Status",
  "PercentComplete",
]);

/** @throws EwsError `ErrorInvalidPropertyDelete` for what no item can be without */
export function deleteField(draft: Draft, element: string): void {
  if (permanent.has(element)) throw new EwsError("ErrorInvalidPropertyDelete");
  draft.touched.add(element);
  if (element === "Recurrence" && draft.kind === "CalendarItem") {
    if (draft.occurrence) throw new EwsError("ErrorInvalidPropertyDelete");
    draft.pending.recurrence = null;
  } else if (element === "Body") draft.data.body = { type: "Text", content: "" };
  else delete draft.data.values[element === "EnhancedLocation" ? "Location" : element];
}

const appendable = new Set([
  "Body",
  "RequiredAttendees",
  "OptionalAttendees",
  "Resources",
  "ToRecipients",
  "CcRecipients",
  "BccRecipients",
  "ReplyTo",
]);

/** @throws EwsError `ErrorInvalidPropertyAppend` */
export function appendField(draft: Draft, value: Xml): void {
  if (!appendable.has(value.name)) throw new EwsError("ErrorInvalidPropertyAppend");
  draft.touched.add(value.name);
  if (value.name === "Body") {
    const type = attribute(value, "BodyType") === "HTML" ? "HTML" : "Text";
    const before = bodyAs(draft.data.body, type).content;
    draft.data.body = bodyToStore(type, before + (value.text ?? ""));
    return;
  }
  const before = draft.data.values[value.name];
  draft.data.values[value.name] = { ...value, children: [...children(before), ...children(value)] };
}
