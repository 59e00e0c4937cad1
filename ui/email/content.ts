/** What a mail has to say. Names are shown as given; nothing here is a secret but `link` and `code`. */
export type MailContent = InvitationMail | ReauthMail | RecoveryMail;

interface Addressed {
  organization: string;
  person: { name: string; address: string };
}

interface WithLink {
  link: string;
  /** As shown: `XXXX-XXXX-XXXX`. */
  code: string;
  /** Where a code is typed. */
  codePage: string;
  expiresAt: Date;
  /** IANA zone for the date that is shown. */
  timeZone: string;
}

export interface InvitationMail extends Addressed, WithLink {
  kind: "invitation";
  /** Who invites, as people know them. */
  sender: string;
  subject?: string | undefined;
  /** The administrator's own words; blank lines make paragraphs. */
  message?: string | undefined;
}

export interface ReauthMail extends Addressed, WithLink {
  kind: "reauth";
  /** What happened, in one sentence; `null` when an administrator asks without a cause. */
  cause: string | null;
}

export interface RecoveryMail extends Addressed {
  kind: "recovery";
}

/** A mail as a row of blocks, the same in HTML and in plain text. */
export type Block =
  | { type: "title"; text: string }
  | { type: "paragraph"; text: string }
  | { type: "quote"; from: string; paragraphs: string[] }
  | { type: "list"; title: string; items: string[] }
  | { type: "button"; label: string; url: string }
  | { type: "code"; label: string; code: string; url: string }
  | { type: "small"; text: string };

export interface MailText {
  subject: string;
  preview: string;
  blocks: Block[];
}
