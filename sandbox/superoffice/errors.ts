/**
 * A refusal in SuperOffice's shape: HTTP status and `{ Error, ErrorType, ErrorMessage, ErrorSource }`.
 * @see web-services/endpoints/rest-webapi/index.md, "Errors"
 */
export class SoError extends Error {
  readonly status: number;
  readonly errorType: string;
  readonly headers: Record<string, string>;

  constructor(status: number, errorType: string, message: string, headers: Record<string, string> = {}) {
    super(message);
    this.name = "SoError";
    this.status = status;
    this.errorType = errorType;
    this.headers = headers;
  }

  get body(): Record<string, unknown> {
    return {
      Error: true,
      ErrorType: this.errorType,
      ErrorMessage: this.message,
      ErrorSource: "SuperOffice.Services.Implementation",
    };
  }
}

export const badRequest = (message: string): SoError => new SoError(400, "SoArgumentException", message);

export const notFound = (message: string): SoError => new SoError(404, "SoNotFoundException", message);

export const unauthorized = (message: string, status: 401 | 403 = 401): SoError =>
  new SoError(status, "SoSessionException", message, status === 401 ? { "WWW-Authenticate": "Bearer" } : {});

export const forbidden = (message: string): SoError => new SoError(403, "SoSecurityException", message);

/** The row changed after the moment that `If-Unmodified-Since` names. */
export const preconditionFailed = (message: string): SoError =>
  new SoError(412, "SoPreconditionFailedException", message);

/** A `test` operation of a JSON Patch found another value (PATCH reference, status 409). */
export const conflict = (message: string): SoError => new SoError(409, "SoConflictException", message);
