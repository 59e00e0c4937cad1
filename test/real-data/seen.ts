import type { Kind } from "../../core/items/observed.ts";
import { oneLine } from "../../scripts/demo/compare.ts";
import type { Contact, Task } from "../../scripts/demo/sandbox.ts";
import type { Listed } from "./desk.ts";
import { datesOf, type Seen } from "./occurrences.ts";

/**
 * What a person sees of an item in either system, as far as both hold it in full: SuperOffice has no percentage, no start of
 * its own for a task, and of a person's company only what the company itself says.
 */
export const seenOf: { readonly [K in Kind]: (item: Listed[K], horizon: number) => Seen[] } = {
  appointment: (item, horizon) =>
    datesOf(item, horizon).map((date) => ({
      ...date,
      subject: titleOf(String(date["subject"]), item.body),
      body: text(String(date["body"])),
    })),
  task: (item) => [taskAsSeen(item)],
  contact: (item) => [contactAsSeen(item)],
};

function taskAsSeen({ subject, body, due, status, importance, private: isPrivate }: Task): Seen {
  return {
    subject: titleOf(subject, body),
    body: text(body),
    due,
    completed: status === "completed",
    importance,
    private: isPrivate,
  };
}

function contactAsSeen(contact: Contact): Seen {
  const { givenName, middleName, surname, jobTitle, emails, phones, webPage, birthday, notes } = contact;
  const mobile = phones.find(({ kind }) => kind === "mobile")?.number ?? "";
  return {
    givenName: oneLine(text(givenName)),
    middleName: oneLine(text(middleName)),
    surname: oneLine(text(surname)),
    jobTitle: oneLine(text(jobTitle)),
    emails: emails
      .map(oneLine)
      .filter((email) => email !== "")
      .slice(0, 3),
    mobile: mobile.replaceAll(/[^\d+]/g, ""),
    webPage: oneLine(text(webPage)),
    birthday,
    notes: text(notes),
  };
}

/** A title has one line; SuperOffice shows the first line of the text where there is none. */
function titleOf(subject: string, body: string): string {
  const first = text(body)
    .split("\n")
    .find((line) => line.trim() !== "");
  return oneLine(text(subject)) || oneLine(first ?? "");
}

function text(given: string): string {
  return (
    given
      .replaceAll("\r\n", "\n")
      // Controls are seen by nobody, and XML carries few of them.
      .replaceAll(/(?!\n)\p{Cc}/gu, "")
      .replaceAll(/[^\S\n]+$/gm, "")
      .trimEnd()
  );
}
