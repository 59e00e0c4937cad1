import { describe, expect, it } from "vitest";
import { person } from "./row.fixture.ts";
import { keepOrder } from "./stable-order.ts";

const rows = (...ids: number[]) => ids.map((id) => person(id));
const ids = (held: { rows: readonly { associateId: number }[] }) => held.rows.map((row) => row.associateId);

describe("rows do not move under the pointer", () => {
  it("shows fresh facts in the old order", () => {
    const held = keepOrder(rows(1, 2, 3), [person(3), person(1, { state: "blocked" }), person(2)]);
    expect(ids(held)).toEqual([1, 2, 3]);
    expect(held.rows[0]?.state).toBe("blocked");
    expect(held.moved).toBe(true);
  });

  it("says that nothing moved when only facts changed", () => {
    expect(keepOrder(rows(1, 2), [person(1, { findings: 3 }), person(2)]).moved).toBe(false);
  });

  it("keeps who left and lets who came wait", () => {
    const held = keepOrder(rows(1, 2, 3), rows(1, 9, 3));
    expect(ids(held)).toEqual([1, 2, 3]);
    expect(held.moved).toBe(true);
  });

  it("appends the next page, which moves nothing", () => {
    const held = keepOrder(rows(1, 2), rows(1, 2, 3, 4));
    expect(ids(held)).toEqual([1, 2, 3, 4]);
    expect(held.moved).toBe(false);
  });

  it("shows everything when there was nothing", () => {
    expect(ids(keepOrder([], rows(1, 2)))).toEqual([1, 2]);
  });
});
