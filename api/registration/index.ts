import { getConnInfo } from "@hono/node-server/conninfo";
import { Hono, type Context, type MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { rateLimiter } from "hono-rate-limiter";
import { Failure } from "../../core/errors/failure.ts";
import { readCode } from "../../core/invitation/code.ts";
import { mintInvitationSecrets } from "../../db/invitations.ts";
import type { ApiDependencies } from "../deps.ts";
import { beginSignIn } from "./begin.ts";
import { finishSignIn } from "./finish.ts";
import { findInvitation } from "./invitation.ts";
import { bindBrowser, browserOf, show } from "./pages.ts";

/** Codes have 60 bits; with these caps guessing one takes longer than the universe has been there. */
const codeWindowMs = 5 * 60_000;
const codesPerAddress = 20;
const triesPerCode = 20;
const codesInAll = 600;
/** Every answer to a code takes at least this long, so that time tells nothing. */
const codeAnswerMs = 300;

/** The pages below `/register`. A GET changes nothing but the callback, which only its own browser can use. */
export function registrationPages(deps: ApiDependencies): Hono {
  const app = new Hono();
  app.use(bodyLimit({ maxSize: 10_000 }));

  app.get("/register/code", (c) => show(c, deps, { page: "code", action: "/register/code", refused: false }));
  app.post("/register/code", refuseForeignForm(deps), ...codeLimits(deps), async (c) => {
    const answered = new Promise((resolve) => setTimeout(resolve, codeAnswerMs));
    const typed = (await c.req.parseBody()).code;
    const link = await linkOfCode(deps, typeof typed === "string" ? typed : "");
    await answered;
    return link === undefined
      ? show(c, deps, { page: "code", action: "/register/code", refused: true })
      : c.redirect(`/register/${link}`, 303);
  });

  app.get("/register/callback", async (c) => {
    const { view, authorityHost } = await finishSignIn(
      deps,
      {
        state: c.req.query("state"),
        code: c.req.query("code"),
        error: c.req.query("error"),
        errorDescription: c.req.query("error_description"),
      },
      browserOf(c),
      c.req.raw.signal,
    );
    return show(c, deps, view, authorityHost);
  });

  app.get("/register/:link", async (c) => {
    const link = c.req.param("link");
    const found = await findInvitation(deps, "link", link);
    if ("view" in found) return show(c, deps, found.view);
    const { invitation, organization, sender, application } = found.open;
    return show(
      c,
      deps,
      {
        page: "invitation",
        purpose: invitation.purpose,
        organization,
        sender,
        address: invitation.address,
        action: `/register/${encodeURIComponent(link)}`,
      },
      application.configuration.authorityHost,
    );
  });

  app.post("/register/:link", refuseForeignForm(deps), async (c) => {
    const link = c.req.param("link");
    const found = await findInvitation(deps, "link", link);
    if ("view" in found) return show(c, deps, found.view);
    const browser = browserOf(c) ?? deps.secrets.mint("browser").reveal();
    try {
      const url = await beginSignIn(deps, found.open, link, browser, c.req.raw.signal);
      bindBrowser(c, browser);
      return c.redirect(url, 303);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      deps.log.warn({ problem: error.code, detail: error.detail }, "sign-in could not begin");
      const retry = `/register/${encodeURIComponent(link)}`;
      const { authorityHost } = found.open.application.configuration;
      return show(c, deps, { page: "temporary", retry }, authorityHost);
    }
  });
  return app;
}

/** A code opens the same pages as a link: another link of its invitation is made for this person. */
async function linkOfCode(deps: ApiDependencies, typed: string): Promise<string | undefined> {
  // A text that cannot be a code is looked up all the same: it must not be answered faster.
  const found = await findInvitation(deps, "code", readCode(typed) ?? "");
  if ("view" in found) return undefined;
  const { organizationId, invitation } = found.open;
  const minted = await deps.database.inOrganization(organizationId, (tx) =>
    mintInvitationSecrets(tx, deps.secrets, organizationId, invitation.id, null),
  );
  return minted.link;
}

/** A form of another site must not begin anything here; browsers say where a form comes from. */
function refuseForeignForm({ publicUrl, mode }: ApiDependencies): MiddlewareHandler {
  return async (c, next) => {
    const origin = c.req.header("origin");
    const ours = [
      new URL(publicUrl).origin,
      ...(mode === "sandbox" ? [`http://${c.req.header("host") ?? ""}`] : []),
    ];
    // `null` is what a page under `Referrer-Policy: no-referrer` sends, ours too; the site check tells them apart.
    const site = c.req.header("sec-fetch-site");
    const foreign =
      origin === undefined ? false : origin === "null" ? site !== "same-origin" : !ours.includes(origin);
    if (foreign || site === "cross-site") return show(c, { publicUrl, mode }, { page: "start-again" });
    return await next();
  };
}

function codeLimits(deps: ApiDependencies) {
  const limit = (max: number, keyGenerator: (c: Context) => string | Promise<string>) =>
    rateLimiter({
      skip: async (c) => (await keyGenerator(c)) === "",
      windowMs: codeWindowMs,
      limit: max,
      keyGenerator,
      standardHeaders: false,
      handler: (c) => show(c, deps, { page: "too-many" }),
    });
  return [
    limit(codesInAll, () => "all"),
    limit(codesPerAddress, (c) => getConnInfo(c).remote.address ?? "unknown"),
    limit(triesPerCode, async (c) => {
      const typed = (await c.req.parseBody()).code;
      // What cannot be a code guesses nothing; the other two caps count it.
      return typeof typed === "string" ? (readCode(typed) ?? "") : "";
    }),
  ] as const;
}
