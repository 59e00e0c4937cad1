import type { z } from "zod";
import { Failure } from "../../core/errors/failure.ts";
import { isFailure } from "./errors.ts";

/** Reading of answers that more than one service gives alike. */

export type Json = Record<string, unknown>;

/** @throws Failure `item.malformed` that names the members which are wrong, never what is in them */
export function readAs<Shape>(shape: z.ZodType<Shape>, value: unknown): Shape {
  const entity = shape.safeParse(value);
  if (entity.success) return entity.data;
  const wrong = entity.error.issues.map((issue) => issue.path.join(".")).join(" ");
  throw new Failure("item.malformed", { detail: { wrong } });
}

/** @throws Failure `remote.malformed` */
export function object(value: unknown): Json {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Json;
  throw new Failure("remote.malformed", { detail: { reason: "not-an-object" } });
}

/** `_Links` exist in REST answers only; sent back, they are unknown members. */
export function withoutLinks(value: unknown): Json {
  const { _Links: _, ...entity } = object(value);
  return entity;
}

/** @returns `undefined` for 404 of a running tenant */
export async function unlessGone<Answer>(answer: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isFailure(error, "item.not-found")) return undefined;
    throw error;
  }
}
