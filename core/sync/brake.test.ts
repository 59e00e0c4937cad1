import { describe, expect, it } from "vitest";
import type { ItemLinkId } from "../ids.ts";
import { brake } from "./brake.ts";

describe("the brake counts a day, not a slice (I14)", () => {
  it.each([
    ["nothing planned, however much was done before", { planned: 0, executed: 30, linked: 10 }, false],
    [
      "8 after 10, of 100: what is gone already belongs to the whole",
      { planned: 8, executed: 10, linked: 90 },
      false,
    ],
    ["11 after 10, of 100", { planned: 11, executed: 10, linked: 90 }, true],
    ["the last 2 of 3", { planned: 2, executed: 1, linked: 2 }, true],
    ["the last of 2", { planned: 1, executed: 1, linked: 1 }, false],
    ["10 of 100", { planned: 10, executed: 0, linked: 100 }, false],
    ["20 of 100", { planned: 20, executed: 0, linked: 100 }, false],
    ["21 of 100", { planned: 21, executed: 0, linked: 100 }, true],
    ["11 of 12", { planned: 11, executed: 0, linked: 12 }, true],
    ["all of 3", { planned: 3, executed: 0, linked: 3 }, true],
    ["both of 2", { planned: 2, executed: 0, linked: 2 }, false],
    ["2 more after 9 in a day, of 20", { planned: 2, executed: 9, linked: 20 }, true],
  ])("%s", (_, { planned, executed, linked }, stops) => {
    const writes = Array.from({ length: planned }, (_each, index) => ({
      linkId: String(index) as ItemLinkId,
      target: "mailbox" as const,
      operation: "delete" as const,
    }));
    const held = brake({ planned: writes, executed: { crm: 0, mailbox: executed }, linked });
    expect([...held]).toEqual(stops ? ["mailbox"] : []);
  });
});
