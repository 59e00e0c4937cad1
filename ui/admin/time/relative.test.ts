import { describe, expect, it } from "vitest";
import { duration, relative } from "./relative.ts";

const noon = new Date(2026, 2, 11, 12, 0, 0).getTime();
const seconds = 1_000;
const minutes = 60 * seconds;
const hours = 60 * minutes;
const at = (distance: number) => relative(noon + distance, noon, "en-GB");

describe("a time as people say it", () => {
  it.each([
    [0, "just now"],
    [-9 * seconds, "just now"],
    [-12 * seconds, "12 s ago"],
    [-2 * minutes, "2 min ago"],
    [-59 * minutes, "59 min ago"],
    [-3 * hours, "3 h ago"],
    [-5 * hours, "07:00"],
    [-13 * hours, "yesterday"],
    [-37 * hours, "2 days ago"],
    [-8 * 24 * hours, "3 Mar"],
    [-400 * 24 * hours, "4 Feb 2025"],
    [20 * seconds, "in under 1 min"],
    [3 * minutes, "in 3 min"],
    [2 * hours, "in 2 h"],
    [6 * hours, "18:00"],
    [20 * hours, "tomorrow"],
    [72 * hours, "in 3 days"],
  ])("%d ms from noon is “%s”", (distance, text) => {
    expect(at(distance)).toBe(text);
  });

  it("says yesterday by the calendar, not by 24 hours", () => {
    const early = new Date(2026, 2, 11, 1, 0, 0).getTime();
    expect(relative(early - 5 * hours, early, "en-GB")).toBe("yesterday");
  });
});

describe("how long something lasts", () => {
  it.each([
    [0, "1 min"],
    [-5 * minutes, "1 min"],
    [5 * minutes, "5 min"],
    [125 * minutes, "2 h"],
    [50 * hours, "2 d"],
  ])("%d ms is “%s”", (length, text) => {
    expect(duration(noon - length, noon)).toBe(text);
  });
});
