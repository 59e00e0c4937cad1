import type { z } from "zod";

/** A refusal that `/control/` answers as JSON `{ error, issues? }`. */
export class ControlError extends Error {
  readonly status: number;
  readonly issues: { path: string; message: string }[] | undefined;
  constructor(status: number, message: string, issues?: { path: string; message: string }[]) {
    super(message);
    this.status = status;
    this.issues = issues;
  }
}

export interface Asked {
  body: unknown;
  query: URLSearchParams;
  /** What stands in place of `:id`. */
  id: string;
}

export interface Route {
  method: string;
  /** `/control/faults/:id`; only the last part may be a parameter. */
  path: string;
  says: string;
  run(asked: Asked): unknown;
}

/** @throws ControlError 400 that names every mistake */
export function read<T extends z.ZodType>(schema: T, given: unknown): z.output<T> {
  const result = schema.safeParse(given ?? {});
  if (result.success) return result.data;
  throw new ControlError(
    400,
    "the request is not as documented in sandbox/README.md",
    result.error.issues.map(({ path, message }) => ({ path: path.join("."), message })),
  );
}
