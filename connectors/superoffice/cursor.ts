import { createHash } from "node:crypto";
import type { ItemName } from "./refs.ts";

/**
 * What `changes()` remembers: which items the store held, and a short digest of each. About six bytes for an item
 * (a varint of the distance to the id before, four bytes of digest), so that 1,000 items make 8 kB of text and 5,000
 * make 40 kB. A high-water mark would be shorter, but could not tell which item is gone, nor see a row that was
 * committed late with an old time.
 *
 * Bytes: format, flags, then for each kind: count, and (id distance × 2 + unsettled, digest, for unsettled ones the
 * digest of the version, for series the anchor) by ascending id.
 */
export type Memory = { [Kind in ItemName["kind"]]: Map<number, Remembered> } & {
  /** The first listing is not read to its end yet. */
  firstListing: boolean;
};

/** What stands in the cursors of one store, in this order, behind a number that tells them from those of others. */
export interface Layout {
  format: number;
  kinds: readonly ItemName["kind"][];
}
export const layouts = {
  diary: { format: 4, kinds: ["appointment", "series"] },
  checklist: { format: 5, kinds: ["task"] },
  persons: { format: 6, kinds: ["person"] },
} as const satisfies Record<string, Layout>;

export interface Remembered {
  /** Of the listed rows. */
  digest: number;
  /** Series only: one of its rows, which tells a deleted series from one that goes on under another rule. 0: none. */
  anchor: number;
  /**
   * Digest of the version that was told, of an item written so shortly before that another write might not show in its
   * time: to be looked at again. `undefined` once it is settled.
   */
  unsettled: number | undefined;
}

/** Four bytes are enough: one in four thousand million changes of an item would not be seen. */
export function digestOf(parts: readonly string[]): number {
  const hash = createHash("sha256");
  for (const part of parts.toSorted()) hash.update(part).update("\n");
  return hash.digest().readUInt32BE(0);
}

export function emptyMemory(): Memory {
  return {
    appointment: new Map(),
    series: new Map(),
    task: new Map(),
    person: new Map(),
    firstListing: true,
  };
}

export function writeCursor(memory: Memory, { format, kinds }: Layout): string {
  const bytes: number[] = [format, memory.firstListing ? 1 : 0];
  for (const kind of kinds) {
    const entries = [...memory[kind]].toSorted(([left], [right]) => left - right);
    varint(bytes, entries.length);
    let before = 0;
    for (const [id, { digest, unsettled, anchor }] of entries) {
      varint(bytes, (id - before) * 2 + (unsettled === undefined ? 0 : 1));
      before = id;
      fourBytes(bytes, digest);
      if (unsettled !== undefined) fourBytes(bytes, unsettled);
      if (kind === "series") varint(bytes, anchor);
    }
  }
  return Buffer.from(bytes).toString("base64url");
}

/** @returns `undefined` for what is no cursor of this store: list again from nothing */
export function readCursor(cursor: string, { format, kinds }: Layout): Memory | undefined {
  const bytes = Buffer.from(cursor, "base64url");
  if (bytes[0] !== format || bytes[1] === undefined || bytes[1] > 1) return undefined;
  const memory = { ...emptyMemory(), firstListing: bytes[1] === 1 };
  let at = 2;
  const number = (): number | undefined => {
    let value = 0;
    for (let factor = 1; factor < 2 ** 50; factor *= 128) {
      const byte = bytes[at++];
      if (byte === undefined) return undefined;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
    return undefined;
  };
  for (const kind of kinds) {
    const count = number();
    if (count === undefined) return undefined;
    let id = 0;
    for (let left = count; left > 0; left -= 1) {
      const head = number();
      const digests = head !== undefined && head % 2 === 1 ? 2 : 1;
      if (head === undefined || head < 2 || at + 4 * digests > bytes.length) return undefined;
      id += Math.floor(head / 2);
      const digest = bytes.readUInt32BE(at);
      const unsettled = digests === 2 ? bytes.readUInt32BE(at + 4) : undefined;
      at += 4 * digests;
      const anchor = kind === "series" ? number() : 0;
      if (anchor === undefined) return undefined;
      memory[kind].set(id, { digest, unsettled, anchor });
    }
  }
  return at === bytes.length ? memory : undefined;
}

function fourBytes(bytes: number[], value: number): void {
  bytes.push(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
}

function varint(bytes: number[], value: number): void {
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
}
