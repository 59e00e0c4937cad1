import { Failure } from "../../core/errors/failure.ts";
import type { Account, Changes, ItemStore } from "../../connectors/contract.ts";
import { sides } from "../../core/items/observed.ts";
import { appointment } from "../contracts/appointments.ts";
import { World } from "../properties/simulation.ts";
import { diceOf } from "./dice.ts";

/** How a listing can be wrong although nobody deleted anything. */
const wrongs = ["empty", "shortened", "unreadable", "refused", "cut off", "blind"] as const;
type Wrong = (typeof wrongs)[number];

export interface ListingTrials {
  trials: number;
  /** Listings that were wrong, by what was wrong. */
  listings: Record<Wrong, number>;
  /** Deletes that sync made: none, ever (I5). */
  deletes: number;
  /** Items that are not there any more. */
  lost: number;
}

const trialsPerWorld = 20;
const items = 12;

/**
 * Listings from nothing that tell less than there is: empty, cut short, with unreadable items, refused, or of an account
 * that sees nothing. Nobody deletes anything, so that every delete is a wrong one.
 */
export async function tryListings(seed: number, trials: number): Promise<ListingTrials> {
  const total: ListingTrials = {
    trials: 0,
    listings: { empty: 0, shortened: 0, unreadable: 0, refused: 0, "cut off": 0, blind: 0 },
    deletes: 0,
    lost: 0,
  };
  for (let n = 0; total.trials < trials; n += 1) {
    const count = Math.min(trialsPerWorld, trials - total.trials);
    await tryWorld(seed, n, count, total);
  }
  return total;
}

async function tryWorld(seed: number, number: number, trials: number, total: ListingTrials): Promise<void> {
  const dice = diceOf(seed, number, 23);
  let wrong: Wrong | null = null;
  const world = new World({
    seed: number,
    pageSize: dice.pick([4, 512]),
    through: (_side, store) =>
      spoilt(store, () => {
        if (wrong !== null) total.listings[wrong] += 1;
        return wrong;
      }),
  });
  for (let n = 0; n < items; n += 1) world.system(dice.pick(sides)).put(appointment({ title: `Item ${n}` }));
  await world.cycle();
  for (let n = 0; n < trials; n += 1) {
    total.trials += 1;
    wrong = dice.pick(wrongs);
    for (const side of sides) if (dice.chance(0.8)) world.system(side).forgetCursors();
    const one = dice.pick(world.mailbox.all());
    world.mailbox.change(one.ref, { location: `Place ${n}` });
    await world.slice();
    world.now += dice.below(90_000_000);
  }
  wrong = null;
  await world.settle();
  total.deletes += world.mutations.filter(({ call }) => call === "remove").length;
  for (const side of sides) total.lost += Math.max(0, items - world.system(side).all().length);
}

function spoilt(store: ItemStore & Account, wrongNow: () => Wrong | null): ItemStore & Account {
  let blind = false;
  return {
    ...store,
    async changes(scope, cursor, signal) {
      const page = await store.changes(scope, cursor, signal);
      if (page.listing !== "complete") return page;
      const wrong = wrongNow();
      blind = wrong === "blind";
      return wrong === null ? page : spoil(page, wrong);
    },
    get: async (ref, signal) => (blind ? undefined : store.get(ref, signal)),
    probe: async (signal) => (blind ? { ok: false, code: "ews.unauthorized" } : store.probe(signal)),
  };
}

function spoil(page: Changes, wrong: Wrong): Changes {
  switch (wrong) {
    case "empty":
    case "blind":
      return { ...page, upserts: [] };
    case "shortened":
      return { ...page, upserts: page.upserts.slice(0, page.upserts.length >> 1) };
    case "cut off":
      return { ...page, upserts: page.upserts.slice(1), more: false };
    case "unreadable":
      return {
        ...page,
        upserts: [],
        failed: page.upserts.map(({ ref }) => ({ ref, code: "item.malformed" })),
      };
    case "refused":
      throw new Failure("network.unreachable");
  }
}
