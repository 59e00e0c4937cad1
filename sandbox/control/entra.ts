import type { SandboxContext } from "../context.ts";
import type { EntraAdmin } from "../entra/admin.ts";
import { personOf } from "./people.ts";
import { ControlError, read, type Route } from "./route.ts";
import {
  accessTokenWish,
  applicationWish,
  blockWish,
  grantConsentWish,
  passwordWish,
  personOnly,
  requireConsentWish,
  revokeWish,
  userTypeWish,
  withdrawConsentWish,
} from "./schemas.ts";

/** What an administrator of the Microsoft tenant does. */
export function entraRoutes(context: SandboxContext, admin: EntraAdmin): Route[] {
  const tenantId = (): string => {
    const [tenant] = context.directory.tenants();
    if (tenant === undefined)
      throw new ControlError(409, "there is no tenant yet: seed the sandbox or add a person");
    return tenant.id;
  };
  const post = (action: string, says: string, run: (body: unknown) => unknown): Route => ({
    method: "POST",
    path: `/control/entra/${action}`,
    says,
    run: ({ body }) => run(body) ?? { done: true },
  });
  return [
    post("revoke", "revokes a person's sessions and refresh tokens (50173)", (body) => {
      const { associateId, keepAccessTokens } = read(revokeWish, body);
      admin.revoke(personOf(context, associateId), { keepAccessTokens });
    }),
    post("reset-password", "resets a person's password as an administrator, which revokes too", (body) => {
      const { associateId, password, keepAccessTokens } = read(passwordWish, body);
      return {
        password: admin.resetPassword(personOf(context, associateId), password, { keepAccessTokens }),
      };
    }),
    post("disable", "disables an account (50057)", (body) => {
      admin.setEnabled(personOf(context, read(personOnly, body).associateId), false);
    }),
    post("enable", "enables an account", (body) => {
      admin.setEnabled(personOf(context, read(personOnly, body).associateId), true);
    }),
    post("conditional-access", "blocks or unblocks a person by conditional access (53003)", (body) => {
      const { associateId, blocked } = read(blockWish, body);
      admin.blockByConditionalAccess(personOf(context, associateId), blocked);
    }),
    post("user-type", "makes a person a guest or a member", (body) => {
      const { associateId, userType } = read(userTypeWish, body);
      context.directory.save({ ...personOf(context, associateId), userType });
    }),
    post("require-admin-consent", "people may (not) consent for themselves (90094)", (body) => {
      admin.requireAdminConsent(tenantId(), read(requireConsentWish, body).required);
    }),
    post("grant-admin-consent", "consents for everybody, to all scopes or those given", (body) => {
      admin.grantAdminConsent(tenantId(), read(grantConsentWish, body).scopes);
    }),
    post("withdraw-consent", "withdraws one person's consent, or the administrator's (65001)", (body) => {
      const { associateId } = read(withdrawConsentWish, body);
      admin.withdrawConsent(
        tenantId(),
        associateId === undefined ? undefined : personOf(context, associateId),
      );
    }),
    post("access-tokens", "sets how long new access tokens live", (body) => {
      admin.setAccessTokenSeconds(read(accessTokenWish, body).seconds);
    }),
    {
      method: "GET",
      path: "/control/entra/application",
      says: "the application registration",
      run: () => admin.application(tenantId()),
    },
    post("application", "changes the application registration", (body) => {
      const change = Object.fromEntries(
        Object.entries(read(applicationWish, body)).filter(([, value]) => value !== undefined),
      );
      try {
        return admin.changeApplication(tenantId(), change);
      } catch (error) {
        throw new ControlError(400, `the certificate cannot be read: ${(error as Error).message}`);
      }
    }),
  ];
}
