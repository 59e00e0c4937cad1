import { z } from "@hono/zod-openapi";

/**
 * How every failure is told (RFC 9457). `code` is a row of the error table or a code of the API itself
 * (`request.invalid`, `request.not-found`, `access.denied`, …); `requestId` finds the request in the log.
 */
export const Problem = z
  .object({
    type: z.string().openapi({ example: "about:blank" }),
    status: z.int(),
    code: z.string().openapi({ example: "request.invalid" }),
    title: z.string(),
    detail: z.string(),
    errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
    requestId: z.string(),
  })
  .openapi("Problem");
export type Problem = z.infer<typeof Problem>;

const problem = {
  description: "What went wrong and what to do",
  content: { "application/problem+json": { schema: Problem } },
};

/** The failures that every route can answer with. */
export const problems = { "4XX": problem, "5XX": problem } as const;

/** An answer of 200 (or another success) with JSON. */
export function json<Schema extends z.ZodType>(schema: Schema, description: string) {
  return { description, content: { "application/json": { schema } } };
}

/** A required JSON body. */
export function body<Schema extends z.ZodType>(schema: Schema) {
  return { required: true, content: { "application/json": { schema } } } as const;
}

export const Instant = z.iso
  .datetime({ offset: true })
  .openapi("Instant", { example: "2026-03-02T08:00:00.000Z" });
export const Uuid = z.uuid("must be a UUID");
export const AssociateNumber = z
  .int("must be a whole number")
  .min(1, "must be 1 or more")
  .max(2_147_483_647, "must be smaller");
