import { count } from "./numbers.ts";

/** What the first sync would do. */
export const preview = {
  title: "Preview of the first sync",
  making: "Both sides are being read. Nothing is written. You can close this page.",
  about: "Nothing is written before you accept it.",
  loading: "Reading the preview",
  accept: "Begin the first sync",
  accepted: "The first sync begins.",
  read: (crm: number, mailbox: number) =>
    `${count(crm)} in SuperOffice and ${count(mailbox)} in the mailbox were looked at.`,
  adopted: "On both sides already",
  create: { crm: "Created in SuperOffice", mailbox: "Created in the mailbox" },
  update: { crm: "Changed in SuperOffice", mailbox: "Changed in the mailbox" },
  delete: { crm: "Deleted in SuperOffice", mailbox: "Deleted in the mailbox" },
  conflicts: "Changed on both sides",
  held: "Held by the brake",
  left: "Left where they are",
  more: "There is more than could be read in one go.",
  samples: "Some of them",
  empty: "Nothing would be written.",
  settingsTitle: "First sync",
  settingsAbout:
    "Before anything is written for a newly linked person, the first sync can be planned and shown.",
  required: "Somebody accepts each first sync",
  acceptUpTo: "Begins by itself up to this many writes",
  saved: "Saved. It holds for whoever is linked from now on.",
};
