import { describe, expect, it } from "vitest";
import { Failure } from "../core/errors/failure.ts";
import type { Kind } from "../core/items/observed.ts";
import type { KindEnd } from "../core/lifecycle/index.ts";
import { noCounters } from "../engine/counters.ts";
import type { SliceResult } from "../engine/ports.ts";
import type { CycleProgress } from "./contract.ts";
import { sliceOfKinds, type Budget } from "./kinds.ts";

const budget: Budget = { ms: 25_000, writes: 100 };
const all: CycleProgress = { left: ["appointment", "task", "contact"], ended: {} };

/** Kinds with so much to write, each write taking so long, over stores that may fail. */
class Day {
  now = 0;
  readonly shares: (readonly [Kind, Budget])[] = [];
  readonly work: Record<Kind, number>;
  readonly msPerWrite: number;
  failing: Partial<Record<Kind, Failure>> = {};

  constructor(work: Record<Kind, number>, msPerWrite = 10) {
    this.work = work;
    this.msPerWrite = msPerWrite;
  }

  slice = async (kind: Kind, share: Budget): Promise<SliceResult> => {
    this.shares.push([kind, share]);
    const failure = this.failing[kind];
    if (failure) throw failure;
    const counters = noCounters();
    const until = this.now + share.ms;
    while (this.work[kind] > 0 && counters.created.crm < share.writes && this.now < until) {
      this.work[kind] -= 1;
      counters.created.crm += 1;
      this.now += this.msPerWrite;
    }
    return { more: this.work[kind] > 0, counters, problem: null, held: null };
  };

  run(progress: CycleProgress) {
    const failed = (error: unknown): KindEnd => ({ problem: (error as Failure).code, held: null });
    return sliceOfKinds(progress, budget, { now: () => this.now }, this.slice, failed);
  }

  /** @returns the number of slices until nothing is left */
  async cycle(): Promise<{ slices: number; ended: CycleProgress["ended"] }> {
    let progress = all;
    for (let slices = 1; slices < 200; slices += 1) {
      const [before, written] = [this.now, this.total()];
      ({ progress } = await this.run(progress));
      expect(this.now - before).toBeLessThanOrEqual(budget.ms + this.msPerWrite * 3);
      expect(written - this.total()).toBeLessThanOrEqual(budget.writes);
      if (progress.left.length === 0) return { slices, ended: progress.ended };
    }
    throw new Error("no end");
  }

  total(): number {
    return Object.values(this.work).reduce((sum, count) => sum + count, 0);
  }
}

describe("a slice of several kinds", () => {
  it("stays within one budget of time and writes, and no kind starves", async () => {
    const day = new Day({ appointment: 900, task: 30, contact: 200 });
    const first = await day.run(all);
    expect(day.work.task).toBeLessThan(30);
    expect(day.work.contact).toBeLessThan(200);
    expect(first.progress.left).toContain("appointment");
    const { ended } = await day.cycle();
    expect(Object.keys(ended).toSorted()).toEqual(["appointment", "contact", "task"]);
    expect(day.total()).toBe(0);
  });

  it("gives to one kind what the others do not need", async () => {
    const day = new Day({ appointment: 0, task: 0, contact: 100 });
    const { progress } = await day.run(all);
    expect(progress.left).toEqual([]);
    expect(day.shares.map(([, { writes }]) => writes)).toEqual([34, 50, 100]);
  });

  it("lets whoever was not reached be the first next time", async () => {
    const day = new Day({ appointment: 3, task: 1, contact: 1 }, 40_000);
    const first = await day.run(all);
    expect(first.progress.left).toEqual(["task", "contact", "appointment"]);
    const second = await day.run(first.progress);
    expect(second.progress.left).toEqual(["contact", "appointment"]);
    expect(second.progress.ended).toEqual({ task: { problem: null, held: null } });
  });

  it("ends one kind by its failure and nothing else", async () => {
    const day = new Day({ appointment: 5, task: 5, contact: 5 });
    day.failing.task = new Failure("ews.access-denied");
    const { progress } = await day.run(all);
    expect(progress.left).toEqual([]);
    expect(progress.ended).toEqual({
      appointment: { problem: null, held: null },
      task: { problem: "ews.access-denied", held: null },
      contact: { problem: null, held: null },
    });
    expect([day.work.appointment, day.work.contact]).toEqual([0, 0]);
  });

  it("does not run again what has ended in this cycle, and remembers what it came to", async () => {
    const day = new Day({ appointment: 300, task: 0, contact: 0 });
    day.failing.contact = new Failure("network.timeout");
    const { ended } = await day.cycle();
    expect(day.shares.filter(([kind]) => kind === "contact")).toHaveLength(1);
    expect(ended.contact?.problem).toBe("network.timeout");
  });

  it("stops at once when a newer run has taken over", async () => {
    const day = new Day({ appointment: 5, task: 5, contact: 5 });
    day.failing.appointment = new Failure("lifecycle.fenced");
    await expect(day.run(all)).rejects.toMatchObject({ code: "lifecycle.fenced" });
    expect(day.shares).toHaveLength(1);
  });
});
