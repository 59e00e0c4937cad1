import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";

/**
 * Opens (or makes) the one database file of a sandbox. Write-ahead log with full sync: when a transaction
 * has returned, its writes survive `kill -9` and a power cut.
 */
export function openDatabase(file: string): DatabaseSync {
  mkdirSync(dirname(file), { recursive: true });
  const db = new DatabaseSync(file);
  db.exec(`
    pragma journal_mode = wal;
    pragma synchronous = full;
    pragma busy_timeout = 5000;
    pragma foreign_keys = on;
    create table if not exists sandbox_setting (name text primary key, value text not null) strict;
  `);
  return db;
}

/**
 * One immediate transaction; called inside another one, it becomes a savepoint of it, so that systems can
 * call each other's writes without knowing who began.
 *
 * @throws what `work` throws, after rolling back. `work` must not be asynchronous.
 */
export function transactionOn(db: DatabaseSync): <T>(work: () => T) => T {
  let depth = 0;
  return (work) => {
    const outermost = depth === 0;
    const begin = outermost ? "begin immediate" : `savepoint s${depth}`;
    const commit = outermost ? "commit" : `release s${depth}`;
    const rollback = outermost ? "rollback" : `rollback to s${depth}; release s${depth}`;
    db.exec(begin);
    depth += 1;
    try {
      const result = work();
      if (result instanceof Promise) throw new TypeError("a transaction must not be asynchronous");
      db.exec(commit);
      return result;
    } catch (error) {
      db.exec(rollback);
      throw error;
    } finally {
      depth -= 1;
    }
  };
}

/** Small named values that outlive a restart (clock offset, seed, client registration …). */
export interface Settings {
  get(name: string): string | undefined;
  set(name: string, value: string): void;
  remove(name: string): void;
}

export function settingsOn(db: DatabaseSync): Settings {
  const select = db.prepare("select value from sandbox_setting where name = ?");
  const upsert = db.prepare(
    "insert into sandbox_setting (name, value) values (?, ?) on conflict (name) do update set value = excluded.value",
  );
  const remove = db.prepare("delete from sandbox_setting where name = ?");
  return {
    get: (name) => select.get(name)?.["value"] as string | undefined,
    set: (name, value) => void upsert.run(name, value),
    remove: (name) => void remove.run(name),
  };
}
