import { render } from "@react-email/render";
import { createElement } from "react";
import type { MailContent } from "./content.ts";
import { MailLayout } from "./layout.tsx";
import { plainText } from "./plain.ts";
import { wordsOf } from "./words.ts";

export type { InvitationMail, MailContent } from "./content.ts";

/** Subject, HTML part and plain-text part of one mail; the subject is a single line. */
export async function renderMail(
  content: MailContent,
): Promise<{ subject: string; html: string; text: string }> {
  const words = wordsOf(content);
  return {
    subject: words.subject.replace(/[\p{Cc}\u2028\u2029]+/gu, " "),
    html: await render(createElement(MailLayout, words)),
    text: plainText(words.blocks),
  };
}
