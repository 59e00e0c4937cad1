#!/usr/bin/env node
// `npx everlink …`: hands over to the CLI under the project's own Node.
process.argv.splice(2, 0, "cli/everlink.ts");
await import("../scripts/launch.mjs");
