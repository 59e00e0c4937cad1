import type { ErrorCode } from "./table.ts";

/**
 * The one error that crosses a boundary. `code` names the row of the table that says what it means and what
 * happens next; `detail` is for the log and must hold no content, name, address or secret.
 */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly code: ErrorCode;
  readonly retryAfterMs: number | undefined;
  readonly detail: Readonly<Record<string, string | number | boolean>>;

  constructor(
    code: ErrorCode,
    options: {
      retryAfterMs?: number | undefined;
      detail?: Record<string, string | number | boolean>;
      cause?: unknown;
    } = {},
  ) {
    super(code, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryAfterMs = options.retryAfterMs;
    this.detail = options.detail ?? {};
  }
}
