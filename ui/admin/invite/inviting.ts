import type { InferRequestType } from "hono/client";
import type { Row } from "../associates/selection.ts";
import { api, success, type SuccessBody } from "../remote/client.ts";

const post = api.invitations.$post;
export type InviteTexts = Omit<InferRequestType<typeof post>["json"], "associateIds">;
export type InviteResult = SuccessBody<Awaited<ReturnType<typeof post>>>["results"][number];

/** Small enough that the bar moves and that stopping stops soon. */
const batch = 200;

export interface Inviting {
  results: InviteResult[];
  notTried: number;
  /** What ended it early. */
  error: unknown;
}

/**
 * Invites in batches. What was invited stays invited when it is stopped or a batch fails: the result says how far
 * it came.
 */
export async function inviteAll(
  rows: readonly Row[],
  texts: InviteTexts,
  signal: AbortSignal,
  onProgress: (done: number) => void,
): Promise<Inviting> {
  const results: InviteResult[] = [];
  let error: unknown;
  let tried = 0;
  for (; tried < rows.length && !signal.aborted; tried += batch) {
    const associateIds = rows.slice(tried, tried + batch).map((row) => row.associateId);
    try {
      results.push(...(await success(post({ json: { ...texts, associateIds } }))).results);
    } catch (cause) {
      error = cause;
      break;
    }
    onProgress(Math.min(rows.length, tried + batch));
  }
  return { results, notTried: Math.max(0, rows.length - tried), error };
}

/** What stands in the form, as the API wants it: empty fields are left to Everlink. */
export function textsOf(form: FormData): InviteTexts {
  const text = (name: string) => {
    const value = form.get(name);
    return typeof value === "string" ? value.trim() : "";
  };
  const filled = {
    subject: "subject",
    message: "message",
    senderName: "senderName",
    replyTo: "replyTo",
  } as const;
  const texts: InviteTexts = { expiresInDays: Number(text("expiresInDays")) || 14 };
  for (const name of Object.values(filled)) {
    if (text(name)) texts[name] = text(name);
  }
  return texts;
}

/** The refused by what is the matter, commonest first. */
export function byProblem(results: readonly InviteResult[]): { message: string; results: InviteResult[] }[] {
  const groups = new Map<string, { message: string; results: InviteResult[] }>();
  for (const result of results) {
    if (!result.problem) continue;
    const { code, message } = result.problem;
    const group = groups.get(code) ?? { message, results: [] };
    group.results.push(result);
    groups.set(code, group);
  }
  return [...groups.values()].sort((a, b) => b.results.length - a.results.length);
}

/** "2 minutes", by how long the part that is done took. */
export function timeLeft(elapsedMs: number, done: number, all: number): string | undefined {
  if (done === 0 || elapsedMs < 2_000) return undefined;
  const minutes = Math.ceil(((elapsedMs / done) * (all - done)) / 60_000);
  return minutes <= 1 ? "1 minute" : `${minutes} minutes`;
}
