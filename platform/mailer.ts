import { Readable } from "node:stream";
import MailComposer from "nodemailer/lib/mail-composer";
import SMTPConnection from "nodemailer/lib/smtp-connection";
import { classify } from "../core/errors/classify.ts";
import type { ErrorCode } from "../core/errors/table.ts";
import type { MailConnection, MailSecrets } from "./connections.ts";

/** One mail to one person. Header texts must be single lines: `compose` refuses others. */
export interface Mail {
  messageId: string;
  from: { name: string; address: string };
  to: { name: string; address: string };
  replyTo?: string | undefined;
  subject: string;
  html: string;
  text: string;
}

/**
 * What became of one try:
 * - `accepted`: the server took the mail.
 * - `refused`: it will not take it (5xx); trying again is of no use.
 * - `delayed`: it certainly did not take it; try again.
 * - `uncertain`: the content went out and no answer came back. Trying again might send it twice.
 * - `withdrawn`: `beforeContent` said no; nothing was sent.
 */
export type Delivery =
  | { outcome: "accepted" }
  | { outcome: "refused" | "delayed"; problem: ErrorCode }
  | { outcome: "uncertain" }
  | { outcome: "withdrawn" };

/** Builds the message (RFC 5322). @throws RangeError when a header text holds a control character */
export function compose(mail: Mail): Promise<Buffer> {
  for (const header of [mail.messageId, mail.subject, mail.from.name, mail.to.name, mail.replyTo ?? ""]) {
    if (/[\p{Cc}\u2028\u2029]/u.test(header)) throw new RangeError("a header text must be a single line");
  }
  const composer = new MailComposer({
    messageId: mail.messageId,
    from: mail.from,
    to: mail.to,
    ...(mail.replyTo ? { replyTo: { name: "", address: mail.replyTo } } : {}),
    subject: mail.subject,
    text: mail.text,
    html: mail.html,
    headers: { "Auto-Submitted": "auto-generated" },
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return new Promise((resolve, reject) => {
    composer.compile().build((error, message) => (error ? reject(error) : resolve(message)));
  });
}

/**
 * Hands one message to the mail server (RFC 5321).
 *
 * @param beforeContent called when server and recipient are settled and before the first byte of the content
 *   goes out: the moment to note that from now on the outcome may stay unknown. `false` stops here.
 */
export function deliverMail(
  server: MailConnection & MailSecrets,
  envelope: { from: string; to: string },
  message: Buffer,
  beforeContent: () => Promise<boolean>,
  signal: AbortSignal,
): Promise<Delivery> {
  return new Promise((resolve) => {
    let contentBegan = false;
    let finished = false;
    const connection = new SMTPConnection({
      host: server.host,
      port: server.port,
      secure: server.secure,
      requireTLS: server.user !== undefined && !isLoopback(server.host),
      connectionTimeout: 10_000,
      greetingTimeout: 10_000,
      socketTimeout: 30_000,
      dnsTimeout: 10_000,
    });

    const finish = (delivery: Delivery) => {
      if (finished) return;
      finished = true;
      signal.removeEventListener("abort", abort);
      if (delivery.outcome === "accepted") connection.quit();
      else connection.close();
      resolve(delivery);
    };
    const fail = (error: SMTPConnection.SMTPError | Error) => finish(judge(error, contentBegan));
    const abort = () =>
      finish(contentBegan ? { outcome: "uncertain" } : { outcome: "delayed", problem: "smtp.unreachable" });

    const content = new Readable({
      read() {
        if (contentBegan) return;
        beforeContent().then(
          (go) => {
            if (finished) return;
            if (!go) {
              finish({ outcome: "withdrawn" });
              return;
            }
            contentBegan = true;
            this.push(message);
            this.push(null);
          },
          // Not noted, so not sent: the connection is closed before the content began.
          () => finish({ outcome: "delayed", problem: "everlink.unexpected" }),
        );
      },
    });

    const send = () => {
      connection.send({ from: envelope.from, to: [envelope.to], size: message.length }, content, (error) =>
        error ? fail(error) : finish({ outcome: "accepted" }),
      );
    };

    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) {
      abort();
      return;
    }
    connection.on("error", fail);
    connection.connect((error) => {
      if (error) fail(error);
      else if (server.user === undefined) send();
      else {
        connection.login({ credentials: { user: server.user, pass: server.password ?? "" } }, (refused) =>
          refused ? fail(refused) : send(),
        );
      }
    });
  });
}

function judge(error: SMTPConnection.SMTPError | Error, contentBegan: boolean): Delivery {
  const answer = error as { responseCode?: number; code?: string };
  const status = answer.responseCode;
  if (status === undefined) {
    return contentBegan
      ? { outcome: "uncertain" }
      : { outcome: "delayed", problem: answer.code === "EAUTH" ? "smtp.credential" : "smtp.unreachable" };
  }
  const problem = classify({ system: "smtp", status });
  if (answer.code === "EAUTH") return { outcome: "delayed", problem: "smtp.credential" };
  if (status >= 500) return { outcome: "refused", problem: problem ?? "smtp.refused" };
  // A 4xx, or an answer that is no SMTP: certainly not taken when the server said so.
  if (status >= 400) return { outcome: "delayed", problem: problem ?? "smtp.unreachable" };
  return contentBegan ? { outcome: "uncertain" } : { outcome: "delayed", problem: "smtp.unreachable" };
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "127.0.0.1" || host === "::1";
}
