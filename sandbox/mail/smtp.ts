import type { Readable } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import { SMTPServer, type SMTPServerSession } from "smtp-server";
import type { FaultEffect, SandboxContext } from "../context.ts";
import type { MailStore } from "./store.ts";

export interface Smtp {
  /** @returns the port, also when asked for any (0) */
  listen(port: number, host: string): Promise<number>;
  counts(): { accepted: number; refusedRecipients: number; refusedMessages: number };
  resetCounts(): void;
  close(): Promise<void>;
}

/** Larger than any mail of ours by far. */
const sizeLimitBytes = 10 * 1024 * 1024;

/**
 * Real SMTP in. Nobody needs to sign in; whoever does is believed. Fault rules of the system `mail` apply to the
 * operations `RCPT` (one address: `RCPT kari@nordlys.example`) and `DATA`: `status` is the SMTP code (421, 450,
 * 550 …) with `body` as text, `lostResponse` stores the message and breaks the connection, `lateCommit` breaks it
 * and stores later, `latency` waits.
 */
export function createSmtp(context: SandboxContext, store: MailStore): Smtp {
  let counts = { accepted: 0, refusedRecipients: 0, refusedMessages: 0 };
  const stopping = new AbortController();
  const pick = (operation: string, address?: string) =>
    context.faults.pick({
      system: "mail",
      operation,
      person: address === undefined ? undefined : context.directory.byAddress(address),
    });

  const server = new SMTPServer({
    banner: "Everlink sandbox",
    authOptional: true,
    allowInsecureAuth: true,
    // A client that sees STARTTLS uses it, and would have to trust our authority just to send a mail.
    disabledCommands: ["STARTTLS"],
    disableReverseLookup: true,
    size: sizeLimitBytes,
    onAuth: (auth, _session, callback) => callback(null, { user: auth.username ?? "anybody" }),
    onRcptTo: (address, _session, callback) => void settle(recipient(address.address), callback),
    onData: (stream, session, callback) => void settle(receive(stream, session), callback),
  });
  server.on("error", (error) => context.log({ system: "mail", error: error.message }));

  /** Tells the client how it went, unless its connection was broken on purpose. */
  async function settle(
    work: Promise<Error | undefined | "broken">,
    callback: (refusal?: Error | null) => void,
  ): Promise<void> {
    try {
      const outcome = await work;
      if (outcome !== "broken") callback(outcome);
    } catch (error) {
      context.log({ level: "error", system: "mail", error: error instanceof Error ? error.stack : error });
      callback(smtpError(451, "local error in processing"));
    }
  }

  async function recipient(address: string): Promise<Error | undefined> {
    for (const operation of [`RCPT ${address}`, "RCPT"]) {
      const { latencyMs, effect } = pick(operation, address);
      if (latencyMs > 0) await wait(latencyMs);
      if (effect?.kind === "status") {
        counts.refusedRecipients += 1;
        return refused(effect, "mailbox unavailable");
      }
    }
    return undefined;
  }

  async function receive(
    stream: Readable,
    session: SMTPServerSession,
  ): Promise<Error | undefined | "broken"> {
    const chunks: Buffer[] = [];
    for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
    const raw = Buffer.concat(chunks);
    if ((stream as Readable & { sizeExceeded?: boolean }).sizeExceeded) {
      counts.refusedMessages += 1;
      return smtpError(552, "message is too large");
    }
    const mailFrom = session.envelope.mailFrom;
    const from = mailFrom === false ? "" : mailFrom.address;
    const recipients = session.envelope.rcptTo.map((each) => each.address);
    const accept = async () => {
      await store.accept({ from, recipients }, raw);
      counts.accepted += 1;
    };
    const { latencyMs, effect } = pick("DATA", recipients[0]);
    if (latencyMs > 0) await wait(latencyMs);
    if (effect?.kind === "status") {
      counts.refusedMessages += 1;
      return refused(effect, "transaction failed");
    }
    if (effect?.kind === "lateCommit") {
      breakConnection(session);
      const stopped = await wait(effect.ms, false, { signal: stopping.signal }).catch(() => true);
      if (!stopped) await accept();
      return "broken";
    }
    await accept();
    if (effect?.kind !== "lostResponse") return undefined;
    breakConnection(session);
    return "broken";
  }

  function breakConnection(session: SMTPServerSession): void {
    const connections = server.connections as unknown as Set<{ id: string; _socket: { destroy(): void } }>;
    for (const connection of connections) if (connection.id === session.id) connection._socket.destroy();
  }

  return {
    listen: (port, host) =>
      new Promise((resolve, reject) => {
        server.once("error", reject);
        const listening = server.listen(port, host, () => {
          server.off("error", reject);
          const address = listening.address();
          resolve(typeof address === "object" && address !== null ? address.port : port);
        });
      }),
    counts: () => ({ ...counts }),
    resetCounts: () => void (counts = { accepted: 0, refusedRecipients: 0, refusedMessages: 0 }),
    close() {
      stopping.abort();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

const smtpError = (responseCode: number, message: string): Error =>
  Object.assign(new Error(message), { responseCode });

const refused = (effect: Extract<FaultEffect, { kind: "status" }>, otherwise: string): Error =>
  smtpError(effect.status, effect.body ?? otherwise);
