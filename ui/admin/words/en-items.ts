import { count } from "./numbers.ts";

const kinds = { diary: "Diary", tasks: "Tasks", contacts: "Contacts" };
const sides = { crm: "SuperOffice", mailbox: "Mailbox" };

/** Single items: what was decided, what waits, what can be had back. */
export const items = {
  tabs: "About this person",
  overview: "Overview",
  tab: "Items",
  kinds,
  sides,
  one: { diary: "Diary entry", tasks: "Task", contacts: "Contact" },
  filter: "Show",
  filters: {
    all: "All items",
    conflicts: "Waiting for a decision",
    waiting: "Something still to do",
    left: "Left alone",
    kept: "With a kept version",
  },
  loading: "Loading items",
  failedTitle: "The items could not be read",
  emptyTitle: "No items yet",
  empty: "They appear here as soon as the first sync has read both sides.",
  noMatchTitle: "No such items",
  noMatch: "Nothing of this person is like that.",
  showAll: "Show all items",
  more: "Load more",
  openItem: (kind: string, text: string) => `${kind}: ${text}`,
  back: "All items",
  privateItem: "Private",
  row: (row: number) => `row ${row}`,
  again: "looked at again",
  changed: "changed",
  toDecide: (n: number) => (n === 1 ? "1 to decide" : `${count(n)} to decide`),
  keptCount: (n: number) => (n === 1 ? "1 kept version" : `${count(n)} kept versions`),
  why: "Why it is so",
  noEvents: "Nothing was decided about it in the last three months.",
  older: "Older decisions",
  fields: (names: readonly string[]) => names.join(", "),
  itemTitle: "Item",
  failedItem: "This item could not be read",

  findings: "To decide",
  dismissed: "Dismissed as long as nothing changes",
  choices: {
    retry: "Try again now",
    "take-crm": "Take SuperOffice’s version",
    "take-mailbox": "Take the mailbox’s version",
    compare: "Compare",
    dismiss: "Dismiss",
  },
  did: {
    retry: "It is tried again now.",
    "take-crm": "SuperOffice’s version is taken. The other is kept.",
    "take-mailbox": "The mailbox’s version is taken. The other is kept.",
    dismiss: "Dismissed as long as nothing changes.",
    restore: "Being given back. Both sides follow in a moment.",
  },
  openInItems: "Show item",

  kept: "Kept versions",
  keptAbout:
    "What a conflict discarded. Giving one back is an edit like any other; what it replaces is kept in turn.",
  keptLine: (side: string) => `${side}’s version`,
  restore: "Give back",

  compareTitle: "Both sides now",
  compareAbout: "Read from both systems this moment. The audit log notes that you looked; nothing is stored.",
  reading: "Reading SuperOffice and the mailbox…",
  privateText: "It is private. Nobody is shown its content.",
  field: "Field",
  nothingThere: "not there",
  emptyValue: "empty",
  differs: "differs",
  equal: "Both sides say the same.",
  compareFailed: "The values could not be read",
};

/** The brake and its three ways out. */
export const brake = {
  title: "The brake holds changes",
  about: "Everything else goes on syncing. Nothing of this is done until you decide.",
  loading: "Reading what is held",
  failed: "What is held could not be read",
  none: "Nothing is held any more.",
  decided: { apply: "Decided: being applied.", restore: "Decided: being given back." },
  apply: (deletes: number, all: number) =>
    deletes === all ? `Delete ${things(all)}` : `Apply ${all === 1 ? "1 change" : `${count(all)} changes`}`,
  restore: (target: "crm" | "mailbox") =>
    target === "mailbox" ? "Give SuperOffice its items back" : "Give the mailbox its items back",
  unlink: "Unlink",
  sureTitle: (deletes: number, all: number) =>
    deletes === all ? `Delete ${things(all)}?` : `Apply ${things(all)}?`,
  sureText: (target: "crm" | "mailbox", deletes: number) =>
    `${things(deletes)} will be deleted in ${target === "crm" ? "SuperOffice" : "the mailbox"}, because they are gone on the other side. This is not undone by a button; SuperOffice and Exchange keep deleted items for a while.`,
  keep: "Keep waiting",
  did: {
    apply: "Being applied.",
    restore: "The items are being given back.",
  },
  decide: "Decide…",
};

function things(n: number): string {
  return n === 1 ? "1 item" : `${count(n)} items`;
}
