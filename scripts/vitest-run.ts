import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface TestCounts {
  passed: number;
  failed: number;
  skipped: number;
}

export interface WireCounts {
  requests: number;
  responses: number;
  invalid: number;
  brokenOnPurpose: number;
}

/** Mails that Exchange, Graph or SuperOffice would have sent to attendees, by who caused them. */
export interface MailCounts {
  people: number;
  sync: number;
}

/**
 * Runs the named vitest projects. Besides the counts of tests it gives those of the EWS messages that every sandbox
 * of the run checked against Microsoft's schema, and of the mails to attendees: each leaves its counters in the folder
 * `EVERLINK_WIRE_COUNTS`.
 */
export async function runVitest(
  projects: readonly string[],
  args: readonly string[] = [],
): Promise<{ counts: TestCounts; wire: WireCounts; mails: MailCounts }> {
  const folder = mkdtempSync(join(tmpdir(), "everlink-test-"));
  const report = join(folder, "report.json");
  try {
    const code = await new Promise<number>((resolve, reject) => {
      const child = spawn(
        "vitest",
        [
          "run",
          ...projects.flatMap((project) => ["--project", project]),
          "--reporter=default",
          "--reporter=json",
          `--outputFile.json=${report}`,
          ...args,
        ],
        {
          stdio: ["ignore", "inherit", "inherit"],
          env: { ...process.env, EVERLINK_WIRE_COUNTS: folder, TZ: "UTC" },
        },
      );
      child.on("error", reject);
      child.on("close", (exit) => resolve(exit ?? 1));
    });
    const counts = readReport(report);
    // A file that could not be loaded or an error outside of any test fails the run without a failed test.
    if (code !== 0 && counts.failed === 0) counts.failed = 1;
    const nothingChecked = { requests: 0, responses: 0, invalid: 0, brokenOnPurpose: 0 };
    return {
      counts,
      wire: sumOf<WireCounts>(folder, "ews-", nothingChecked),
      mails: sumOf<MailCounts>(folder, "mails-", { people: 0, sync: 0 }),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readReport(file: string): TestCounts {
  try {
    const report = JSON.parse(readFileSync(file, "utf8")) as {
      numPassedTests: number;
      numFailedTests: number;
      numPendingTests: number;
      numTodoTests: number;
    };
    return {
      passed: report.numPassedTests,
      failed: report.numFailedTests,
      skipped: report.numPendingTests + report.numTodoTests,
    };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

function sumOf<Counts extends object>(folder: string, prefix: string, nothing: Counts): Counts {
  const total = { ...nothing } as Record<string, number>;
  for (const file of readdirSync(folder).filter((name) => name.startsWith(prefix))) {
    const counts = JSON.parse(readFileSync(join(folder, file), "utf8")) as Record<string, number>;
    for (const key of Object.keys(total)) total[key] = (total[key] ?? 0) + (counts[key] ?? 0);
  }
  return total as Counts;
}
