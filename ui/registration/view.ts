/** Every page of the registration, with what it needs to know. `retry` is where a form begins the sign-in anew. */
export type RegistrationView =
  | {
      page: "invitation";
      purpose: "invitation" | "reauth";
      organization: string;
      sender: string;
      address: string;
      action: string;
    }
  | { page: "code"; action: string; refused: boolean }
  | { page: "too-many" }
  | { page: "connected"; organization: string; address: string; again: boolean }
  | { page: "already-connected"; organization: string }
  | { page: "expired" }
  | { page: "revoked"; organization: string }
  | { page: "wrong-account"; signedInAs: string; invited: string; retry: string }
  | { page: "declined"; retry: string }
  | { page: "admin-approval"; forward: string; code: string; retry: string }
  | { page: "mailbox-missing"; address: string; code: string; retry: string }
  | { page: "temporary"; retry: string | null }
  | { page: "refused"; message: string; next: string; code: string; retry: string | null }
  | { page: "start-again" };

/** What surrounds every page. */
export interface Frame {
  /** For the style sheet; a new one for each answer. */
  nonce: string;
  sandbox: boolean;
  /** Where a code is typed. */
  codePage: string;
}
