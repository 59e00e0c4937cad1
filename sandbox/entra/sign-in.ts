import { ServerResponse, type IncomingMessage } from "node:http";
import type Provider from "oidc-provider";
import type { Answer, Person, SandboxContext, Tenant } from "../context.ts";
import { hasPassword } from "../directory.ts";
import { htmlHeaders } from "../pages.ts";
import type { Accounts } from "./accounts.ts";
import type { Application } from "./application.ts";
import { Aadsts, type AadstsCode } from "./errors.ts";
import {
  blockedPage,
  chooseAccountPage,
  consentPage,
  needAdminPage,
  problemPage,
  signInPage,
} from "./sign-in-pages.ts";
import { parseScope } from "./scopes.ts";

export interface SignInParts {
  context: SandboxContext;
  accounts: Accounts;
}

const html = (status: number, body: string): Answer => ({ status, headers: htmlHeaders(), body });

/**
 * The pages between the authorization request and its answer: address and password, account choice, consent.
 * They work without script; everything is bound to oidc-provider's interaction cookie.
 */
export async function signIn(
  { context, accounts }: SignInParts,
  { tenant, application, provider }: { tenant: Tenant; application: Application; provider: Provider },
  request: IncomingMessage,
  body: Buffer,
): Promise<Answer> {
  // It only reads the cookie; nothing is ever written to this response.
  const nowhere = new ServerResponse(request);
  let interaction: Awaited<ReturnType<Provider["interactionDetails"]>>;
  try {
    interaction = await provider.interactionDetails(request, nowhere);
  } catch {
    return html(
      400,
      problemPage("Sign in", "This sign-in has ended or was opened in another browser. Start again."),
    );
  }
  const form = new URLSearchParams(request.method === "POST" ? body.toString() : "");
  const action = form.get("action") ?? "";
  const name = application.name;
  const accountId = interaction.session?.accountId;
  const signedIn = accountId === undefined ? undefined : context.directory.byObjectId(accountId);

  async function finish(result: Parameters<Provider["interactionResult"]>[2]): Promise<Answer> {
    const location = await provider.interactionResult(request, nowhere, result);
    return { status: 303, headers: { location, "cache-control": "no-store" }, body: "" };
  }
  const refuse = (code: AadstsCode): Promise<Answer> =>
    finish({ error: "access_denied", error_description: new Aadsts(code).message });

  if (action === "decline") return refuse(65004);
  if (action === "back") return refuse(90094);
  if (action === "blocked") return refuse(53003);
  if (action === "other") return form200("");
  if (action === "signin") return checkPassword();

  if (interaction.prompt.name === "login") {
    if (action === "continue" && signedIn) return enter(signedIn);
    const asked = interaction.params["sandbox_prompt"];
    const hint = interaction.params["login_hint"];
    if (signedIn && asked === "select_account") return html(200, chooseAccountPage(tenant, name, signedIn));
    return form200(typeof hint === "string" ? hint : "");
  }
  if (!signedIn) return form200("");
  return consent(signedIn);

  function form200(username: string, problem?: string): Answer {
    return html(200, signInPage(tenant, { applicationName: name, username, problem }));
  }

  async function checkPassword(): Promise<Answer> {
    const username = form.get("username") ?? "";
    const found = context.directory.byAddress(username);
    if (!found || found.tenant !== tenant.id || !hasPassword(found, form.get("password") ?? "")) {
      return form200(username, "Your account or password is incorrect. (AADSTS50126)");
    }
    if (!found.capabilities.enabled) {
      return form200(username, "Your account has been disabled. Contact your administrator. (AADSTS50057)");
    }
    return enter(found);
  }

  async function enter(person: Person): Promise<Answer> {
    if (accounts.get(person.objectId).conditionalAccessBlock) return html(200, blockedPage(tenant, person));
    // oidc-provider would end the other account's session by a page that needs script, and its grants with it.
    if (interaction.session !== undefined && accountId !== person.objectId) {
      await (await provider.Session.findByUid(interaction.session.uid))?.destroy();
      delete interaction.session;
      await interaction.save(interaction.exp - Math.floor(Date.now() / 1000));
    }
    return finish({ login: { accountId: person.objectId, amr: ["pwd"] } });
  }

  async function consent(person: Person): Promise<Answer> {
    if (accounts.get(person.objectId).conditionalAccessBlock) return html(200, blockedPage(tenant, person));
    const asked = [
      ...parseScope(interaction.params["scope"] as string | undefined).byResource.values(),
    ].flat();
    const had = [...accounts.consented(tenant.id, application.clientId, person.objectId).values()].flat();
    const missing = asked.filter((scope) => !had.includes(scope));
    if (missing.length > 0 && accounts.policy(tenant.id).adminConsentRequired) {
      return html(200, needAdminPage(tenant, name, person));
    }
    if (action !== "accept") {
      const scopes = missing.length > 0 ? missing : asked;
      return html(200, consentPage(tenant, { applicationName: name, person, scopes }));
    }
    context.transaction(() => accounts.consent(tenant.id, application.clientId, person.objectId, missing));
    return finish({ consent: {} });
  }
}
