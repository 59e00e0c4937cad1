import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { keptFor } from "./kept.ts";

describe("what is kept for a while", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it("is fetched once for everybody who asks, and again after its time", async () => {
    const fetch = vi.fn((key: string) => Promise.resolve(`${key} ${Date.now()}`));
    const kept = keptFor(30_000, fetch);
    const first = await kept("a");
    vi.advanceTimersByTime(29_999);
    expect(await kept("a")).toBe(first);
    expect(await kept("b")).not.toBe(first);
    vi.advanceTimersByTime(1);
    expect(await kept("a")).not.toBe(first);
    expect(fetch).toHaveBeenCalledTimes(3);
  });

  it("is not kept when it failed", async () => {
    const fetch = vi.fn<(key: string) => Promise<string>>();
    fetch.mockRejectedValueOnce(new Error("away")).mockResolvedValueOnce("back");
    const kept = keptFor(30_000, fetch);
    await expect(kept("a")).rejects.toThrow("away");
    expect(await kept("a")).toBe("back");
  });
});
