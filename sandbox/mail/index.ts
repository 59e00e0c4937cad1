import type { IncomingMessage } from "node:http";
import type { Answer, SandboxContext, System } from "../context.ts";
import { htmlHeaders, page } from "../pages.ts";
import { inboxPage, messagePage } from "./pages.ts";
import { createSmtp, type Smtp } from "./smtp.ts";
import { createMailStore, type MailStore } from "./store.ts";

export type Mail = System & Pick<Smtp, "listen">;

/** The mail server of the pretend company: everything sent ends here, readable at `/mail/`. */
export function createMail(context: SandboxContext): Mail {
  const store = createMailStore(context.db, context.transaction, context.clock);
  const smtp = createSmtp(context, store);
  let smtpPort: number | undefined;
  return {
    name: "mail",
    async listen(port, host) {
      smtpPort = await smtp.listen(port, host);
      return smtpPort;
    },
    owns: (path) => path === "/mail" || path.startsWith("/mail/"),
    handle: (request, response) =>
      context.faults.run({ system: "mail", operation: `${request.method} inbox` }, response, () =>
        answer(store, request),
      ),
    reset: () => store.empty(),
    counters: () => ({ ...smtp.counts(), stored: store.count() }),
    resetCounters: () => smtp.resetCounts(),
    connection: () => ({ host: "localhost", port: smtpPort, secure: false }),
    close: () => smtp.close(),
  };
}

function answer(store: MailStore, request: IncomingMessage): Answer {
  const url = new URL(request.url ?? "/", "https://localhost");
  const method = request.method ?? "GET";
  if (url.pathname === "/mail") return { status: 301, headers: { location: "/mail/" }, body: "" };
  if (url.pathname === "/mail/") return html(inboxPage(store.list(filter(url)), filter(url).to));
  if (url.pathname === "/mail/messages") {
    if (method === "DELETE") {
      const removed = store.count();
      store.empty();
      return json({ removed });
    }
    return json(store.list(filter(url)));
  }
  const [, asJson, id, part] = /^\/mail\/(messages\/)?(\d+)(?:\/(html|raw))?$/.exec(url.pathname) ?? [];
  const message = id === undefined ? undefined : store.get(Number(id));
  if (message === undefined) {
    return asJson === undefined ? html(page("Not found", "<h1>There is no such mail</h1>"), 404) : missing();
  }
  if (asJson !== undefined) {
    if (method !== "DELETE") return json(message);
    store.remove(message.id);
    return json({ removed: 1 });
  }
  if (part === "raw") {
    return {
      status: 200,
      headers: { "content-type": "text/plain; charset=utf-8" },
      body: store.raw(message.id)!,
    };
  }
  if (part === "html") {
    // Shown in a sandboxed frame: nothing runs, nothing is fetched (so no tracking either), links open apart.
    const body = `<base target="_blank">${message.html ?? ""}`;
    return {
      status: 200,
      headers: {
        ...htmlHeaders(
          "; img-src data:; font-src data:; sandbox allow-popups allow-popups-to-escape-sandbox",
        ),
      },
      body,
    };
  }
  return html(messagePage(message));
}

function filter(url: URL): {
  to?: string | undefined;
  since?: string | undefined;
  limit?: number | undefined;
} {
  const limit = Number(url.searchParams.get("limit"));
  const since = Date.parse(url.searchParams.get("since") ?? "");
  return {
    to: url.searchParams.get("to")?.trim() || undefined,
    since: Number.isNaN(since) ? undefined : new Date(since).toISOString(),
    limit: limit > 0 ? limit : undefined,
  };
}

const html = (body: string, status = 200): Answer => ({
  status,
  headers: htmlHeaders("; frame-src 'self'"),
  body,
});
const json = (body: unknown, status = 200): Answer => ({
  status,
  headers: { "content-type": "application/json", "cache-control": "no-store" },
  body: JSON.stringify(body),
});
const missing = (): Answer => json({ error: "there is no such mail" }, 404);
