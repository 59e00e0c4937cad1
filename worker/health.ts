import { createServer, type Server } from "node:http";

/** One per dependency, by name; resolves when it is well. */
export type Checks = Record<string, () => Promise<void>>;

const checkTimeoutMs = 2_000;

/**
 * `GET /health/live`: this process answers. `GET /health/ready`: it polls Temporal and reaches what it needs; each
 * dependency by name, 503 when one is away.
 */
export async function serveHealth(host: string, port: number, checks: Checks): Promise<Server> {
  const server = createServer((request, response) => {
    const answer = (status: number, body: object) => {
      response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
      response.end(JSON.stringify(body));
    };
    const path = request.url?.split("?")[0];
    if (request.method !== "GET" || (path !== "/health/live" && path !== "/health/ready")) {
      answer(404, { status: "not-found" });
    } else if (path === "/health/live") {
      answer(200, { status: "ok" });
    } else {
      void readiness(checks).then(({ ready, dependencies }) =>
        answer(ready ? 200 : 503, { status: ready ? "ok" : "unavailable", dependencies }),
      );
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  return server;
}

async function readiness(checks: Checks) {
  const entries = await Promise.all(
    Object.entries(checks).map(async ([name, check]): Promise<[string, "ok" | "unavailable"]> => {
      try {
        await within(check());
        return [name, "ok"];
      } catch {
        return [name, "unavailable"];
      }
    }),
  );
  return {
    ready: entries.every(([, state]) => state === "ok"),
    dependencies: Object.fromEntries(entries),
  };
}

async function within(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error("no answer")), checkTimeoutMs);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
