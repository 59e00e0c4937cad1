/** Whom one failure concerns. Anything above `user` is shared: it opens a gate and marks nobody. */
export type Scope = "item" | "user" | "organization" | "application" | "platform";
export type Nature = "transient" | "permanent";
export type Actor = "nobody" | "person" | "administrator" | "operator";

/** What identifies a failure on the wire; any listed property that matches is enough together with `from.system`. */
export interface Origin {
  system: "entra" | "ews" | "graph" | "superoffice" | "smtp" | "network" | "everlink";
  /** OAuth `error`. */
  error?: string;
  /** AADSTS numbers. */
  aadsts?: readonly number[];
  /** EWS response codes. */
  response?: readonly string[];
  /** HTTP or SMTP status. */
  status?: readonly number[];
}

/** One row of the error table. Retries, holds, gates, mails, HTTP problems, texts and `docs/errors.md` come from it. */
export interface ErrorRow {
  scope: Scope;
  nature: Nature;
  actor: Actor;
  from?: readonly Origin[];
  /** The hold that a user gets; only rows of scope `user` and `organization` may have one. */
  hold?: "needs-reauth" | "blocked";
  /** HTTP status of the problem+json answer when it reaches the API. */
  status: number;
  /** One calm sentence: what happened. `{person}`, `{mailbox}`, `{organization}` are filled in by the view. */
  message: string;
  /** One sentence: what to do, or what happens by itself. */
  next: string;
}
