import { randomBytes } from "node:crypto";
import type { SQLOutputValue } from "node:sqlite";
import { EwsError } from "./errors.ts";
import type { ExtendedValue } from "./model.ts";
import type { ItemStore, Mailbox } from "./store.ts";

export interface Folder {
  row: number;
  mailbox: string;
  parent: number | undefined;
  distinguished: string | undefined;
  name: string;
  class: string;
  version: number;
  extended: ExtendedValue[];
}

/** Folders that every mailbox is born with: distinguished name, display name, class, parent. */
const defaults: [distinguished: string, name: string, folderClass: string, parent: string | undefined][] = [
  ["root", "Root", "", undefined],
  ["msgfolderroot", "Top of Information Store", "", "root"],
  ["searchfolders", "Finder", "", "root"],
  ["recoverableitemsroot", "Recoverable Items", "", "root"],
  ["recoverableitemsdeletions", "Deletions", "", "recoverableitemsroot"],
  ["recoverableitemspurges", "Purges", "", "recoverableitemsroot"],
  ["recoverableitemsversions", "Versions", "", "recoverableitemsroot"],
  ["inbox", "Inbox", "IPF.Note", "msgfolderroot"],
  ["drafts", "Drafts", "IPF.Note", "msgfolderroot"],
  ["sentitems", "Sent Items", "IPF.Note", "msgfolderroot"],
  ["outbox", "Outbox", "IPF.Note", "msgfolderroot"],
  ["deleteditems", "Deleted Items", "IPF.Note", "msgfolderroot"],
  ["junkemail", "Junk Email", "IPF.Note", "msgfolderroot"],
  ["calendar", "Calendar", "IPF.Appointment", "msgfolderroot"],
  ["contacts", "Contacts", "IPF.Contact", "msgfolderroot"],
  ["tasks", "Tasks", "IPF.Task", "msgfolderroot"],
  ["notes", "Notes", "IPF.StickyNote", "msgfolderroot"],
  ["journal", "Journal", "IPF.Journal", "msgfolderroot"],
];

/** One change of the folder tree. */
export interface FolderChange {
  row: number;
  change: "create" | "update" | "delete";
}

/** The folder tree of all mailboxes. */
export class FolderStore {
  readonly #store: ItemStore;

  constructor(store: ItemStore) {
    this.#store = store;
  }

  /** Makes the mailbox and its default folders unless they are there. */
  admit(owner: string): Mailbox {
    const present = this.#store.mailbox(owner);
    if (present) return present;
    const replica = randomBytes(16).toString("hex");
    this.#store.sql("insert into exchange_mailbox (owner, replica) values (?, ?)").run(owner, replica);
    const rows = new Map<string, number>();
    for (const [distinguished, name, folderClass, parent] of defaults) {
      const parentRow = parent === undefined ? undefined : rows.get(parent);
      rows.set(distinguished, this.#insert(owner, parentRow, name, folderClass, [], distinguished));
    }
    return { owner, replica };
  }

  distinguished(owner: string, name: string): Folder | undefined {
    const text = "select * from exchange_folder where mailbox = ? and distinguished = ?";
    const row = this.#store.sql(text).get(owner, name);
    return row && toFolder(row);
  }

  byRow(row: number): Folder | undefined {
    const found = this.#store.sql("select * from exchange_folder where id = ?").get(row);
    return found && toFolder(found);
  }

  childrenOf(row: number): Folder[] {
    return this.#store
      .sql("select * from exchange_folder where parent = ? order by id")
      .all(row)
      .map(toFolder);
  }

  countChildren(row: number): number {
    const text = "select count(*) as n from exchange_folder where parent = ?";
    return Number(this.#store.sql(text).get(row)?.["n"]);
  }

  /** All folders below one, parents before children. */
  below(row: number): Folder[] {
    return this.childrenOf(row).flatMap((folder) => [folder, ...this.below(folder.row)]);
  }

  /** @throws EwsError `ErrorFolderExists` */
  create(parent: Folder, name: string, folderClass: string, extended: ExtendedValue[]): Folder {
    this.#demandFreeName(parent.row, name);
    return this.byRow(this.#insert(parent.mailbox, parent.row, name, folderClass, extended)) as Folder;
  }

  update(folder: Folder): void {
    if (folder.parent !== undefined) this.#demandFreeName(folder.parent, folder.name, folder.row);
    folder.version = this.#store.nextSequence(folder.mailbox);
    this.#store
      .sql(
        "update exchange_folder set name = ?, class = ?, version = ?, changed_at = ?, data = ? where id = ?",
      )
      .run(
        folder.name,
        folder.class,
        folder.version,
        folder.version,
        JSON.stringify(folder.extended),
        folder.row,
      );
  }

  moveTo(folder: Folder, parent: Folder): void {
    this.#demandFreeName(parent.row, folder.name);
    this.#store.sql("update exchange_folder set parent = ? where id = ?").run(parent.row, folder.row);
    folder.parent = parent.row;
    this.update(folder);
  }

  /** Removes a folder with all in it, for good. */
  remove(folder: Folder): void {
    for (const child of this.childrenOf(folder.row)) this.remove(child);
    const sequence = this.#store.nextSequence(folder.mailbox);
    this.#store
      .sql(
        `insert into exchange_folder_gone (folder, mailbox, created_at, gone_at)
         select id, mailbox, created_at, ? from exchange_folder where id = ?`,
      )
      .run(sequence, folder.row);
    this.#store.sql("delete from exchange_item where folder = ?").run(folder.row);
    this.#store.sql("delete from exchange_folder where id = ?").run(folder.row);
  }

  changes(owner: string, since: number): FolderChange[] {
    const live = this.#store
      .sql(
        `select id, created_at > ?1 as is_new from exchange_folder
          where mailbox = ?2 and changed_at > ?1 order by id`,
      )
      .all(since, owner);
    const gone = this.#store
      .sql("select folder from exchange_folder_gone where mailbox = ?2 and gone_at > ?1 and created_at <= ?1")
      .all(since, owner);
    return [
      ...live.map((row) => ({
        row: Number(row["id"]),
        change: row["is_new"] === 1 ? ("create" as const) : ("update" as const),
      })),
      ...gone.map((row) => ({ row: Number(row["folder"]), change: "delete" as const })),
    ];
  }

  #insert(
    owner: string,
    parent: number | undefined,
    name: string,
    folderClass: string,
    extended: ExtendedValue[],
    distinguished?: string,
  ): number {
    const version = this.#store.nextSequence(owner);
    const result = this.#store
      .sql(
        `insert into exchange_folder (mailbox, parent, distinguished, name, class, version, created_at, changed_at, data)
         values (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        owner,
        parent ?? null,
        distinguished ?? null,
        name,
        folderClass,
        version,
        version,
        version,
        JSON.stringify(extended),
      );
    return Number(result.lastInsertRowid);
  }

  #demandFreeName(parent: number, name: string, except?: number): void {
    const taken = this.childrenOf(parent).some(
      (folder) => folder.row !== except && folder.name.toLowerCase() === name.toLowerCase(),
    );
    if (taken) throw new EwsError("ErrorFolderExists");
  }
}

function toFolder(row: Record<string, SQLOutputValue>): Folder {
  const data = JSON.parse(String(row["data"])) as ExtendedValue[] | Record<string, never>;
  return {
    row: Number(row["id"]),
    mailbox: String(row["mailbox"]),
    parent: row["parent"] === null ? undefined : Number(row["parent"]),
    distinguished: row["distinguished"] === null ? undefined : String(row["distinguished"]),
    name: String(row["name"]),
    class: String(row["class"]),
    version: Number(row["version"]),
    extended: Array.isArray(data) ? data : [],
  };
}
