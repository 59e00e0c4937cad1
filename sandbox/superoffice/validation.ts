import { readFileSync } from "node:fs";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { badRequest } from "./errors.ts";
import { WIRE_SCHEMA } from "./wireSchema.ts";

export type SchemaName = keyof typeof WIRE_SCHEMA.$defs;

export interface Tally {
  valid: number;
  invalid: number;
}

/** Checks every JSON body in both directions against the published schema, and counts. */
export class Validation {
  readonly requests: Tally = { valid: 0, invalid: 0 };
  readonly answers: Tally = { valid: 0, invalid: 0 };
  readonly #ajv: Ajv2020;
  readonly #checks = new Map<SchemaName, ValidateFunction>();

  constructor() {
    this.#ajv = new Ajv2020({ allErrors: false, allowUnionTypes: true });
    const file = new URL("../schemas/superoffice/superoffice-subset.json", import.meta.url);
    this.#ajv.addSchema(JSON.parse(readFileSync(file, "utf8")) as object);
    this.#ajv.addSchema(WIRE_SCHEMA);
  }

  reset(): void {
    Object.assign(this.requests, { valid: 0, invalid: 0 });
    Object.assign(this.answers, { valid: 0, invalid: 0 });
  }

  /** @throws SoError 400 naming the first member that does not fit */
  request(name: SchemaName, value: unknown): void {
    const problem = this.#problem(name, value);
    if (problem === undefined) this.requests.valid += 1;
    else {
      this.requests.invalid += 1;
      throw badRequest(`The request is invalid: ${problem}`);
    }
  }

  /** Counts an answer; @returns what is wrong with it, which is a mistake of the sandbox. */
  answer(name: SchemaName, value: unknown): string | undefined {
    const problem = this.#problem(name, value);
    this.answers[problem === undefined ? "valid" : "invalid"] += 1;
    return problem;
  }

  /** The top members of a request of ours; none for a published entity. */
  members(name: SchemaName): string[] {
    const schema = WIRE_SCHEMA.$defs[name] as { properties?: object };
    return Object.keys(schema.properties ?? {});
  }

  /** A body that is no JSON, or of the wrong kind, is an invalid request too. */
  refuse(message: string): never {
    this.requests.invalid += 1;
    throw badRequest(message);
  }

  #problem(name: SchemaName, value: unknown): string | undefined {
    let check = this.#checks.get(name);
    if (!check) {
      const compiled = this.#ajv.getSchema(`${WIRE_SCHEMA.$id}#/$defs/${name}`);
      if (!compiled) throw new Error(`No schema ${name}`);
      check = compiled;
      this.#checks.set(name, check);
    }
    if (check(value)) return undefined;
    const error = check.errors?.[0];
    return `${error?.instancePath ?? ""} ${error?.message ?? "does not fit"} ${JSON.stringify(error?.params ?? {})}`;
  }
}
