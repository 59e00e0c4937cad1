import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { days, shown, startLife, until, type Running } from "./harness.ts";

describe("a user's life", () => {
  let life: Running;
  beforeAll(async () => {
    life = await startLife();
  });
  afterAll(() => life.stop());

  it("goes from invitation over registration and link to cycles at the interval", async () => {
    const user = await life.invited();
    await until(() => user.mails.some((mail) => mail.at !== null), "the invitation is mailed");
    expect(shown(user)).toBe("invited");
    await life.carriedOut(user, "register", { mailboxId: "6a5e35b5-7f14-4f6f-9d5b-0e8c1d8f8a11" as never });
    expect(shown(user)).toBe("registered");
    await life.carriedOut(user, "link");
    expect(shown(user)).toBe("syncing");
    await life.sleep(1 * days);
    // A first cycle at once, then one every five minutes.
    expect(user.cycles.length).toBeGreaterThan(280);
    expect(user.cycles.length).toBeLessThan(300);
    expect(user.timeline.map((entry) => entry.kind)).toEqual(["invited", "mailed", "registered", "linked"]);
  });
});
