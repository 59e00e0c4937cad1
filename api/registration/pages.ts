import type { Context } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { ATTEMPT_MINUTES } from "../../core/invitation/state.ts";
import { renderRegistration } from "../../ui/registration/page.tsx";
import type { RegistrationView } from "../../ui/registration/view.ts";
import type { ApiDependencies } from "../deps.ts";
import { newNonce } from "../headers.ts";

const cookieName = "everlink-registration";

/** Statuses say what machines want to know; people read the page. */
const statuses: Partial<Record<RegistrationView["page"], 403 | 404 | 410 | 429 | 503>> = {
  expired: 404,
  revoked: 410,
  "start-again": 403,
  "wrong-account": 403,
  "too-many": 429,
  temporary: 503,
};

/**
 * One page as an answer. After the button the browser is sent to Microsoft, and Chromium holds that redirect
 * against `form-action` too: the authority's origin is allowed there, and nowhere else.
 */
export function show(
  c: Context,
  deps: Pick<ApiDependencies, "mode" | "publicUrl">,
  view: RegistrationView,
  authorityHost?: string,
): Response {
  const nonce = newNonce();
  const authority = authorityHost === undefined ? "" : ` ${new URL(authorityHost).origin}`;
  const html = renderRegistration(view, {
    nonce,
    sandbox: deps.mode === "sandbox",
    codePage: "/register/code",
  });
  return c.html(html, statuses[view.page] ?? 200, {
    "content-security-policy": `default-src 'none'; style-src 'nonce-${nonce}'; form-action 'self'${authority}; base-uri 'none'; frame-ancestors 'none'`,
    "cache-control": "no-store",
    ...(view.page === "temporary" ? { "retry-after": "30" } : {}),
  });
}

/** The secret that binds a sign-in to this browser. */
export function browserOf(c: Context): string | undefined {
  return getCookie(c, cookieName, "host");
}

/** `Lax`: the way back from Microsoft is a navigation from another site. */
export function bindBrowser(c: Context, secret: string): void {
  setCookie(c, cookieName, secret, {
    prefix: "host",
    httpOnly: true,
    sameSite: "Lax",
    secure: true,
    path: "/",
    maxAge: ATTEMPT_MINUTES * 60,
  });
}
