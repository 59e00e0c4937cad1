import type { IncomingMessage, ServerResponse } from "node:http";
import type { System } from "../context.ts";
import type { Entra } from "../entra/index.ts";
import type { FaultRule } from "../faults.ts";
import type { Frame } from "../frame.ts";
import { escapeHtml, htmlHeaders, page } from "../pages.ts";
import { forgetSummary, readSummary, seedSandbox } from "../seed/seed.ts";
import { editRoutes } from "./edit.ts";
import { entraRoutes } from "./entra.ts";
import { peopleRoutes } from "./people.ts";
import { ControlError, read, type Route } from "./route.ts";
import { selectionRoutes } from "./selections.ts";
import { clockWish, faultWish, seedWish } from "./schemas.ts";

export interface Control {
  owns(path: string): boolean;
  handle(request: IncomingMessage, response: ServerResponse, body: Buffer): Promise<void>;
}

/** `/control/`: everything that a test does to the pretend world from outside of it. See `sandbox/README.md`. */
export function createControl(frame: Frame, systems: System[], sharedDir: string | undefined): Control {
  const { context, settings, rules, traffic } = frame;
  const entra = systems.find((each) => each.name === "entra") as Entra | undefined;
  const superOffice = configurable(systems, "superoffice");
  const exchange = configurable(systems, "exchange");
  const graph = configurable(systems, "graph");

  const routes: Route[] = [
    {
      method: "GET",
      path: "/control/",
      says: "this list",
      run: () => routes.map(({ method, path, says }) => ({ method, path, says })),
    },
    {
      method: "POST",
      path: "/control/reset",
      says: "empties everything; credentials and keys stay",
      run() {
        emptySandbox(frame, systems);
        settings.set("seed.emptied", "true");
        return { done: true };
      },
    },
    {
      method: "POST",
      path: "/control/seed",
      says: "empties the systems and makes a sample company",
      run({ body }) {
        const wish = read(seedWish, body);
        emptySystems(frame, systems);
        return seedSandbox(frame, systems, wish, sharedDir);
      },
    },
    {
      method: "GET",
      path: "/control/seed",
      says: "what the seed made",
      run: () => readSummary(settings) ?? null,
    },
    ...peopleRoutes(context, systems),
    ...editRoutes(context, systems),
    ...selectionRoutes(context, systems),
    ...(entra ? entraRoutes(context, entra.admin) : []),
    {
      method: "POST",
      path: "/control/superoffice",
      says: "turns switches of SuperOffice, or { tenantState }, { revokeSessions }, { snapshot }, { restore }",
      run({ body }) {
        if (superOffice === undefined) throw new ControlError(404, "this sandbox runs without superoffice");
        try {
          return superOffice.configure((body ?? {}) as Record<string, unknown>);
        } catch (error) {
          throw new ControlError(400, (error as Error).message);
        }
      },
    },
    {
      method: "POST",
      path: "/control/exchange",
      says: "turns switches of Exchange, {} shows them; or { replaceMailbox: associateId }",
      run({ body }) {
        if (exchange === undefined) throw new ControlError(404, "this sandbox runs without exchange");
        try {
          return exchange.configure((body ?? {}) as Record<string, unknown>);
        } catch (error) {
          throw new ControlError(400, (error as Error).message);
        }
      },
    },
    {
      method: "POST",
      path: "/control/graph",
      says: "turns switches of Graph; { forgetDeltaTokens: true } makes all of them unknown; {} shows them",
      run({ body }) {
        if (graph === undefined) throw new ControlError(404, "this sandbox runs without graph");
        try {
          return graph.configure((body ?? {}) as Record<string, unknown>);
        } catch (error) {
          throw new ControlError(400, (error as Error).message);
        }
      },
    },
    {
      method: "GET",
      path: "/control/faults",
      says: "the fault rules and how often each was used",
      run: () => rules.list(),
    },
    {
      method: "POST",
      path: "/control/faults",
      says: "adds a fault rule",
      run: ({ body }) => ({ id: rules.add(read(faultWish, body) as FaultRule) }),
    },
    {
      method: "DELETE",
      path: "/control/faults",
      says: "deletes all fault rules",
      run() {
        rules.clear();
        return { done: true };
      },
    },
    {
      method: "DELETE",
      path: "/control/faults/:id",
      says: "deletes one fault rule",
      run({ id }) {
        if (!rules.remove(Number(id))) throw new ControlError(404, `there is no fault rule ${id}`);
        return { done: true };
      },
    },
    { method: "GET", path: "/control/clock", says: "the sandbox's time", run: () => clock() },
    {
      method: "POST",
      path: "/control/clock",
      says: "moves the sandbox's time: { advanceMs } or { reset: true }",
      run({ body }) {
        const wish = read(clockWish, body);
        context.transaction(() =>
          "reset" in wish ? context.clock.reset() : context.clock.advance(wish.advanceMs),
        );
        return clock();
      },
    },
    {
      method: "GET",
      path: "/control/attendee-mails",
      says: "mails that a system would have sent to attendees",
      run: () => ({ count: context.attendeeMails.count(), mails: context.attendeeMails.list() }),
    },
    {
      method: "GET",
      path: "/control/counters",
      says: "calls and bytes per system and operation, and what systems count themselves",
      run: () => ({
        traffic: traffic.counts(),
        ...Object.fromEntries(
          systems.flatMap((each) => (each.counters ? [[each.name, each.counters()]] : [])),
        ),
      }),
    },
    {
      method: "DELETE",
      path: "/control/counters",
      says: "sets all counters to zero",
      run() {
        traffic.reset();
        for (const system of systems) system.resetCounters?.();
        return { done: true };
      },
    },
    {
      method: "GET",
      path: "/control/connections",
      says: "what an installation needs to connect to this sandbox",
      run: () => connections(),
    },
  ];

  const clock = () => ({
    now: context.clock.now().toISOString(),
    offsetMs: context.clock.now().getTime() - Date.now(),
  });

  function connections(): Record<string, unknown> {
    const names: Record<string, string> = { entra: "microsoft", superoffice: "superoffice", mail: "smtp" };
    return Object.fromEntries(
      systems.flatMap((each) =>
        each.connection ? [[names[each.name] ?? each.name, each.connection()]] : [],
      ),
    );
  }

  return {
    owns: (path) => path === "/" || path === "/control" || path.startsWith("/control/"),
    async handle(request, response, body) {
      const url = new URL(request.url ?? "/", context.origin());
      if (url.pathname === "/") {
        response.writeHead(200, htmlHeaders()).end(welcome(context.origin(), routes));
        return;
      }
      const { status, said } = await answer(routes, request.method ?? "GET", url, body);
      response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
      response.end(JSON.stringify(said));
    },
  };
}

async function answer(
  routes: Route[],
  method: string,
  url: URL,
  body: Buffer,
): Promise<{ status: number; said: unknown }> {
  const path = url.pathname === "/control" ? "/control/" : url.pathname;
  try {
    const matching = routes.flatMap((route) => {
      const id = parameterIn(route.path, path);
      return id === undefined ? [] : [{ route, id }];
    });
    if (matching.length === 0)
      throw new ControlError(404, `there is no ${path}; GET /control/ lists what there is`);
    const found = matching.find(({ route }) => route.method === method);
    if (found === undefined) throw new ControlError(405, `${path} does not answer ${method}`);
    const said = await found.route.run({ body: parse(body), query: url.searchParams, id: found.id });
    return { status: 200, said };
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
    return { status: error.status, said: { error: error.message, issues: error.issues } };
  }
}

/** @returns the parameter (or "" when the path has none), `undefined` when the path is another */
function parameterIn(template: string, path: string): string | undefined {
  if (!template.endsWith("/:id")) return template === path ? "" : undefined;
  const start = template.slice(0, -3);
  const rest = path.startsWith(start) ? path.slice(start.length) : "";
  return rest === "" || rest.includes("/") ? undefined : decodeURIComponent(rest);
}

function parse(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  try {
    return JSON.parse(body.toString());
  } catch {
    throw new ControlError(400, "the body is not JSON");
  }
}

/** People, items, mails and sessions go; clock, fault rules and credentials stay. */
export function emptySystems(frame: Frame, systems: System[]): void {
  frame.context.transaction(() => {
    for (const system of systems) system.reset();
    frame.emptyPeople();
    forgetSummary(frame.settings);
  });
}

function emptySandbox(frame: Frame, systems: System[]): void {
  frame.context.transaction(() => {
    emptySystems(frame, systems);
    frame.rules.clear();
    frame.context.clock.reset();
  });
  frame.traffic.reset();
  for (const system of systems) system.resetCounters?.();
}

const welcome = (origin: string, routes: Route[]): string =>
  page(
    "Everlink sandbox",
    `<h1>A pretend Microsoft 365, SuperOffice and mail server</h1>
<p>They speak the real protocols. Nothing here leaves this machine.</p>
<ul class="plain">
<li><a href="/mail/">Inbox of everybody</a></li>
<li><a href="/control/people">The people of the sample company, with passwords</a> (JSON)</li>
<li>Exchange Web Services: <code>${escapeHtml(origin)}/EWS/Exchange.asmx</code></li>
<li>SuperOffice: <code>${escapeHtml(origin)}/Cust12345/api/v1/</code></li>
</ul>
<h2>/control/</h2>
<table>${routes
      .map(
        (each) =>
          `<tr><td>${each.method}</td><td><code>${each.path}</code></td><td>${escapeHtml(each.says)}</td></tr>`,
      )
      .join("\n")}</table>`,
    { wide: true },
  );

type Configurable = System & { configure(given: Record<string, unknown>): Record<string, unknown> };

function configurable(systems: System[], name: System["name"]): Configurable | undefined {
  return systems.find((each) => each.name === name && "configure" in each) as Configurable | undefined;
}
