import { defineConfig } from "vitest/config";

const common = { pool: "forks", testTimeout: 30_000, hookTimeout: 120_000 } as const;

/**
 * `unit` needs nothing but Node and is part of `npm run check`; `integration` brings its own PostgreSQL and
 * Temporal; `e2e` runs whole installations and browsers, one file after the other.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...common,
          name: "unit",
          include: [
            "{core,engine,connectors,platform,workflows,activities,ui,cli,scripts,bench}/**/*.test.{ts,tsx}",
            "test/{properties,simulation}/**/*.test.ts",
          ],
        },
      },
      {
        test: {
          ...common,
          name: "integration",
          include: [
            "{sandbox,db,api,worker}/**/*.test.{ts,tsx}",
            "test/{contracts,real-data,workflows,api,db,histories}/**/*.test.{ts,tsx}",
          ],
          globalSetup: "test/support/global-setup.ts",
        },
      },
      {
        test: {
          ...common,
          name: "e2e",
          include: ["test/{e2e,chaos}/**/*.test.ts"],
          globalSetup: "test/support/global-setup.ts",
          fileParallelism: false,
          testTimeout: 600_000,
        },
      },
    ],
  },
});
