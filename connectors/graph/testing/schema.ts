import { readFileSync } from "node:fs";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";

const name = "graph-v1.0-subset.json";
let ajv: Ajv2020 | undefined;

/** What Microsoft's Graph schema holds against a body; `undefined` when it is valid. */
export function schemaViolation(definition: string, body: unknown): string | undefined {
  ajv ??= compile();
  const check: ValidateFunction | undefined = ajv.getSchema(`${name}#/$defs/${definition}`);
  if (!check) throw new Error(`no definition ${definition}`);
  return check(body) ? undefined : JSON.stringify(check.errors);
}

function compile(): Ajv2020 {
  const made = new Ajv2020();
  for (const format of ["date", "date-time"]) {
    made.addFormat(format, (text) => !Number.isNaN(Date.parse(text)));
  }
  const file = new URL(`../../../sandbox/schemas/graph/${name}`, import.meta.url);
  made.addSchema(JSON.parse(readFileSync(file, "utf8")) as object);
  return made;
}
