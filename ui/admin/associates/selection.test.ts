import { describe, expect, it } from "vitest";
import { remedyOf } from "./remedy.ts";
import { person } from "./row.fixture.ts";
import { add, divide, extend, extent, nobody, refreshed, toggle, without } from "./selection.ts";

const shown = [1, 2, 3, 4].map((id) => person(id));
const [one, two] = shown as [(typeof shown)[0], (typeof shown)[0]];

describe("selecting people", () => {
  it("chooses and gives up one", () => {
    const chosen = toggle(nobody, one);
    expect([...chosen.keys()]).toEqual([1]);
    expect(toggle(chosen, one).size).toBe(0);
  });

  it("chooses everyone between two clicks, in both directions", () => {
    expect([...extend(nobody, shown, 2, 4).keys()]).toEqual([2, 3, 4]);
    expect([...extend(nobody, shown, 3, 1).keys()]).toEqual([1, 2, 3]);
  });

  it("changes nothing when the first click is no longer shown", () => {
    expect(extend(nobody, shown, 99, 2)).toBe(nobody);
  });

  it("keeps those who are chosen but not shown", () => {
    const chosen = add(nobody, [person(9)]);
    expect([...without(add(chosen, shown), shown).keys()]).toEqual([9]);
    expect(extent(chosen, shown)).toBe("none");
    expect(extent(add(chosen, [one]), shown)).toBe("some");
    expect(extent(add(chosen, shown), shown)).toBe("all");
  });

  it("learns what is new about the chosen, and stays the same map when nothing is", () => {
    const chosen = add(nobody, [one]);
    expect(refreshed(chosen, shown)).toBe(chosen);
    const later = refreshed(chosen, [{ ...one, state: "paused" }, two]);
    expect(later.get(1)?.state).toBe("paused");
    expect(later.size).toBe(1);
  });
});

describe("what may be done with the selected", () => {
  const may = person(1, { actions: [{ kind: "pause", allowed: true, reason: null }] });
  const paused = (id: number) =>
    person(id, { actions: [{ kind: "pause", allowed: false, reason: "Paused already." }] });

  it("divides them, with the commonest reason first", () => {
    const division = divide([person(5), may, paused(2), paused(3)], "pause", "Not invited yet.");
    expect(division.allowed).toEqual([may]);
    expect(division.refused.map(({ reason, rows }) => [reason, rows.length])).toEqual([
      ["Paused already.", 2],
      ["Not invited yet.", 1],
    ]);
  });

  it("offers the button that helps, and none when none is allowed", () => {
    const blocked = person(1, {
      state: "blocked",
      actions: [
        { kind: "syncNow", allowed: false, reason: "Gate closed." },
        { kind: "reauth", allowed: true, reason: null },
      ],
    });
    expect(remedyOf(blocked)).toBe("reauth");
    expect(remedyOf({ ...blocked, actions: [] })).toBeUndefined();
    expect(remedyOf(person(1, { state: "erasing" }))).toBeUndefined();
  });
});
