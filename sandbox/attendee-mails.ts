import { AsyncLocalStorage } from "node:async_hooks";
import type { DatabaseSync } from "node:sqlite";
import type { AttendeeMails, SandboxClock } from "./context.ts";
import { tallyOf } from "./tally.ts";

/** The `User-Agent` of the request that is being answered. */
export const callers = new AsyncLocalStorage<string>();

/** Sync says who it is; whoever does not is a person's program. */
const isSync = (caller: string | undefined) => caller?.startsWith("Everlink") === true;
const count = tallyOf("mails", { people: 0, sync: 0 }, 0);

/** Keeps every mail that a system would have sent to attendees, so that a test can demand that there is none. */
export function createAttendeeMails(
  db: DatabaseSync,
  clock: SandboxClock,
): AttendeeMails & { empty(): void } {
  db.exec(`create table if not exists sandbox_attendee_mail (
    id integer primary key, at text not null, mail text not null
  ) strict`);
  const insert = db.prepare("insert into sandbox_attendee_mail (at, mail) values (?, ?)");
  const counted = db.prepare("select count(*) as n from sandbox_attendee_mail");
  const list = db.prepare("select id, at, mail from sandbox_attendee_mail order by id");
  return {
    add(mail) {
      insert.run(clock.now().toISOString(), JSON.stringify(mail));
      count(isSync(callers.getStore()) ? "sync" : "people");
    },
    count: () => Number(counted.get()!["n"]),
    list: () =>
      list.all().map((row) => ({
        id: row["id"],
        at: row["at"],
        ...(JSON.parse(row["mail"] as string) as Record<string, unknown>),
      })),
    empty: () => db.exec("delete from sandbox_attendee_mail"),
  };
}
