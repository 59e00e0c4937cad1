import type { RegistrationView } from "./view.ts";

/** What one page tells: a title that names the state, sentences that tell why without fault, one next step. */
export interface Words {
  tone: "neutral" | "good" | "waiting" | "bad";
  title: string;
  paragraphs: string[];
  /** Three short lists: reads, writes, never touches. */
  touches?: { reads: string; writes: string; never: string };
  stop?: string;
  /** To copy and hand to somebody else. */
  forward?: string;
  button?: { label: string; action: string };
  codeField?: { action: string; refused: boolean };
  /** Offers the page where a code is typed. */
  offerCode?: boolean;
  /** Shown small, for whoever helps. */
  code?: string;
}

const signIn = "Continue with Microsoft";

export function wordsOf(view: RegistrationView): Words {
  switch (view.page) {
    case "invitation":
      return view.purpose === "reauth"
        ? {
            tone: "neutral",
            title: "Please sign in again",
            paragraphs: [
              `${view.organization} keeps your SuperOffice diary in sync with the mailbox ${view.address}. Microsoft asks you to sign in once more.`,
              "Nothing is lost: once you have signed in, the sync goes on by itself.",
            ],
            button: { label: signIn, action: view.action },
          }
        : {
            tone: "neutral",
            title: "Keep your diary in sync",
            paragraphs: [
              `${view.sender} invites you to connect your SuperOffice diary at ${view.organization} with the mailbox ${view.address}.`,
              "You sign in once with Microsoft; after that both show the same.",
            ],
            touches: {
              reads: "the appointments of your calendar, your name and mail address",
              writes: "appointments, so that both diaries show the same",
              never: "your mails, your files, or any mailbox but yours",
            },
            stop: "How to stop: tell your administrator, or remove Everlink at myapps.microsoft.com. If you do not want to take part, close this page: without your sign-in nothing is connected.",
            button: { label: signIn, action: view.action },
          };
    case "code":
      return {
        tone: "neutral",
        title: "Type your code",
        paragraphs: ["The code is in your invitation: twelve letters and digits."],
        codeField: { action: view.action, refused: view.refused },
      };
    case "too-many":
      return {
        tone: "waiting",
        title: "Please wait a few minutes",
        paragraphs: ["Too many codes were tried from here. Try again in a few minutes."],
      };
    case "connected":
      return {
        tone: "good",
        title: view.again ? "You are signed in again" : "You are connected",
        paragraphs: [
          view.again
            ? `The sync of your diary with ${view.address} goes on by itself. You can close this page.`
            : `${view.address} is connected. ${view.organization} does the rest. You can close this page.`,
        ],
      };
    case "already-connected":
      return {
        tone: "good",
        title: "You are connected already",
        paragraphs: [`Your mailbox is connected with ${view.organization}. You can close this page.`],
      };
    case "expired":
      return {
        tone: "waiting",
        title: "This link does not work any more",
        paragraphs: [
          "Links work for a limited time. Ask whoever invited you to send a new one, or use a newer mail if you have one.",
        ],
        offerCode: true,
      };
    case "revoked":
      return {
        tone: "waiting",
        title: "This invitation was withdrawn",
        paragraphs: [
          `Nothing was connected. If you did expect it, ask ${view.organization} for a new invitation.`,
        ],
      };
    case "wrong-account":
      return {
        tone: "waiting",
        title: "This is another account",
        paragraphs: [
          `You signed in as ${view.signedInAs}. The invitation is for ${view.invited}.`,
          "Nothing was stored. Sign in with the invited account; if that address is out of date, tell whoever invited you.",
        ],
        button: { label: "Sign in with another account", action: view.retry },
      };
    case "declined":
      return {
        tone: "neutral",
        title: "You did not allow the access",
        paragraphs: [
          "That is fine: nothing was stored. You can close this page, or start again if it was a slip.",
        ],
        button: { label: "Start again", action: view.retry },
      };
    case "admin-approval":
      return {
        tone: "waiting",
        title: "Your administrator has to approve first",
        paragraphs: [
          "Your organization lets only administrators allow applications such as Everlink. Nothing was stored. Forward this text to your administrator; afterwards open your link again.",
        ],
        forward: view.forward,
        code: view.code,
        button: { label: "It is approved, continue", action: view.retry },
      };
    case "mailbox-missing":
      return {
        tone: "waiting",
        title: "This account has no mailbox",
        paragraphs: [
          `${view.address} has no mailbox, or no licence for one. Nothing was stored. Ask your administrator; afterwards open your link again.`,
        ],
        code: view.code,
        button: { label: "Try again", action: view.retry },
      };
    case "temporary":
      return {
        tone: "waiting",
        title: "Microsoft does not answer just now",
        paragraphs: [
          "Nothing is lost, and you did nothing wrong. Try again in a moment; your link stays good.",
        ],
        ...(view.retry ? { button: { label: "Try again", action: view.retry } } : {}),
      };
    case "refused":
      return {
        tone: "bad",
        title: "Microsoft did not let Everlink in",
        paragraphs: [view.message, view.next],
        code: view.code,
        ...(view.retry ? { button: { label: "Try again", action: view.retry } } : {}),
      };
    case "start-again":
      return {
        tone: "waiting",
        title: "Please start again",
        paragraphs: [
          "This sign-in was begun in another browser, or too long ago. Nothing was stored. Open the link in your mail again and continue in one browser.",
        ],
        offerCode: true,
      };
  }
}
