import { describe, expect, it } from "vitest";
import { cases } from "./cases.ts";
import { historyOf } from "./generate.ts";
import { tryListings } from "./listings.ts";
import { runHistory } from "./run.ts";
import { seedOf } from "./batch.ts";

describe("people on both sides, everything that can go wrong below them", () => {
  it.each([...cases])("$name", async ({ history }) => {
    expect((await runHistory(history)).violations).toEqual([]);
  });

  /** `npm run sim` runs many more; `npm run sim -- --history SEED` one of them again. */
  it("no promise is broken in the first histories (I1–I5, I8–I12, I14, I16)", async () => {
    for (let n = 0; n < 12; n += 1) {
      const seed = seedOf(1, n);
      const { violations } = await runHistory(historyOf(seed, 100));
      expect(violations, `history ${seed}`).toEqual([]);
    }
  });
});

it("no wrong listing makes sync delete anything (I5)", async () => {
  expect(await tryListings(1, 200)).toMatchObject({ trials: 200, deletes: 0, lost: 0 });
});
