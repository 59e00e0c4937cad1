import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ConfigError, readConfig, settingNames } from "./config.ts";

function mistakes(environment: Record<string, string>): readonly string[] {
  try {
    readConfig(environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes;
    throw error;
  }
}

describe("configuration", () => {
  it("needs nothing in sandbox mode and binds to loopback", () => {
    const config = readConfig({});
    expect(config).toMatchObject({
      mode: "sandbox",
      host: "127.0.0.1",
      port: 8080,
      publicUrl: "http://localhost:8080",
      temporalAddress: "127.0.0.1:7233",
      databaseEmbedded: true,
      temporalEmbedded: true,
    });
  });

  it("reports all mistakes at once, each with the variable's name", () => {
    const found = mistakes({
      EVERLINK_MODE: "test",
      EVERLINK_PORT: "eighty",
      SANDBOX_PORT: "70000",
      DATABASE_URL: "mysql://localhost/x",
      EVERLINK_SYNC_INTERVAL_SECONDS: "1",
    });
    expect(found).toHaveLength(5);
    for (const name of [
      "EVERLINK_MODE",
      "EVERLINK_PORT",
      "SANDBOX_PORT",
      "DATABASE_URL",
      "EVERLINK_SYNC_INTERVAL_SECONDS",
    ]) {
      expect(found.join("\n")).toContain(name);
    }
  });

  it("requires in production what keeps tokens and people safe", () => {
    expect(mistakes({ EVERLINK_MODE: "production" }).map((mistake) => mistake.split(" ")[0])).toEqual([
      "EVERLINK_PUBLIC_URL",
      "EVERLINK_ROOT_KEY_FILE",
      "DATABASE_URL",
    ]);
    expect(
      mistakes({
        EVERLINK_MODE: "production",
        EVERLINK_PUBLIC_URL: "http://everlink.example.com",
        EVERLINK_ROOT_KEY_FILE: "/etc/everlink/root.key",
        DATABASE_URL: "postgres://everlink@db/everlink",
      }),
    ).toEqual(["EVERLINK_PUBLIC_URL must start with https:// in production"]);
  });

  it("refuses one port for two uses", () => {
    expect(mistakes({ EVERLINK_PORT: "8443" })).toEqual([
      "SANDBOX_PORT and EVERLINK_PORT are both 8443: give each its own port",
    ]);
  });

  it("counts an empty variable as absent", () => {
    expect(readConfig({ DATABASE_URL: "", EVERLINK_PORT: "" }).port).toBe(8080);
  });

  it("documents every setting in .env.example, and nothing else but what tests read", () => {
    const example = readFileSync(new URL("../.env.example", import.meta.url), "utf8");
    const documented = [...example.matchAll(/^([A-Z_]+)=/gm)].map((match) => match[1]!);
    const onlyForTests = ["EVERLINK_SHARED", "CHROMIUM_PATH", "TEMPORAL_TEST_SERVER_PATH"];
    expect(documented.toSorted()).toEqual([...settingNames, ...onlyForTests].toSorted());
  });

  it("shows in .env.example the values that hold when nothing is set", () => {
    const example = readFileSync(new URL("../.env.example", import.meta.url), "utf8");
    const shown = Object.fromEntries(
      [...example.matchAll(/^([A-Z_]+)=(.*)$/gm)].map((match) => [match[1]!, match[2]!]),
    );
    expect(readConfig(shown)).toEqual(readConfig({}));
  });
});
