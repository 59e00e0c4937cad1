import { EwsError } from "./errors.ts";

/**
 * Item and folder ids as Exchange has them: opaque, base64, case-sensitive, carrying the mailbox.
 * Two neighbouring items may differ in the case of one letter only, as they do in real mailboxes.
 */
export interface ObjectId {
  /** Object id of the mailbox's owner. */
  mailbox: string;
  /** Sixteen bytes, in hex, that a mailbox gets when it is made: ids of an emptied sandbox never come back to life. */
  replica: string;
  kind: "folder" | "item" | "occurrence";
  /** Row of the folder or item; of the recurring master for an occurrence. */
  row: number;
  /** Original start of the occurrence, milliseconds UTC. */
  originalStart?: number;
}

export type IdFormat = "EwsLegacyId" | "EwsId" | "EntryId" | "HexEntryId" | "StoreId" | "OwaId";

const magic = Buffer.from([0x00, 0x03, 0x24]);
const kinds = ["folder", "item", "occurrence"] as const;
const FIXED_LENGTH = 72;

function pack(id: ObjectId): Buffer {
  const bytes = Buffer.alloc(id.kind === "occurrence" ? FIXED_LENGTH + 10 : FIXED_LENGTH + 2);
  magic.copy(bytes, 0);
  bytes.write(id.mailbox, 3, 36, "latin1");
  bytes[40] = 0x46;
  bytes.write(id.replica, 47, 16, "hex");
  bytes[63] = kinds.indexOf(id.kind) + 1;
  bytes.writeBigUInt64BE(BigInt(id.row), 64);
  if (id.kind === "occurrence") bytes.writeBigInt64BE(BigInt(id.originalStart ?? 0), FIXED_LENGTH);
  return bytes;
}

function unpack(bytes: Buffer): ObjectId | undefined {
  const kind = kinds[(bytes[63] ?? 0) - 1];
  if (!kind || !bytes.subarray(0, 3).equals(magic)) return undefined;
  if (bytes.length !== FIXED_LENGTH + (kind === "occurrence" ? 10 : 2)) return undefined;
  const id: ObjectId = {
    mailbox: bytes.toString("latin1", 3, 39),
    replica: bytes.toString("hex", 47, 63),
    kind,
    row: Number(bytes.readBigUInt64BE(64)),
  };
  if (kind === "occurrence") id.originalStart = Number(bytes.readBigInt64BE(FIXED_LENGTH));
  return id;
}

/** Writes an id; the default is what requests and answers hold. */
export function formatId(id: ObjectId, format: IdFormat = "EwsId"): string {
  const bytes = pack(id);
  switch (format) {
    case "EwsId":
    case "EwsLegacyId":
      return bytes.toString("base64");
    case "EntryId":
      return bytes.subarray(3).toString("base64");
    case "HexEntryId":
      return bytes.subarray(3).toString("hex").toUpperCase();
    case "StoreId":
      return Buffer.concat([storePrefix, bytes.subarray(3)]).toString("base64");
    case "OwaId":
      return encodeURIComponent(`RgA${bytes.toString("base64")}`);
  }
}

const storePrefix = Buffer.from([0x01, 0x00]);

/**
 * @throws EwsError `ErrorInvalidIdEmpty`, `ErrorInvalidIdMalformed`
 */
export function parseId(text: string, format: IdFormat = "EwsId"): ObjectId {
  if (text === "") throw new EwsError("ErrorInvalidIdEmpty");
  const id = unpack(bytesOf(text, format) ?? Buffer.alloc(0));
  if (!id || formatId(id, format) !== text) throw new EwsError("ErrorInvalidIdMalformed");
  return id;
}

function bytesOf(text: string, format: IdFormat): Buffer | undefined {
  switch (format) {
    case "EwsId":
    case "EwsLegacyId":
      return Buffer.from(text, "base64");
    case "EntryId":
      return Buffer.concat([magic, Buffer.from(text, "base64")]);
    case "HexEntryId":
      return Buffer.concat([magic, Buffer.from(text, "hex")]);
    case "StoreId":
      return Buffer.concat([magic, Buffer.from(text, "base64").subarray(storePrefix.length)]);
    case "OwaId":
      return Buffer.from(text.startsWith("RgA") ? decoded(text).slice(3) : "", "base64");
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

const changeKeyKinds: Record<string, number> = {
  CalendarItem: 0x0f,
  Task: 0x13,
  Contact: 0x11,
  Folder: 0x02,
};

/** A version of one item: changes with every write of it, and with every write of a series for its occurrences. */
export function formatChangeKey(kind: string, replica: string, version: number): string {
  const bytes = Buffer.alloc(32);
  bytes[0] = changeKeyKinds[kind] ?? 0x09;
  bytes[4] = 0x16;
  bytes.write(replica, 8, 16, "hex");
  bytes.writeBigUInt64BE(BigInt(version), 24);
  return bytes.toString("base64");
}

/**
 * @returns the version in a change key
 * @throws EwsError `ErrorInvalidChangeKey`
 */
export function parseChangeKey(text: string): number {
  const bytes = Buffer.from(text, "base64");
  if (bytes.length !== 32 || bytes.toString("base64") !== text) throw new EwsError("ErrorInvalidChangeKey");
  return Number(bytes.readBigUInt64BE(24));
}
