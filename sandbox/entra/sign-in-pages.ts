import type { Person, Tenant } from "../context.ts";
import { escapeHtml, page } from "../pages.ts";
import { describe } from "./scopes.ts";

const brand = (tenant: Tenant): string => `${tenant.name} · pretend Microsoft sign-in`;

/** The forms post to the page's own address; each submit button carries `action`. */
export function signInPage(
  tenant: Tenant,
  view: { applicationName: string; username: string; problem?: string | undefined },
): string {
  return page(
    "Sign in to your account",
    `<h1>Sign in</h1>
<p class="faint">to continue to ${escapeHtml(view.applicationName)}</p>
${view.problem === undefined ? "" : `<p class="bad" role="alert">${escapeHtml(view.problem)}</p>`}
<form method="post">
<label for="username">Email address</label>
<input id="username" type="email" name="username" value="${escapeHtml(view.username)}" autocomplete="username" required>
<label for="password">Password</label>
<input id="password" type="password" name="password" autocomplete="current-password">
<div class="actions">
<button type="submit" name="action" value="decline" formnovalidate>Cancel</button>
<button type="submit" name="action" value="signin" class="main">Sign in</button>
</div>
</form>
<p class="faint">Addresses and passwords of the sample people: <a href="/control/people">/control/people</a></p>`,
    { brand: brand(tenant) },
  );
}

export function chooseAccountPage(tenant: Tenant, applicationName: string, person: Person): string {
  return page(
    "Pick an account",
    `<h1>Pick an account</h1>
<p class="faint">to continue to ${escapeHtml(applicationName)}</p>
<form method="post">
<ul class="plain">
<li><button type="submit" name="action" value="continue" class="account"><strong>${escapeHtml(person.fullName)}</strong><br>
<span class="faint">${escapeHtml(person.userPrincipalName)}</span></button></li>
<li><button type="submit" name="action" value="other" class="account">Use another account</button></li>
</ul>
<div class="actions"><button type="submit" name="action" value="decline">Cancel</button></div>
</form>`,
    { brand: brand(tenant) },
  );
}

export function consentPage(
  tenant: Tenant,
  view: { applicationName: string; person: Person; scopes: string[] },
): string {
  const items = view.scopes.map(
    (scope) => `<li>${escapeHtml(describe(scope))}<br><span class="faint">${escapeHtml(scope)}</span></li>`,
  );
  return page(
    "Permissions requested",
    `<p class="faint">${escapeHtml(view.person.userPrincipalName)}</p>
<h1>Permissions requested</h1>
<p><strong>${escapeHtml(view.applicationName)}</strong> would like to:</p>
<ul class="plain">${items.join("\n")}
<li>Maintain access to data you have given it access to<br><span class="faint">offline_access</span></li></ul>
<p class="faint">Accepting these permissions means that you allow this app to use your data as specified in its terms.</p>
<form method="post">
<div class="actions">
<button type="submit" name="action" value="other">Use another account</button>
<button type="submit" name="action" value="decline">Decline</button>
<button type="submit" name="action" value="accept" class="main">Accept</button>
</div>
</form>`,
    { brand: brand(tenant) },
  );
}

export function needAdminPage(tenant: Tenant, applicationName: string, person: Person): string {
  return page(
    "Need admin approval",
    `<p class="faint">${escapeHtml(person.userPrincipalName)}</p>
<h1>Need admin approval</h1>
<p><strong>${escapeHtml(applicationName)}</strong> needs permission to access resources in your organization that only
an admin can grant. Please ask an admin to grant permission to this app before you can use it.</p>
<form method="post">
<div class="actions">
<button type="submit" name="action" value="other">Use another account</button>
<button type="submit" name="action" value="back" class="main">Return to the application without granting consent</button>
</div>
</form>
<p class="faint">AADSTS90094</p>`,
    { brand: brand(tenant) },
  );
}

export function blockedPage(tenant: Tenant, person: Person): string {
  return page(
    "You cannot access this right now",
    `<p class="faint">${escapeHtml(person.userPrincipalName)}</p>
<h1>You cannot access this right now</h1>
<p>Your sign-in was successful but does not meet the criteria to access this resource. For example, you might be
signing in from a browser, app or location that is restricted by your admin.</p>
<form method="post">
<div class="actions">
<button type="submit" name="action" value="other">Sign in with a different account</button>
<button type="submit" name="action" value="blocked">Return to the application</button>
</div>
</form>
<p class="faint">Error code 53003</p>`,
    { brand: brand(tenant) },
  );
}

/** A dead end, as Entra shows when it must not redirect. */
export function problemPage(title: string, message: string): string {
  return page(
    title,
    `<h1>Sorry, but we’re having trouble signing you in.</h1><p>${escapeHtml(message)}</p>`,
    {
      brand: "pretend Microsoft sign-in",
    },
  );
}

export function adminConsentPage(tenant: Tenant, applicationName: string, scopes: string[]): string {
  const items = scopes.map(
    (scope) => `<li>${escapeHtml(describe(scope))}<br><span class="faint">${escapeHtml(scope)}</span></li>`,
  );
  return page(
    "Permissions requested: review for your organization",
    `<h1>Permissions requested</h1><p class="faint">Review for your organization ${escapeHtml(tenant.name)}</p>
<p><strong>${escapeHtml(applicationName)}</strong> would like, for all users, to:</p>
<ul class="plain">${items.join("\n")}</ul>
<form method="post">
<div class="actions">
<button type="submit" name="action" value="decline">Cancel</button>
<button type="submit" name="action" value="accept" class="main">Accept</button>
</div>
</form>`,
    { brand: brand(tenant) },
  );
}
