/** What a route demands of its caller. `api/auth/roles.ts` says which role has which; no permission, no route. */
export const permissions = [
  "public", // no session needed (exchanging the one-time link)
  "signed-in", // any role: about oneself
  "read",
  "invite",
  "revoke",
  "link",
  "operate", // sync now, re-authenticate
  "decide", // about single items: conflicts, kept versions, findings
  "content", // values of items; never of private ones
  "control", // pause, resume, unlink, the organization's defaults
  "erase",
  "tokens",
  "connections",
] as const;
export type Permission = (typeof permissions)[number];

/** Marks a route; the value is also published in `/api/openapi.json`. */
export function requires<const P extends Permission>(permission: P) {
  return { "x-everlink-permission": permission } as const;
}
