import type { Person } from "../context.ts";
import { EwsError, EwsFault } from "./errors.ts";
import type { FolderStore, Folder } from "./folders.ts";
import { formatChangeKey, formatId, parseId, type ObjectId } from "./ids.ts";
import { occurrenceAt, occurrenceByIndex, whole } from "./series.ts";
import type { Server } from "./server.ts";
import type { ItemStore, Mailbox } from "./store.ts";
import { readZone, UTC, zoneOf, type Zone, type ZoneReference } from "./timezones.ts";
import type { ItemView, StoredItem } from "./model.ts";
import type { Envelope } from "./soap.ts";
import type { Switches } from "./switches.ts";
import { attribute, child, childText, type Xml } from "./xml.ts";

/**
 * One call by one person: the mailbox it works in, the zone of its times, and the ids it may use.
 * A person reaches the own mailbox only; there are no delegates in this Exchange.
 */
export class Call {
  readonly server: Server;
  readonly person: Person;
  /** Zone for times without an offset, and of the times in the answer. */
  readonly zoneReference: ZoneReference;
  readonly zone: Zone;
  /** A fault rule wants listings to come back empty. */
  readonly emptyListing: boolean;
  readonly now: number;
  #mailbox: Mailbox | undefined;

  constructor(server: Server, person: Person, headers: Envelope["headers"], emptyListing: boolean) {
    this.server = server;
    this.person = person;
    this.emptyListing = emptyListing;
    this.now = server.context.clock.now().getTime();
    this.zoneReference = contextZone(headers.get("TimeZoneContext"));
    this.zone = zoneOf(this.zoneReference);
    const impersonation = headers.get("ExchangeImpersonation");
    if (impersonation) {
      throw new EwsFault(
        "ErrorImpersonateUserDenied",
        "The account does not have permission to impersonate the requested user.",
      );
    }
  }

  get items(): ItemStore {
    return this.server.items;
  }

  get switches(): Readonly<Switches> {
    return this.server.switches.now;
  }

  get folders(): FolderStore {
    return this.server.folders;
  }

  /** @throws EwsError `ErrorNonExistentMailbox` when the person has none */
  mailbox(): Mailbox {
    this.#mailbox ??= this.person.capabilities.mailbox ? this.items.mailbox(this.person.objectId) : undefined;
    if (!this.#mailbox) throw new EwsError("ErrorNonExistentMailbox");
    return this.#mailbox;
  }

  folderId(folder: Folder): Xml {
    return this.#idElement("FolderId", { kind: "folder", row: folder.row }, "Folder", folder.version);
  }

  parentFolderId(row: number): Xml {
    const folder = this.folders.byRow(row);
    return this.#idElement("ParentFolderId", { kind: "folder", row }, "Folder", folder?.version ?? 1);
  }

  /** The `ItemId` of an item or occurrence, with its change key. */
  itemId(view: ItemView): Xml {
    const { item } = view;
    const id =
      view.originalStart === undefined
        ? ({ kind: "item", row: item.row } as const)
        : ({ kind: "occurrence", row: item.row, originalStart: view.originalStart } as const);
    return this.#idElement("ItemId", id, item.kind, item.version);
  }

  /** The `ItemId` of a row, for listings that do not read the item. */
  rowId(row: number, kind: string, version: number | undefined): Xml {
    return this.#idElement("ItemId", { kind: "item", row }, kind, version);
  }

  #idElement(
    name: string,
    id: Pick<ObjectId, "kind" | "row" | "originalStart">,
    kind: string,
    version: number | undefined,
  ): Xml {
    const { owner, replica } = this.mailbox();
    const attributes: Record<string, string> = { Id: formatId({ mailbox: owner, replica, ...id }) };
    if (version !== undefined) attributes["ChangeKey"] = formatChangeKey(kind, replica, version);
    return { name, attributes };
  }

  /**
   * The item behind `ItemId`, `OccurrenceItemId` or `RecurringMasterItemId`.
   * @throws EwsError `ErrorItemNotFound`, `ErrorAccessDenied`, `ErrorInvalidId…`, `ErrorCalendar…`
   */
  view(element: Xml): ItemView {
    if (element.name === "OccurrenceItemId") {
      const id = this.#own(attribute(element, "RecurringMasterId") ?? "");
      if (id.kind === "folder") throw new EwsError("ErrorCannotUseFolderIdForItemId");
      if (id.kind !== "item") throw new EwsError("ErrorCalendarCannotUseIdForRecurringMasterId");
      return occurrenceByIndex(this.#item(id.row), Number(attribute(element, "InstanceIndex")));
    }
    const master = element.name === "RecurringMasterItemId";
    const id = this.#own(attribute(element, master ? "OccurrenceId" : "Id") ?? "");
    if (id.kind === "folder") throw new EwsError("ErrorCannotUseFolderIdForItemId");
    const item = this.#item(id.row);
    if (master) {
      if (id.kind !== "occurrence") throw new EwsError("ErrorCalendarCannotUseIdForOccurrenceId");
      return whole(item);
    }
    return id.originalStart === undefined ? whole(item) : occurrenceAt(item, id.originalStart);
  }

  #item(row: number): StoredItem {
    const item = this.items.item(row);
    if (!item || item.mailbox !== this.mailbox().owner) throw new EwsError("ErrorItemNotFound");
    return item;
  }

  #own(text: string, format: Parameters<typeof parseId>[1] = "EwsId"): ObjectId {
    const id = parseId(text, format);
    const { owner, replica } = this.mailbox();
    if (id.mailbox !== owner) {
      const known = this.server.context.directory.byObjectId(id.mailbox);
      throw new EwsError(known ? "ErrorAccessDenied" : "ErrorNonExistentMailbox");
    }
    if (id.replica !== replica)
      throw new EwsError(id.kind === "folder" ? "ErrorFolderNotFound" : "ErrorItemNotFound");
    return id;
  }

  /**
   * The folder behind `FolderId` or `DistinguishedFolderId`, or behind an element that holds one of them.
   * @throws EwsError `ErrorFolderNotFound`, `ErrorAccessDenied`, `ErrorNonExistentMailbox`, `ErrorInvalidId…`
   */
  folder(element: Xml | undefined): Folder {
    const distinguished =
      element?.name === "DistinguishedFolderId" ? element : child(element, "DistinguishedFolderId");
    if (distinguished) return this.#distinguished(distinguished);
    const plain = element?.name === "FolderId" ? element : child(element, "FolderId");
    if (!plain) throw new EwsError("ErrorInvalidFolderId", "This kind of folder id is not supported.");
    const id = this.#own(attribute(plain, "Id") ?? "");
    if (id.kind !== "folder") throw new EwsError("ErrorCannotUseItemIdForFolderId");
    const folder = this.folders.byRow(id.row);
    if (!folder || folder.mailbox !== this.mailbox().owner) throw new EwsError("ErrorFolderNotFound");
    return folder;
  }

  #distinguished(element: Xml): Folder {
    const address = childText(child(element, "Mailbox"), "EmailAddress");
    if (address !== undefined) {
      const owner = this.server.context.directory.byAddress(address);
      if (!owner || !owner.capabilities.mailbox) throw new EwsError("ErrorNonExistentMailbox");
      if (owner.objectId !== this.person.objectId) throw new EwsError("ErrorAccessDenied");
    }
    return this.defaultFolder(attribute(element, "Id") ?? "");
  }

  /** @throws EwsError `ErrorFolderNotFound` */
  defaultFolder(name: string): Folder {
    const folder = this.folders.distinguished(this.mailbox().owner, name);
    if (!folder) throw new EwsError("ErrorFolderNotFound");
    return folder;
  }
}

function contextZone(header: Xml | undefined): ZoneReference {
  const definition = child(header, "TimeZoneDefinition");
  if (!definition) return UTC;
  try {
    return readZone(definition);
  } catch (error) {
    if (error instanceof EwsError) throw new EwsFault(error.code, error.message);
    throw error;
  }
}
