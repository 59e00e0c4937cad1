import { defineConfig } from "vitest/config";

/**
 * What `npm run mutate` asks of each mutant: the tests beside the rules, and those that lead the planner and single slices
 * through tables of cases. Simulations and the long properties of the planner are left out: they find much, but each mutant
 * would take half a minute; `npm test` and `npm run sim` have them.
 */
export default defineConfig({
  test: {
    pool: "forks",
    testTimeout: 120_000,
    testNamePattern: /^(?!.*for any base)/,
    setupFiles: ["scripts/mutation-seed.ts"],
    include: [
      "core/{sync,lifecycle}/**/*.test.ts",
      "test/properties/planner.test.ts",
      "test/properties/slice.test.ts",
    ],
  },
});
