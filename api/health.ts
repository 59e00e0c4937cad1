import { Hono } from "hono";
import type { ApiDependencies } from "./deps.ts";

const checkMs = 2_000;

/** Liveness says that the process answers; readiness asks everything that it needs; metrics are Prometheus'. */
export function healthRoutes({ checks, metrics }: ApiDependencies): Hono {
  const app = new Hono();
  app.get("/health/live", (c) => c.json({ status: "ok" }));
  app.get("/health/ready", async (c) => {
    const results = await Promise.all(
      Object.entries(checks).map(async ([name, check]) => [name, await outcome(check)] as const),
    );
    const ready = results.every(([, result]) => result.ok);
    return c.json(
      { status: ready ? "ok" : "waiting", dependencies: Object.fromEntries(results) },
      ready ? 200 : 503,
    );
  });
  app.get("/metrics", async (c) => {
    const text = await metrics.registry.metrics();
    return c.body(text, 200, { "content-type": metrics.registry.contentType });
  });
  return app;
}

async function outcome(check: (signal: AbortSignal) => Promise<void>): Promise<{ ok: boolean; ms: number }> {
  const started = performance.now();
  const signal = AbortSignal.timeout(checkMs);
  const late = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(new Error("timeout")), { once: true });
  });
  let ok = true;
  try {
    await Promise.race([check(signal), late]);
  } catch {
    ok = false;
  }
  return { ok, ms: Math.round(performance.now() - started) };
}
