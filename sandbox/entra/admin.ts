import { randomBytes } from "node:crypto";
import type { Person, SandboxContext } from "../context.ts";
import type { Settings } from "../database.ts";
import type { Accounts } from "./accounts.ts";
import type { Application, Applications } from "./application.ts";
import { everyScope } from "./scopes.ts";

const lifetimeSetting = "entra.accessTokenSeconds";

/** What an Entra administrator can do; `/control/entra/…` offers it. */
export interface EntraAdmin {
  /**
   * Revokes all sessions and refresh tokens of a person. Access tokens are refused at once too, as continuous
   * access evaluation does, unless they are to live to their end.
   */
  revoke(person: Person, options?: { keepAccessTokens?: boolean }): void;
  /** An administrator's reset: revokes as above. @returns the new password */
  resetPassword(person: Person, password?: string, options?: { keepAccessTokens?: boolean }): string;
  setEnabled(person: Person, enabled: boolean): void;
  blockByConditionalAccess(person: Person, blocked: boolean): void;
  requireAdminConsent(tenant: string, required: boolean): void;
  grantAdminConsent(tenant: string, scopes?: string[]): void;
  /** For one person, or (without) the administrator's. */
  withdrawConsent(tenant: string, person?: Person): void;
  application(tenant: string): Application;
  changeApplication(tenant: string, change: Partial<Omit<Application, "clientId">>): Application;
  accessTokenSeconds(): number;
  setAccessTokenSeconds(seconds: number): void;
}

export function createAdmin(parts: {
  context: SandboxContext;
  settings: Settings;
  accounts: Accounts;
  applications: Applications;
}): EntraAdmin {
  const { context, settings, accounts, applications } = parts;
  const endSessions = (objectId: string) =>
    context.db
      .prepare("delete from entra_model where model = 'Session' and json_extract(payload, '$.accountId') = ?")
      .run(objectId);

  const admin: EntraAdmin = {
    revoke(person, options = {}) {
      context.transaction(() => {
        accounts.revoke(person.objectId, { keepAccessTokens: options.keepAccessTokens ?? false });
        endSessions(person.objectId);
      });
    },
    resetPassword(person, password = randomBytes(9).toString("base64url"), options = {}) {
      context.transaction(() => {
        context.directory.save({ ...person, password });
        admin.revoke(person, options);
      });
      return password;
    },
    setEnabled(person, enabled) {
      context.transaction(() => {
        context.directory.save({ ...person, capabilities: { ...person.capabilities, enabled } });
        if (!enabled) endSessions(person.objectId);
      });
    },
    blockByConditionalAccess: (person, blocked) => accounts.block(person.objectId, blocked),
    requireAdminConsent: (tenant, required) => accounts.setPolicy(tenant, { adminConsentRequired: required }),
    grantAdminConsent(tenant, scopes = everyScope()) {
      const { clientId } = applications.of(tenant);
      context.transaction(() => accounts.consent(tenant, clientId, undefined, scopes));
    },
    withdrawConsent: (tenant, person) =>
      accounts.withdrawConsent(tenant, applications.of(tenant).clientId, person?.objectId),
    application: (tenant) => applications.of(tenant),
    changeApplication: (tenant, change) => applications.change(tenant, change),
    accessTokenSeconds: () => Number(settings.get(lifetimeSetting) ?? 3600),
    setAccessTokenSeconds: (seconds) => settings.set(lifetimeSetting, String(seconds)),
  };
  return admin;
}
