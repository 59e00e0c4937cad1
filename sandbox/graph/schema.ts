import { readFileSync } from "node:fs";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";

const NAME = "graph-v1.0-subset.json";
const checks = new Map<string, ValidateFunction>();
let ajv: Ajv2020 | undefined;

function compiled(definition: string): ValidateFunction {
  let check = checks.get(definition);
  if (!check) {
    if (!ajv) {
      ajv = new Ajv2020();
      // The definitions that name these formats also have a pattern, which says all but the length of months.
      for (const format of ["date", "date-time"])
        ajv.addFormat(format, (text) => !Number.isNaN(Date.parse(text)));
      const file = new URL(`../schemas/graph/${NAME}`, import.meta.url);
      ajv.addSchema(JSON.parse(readFileSync(file, "utf8")) as object);
    }
    check = ajv.getSchema(`${NAME}#/$defs/${definition}`);
    if (!check) throw new Error(`No definition ${definition} in ${NAME}`);
    checks.set(definition, check);
  }
  return check;
}

/** What Microsoft's schema holds against a body, or undefined. */
export function violation(definition: string, value: unknown): string | undefined {
  const check = compiled(definition);
  if (check(value)) return undefined;
  const error = check.errors?.[0];
  return `${error?.instancePath ?? ""} ${error?.message ?? "does not fit"} ${JSON.stringify(error?.params ?? {})}`;
}

/** How many bodies one Graph has checked, by direction and outcome. */
export interface SchemaCounters {
  requestsValid: number;
  requestsInvalid: number;
  responsesValid: number;
  responsesInvalid: number;
  errors: number;
}

export function newCounters(): SchemaCounters {
  return { requestsValid: 0, requestsInvalid: 0, responsesValid: 0, responsesInvalid: 0, errors: 0 };
}
