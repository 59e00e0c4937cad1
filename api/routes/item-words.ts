import type { Kind, Side } from "../../core/items/observed.ts";
import { untouchedRow } from "../../core/sync/untouched.ts";
import type { ItemRow } from "../../db/items.ts";
import { findingText } from "./words.ts";

/** Decisions about single items in words; the numbers are the rows of `core/sync/plan.ts`. */

export const sideText: Record<Side, string> = { crm: "SuperOffice", mailbox: "the mailbox" };

const rows: Record<number, string> = {
  12: "Changed in the mailbox: written to SuperOffice.",
  13: "Deleted in the mailbox: deleted in SuperOffice.",
  14: "Deleted in the mailbox, and it was decided to give it back there.",
  21: "Changed in SuperOffice: written to the mailbox.",
  22: "Changed on both sides: merged field by field.",
  23: "Deleted in the mailbox but edited in SuperOffice: the edit counts, the mailbox got it back.",
  31: "Deleted in SuperOffice: deleted in the mailbox.",
  32: "Deleted in SuperOffice but edited in the mailbox: the edit counts, SuperOffice got it back.",
  33: "Deleted on both sides.",
  34: "Deleted in SuperOffice, and it was decided to give it back there.",
  41: "New in SuperOffice: created in the mailbox.",
  42: "New in the mailbox: created in SuperOffice.",
  43: "Both sides had it already: linked, nothing was created twice.",
  44: "Gone before it was on both sides.",
  72: "An endless series was carried on in SuperOffice, where series need an end.",
  81: "Edited in the mailbox, where SuperOffice decides: the edit was taken back and kept.",
  82: "Deleted in the mailbox: the person stays in SuperOffice, no contact is made again.",
  83: "Left the selections: the contact that Everlink made was deleted.",
  84: "Left the selections, but was changed in the mailbox: left there.",
  91: "A kept version was given back.",
  92: "The kept version was not given back: the item has moved on since. Decide anew.",
  99: "The link ended: the copy that Everlink had made was removed.",
};
const reasons = new Map(Object.entries(untouchedRow).map(([reason, row]) => [row, reason]));

/** One line of an item's timeline. */
export function eventText({
  row,
  action,
  target,
}: {
  row: number;
  action: string;
  target: Side | null;
}): string {
  const to = target === null ? "the other side" : sideText[target];
  switch (action) {
    case "held":
      return `The brake holds a write to ${to} until somebody decides. Cause: ${rows[row] ?? "a change."}`;
    case "overtaken":
      return `Not written to ${to}: it was changed there at the same moment. It is decided anew.`;
    case "refused":
      return `${capital(to)} refused it. Nothing was written there; it is tried again later.`;
    case "retry":
      return "Somebody asked to try it again now.";
    case "dismiss":
      return "Somebody dismissed the finding as long as nothing changes.";
    case "take":
      return `Somebody decided the conflict: what ${to} says counts.`;
    case "restore":
      return "Somebody asked for a kept version back.";
    default: {
      const reason = reasons.get(row);
      if (reason !== undefined) return `Left alone. ${findingText(reason as never).message}`;
      return rows[row] ?? "Looked at.";
    }
  }
}

/** How an item is now, and why it is not otherwise. */
export function stateText(item: ItemRow): string {
  if (item.choice !== null) return "A decision about it is being carried out.";
  if (item.held !== null) return `A write to ${sideText[item.held]} waits for a decision about the brake.`;
  switch (item.state) {
    case "new":
      return "Not compared with the other side yet.";
    case "single":
      return `Only in ${sideText[item.inCrm ? "crm" : "mailbox"]} yet; it is being created on the other side.`;
    case "untouched":
      return item.reason === null ? "Left alone." : `Left alone. ${findingText(item.reason).message}`;
    case "deleted":
      return "Gone from both sides.";
    case "linked":
      if (item.reason === "conflict")
        return "Some fields were changed on both sides and wait for a decision.";
      return item.pending && item.notBefore === null
        ? "On both sides; something is still to be done."
        : item.pending && item.action === "refused"
          ? "On both sides; a write was refused and is tried again later."
          : "On both sides.";
  }
}

/** What the brake holds, in one sentence. */
export function heldText(held: { target: Side; count: number; deletes: number; linked: number }): string {
  const { count, deletes, linked, target } = held;
  const others = count - deletes;
  const parts = [
    ...(deletes > 0 ? [`delete ${items(deletes)}`] : []),
    ...(others > 0 ? [`overwrite or empty something in ${items(others)}`] : []),
  ];
  return `Sync would ${parts.join(" and ")} in ${sideText[target]}, of ${items(linked)} in all.`;
}

function items(n: number): string {
  return n === 1 ? "1 item" : `${n} items`;
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

const names: Record<string, string> = {
  byDay: "days",
  byMonthDay: "day of the month",
  byMonth: "month",
  nthOfPeriod: "which one",
  percentComplete: "percent",
  completedOn: "done on",
  description: "text",
  location: "place",
  time: "time",
  timeZone: "time zone",
  freeBusyStatus: "shown as",
  alertMinutes: "reminder",
  alert: "reminder",
  recurrenceRule: "repetition",
  due: "due date",
  start: "start date",
  progress: "progress",
  category: "category",
  "name/title": "form of address",
  "name/given": "first name",
  "name/given2": "middle name",
  "name/surname": "surname",
  "organizations/company": "company",
  "organizations/department": "department",
  "titles/job": "job title",
  "anniversaries/birth": "birthday",
  "onlineServices/im": "chat address",
  "links/homepage": "web page",
  "notes/note": "note",
  "keywords/category": "category",
};

/** A field as people call it: `phones/mobile` is "mobile phone". */
export function fieldText(field: string): string {
  const named = names[field];
  if (named !== undefined) return named;
  const [group = field, member] = field.split("/");
  if (member === undefined) return group;
  if (group === "recurrenceOverrides") return `the date ${member}`;
  const singular = { phones: "phone", emails: "address", addresses: "address" }[group] ?? group;
  return group === "emails" ? `${member} mail ${singular}` : `${member} ${singular}`;
}

/** A value as one line of text. */
export function valueText(kind: Kind, field: string, value: unknown): string {
  if (value === null || value === undefined || value === "") return "";
  if (typeof value === "string") return value;
  if (typeof value === "number") return field === "alertMinutes" ? `${value} minutes before` : String(value);
  if (typeof value !== "object") return JSON.stringify(value);
  const part = value as Record<string, unknown>;
  if (kind === "appointment" && field === "time") return timeText(part);
  if (part.excluded === true) return "cancelled";
  return Object.entries(part)
    .filter(([, inner]) => inner !== null && inner !== "" && !(Array.isArray(inner) && inner.length === 0))
    .map(
      ([name, inner]) =>
        `${fieldText(name)}: ${name === "time" ? timeText(inner as never) : plainText(inner)}`,
    )
    .join(", ");
}

function plainText(value: unknown): string {
  if (Array.isArray(value)) return value.map(plainText).join(" ");
  if (typeof value === "object" && value !== null) return Object.values(value).map(plainText).join(" ");
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** `2026-03-02 08:00 – 09:00 UTC`; days as they are. */
function timeText({ start, end }: Record<string, unknown>): string {
  const [from, to] = [clock(plainText(start)), clock(plainText(end))];
  const sameDay = from.slice(0, 10) === to.slice(0, 10);
  const utc = plainText(start).endsWith("Z") ? " UTC" : "";
  return `${from} – ${sameDay ? to.slice(11) || to : to}${utc}`;
}

function clock(instant: string): string {
  return instant.replace("T", " ").replace(/(:00)?Z$/u, "");
}
