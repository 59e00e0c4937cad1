import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

interface ComposeService {
  image: string;
  environment?: Record<string, string>;
  depends_on?: Record<string, { condition: string }>;
  ports?: string[];
  volumes?: string[];
  command?: string[];
  configs?: { source: string; target: string }[];
  healthcheck?: { test: string[] };
}
const compose = parse(readFileSync(new URL("../docker-compose.temporal.yml", import.meta.url), "utf8")) as {
  services: Record<string, ComposeService>;
  volumes: Record<string, unknown>;
  configs: Record<string, { content: string }>;
};
const service = (name: string): ComposeService => compose.services[name]!;

describe("docker-compose.temporal.yml", () => {
  it("has PostgreSQL, a schema job, the server, a namespace job and the Web UI", () => {
    expect(Object.keys(compose.services)).toEqual(["postgresql", "schema", "temporal", "namespace", "ui"]);
  });

  it("pins every image to a version", () => {
    for (const { image } of Object.values(compose.services)) expect(image).toMatch(/:\d+(\.\d+)*$/);
  });

  it("gives the server every setting without which it starts wrongly or not at all", () => {
    expect(service("temporal").environment).toMatchObject({
      DB: "postgres12",
      DB_PORT: "5432",
      POSTGRES_SEEDS: "postgresql",
      POSTGRES_USER: "temporal",
      POSTGRES_PWD: expect.stringContaining("TEMPORAL_POSTGRES_PASSWORD") as string,
      DBNAME: "temporal",
      VISIBILITY_DBNAME: "temporal_visibility",
      NUM_HISTORY_SHARDS: "512",
      BIND_ON_IP: "0.0.0.0",
    });
  });

  it("mounts the dynamic configuration where the server is told to look for it", () => {
    const path = service("temporal").environment!.DYNAMIC_CONFIG_FILE_PATH;
    expect(service("temporal").configs).toEqual([
      { source: "dynamicconfig", target: `/etc/temporal/${path}` },
    ]);
    expect(parse(compose.configs.dynamicconfig!.content)).toBeTypeOf("object");
  });

  it("starts each part only when what it needs is done or healthy", () => {
    const conditions = Object.fromEntries(
      Object.entries(compose.services).map(([name, { depends_on }]) => [
        name,
        Object.entries(depends_on ?? {}).map(([other, { condition }]) => `${other} ${condition}`),
      ]),
    );
    expect(conditions).toEqual({
      postgresql: [],
      schema: ["postgresql service_healthy"],
      temporal: ["schema service_completed_successfully"],
      namespace: ["temporal service_healthy"],
      ui: ["temporal service_healthy"],
    });
    for (const name of ["postgresql", "temporal"])
      expect(service(name).healthcheck?.test.length).toBeGreaterThan(1);
  });

  it("makes and upgrades both schemas with the plugin and the server's own database names", () => {
    const script = service("schema").command!.join("\n");
    for (const [database, schema] of [
      [service("temporal").environment!.DBNAME, "postgresql/v12/temporal"],
      [service("temporal").environment!.VISIBILITY_DBNAME, "postgresql/v12/visibility"],
    ]) {
      expect(script).toContain(`--db ${database} create`);
      expect(script).toContain(`--db ${database} setup-schema -v 0.0`);
      expect(script).toContain(`--db ${database} update-schema --schema-name ${schema}`);
    }
    expect(service("schema").environment).toMatchObject({
      SQL_PLUGIN: "postgres12",
      SQL_HOST: "postgresql",
      SQL_USER: "temporal",
    });
  });

  it("makes the search attributes that the workflows set", () => {
    const script = service("namespace").command!.join("\n");
    for (const name of ["EverlinkState", "EverlinkProblem", "EverlinkOrganization"])
      expect(script).toContain(name);
  });

  it("binds to loopback only and keeps its data in a named volume", () => {
    const ports = Object.values(compose.services).flatMap((each) => each.ports ?? []);
    expect(ports.length).toBe(2);
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
    const [volume] = service("postgresql").volumes![0]!.split(":");
    expect(Object.keys(compose.volumes)).toContain(volume);
  });

  it("has no password in the file", () => {
    for (const { environment } of Object.values(compose.services)) {
      for (const [name, value] of Object.entries(environment ?? {})) {
        if (/PASSWORD|PWD/.test(name)) expect(value).toMatch(/^\$\{TEMPORAL_POSTGRES_PASSWORD/);
      }
    }
  });
});
