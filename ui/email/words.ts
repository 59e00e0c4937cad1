import type { Block, InvitationMail, MailContent, MailText, ReauthMail } from "./content.ts";

/** What Everlink does with a mailbox; the registration page says the same in the same order. */
export const touches = {
  reads: "the appointments of your calendar, your name and mail address",
  writes: "appointments, so that both diaries show the same",
  never: "your mails, your files, or any mailbox but yours",
} as const;

export function wordsOf(content: MailContent): MailText {
  const { organization, person } = content;
  const hello: Block = { type: "paragraph", text: person.name ? `Hello ${person.name},` : "Hello," };
  switch (content.kind) {
    case "invitation":
      return invitation(content, hello);
    case "reauth":
      return {
        subject: `Please sign in again so that your diary stays in sync`,
        preview: `${organization}: one sign-in with Microsoft is needed. Nothing is lost.`,
        blocks: [
          { type: "title", text: "Please sign in again" },
          hello,
          {
            type: "paragraph",
            text: content.cause ?? `${organization} asks you to renew your sign-in with Microsoft.`,
          },
          {
            type: "paragraph",
            text: "Nothing is lost. Once you have signed in, the sync of your diary goes on by itself.",
          },
          { type: "button", label: "Sign in again", url: content.link },
          ...codeAndLimits(content),
        ],
      };
    case "recovery":
      return {
        subject: "Your diary is in sync again",
        preview: "Nothing is left to do.",
        blocks: [
          { type: "title", text: "Your diary is in sync again" },
          hello,
          {
            type: "paragraph",
            text: "Everlink has access to your calendar again and has caught up. Nothing is left to do.",
          },
          { type: "small", text: `Sent by Everlink for ${organization}.` },
        ],
      };
  }
}

function invitation(mail: InvitationMail, hello: Block): MailText {
  const paragraphs = (mail.message ?? "")
    .split(/\n\s*\n/)
    .map((text) => text.trim())
    .filter(Boolean);
  return {
    subject: mail.subject ?? `${mail.organization} invites you to keep your diary in sync`,
    preview: `Sign in once with Microsoft to connect ${mail.person.address}.`,
    blocks: [
      { type: "title", text: "Keep your diary in sync" },
      hello,
      {
        type: "paragraph",
        text: `${mail.sender} invites you to connect your SuperOffice diary at ${mail.organization} with your mailbox ${mail.person.address}. You sign in once with Microsoft; after that both show the same.`,
      },
      ...(paragraphs.length > 0 ? [{ type: "quote", from: mail.sender, paragraphs } as const] : []),
      {
        type: "list",
        title: "With your permission, Everlink",
        items: [`reads ${touches.reads}`, `writes ${touches.writes}`, `never touches ${touches.never}`],
      },
      { type: "button", label: "Continue with Microsoft", url: mail.link },
      ...codeAndLimits(mail),
      {
        type: "paragraph",
        text: "How to stop: tell your administrator, or remove Everlink at myapps.microsoft.com. If you do not want to take part, do nothing: without your sign-in nothing is connected.",
      },
      { type: "small", text: `Sent by Everlink for ${mail.organization}.` },
    ],
  };
}

function codeAndLimits(mail: InvitationMail | ReauthMail): Block[] {
  const until = new Intl.DateTimeFormat("en-GB", {
    dateStyle: "long",
    timeZone: mail.timeZone,
  }).format(mail.expiresAt);
  return [
    { type: "code", label: "Or type this code:", code: mail.code, url: mail.codePage },
    {
      type: "paragraph",
      text: `Link and code are personal and work until ${until}. Do not forward them: they are for ${mail.person.address} only.`,
    },
  ];
}
