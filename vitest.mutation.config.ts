import { defineConfig } from "vitest/config";

/**
 * What `npm run mutate` asks of each mutant: the tests beside the rules, and those that lead the planner and single slices
 * through tables of cases. Long runs of random histories are left out: they find much, but each mutant would take half a
 * minute; `npm test` and `npm run sim` have them.
 */
export default defineConfig({
  test: {
    isolate: false,
    testTimeout: 120_000,
    setupFiles: ["scripts/mutation-seed.ts"],
    include: [
      "core/{sync,lifecycle}/**/*.test.ts",
      "test/properties/{decisions,incarnation,kinds,planner,recurrence,rehearsal,removal,restoring,slice}.test.ts",
      "test/simulation/simulation.test.ts",
    ],
  },
});
