import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import type { ItemData, ItemKind, StoredItem } from "./model.ts";

/** A person's mailbox; `sequence` counts every change in it. */
export interface Mailbox {
  owner: string;
  /** Sixteen bytes in hex, new for each life of the mailbox. */
  replica: string;
}

type Row = Record<string, SQLOutputValue>;

/** One change of a folder's content, newest item first. */
export interface ItemChange {
  row: number;
  kind: ItemKind;
  version: number;
  change: "create" | "update" | "delete" | "read";
  isRead: boolean;
}

/**
 * Items in SQLite. Every write takes a number from the mailbox's sequence; an item knows the number of its
 * creation, last change and last change of content, a deleted one leaves a trace: that is the change log which
 * sync states walk along.
 */
export class ItemStore {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, ReturnType<DatabaseSync["prepare"]>>();

  constructor(db: DatabaseSync) {
    this.#db = db;
    db.exec(schema);
  }

  sql(text: string): ReturnType<DatabaseSync["prepare"]> {
    let statement = this.#statements.get(text);
    if (!statement) {
      statement = this.#db.prepare(text);
      this.#statements.set(text, statement);
    }
    return statement;
  }

  mailbox(owner: string): Mailbox | undefined {
    const row = this.sql("select owner, replica from exchange_mailbox where owner = ?").get(owner);
    return row && { owner: String(row["owner"]), replica: String(row["replica"]) };
  }

  /** Newest number of the mailbox's sequence. */
  sequence(owner: string): number {
    return Number(
      this.sql("select sequence from exchange_mailbox where owner = ?").get(owner)?.["sequence"] ?? 0,
    );
  }

  nextSequence(owner: string): number {
    const text = "update exchange_mailbox set sequence = sequence + 1 where owner = ? returning sequence";
    return Number(this.sql(text).get(owner)?.["sequence"] ?? 0);
  }

  insert(owner: string, folder: number, kind: ItemKind, data: ItemData, isRead = true): StoredItem {
    const version = this.nextSequence(owner);
    const text = JSON.stringify(data);
    const result = this.sql(
      `insert into exchange_item (mailbox, folder, kind, uid, version, created_at, changed_at, content_at, is_read, data)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ).run(
      owner,
      folder,
      kind,
      data.calendar?.uid ?? null,
      version,
      version,
      version,
      version,
      isRead ? 1 : 0,
      text,
    );
    const row = Number(result.lastInsertRowid);
    return { row, mailbox: owner, folder, kind, version, isRead, size: text.length, data };
  }

  /** Writes an item back. `content` false: only the read flag changed, which sync reports apart. */
  update(item: StoredItem, content = true): void {
    item.version = this.nextSequence(item.mailbox);
    const text = JSON.stringify(item.data);
    item.size = text.length;
    this.sql(
      `update exchange_item set uid = ?, version = ?, changed_at = ?, is_read = ?, data = ?,
         content_at = case when ? then ? else content_at end where id = ?`,
    ).run(
      item.data.calendar?.uid ?? null,
      item.version,
      item.version,
      item.isRead ? 1 : 0,
      text,
      content ? 1 : 0,
      item.version,
      item.row,
    );
  }

  remove(item: StoredItem): void {
    const sequence = this.nextSequence(item.mailbox);
    this.sql(
      `insert into exchange_gone (item, mailbox, folder, kind, created_at, gone_at)
       select id, mailbox, folder, kind, created_at, ? from exchange_item where id = ?`,
    ).run(sequence, item.row);
    this.sql("delete from exchange_item where id = ?").run(item.row);
  }

  /** Puts an item into another folder: under a new row, as it gets a new id there; its origin stays what it was. */
  move(item: StoredItem, folder: number): StoredItem {
    const origin = this.origin(item.row);
    this.remove(item);
    const moved = this.insert(item.mailbox, folder, item.kind, item.data, item.isRead);
    this.sql("insert into exchange_origin (item, origin) values (?, ?)").run(moved.row, origin);
    return moved;
  }

  /** The row under which an item came into its mailbox: what Graph's immutable ids are made of. */
  origin(row: number): number {
    const found = this.sql("select origin from exchange_origin where item = ?").get(row);
    return Number(found?.["origin"] ?? row);
  }

  /** The row that an item has now, by its origin. */
  rowOfOrigin(origin: number): number {
    const text = "select max(item) as item from exchange_origin where origin = ?";
    return Number(this.sql(text).get(origin)?.["item"] ?? origin);
  }

  item(row: number): StoredItem | undefined {
    const found = this.sql("select * from exchange_item where id = ?").get(row);
    return found && toItem(found);
  }

  /** Items of a folder, newest first. */
  itemsIn(folder: number): StoredItem[] {
    return this.sql("select * from exchange_item where folder = ? order by id desc").all(folder).map(toItem);
  }

  countIn(folder: number): { total: number; unread: number } {
    const row = this.sql(
      "select count(*) as total, coalesce(sum(is_read = 0), 0) as unread from exchange_item where folder = ?",
    ).get(folder);
    return { total: Number(row?.["total"]), unread: Number(row?.["unread"]) };
  }

  /**
   * What happened in a folder after `since`, newest item first, only items with a row below `below`.
   * @returns at most `limit` changes
   */
  changes(folder: number, since: number, below: number, limit: number): ItemChange[] {
    // Listing from nothing walks the folder by row; the plus sign keeps SQLite from the index on changes.
    const column = since === 0 ? "+changed_at" : "changed_at";
    const live = this.sql(
      `select id, kind, version, is_read, created_at > ?1 as is_new, content_at > ?1 as is_changed
         from exchange_item where folder = ?2 and ${column} > ?1 and id < ?3 order by id desc limit ?4`,
    ).all(since, folder, below, limit);
    const gone = this.sql(
      `select item, kind from exchange_gone
        where folder = ?2 and gone_at > ?1 and created_at <= ?1 and item < ?3 order by item desc limit ?4`,
    ).all(since, folder, below, limit);
    const changes = [...live.map(toChange), ...gone.map(toDelete)];
    return changes.sort((a, b) => b.row - a.row).slice(0, limit);
  }

  /** Takes a whole mailbox away: its ids and sync states mean nothing from then on. */
  forget(owner: string): void {
    for (const table of ["folder", "folder_gone", "item", "gone"]) {
      this.sql(`delete from exchange_${table} where mailbox = ?`).run(owner);
    }
    this.sql("delete from exchange_mailbox where owner = ?").run(owner);
  }

  clear(): void {
    for (const table of ["mailbox", "folder", "folder_gone", "item", "gone", "origin"]) {
      this.#db.exec(`delete from exchange_${table}`);
    }
  }
}

function toItem(row: Row): StoredItem {
  const text = String(row["data"]);
  return {
    row: Number(row["id"]),
    mailbox: String(row["mailbox"]),
    folder: Number(row["folder"]),
    kind: String(row["kind"]) as ItemKind,
    version: Number(row["version"]),
    isRead: row["is_read"] === 1,
    size: text.length,
    data: JSON.parse(text) as ItemData,
  };
}

function toChange(row: Row): ItemChange {
  const change = row["is_new"] === 1 ? "create" : row["is_changed"] === 1 ? "update" : "read";
  return {
    row: Number(row["id"]),
    kind: String(row["kind"]) as ItemKind,
    version: Number(row["version"]),
    change,
    isRead: row["is_read"] === 1,
  };
}

function toDelete(row: Row): ItemChange {
  return {
    row: Number(row["item"]),
    kind: String(row["kind"]) as ItemKind,
    version: 0,
    change: "delete",
    isRead: true,
  };
}

// created_at, changed_at, content_at, gone_at are numbers of the mailbox's sequence, not times.
const schema = `
create table if not exists exchange_mailbox (
  owner text primary key, replica text not null, sequence integer not null default 0
) strict;
create table if not exists exchange_folder (
  id integer primary key autoincrement, mailbox text not null, parent integer, distinguished text,
  name text not null, class text not null, version integer not null,
  created_at integer not null, changed_at integer not null, data text not null
) strict;
create index if not exists exchange_folder_mailbox on exchange_folder (mailbox, distinguished);
create table if not exists exchange_folder_gone (
  folder integer primary key, mailbox text not null, created_at integer not null, gone_at integer not null
) strict;
create table if not exists exchange_item (
  id integer primary key autoincrement, mailbox text not null, folder integer not null, kind text not null,
  uid text, version integer not null, created_at integer not null, changed_at integer not null,
  content_at integer not null, is_read integer not null, data text not null
) strict;
create index if not exists exchange_item_folder on exchange_item (folder, id);
create index if not exists exchange_item_changed on exchange_item (folder, changed_at);
create table if not exists exchange_gone (
  item integer primary key, mailbox text not null, folder integer not null, kind text not null,
  created_at integer not null, gone_at integer not null
) strict;
create index if not exists exchange_gone_folder on exchange_gone (folder, gone_at);
create table if not exists exchange_origin (item integer primary key, origin integer not null) strict;
create index if not exists exchange_origin_item on exchange_origin (origin, item);
`;
