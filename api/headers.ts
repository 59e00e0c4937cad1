import { randomBytes } from "node:crypto";
import type { MiddlewareHandler } from "hono";

/** What every answer carries (reliability-security.md §6). A page sets its own Content-Security-Policy. */
export function securityHeaders({ production }: { production: boolean }): MiddlewareHandler {
  return async (c, next) => {
    await next();
    const { headers } = c.res;
    headers.set("x-content-type-options", "nosniff");
    if (!headers.has("referrer-policy")) headers.set("referrer-policy", "no-referrer");
    headers.set("cross-origin-opener-policy", "same-origin");
    headers.set("cross-origin-resource-policy", "same-origin");
    headers.set("permissions-policy", "camera=(), microphone=(), geolocation=(), payment=()");
    if (!headers.has("content-security-policy")) {
      headers.set("content-security-policy", "default-src 'none'; frame-ancestors 'none'");
    }
    if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
    if (production) headers.set("strict-transport-security", "max-age=63072000; includeSubDomains");
  };
}

export function newNonce(): string {
  return randomBytes(16).toString("base64");
}
