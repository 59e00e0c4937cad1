import type { StayReason } from "../../core/sync/removal.ts";
import type { FindingCode } from "../../core/sync/findings.ts";
import { problemOf, type Spoken } from "./problem-text.ts";

/** What happened, in one sentence each; kinds are those of `core/lifecycle/table.ts` and of the cycles. */
const sentences: Record<string, string> = {
  invited: "Invited.",
  "invited-again": "Invited again.",
  "invitation-revoked": "The invitation was withdrawn.",
  "invitation-expired": "The invitation expired.",
  registered: "{person} signed in and registered {mailbox}.",
  "signed-in-again": "{person} signed in again.",
  linked: "Linked with {mailbox}.",
  unlinked: "Unlinked.",
  "removal-planned":
    "Unlinking, with what Everlink made on one side removed there. It can be undone until it begins.",
  "removal-undone": "The unlinking was undone. Sync goes on.",
  "removal-begun": "What Everlink made on one side is being removed there.",
  removed: "What Everlink made on one side was removed there; everything else stayed.",
  "sign-in-link": "A sign-in link was asked for.",
  paused: "Paused.",
  resumed: "Resumed.",
  "brake-decided": "It was decided about the changes that the brake held.",
  "preview-made": "The first sync was planned; somebody has to accept it.",
  "preview-waived": "The first sync was planned, and is small enough to begin by itself.",
  "preview-accepted": "The preview of the first sync was accepted.",
  settings: "Settings were changed.",
  "items-decided": "It was decided about single items.",
  disconnected: "Disconnected.",
  erasing: "Erasure began.",
  mailed: "A mail was taken by the mail server.",
  "mail-refused": "The mail server refused a mail.",
  "permission-destroyed": "The stored permission was destroyed.",
  "gate-cleared": "The shared fault is over.",
  "probe-ok": "Everything answers again.",
  gate: "Waits for a fault that many share.",
  suspected: "Microsoft refused the permission once; it is tried again before anybody is troubled.",
  "brake-cleared": "What the brake held is decided.",
  "needs-reauth": "{person} needs to sign in again.",
  blocked: "Blocked until an administrator acts.",
  brake: "Sync stopped before many deletions.",
  reminded: "A reminder was sent.",
  partly: "A part does not sync; everything else goes on.",
};

export function timelineText(kind: string, detail: Record<string, unknown>, spoken: Spoken): string {
  const problem = typeof detail.problem === "string" ? problemOf(detail.problem, null, spoken).message : "";
  const sentence = (sentences[kind] ?? `${kind.replaceAll("-", " ")}.`)
    .replaceAll("{problem}", problem)
    .replaceAll("{person}", spoken.person)
    .replaceAll("{mailbox}", spoken.mailbox);
  return problem !== "" && !sentence.includes(problem) ? `${sentence} ${problem}` : sentence;
}

interface FindingText {
  message: string;
  next: string;
}

/** Reasons of the person's own settings (`isFinding` in core/sync) never become findings, but may come of old rows. */
const findings: Record<FindingCode, FindingText> = {
  "unsupported-recurrence": {
    message: "A series repeats in a way that the other side has no words for. It is left untouched.",
    next: "Choose a simpler repetition, or leave it as it is.",
  },
  "series-with-exceptions": {
    message: "A series has more moved or changed occurrences than can be told apart. It is left untouched.",
    next: "Begin a new series, or leave it as it is.",
  },
  "unknown-recurrence": {
    message: "A series repeats in a way that Everlink does not know. It is left untouched.",
    next: "Choose a simpler repetition, or leave it as it is.",
  },
  meeting: {
    message: "A meeting with participants is left untouched on both sides. Nobody is mailed.",
    next: "Nothing to do; it will follow with a later version.",
  },
  invited: {
    message: "A meeting that somebody else owns is left untouched.",
    next: "Nothing to do; it will follow with a later version.",
  },
  private: { message: "A private item is left on its side, as the settings say.", next: "Nothing to do." },
  free: {
    message: "An item shown as free is left on its side, as the settings say.",
    next: "Nothing to do.",
  },
  "all-day": { message: "An all-day item is left on its side, as the settings say.", next: "Nothing to do." },
  "out-of-window": { message: "An item lies outside of the window of sync.", next: "Nothing to do." },
  direction: {
    message: "An item is left on its side, as the direction of sync says.",
    next: "Nothing to do.",
  },
  malformed: {
    message: "An item holds values that the other side cannot take.",
    next: "Look at the item's times.",
  },
  unreadable: { message: "An item cannot be read.", next: "It is left as it is; everything else goes on." },
  incomplete: {
    message: "An item lacks something that the other side cannot do without, such as the due date of a task.",
    next: "Complete it, or leave it where it is.",
  },
  unsubscribed: {
    message: "A contact was deleted in the mailbox. The person stays in SuperOffice.",
    next: "Take the person out of the selections and in again to have the contact back.",
  },
  "left-selection": {
    message:
      "A person left the selections, and the contact in the mailbox was changed there. It is left in place.",
    next: "Delete the contact in the mailbox, or keep it.",
  },
  conflict: {
    message: "An item was changed on both sides.",
    next: "Take one side’s version, or make both sides say the same.",
  },
  refused: { message: "The other side refused an item.", next: "Look at the item; everything else goes on." },
  loop: {
    message: "An item is changed again and again by something else. Everlink stopped writing it.",
    next: "See which other program writes it.",
  },
};

const unknown: FindingText = {
  message: "An item is left as it is on its side.",
  next: "Nothing to do; everything else goes on.",
};

export function findingText(code: FindingCode): FindingText {
  return Object.hasOwn(findings, code) ? findings[code] : unknown;
}

/** Why an item stays although what Everlink made on its side is removed. */
export const stayText: Record<StayReason, string> = {
  original: "Not made by Everlink: it was there already, or a person made it there.",
  person: "Persons of SuperOffice are never deleted.",
  gone: "Not there any more.",
  unreadable: "It cannot be read, or was refused: it is left as it is.",
  meeting: "It has participants by now: removing it could mail them.",
  edited: "Somebody has changed it there since the last sync.",
  last: "What it was made from is gone: it is the only copy left.",
  unavailable: "This kind cannot be reached just now.",
};
