import { OpenAPIHono } from "@hono/zod-openapi";
import { Hono, type MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { requestId } from "hono/request-id";
import { authorize } from "./auth/caller.ts";
import { consoleRoutes } from "./console.ts";
import type { ApiDependencies } from "./deps.ts";
import { securityHeaders } from "./headers.ts";
import { healthRoutes } from "./health.ts";
import { hookRoutes } from "./hooks.ts";
import { ApiProblem, problemHandler, unknownPath } from "./problems.ts";
import { registrationPages } from "./registration/index.ts";
import { brakeRoutes } from "./routes/brake.ts";
import { itemRoutes } from "./routes/items.ts";
import { associateRoutes } from "./routes/associates.ts";
import { invitationRoutes } from "./routes/invitations.ts";
import { linkSettingsRoutes } from "./routes/link-settings.ts";
import { personRoutes } from "./routes/person.ts";
import { previewRoutes } from "./routes/preview.ts";
import { recordRoutes } from "./routes/records.ts";
import { sessionRoutes } from "./routes/session.ts";
import { removalRoutes } from "./routes/removal.ts";
import { restoredRoutes } from "./routes/restored.ts";
import { settingsRoutes } from "./routes/settings.ts";
import { userRoutes } from "./routes/users.ts";

const bodyLimitBytes = 1_000_000;

/** The whole HTTP face: health, API, registration pages and console. */
export function createApp(deps: ApiDependencies): Hono {
  const app = new Hono();
  app.onError(problemHandler(deps.log));
  app.notFound(unknownPath);
  app.use(requestId({ limitLength: 64 }));
  app.use(securityHeaders({ production: deps.mode === "production" }));
  app.use(observed(deps));
  app.route("/", healthRoutes(deps));
  app.route("/", hookRoutes(deps));
  app.route("/", apiV1(deps));
  app.route("/", registrationPages(deps));
  app.route("/", consoleRoutes(deps));
  return app;
}

function apiV1(deps: ApiDependencies): OpenAPIHono {
  const root = new OpenAPIHono();
  // The document tells what any client may know: it needs no session.
  root.doc31("/api/openapi.json", {
    openapi: "3.1.0",
    info: { title: "Everlink", version: "1", description: "The console and the command line use this API." },
    servers: [{ url: "/api/v1" }],
  });
  root.use("/api/*", authorize(deps));
  root.use("/api/*", bodyLimit({ maxSize: bodyLimitBytes }));
  root.use("/api/*", demandJson);

  const api = new OpenAPIHono({
    defaultHook: (result) => {
      if (result.success) return;
      const errors = result.error.issues.map(({ path, message }) => ({ field: path.join("."), message }));
      throw new ApiProblem("request.invalid", "Correct the named fields.", errors);
    },
  });
  sessionRoutes(api, deps);
  associateRoutes(api, deps);
  invitationRoutes(api, deps);
  personRoutes(api, deps);
  userRoutes(api, deps);
  removalRoutes(api, deps);
  previewRoutes(api, deps);
  brakeRoutes(api, deps);
  itemRoutes(api, deps);
  linkSettingsRoutes(api, deps);
  recordRoutes(api, deps);
  settingsRoutes(api, deps);
  restoredRoutes(api, deps);
  root.route("/api/v1", api);
  root.all("/api/*", unknownPath);
  return root;
}

/** Forms of other sites cannot send JSON without asking first: whatever has a body has to be JSON. */
const demandJson: MiddlewareHandler = async (c, next) => {
  const type = c.req.header("content-type");
  const hasBody =
    c.req.header("transfer-encoding") !== undefined || Number(c.req.header("content-length") ?? 0) > 0;
  if (hasBody && !/^application\/json\s*(;|$)/i.test(type ?? "")) {
    throw new ApiProblem("request.not-json", "The body must have the type application/json.");
  }
  if (!hasBody && type !== undefined) {
    // A type without a body: where a body may be left out, it was.
    const headers = new Headers(c.req.raw.headers);
    headers.delete("content-type");
    c.req.raw = new Request(c.req.raw, { headers });
  }
  await next();
};

/** Times each request under its route's pattern, never under its path. */
function observed({ metrics }: ApiDependencies): MiddlewareHandler {
  return async (c, next) => {
    const stop = metrics.requests.startTimer();
    await next();
    stop({ method: c.req.method, route: pattern(c.req.path), status: c.res.status });
  };
}

function pattern(path: string): string {
  if (path.startsWith("/register/"))
    return path === "/register/code" || path === "/register/callback" ? path : "/register/:link";
  if (path.startsWith("/hooks/")) return "/hooks/superoffice/:organization/:id";
  if (!path.startsWith("/api/")) return path.startsWith("/health/") || path === "/metrics" ? path : "/";
  return path.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/gi, ":id").slice(0, 80);
}
