import { count } from "./numbers.ts";

const sides = { crm: "SuperOffice", mailbox: "the mailbox" };
const items = (n: number) => (n === 1 ? "1 item" : `${count(n)} items`);
type Side = keyof typeof sides;

/** The end of a link: the question, the plan, and the way back. */
export const removal = {
  dialogTitle: (name: string) => `Unlink ${name}?`,
  dialogAbout: "Sync stops. Linking again later makes no duplicates.",
  choice: "What becomes of the copies",
  keep: "Keep both copies",
  keepAbout: "Every item stays where it is, on both sides.",
  from: {
    crm: "Remove Everlink’s copies from SuperOffice",
    mailbox: "Remove Everlink’s copies from the mailbox",
  },
  fromAbout: {
    crm: "What came from the mailbox goes. Items made in SuperOffice stay, and so does everything in the mailbox.",
    mailbox:
      "What came from SuperOffice goes. Items made in the mailbox stay, and so does everything in SuperOffice.",
  },
  making: "Both sides are being read. Nothing is written.",
  kind: (removes: number) => (removes === 0 ? "Nothing to remove." : `${items(removes)} to remove.`),
  stays: (n: number) => `${items(n)} ${n === 1 ? "stays" : "stay"}:`,
  samples: "Some of them",
  untimed: "One without a time",
  nothing: "Everlink has made nothing there. Keep both copies instead.",
  undoable: "It begins a little later; until then you can undo it. Nobody is mailed.",
  unlink: "Unlink",
  remove: (n: number) => `Remove ${items(n)} and unlink`,
  again: "Look again",
  planned: "Unlinking. It can be undone until it begins.",

  title: "Unlinking",
  begins: (from: Side) => `Sync has stopped. Everlink’s copies in ${sides[from]} are removed`,
  in: (time: string) => `in ${time}`,
  at: (time: string) => `(at ${time}).`,
  now: "in a moment",
  running: (from: Side) => `Everlink’s copies are being removed from ${sides[from]}.`,
  progress: (removed: number, all: number) => `${count(removed)} of ${items(all)} removed.`,
  undo: "Undo",
  stop: "Stop and keep the rest",
  loading: "Reading how far it is",
};
