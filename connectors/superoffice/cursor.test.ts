import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  digestOf,
  emptyMemory,
  layouts,
  readCursor,
  writeCursor,
  type Memory,
  type Remembered,
} from "./cursor.ts";

const id = fc.integer({ min: 1, max: 2 ** 40 });
const remembered = fc.record({
  digest: fc.nat(2 ** 32 - 1),
  unsettled: fc.option(fc.nat(2 ** 32 - 1), { nil: undefined }),
  anchor: fc.constant(0),
});
const map = (of: fc.Arbitrary<Remembered>): fc.Arbitrary<Map<number, Remembered>> =>
  fc.array(fc.tuple(id, of)).map((entries) => new Map(entries));
const memory: fc.Arbitrary<Memory> = fc.record({
  appointment: map(remembered),
  series: map(remembered.chain((each) => fc.nat().map((anchor) => ({ ...each, anchor })))),
  task: fc.constant(new Map<number, Remembered>()),
  person: fc.constant(new Map<number, Remembered>()),
  firstListing: fc.boolean(),
});

describe("the cursor", () => {
  it("reads what it wrote", () => {
    fc.assert(
      fc.property(memory, (kept) => {
        expect(readCursor(writeCursor(kept, layouts.diary), layouts.diary)).toEqual(kept);
      }),
    );
  });

  it("takes nothing else, and never throws", () => {
    fc.assert(fc.property(fc.string(), (text) => void readCursor(text, layouts.diary)));
    const kept = {
      ...emptyMemory(),
      series: new Map([[4, { digest: 9, unsettled: 7, anchor: 300 }]]),
    };
    const whole = writeCursor(kept, layouts.diary);
    for (let length = 0; length < whole.length - 1; length += 1) {
      expect(readCursor(whole.slice(0, length), layouts.diary)).toBeUndefined();
    }
  });

  it("is not taken for another kind's", () => {
    const whole = writeCursor({ ...emptyMemory(), firstListing: false }, layouts.checklist);
    expect(readCursor(whole, layouts.persons)).toBeUndefined();
    expect(readCursor(whole, layouts.checklist)).toEqual({ ...emptyMemory(), firstListing: false });
  });

  it("stays below 45 kB for 5,000 appointments among those of a hundred colleagues", () => {
    const kept = emptyMemory();
    for (let turn = 1; turn <= 5_000; turn += 1) {
      kept.appointment.set(1_000_000 + turn * 97, {
        digest: digestOf([String(turn)]),
        unsettled: undefined,
        anchor: 0,
      });
    }
    expect(writeCursor(kept, layouts.diary).length).toBeLessThan(45_000);
  });
});
