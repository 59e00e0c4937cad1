import type { Person } from "../context.ts";
import { Call } from "../exchange/call.ts";
import type { Folder } from "../exchange/folders.ts";
import { parseChangeKey, formatChangeKey, type ObjectId } from "../exchange/ids.ts";
import type { ItemView, StoredItem } from "../exchange/model.ts";
import { occurrenceAt, whole } from "../exchange/series.ts";
import type { Server } from "../exchange/server.ts";
import { GraphError, notFound, badRequest } from "./errors.ts";
import { readAnyId, writeId } from "./ids.ts";
import type { GraphSwitches } from "./switches.ts";
import { namedZone, utcZone, type NamedZone } from "./time.ts";

/** What a request prefers, from all its `Prefer` headers. */
export interface Preferences {
  immutableIds: boolean;
  zone: NamedZone;
  bodyType: "HTML" | "Text";
  pageSize: number | undefined;
}

/** @throws GraphError for a zone that is not known */
export function readPreferences(header: string | undefined): Preferences {
  const values = new Map<string, string>();
  for (const part of (header ?? "").split(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/)) {
    const [name = "", value = ""] = part.split(/=(.*)/s).map((each) => each.trim());
    if (name !== "") values.set(name.toLowerCase(), value.replace(/^"(.*)"$/, "$1"));
  }
  const zone = values.get("outlook.timezone");
  const size = Number(values.get("odata.maxpagesize"));
  return {
    immutableIds: values.get("idtype")?.toLowerCase() === "immutableid",
    zone: zone === undefined ? utcZone : namedZone(zone),
    bodyType: values.get("outlook.body-content-type")?.toLowerCase() === "text" ? "Text" : "HTML",
    pageSize: Number.isInteger(size) && size > 0 ? Math.min(size, 1000) : undefined,
  };
}

export interface RawRequest {
  method: string;
  /** With the query; below `/v1.0`. */
  url: URL;
  /** Names in small letters. */
  headers: Record<string, string | undefined>;
  body: unknown;
}

/** One Graph request in one mailbox. Its store calls are those of an EWS call in UTC. */
export class GraphRequest {
  readonly raw: RawRequest;
  readonly call: Call;
  readonly prefer: Preferences;
  readonly switches: Readonly<GraphSwitches>;
  readonly epoch: number;
  /** `https://localhost:8443/v1.0` */
  readonly base: string;
  /** Values of the path's parameters by name. */
  readonly path: Record<string, string>;

  constructor(given: {
    raw: RawRequest;
    server: Server;
    person: Person;
    empty: boolean;
    switches: Readonly<GraphSwitches>;
    epoch: number;
    path: Record<string, string>;
  }) {
    this.raw = given.raw;
    this.call = new Call(given.server, given.person, new Map(), given.empty);
    this.prefer = readPreferences(given.raw.headers["prefer"]);
    this.switches = given.switches;
    this.epoch = given.epoch;
    this.base = `${given.server.context.origin()}/v1.0`;
    this.path = given.path;
  }

  get person(): Person {
    return this.call.person;
  }

  get body(): Record<string, unknown> {
    return this.raw.body as Record<string, unknown>;
  }

  /** Query parameters that a delta token carries; they hold as if the request repeated them. */
  remembered: Record<string, string> = {};

  /** A query parameter; names compare without case and with or without the dollar sign. */
  query(name: string): string | undefined {
    const wanted = name.replace(/^\$/, "").toLowerCase();
    for (const [key, value] of this.raw.url.searchParams) {
      if (key.replace(/^\$/, "").toLowerCase() === wanted) return value;
    }
    return this.remembered[wanted];
  }

  context(type: string): string {
    return `${this.base}/$metadata#users('${this.person.objectId}')/${type}`;
  }

  idOf(id: Omit<ObjectId, "mailbox" | "replica">, immutable = this.prefer.immutableIds): string {
    const { owner, replica } = this.call.mailbox();
    const format = immutable ? "restImmutableEntryId" : "restId";
    return writeId({ mailbox: owner, replica, ...id }, format, this.call.items);
  }

  itemId({ item, originalStart }: Pick<ItemView, "item" | "originalStart">): string {
    return originalStart === undefined
      ? this.idOf({ kind: "item", row: item.row })
      : this.idOf({ kind: "occurrence", row: item.row, originalStart });
  }

  /** To Do is not among what immutable ids are documented for. */
  taskId(row: number): string {
    return this.idOf({ kind: "item", row }, this.prefer.immutableIds && this.switches.immutableTaskIds);
  }

  changeKey(item: StoredItem): string {
    return formatChangeKey(item.kind, this.call.mailbox().replica, item.version);
  }

  /** @throws EwsError, GraphError 400, 403, 404 */
  readId(text: string): ObjectId {
    const id = readAnyId(text, this.call.items);
    const { owner, replica } = this.call.mailbox();
    if (id.mailbox !== owner) {
      throw new GraphError(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.");
    }
    if (id.replica !== replica) throw notFound();
    return id;
  }

  /** The item or occurrence behind an id of the path, when it is of the kind that the path is about. */
  view(text: string, kind: StoredItem["kind"]): ItemView {
    const id = this.readId(text);
    if (id.kind === "folder") throw notFound();
    const item = this.call.items.item(id.row);
    if (!item || item.mailbox !== this.call.mailbox().owner || item.kind !== kind) throw notFound();
    const folder = this.call.folders.byRow(item.folder);
    const binned =
      folder?.distinguished === "deleteditems" || folder?.distinguished?.startsWith("recoverable");
    if (binned && this.switches.binnedByImmutableId === "gone") throw notFound();
    return id.originalStart === undefined ? whole(item) : occurrenceAt(item, id.originalStart);
  }

  /** A folder of the mailbox by its id. */
  folder(text: string, folderClass: string): Folder {
    const id = this.readId(text);
    const folder = id.kind === "folder" ? this.call.folders.byRow(id.row) : undefined;
    if (!folder || folder.mailbox !== this.call.mailbox().owner || !folder.class.startsWith(folderClass)) {
      throw notFound();
    }
    return folder;
  }

  /** All folders of a class in the mailbox, the default one first; what was deleted is not among them. */
  foldersOf(name: string, folderClass: string): Folder[] {
    const main = this.call.defaultFolder(name);
    const bin = this.call.defaultFolder("deleteditems");
    const binned = new Set(this.call.folders.below(bin.row).map((folder) => folder.row));
    const others = this.call.folders
      .below(this.call.defaultFolder("msgfolderroot").row)
      .filter(
        (folder) =>
          folder.class.startsWith(folderClass) && folder.row !== main.row && !binned.has(folder.row),
      );
    return [main, ...others];
  }

  /** @throws GraphError 412 when the client's version is not the item's */
  demandMatch(item: StoredItem): void {
    const given = this.raw.headers["if-match"];
    if (given === undefined || given.trim() === "*" || this.switches.ifMatch === "ignored") return;
    const key = /^(?:W\/)?"(.*)"$/.exec(given.trim())?.[1];
    if (key === undefined)
      throw badRequest("ErrorInvalidChangeKey", "The If-Match header holds no entity tag.");
    if (parseChangeKey(key) !== item.version) {
      throw new GraphError(
        412,
        "ErrorIrresolvableConflict",
        "The send or update operation could not be performed because the change key passed in the request does not match the current change key for the item.",
      );
    }
  }
}

/** Makes the annotations that every answered item has. */
export const etag = (changeKey: string): string => `W/"${changeKey}"`;
