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
