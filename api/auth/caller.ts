import type { Context, MiddlewareHandler } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { callerOfSession, callerOfToken, type Caller } from "../../db/access.ts";
import type { Permission } from "../contract/permission.ts";
import { routes } from "../contract/api.ts";
import type { ApiDependencies } from "../deps.ts";
import { ApiProblem } from "../problems.ts";
import { may } from "./roles.ts";

const cookieName = "everlink";

declare module "hono" {
  interface ContextVariableMap {
    caller: Caller;
    requestId: string;
  }
}

/** What each route of the contract demands; a path that is not here is refused (deny by default). */
const demands: { method: string; pattern: RegExp; permission: Permission }[] = routes.map((route) => ({
  method: route.method.toUpperCase(),
  pattern: new RegExp(`^/api/v1${route.path.replace(/\{[^}]+\}/g, "[^/]+")}$`),
  permission: route["x-everlink-permission"],
}));

/**
 * Finds out who calls and whether they may. Session cookies are only good from our own pages: a write with one
 * needs the browser's `Origin` to be ours.
 */
export function authorize(deps: ApiDependencies): MiddlewareHandler {
  return async (c, next) => {
    const method = c.req.method === "HEAD" ? "GET" : c.req.method;
    const demand = demands.find((each) => each.method === method && each.pattern.test(c.req.path));
    if (demand?.permission === "public") {
      refuseForeignOrigin(c, deps);
      return await next();
    }
    const caller = await callerOf(c, deps);
    if (!caller) throw new ApiProblem("access.unauthenticated", "Use a one-time link, or an API token.");
    if (!demand) throw new ApiProblem("request.not-found", "No such address.");
    if (!may(caller.role, demand.permission)) {
      throw new ApiProblem("access.denied", `The role ${caller.role} may not do this. Ask an administrator.`);
    }
    if (caller.via === "session" && method !== "GET") refuseForeignOrigin(c, deps, { required: true });
    c.set("caller", caller);
    return await next();
  };
}

async function callerOf(c: Context, { database, secrets }: ApiDependencies): Promise<Caller | undefined> {
  const authorization = c.req.header("authorization");
  if (authorization !== undefined) {
    const token = /^Bearer ([A-Za-z0-9_-]{20,200})$/i.exec(authorization)?.[1];
    return token === undefined ? undefined : await callerOfToken(database, secrets, token);
  }
  const session = sessionOf(c);
  return session === undefined ? undefined : await callerOfSession(database, secrets, session);
}

function refuseForeignOrigin(
  c: Context,
  { mode, publicUrl }: ApiDependencies,
  { required = false } = {},
): void {
  const origin = c.req.header("origin");
  if (origin === undefined && !required) return;
  if (origin === new URL(publicUrl).origin) return;
  // In the sandbox the console may be opened by another name of this machine; cookies are per host anyway.
  if (mode === "sandbox" && origin === `http://${c.req.header("host") ?? ""}`) return;
  throw new ApiProblem("access.foreign-origin", `Open the console at ${publicUrl}.`);
}

export function sessionOf(c: Context): string | undefined {
  return getCookie(c, cookieName, "host");
}

export function setSession(c: Context, token: string): void {
  setCookie(c, cookieName, token, {
    prefix: "host",
    httpOnly: true,
    sameSite: "Strict",
    secure: true,
    path: "/",
  });
}

export function clearSession(c: Context): void {
  deleteCookie(c, cookieName, { prefix: "host", secure: true, path: "/" });
}
