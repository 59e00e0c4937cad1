import type { DatabaseSync } from "node:sqlite";
import type { AttendeeMails, SandboxClock } from "./context.ts";

/** Keeps every mail that a system would have sent to attendees, so that a test can demand that there is none. */
export function createAttendeeMails(
  db: DatabaseSync,
  clock: SandboxClock,
): AttendeeMails & { empty(): void } {
  db.exec(`create table if not exists sandbox_attendee_mail (
    id integer primary key, at text not null, mail text not null
  ) strict`);
  const insert = db.prepare("insert into sandbox_attendee_mail (at, mail) values (?, ?)");
  const count = db.prepare("select count(*) as n from sandbox_attendee_mail");
  const list = db.prepare("select id, at, mail from sandbox_attendee_mail order by id");
  return {
    add: (mail) => void insert.run(clock.now().toISOString(), JSON.stringify(mail)),
    count: () => Number(count.get()!["n"]),
    list: () =>
      list.all().map((row) => ({
        id: row["id"],
        at: row["at"],
        ...(JSON.parse(row["mail"] as string) as Record<string, unknown>),
      })),
    empty: () => db.exec("delete from sandbox_attendee_mail"),
  };
}
