import { describe, expect, it } from "vitest";
import type { Cursor } from "../contract.ts";
import { changesSince, type Found, type Listed, type Source } from "./changes.ts";
import { layouts } from "./cursor.ts";

const window = { from: "2026-03-01T00:00:00Z", to: "2026-04-01T00:00:00Z" };
const signal = new AbortController().signal;

/** Rows of a diary: content by id, listed with their update times only. */
class Diary implements Source<string> {
  readonly layout = layouts.diary;
  readonly rows = new Map<number, { updated: number; content: string }>();
  settled = false;
  looked: number[] = [];

  put(id: number, updated: number, content = "as made"): void {
    this.rows.set(id, { updated, content });
  }

  async list() {
    const listed = ([id, { updated }]: [number, { updated: number }]): [number, Listed] => [
      id,
      { digest: updated, settled: this.settled, anchor: 0 },
    ];
    return { appointment: new Map([...this.rows].map((row) => listed(row))) };
  }

  async see({ id }: { id: number }): Promise<Found<string> | undefined> {
    this.looked.push(id);
    const row = this.rows.get(id);
    if (row === undefined) return undefined;
    const observed = {
      ref: `appointment:${id}`,
      version: `${row.updated}.${row.content}`,
      uid: null,
      key: null,
      born: null,
      item: row.content,
      traits: { participants: 0, invited: false, exceptions: 0, recurrenceUnknown: false },
    };
    return { observed, touches: () => true };
  }

  /** Reads until everything is told. */
  async read(from?: Cursor): Promise<{ told: string[]; pages: number; next: Cursor }> {
    let cursor = from;
    const told: string[] = [];
    for (let pages = 1; ; pages += 1) {
      const page = await changesSince(cursor, window, this, signal);
      told.push(...page.upserts.map(({ ref }) => ref));
      cursor = page.next;
      if (!page.more) return { told, pages, next: page.next };
      if (pages > 20) throw new Error("the reading does not end");
    }
  }
}

describe("items written a moment ago", () => {
  it("cause no further page, however many they are", async () => {
    const diary = new Diary();
    for (let id = 1; id <= 250; id += 1) diary.put(id, 7);
    const { told, pages } = await diary.read();
    expect([told.length, pages]).toEqual([250, 3]);
    // The last page had room for fifty of them once more.
    expect(diary.looked.length).toBe(300);
  });

  it("are looked at after what is due", async () => {
    const diary = new Diary();
    for (let id = 1; id <= 90; id += 1) diary.put(id, 7);
    const { next } = await diary.read();
    diary.put(91, 8);
    diary.looked = [];
    expect((await diary.read(next)).told).toEqual(["appointment:91"]);
    expect(diary.looked[0]).toBe(91);
    expect(diary.looked.length).toBe(91);
  });

  it("are looked at again, and told when another write of the same second shows", async () => {
    const diary = new Diary();
    diary.put(1, 7);
    diary.put(2, 7);
    const { next } = await diary.read();
    diary.put(2, 7, "changed in the same second");
    const again = await diary.read(next);
    expect(again.told).toEqual(["appointment:2"]);
    expect((await diary.read(again.next)).told).toEqual([]);
  });

  it("are looked at a last time once they are settled, and then rest", async () => {
    const diary = new Diary();
    diary.put(1, 7);
    const { next } = await diary.read();
    diary.put(1, 7, "changed in the same second");
    diary.put(2, 8);
    diary.settled = true;
    const last = await diary.read(next);
    expect(last.told).toEqual(["appointment:1", "appointment:2"]);
    diary.looked = [];
    expect((await diary.read(last.next)).told).toEqual([]);
    expect(diary.looked).toEqual([]);
  });

  it("are told at once when the listing shows that they changed", async () => {
    const diary = new Diary();
    diary.put(1, 7);
    const { next } = await diary.read();
    diary.put(1, 8, "changed a second later");
    diary.put(2, 8);
    expect((await diary.read(next)).told).toEqual(["appointment:1", "appointment:2"]);
  });
});
