import type { Command } from "commander";
import { connectionOfKind } from "../../db/connections.ts";
import type { Config } from "../../platform/config.ts";
import { withInstallation } from "../installation.ts";

interface Check {
  name: string;
  run(): Promise<string>;
}

/** Says in one sentence each what works and what does not, with what was seen; nothing unseen is called good. */
export function addDoctor(program: Command, config: () => Config): void {
  program
    .command("doctor")
    .description("check this installation and its connections")
    .action(async () => {
      const settings = config();
      let failed = 0;
      for (const check of checks(settings)) {
        const told = await check.run().then(
          (seen) => `✓ ${check.name}: ${seen}`,
          (error: unknown) => {
            failed += 1;
            return `✗ ${check.name}: ${error instanceof Error ? error.message : String(error)}`;
          },
        );
        console.log(told);
      }
      if (failed > 0) process.exitCode = 1;
    });
}

function checks(config: Config): Check[] {
  return [
    {
      name: "Database",
      run: () =>
        withInstallation(config, async ({ database }) => {
          const ids = await database.organizationIds();
          return `answers; ${ids.length} organization${ids.length === 1 ? "" : "s"}, root key fits.`;
        }),
    },
    {
      name: "API",
      run: async () => {
        const answer = await fetch(`http://${config.host}:${config.port}/health/ready`, {
          signal: AbortSignal.timeout(5_000),
        }).catch(() => {
          throw new Error("does not answer. `npm start` starts it.");
        });
        const health = (await answer.json()) as Record<string, unknown>;
        if (!answer.ok) throw new Error(`is not ready: ${JSON.stringify(health)}`);
        return "ready.";
      },
    },
    {
      name: "Worker",
      run: async () => {
        const answer = await fetch(`http://127.0.0.1:${config.workerPort}/health/ready`, {
          signal: AbortSignal.timeout(5_000),
        }).catch(() => {
          throw new Error("does not answer.");
        });
        if (!answer.ok) throw new Error(`is not ready (${answer.status}).`);
        return "ready.";
      },
    },
    {
      name: "Connections",
      run: () =>
        withInstallation(config, async ({ database }) => {
          const missing: string[] = [];
          for (const id of await database.organizationIds()) {
            for (const kind of ["superoffice", "microsoft", "mail"] as const) {
              if (!(await database.inOrganization(id, (tx) => connectionOfKind(tx, kind))))
                missing.push(kind);
            }
          }
          if (missing.length > 0)
            throw new Error(`missing: ${missing.join(", ")}. \`everlink connect --file FILE\` adds them.`);
          return "SuperOffice, Microsoft and mail are configured (not probed here).";
        }),
    },
  ];
}
