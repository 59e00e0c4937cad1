import { describe, expect, it } from "vitest";
import { byProblem, textsOf, timeLeft, type InviteResult } from "./inviting.ts";

const refused = (associateId: number, code: string): InviteResult => ({
  associateId,
  outcome: "refused",
  userId: null,
  invitationId: null,
  commandId: null,
  problem: { code, message: `Because of ${code}.`, next: "" },
});

it("groups the refused by reason, commonest first", () => {
  const groups = byProblem([refused(1, "a"), refused(2, "b"), refused(3, "b")]);
  expect(groups.map(({ message, results }) => [message, results.length])).toEqual([
    ["Because of b.", 2],
    ["Because of a.", 1],
  ]);
});

it("leaves empty fields to Everlink", () => {
  const form = new FormData();
  form.set("subject", "  Your calendar ");
  form.set("message", "   ");
  form.set("expiresInDays", "30");
  expect(textsOf(form)).toEqual({ subject: "Your calendar", expiresInDays: 30 });
});

describe("how long it still takes", () => {
  it("is not guessed in the first seconds", () => {
    expect(timeLeft(1_000, 200, 1000)).toBeUndefined();
    expect(timeLeft(5_000, 0, 1000)).toBeUndefined();
  });

  it("is said in minutes", () => {
    expect(timeLeft(60_000, 200, 600)).toBe("2 minutes");
    expect(timeLeft(3_000, 900, 1000)).toBe("1 minute");
  });
});
