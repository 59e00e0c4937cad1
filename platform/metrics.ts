import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";

/** What the API process measures, in Prometheus' words. Labels never hold ids, names or addresses. */
export function createApiMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: "everlink_api_" });
  return {
    registry,
    requests: new Histogram({
      name: "everlink_api_request_seconds",
      help: "Time to answer a request, by route and status",
      labelNames: ["method", "route", "status"] as const,
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
      registers: [registry],
    }),
    registrations: new Counter({
      name: "everlink_registrations_total",
      help: "Sign-ins that came back from Microsoft, by outcome",
      labelNames: ["outcome"] as const,
      registers: [registry],
    }),
    streams: new Gauge({
      name: "everlink_api_streams",
      help: "Open live streams of the console",
      registers: [registry],
    }),
  };
}
export type ApiMetrics = ReturnType<typeof createApiMetrics>;
