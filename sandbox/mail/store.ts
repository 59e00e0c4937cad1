import type { DatabaseSync } from "node:sqlite";
import { simpleParser, type AddressObject, type ParsedMail } from "mailparser";
import type { SandboxClock } from "../context.ts";

/** One accepted message, as `/mail/messages` tells it. */
export interface Message {
  id: number;
  messageId: string | null;
  receivedAt: string;
  from: string;
  /** Recipients of the envelope: who really got it. */
  recipients: string[];
  /** Addresses of the To header. */
  to: string[];
  subject: string;
  date: string | null;
  text: string;
  html: string | null;
  headers: Record<string, string>;
  /** All http(s) addresses in it, in order, each once. */
  links: string[];
}

export interface Filter {
  to?: string | undefined;
  since?: string | undefined;
  limit?: number | undefined;
}

export interface MailStore {
  /** Parses first, then writes in one statement: a message is there whole or not at all. */
  accept(envelope: { from: string; recipients: string[] }, raw: Buffer): Promise<number>;
  list(filter: Filter): Message[];
  get(id: number): Message | undefined;
  raw(id: number): Uint8Array | undefined;
  remove(id: number): boolean;
  empty(): void;
  count(): number;
}

export function createMailStore(
  db: DatabaseSync,
  transaction: <T>(work: () => T) => T,
  clock: SandboxClock,
): MailStore {
  db.exec(`
    create table if not exists mail_message (
      id integer primary key autoincrement, received_at text not null, message text not null, raw blob not null
    ) strict;
    create table if not exists mail_recipient (
      address text not null, message_id integer not null references mail_message on delete cascade,
      primary key (address, message_id)
    ) strict, without rowid;
    create index if not exists mail_recipient_message on mail_recipient (message_id);
  `);
  const insert = db.prepare("insert into mail_message (received_at, message, raw) values (?, ?, ?)");
  const insertRecipient = db.prepare("insert or ignore into mail_recipient values (?, ?)");
  const select = db.prepare("select id, message from mail_message where id = ?");
  const selectRaw = db.prepare("select raw from mail_message where id = ?");
  const remove = db.prepare("delete from mail_message where id = ?");
  const count = db.prepare("select count(*) as n from mail_message");
  const list = db.prepare(
    `select id, message from mail_message
     where (?1 is null or id in (select message_id from mail_recipient where address = ?1))
       and (?2 is null or received_at >= ?2)
     order by id desc limit ?3`,
  );
  const message = (row: Record<string, unknown>): Message => ({
    id: Number(row["id"]),
    ...(JSON.parse(row["message"] as string) as Omit<Message, "id">),
  });
  return {
    async accept(envelope, raw) {
      const parsed = await simpleParser(raw, { skipImageLinks: true, skipTextToHtml: true });
      const receivedAt = clock.now().toISOString();
      const told = tell(parsed, envelope, receivedAt);
      return transaction(() => {
        const id = Number(insert.run(receivedAt, JSON.stringify(told), raw).lastInsertRowid);
        for (const recipient of envelope.recipients) insertRecipient.run(recipient.toLowerCase(), id);
        return id;
      });
    },
    list: ({ to, since, limit }) =>
      list.all(to?.toLowerCase() ?? null, since ?? null, limit ?? 1000).map(message),
    get(id) {
      const row = select.get(id);
      return row && message(row);
    },
    raw: (id) => selectRaw.get(id)?.["raw"] as Uint8Array | undefined,
    remove: (id) => remove.run(id).changes > 0,
    empty: () => db.exec("delete from mail_message"),
    count: () => Number(count.get()!["n"]),
  };
}

function tell(
  parsed: ParsedMail,
  envelope: { from: string; recipients: string[] },
  receivedAt: string,
): Omit<Message, "id"> {
  const html = typeof parsed.html === "string" ? parsed.html : null;
  const text = parsed.text ?? "";
  return {
    messageId: parsed.messageId ?? null,
    receivedAt,
    from: parsed.from?.text ?? envelope.from,
    recipients: envelope.recipients,
    to: addresses(parsed.to),
    subject: parsed.subject ?? "",
    date: dateOf(parsed),
    text,
    html,
    headers: Object.fromEntries(
      parsed.headerLines.map(({ key, line }) => [key, line.slice(line.indexOf(":") + 1).trim()]),
    ),
    links: linksIn(html ?? "", text),
  };
}

/** The library says `undefined` for no date and an invalid Date for a broken one. */
function dateOf({ date }: ParsedMail): string | null {
  return date instanceof Date && !Number.isNaN(date.getTime()) ? date.toISOString() : null;
}

function addresses(to: AddressObject | AddressObject[] | undefined): string[] {
  const objects = to === undefined ? [] : Array.isArray(to) ? to : [to];
  return objects
    .flatMap((each) => each.value.map(({ address }) => address ?? ""))
    .filter((each) => each !== "");
}

function linksIn(html: string, text: string): string[] {
  const inHtml = [...html.matchAll(/href\s*=\s*(?:"([^"]*)"|'([^']*)')/gi)].map((match) =>
    (match[1] ?? match[2] ?? "").replace(/&amp;/g, "&"),
  );
  const inText = [...text.matchAll(/https?:\/\/[^\s<>"')\]]+/g)].map((match) =>
    match[0].replace(/[.,;:!?]+$/, ""),
  );
  return [...new Set([...inHtml, ...inText])].filter((each) => /^https?:\/\//i.test(each));
}
