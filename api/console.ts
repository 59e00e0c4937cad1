import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { extname, join, normalize, sep } from "node:path";
import { Hono } from "hono";
import type { ApiDependencies } from "./deps.ts";

const types: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".json": "application/json",
  ".woff2": "font/woff2",
  ".webmanifest": "application/manifest+json",
};

/**
 * Everything comes from here, nothing is inline but styles that the components compute for positioning (Base UI
 * sets style attributes).
 */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "style-src-attr 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** `no-referrer` would make some browsers hide the `Origin` that the API asks writes for. */
const strict = { "content-security-policy": policy, "referrer-policy": "same-origin" };

const notBuilt = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Console not built · Everlink</title></head>
<body><h1>The console is not built yet</h1><p>Run <code>npm run build</code>, or start with <code>npm start</code>, which builds it. The API works without it.</p></body></html>`;

/** The built console: files by name, and the one page for every address that the console itself routes. */
export function consoleRoutes({ consoleDir }: Pick<ApiDependencies, "consoleDir">): Hono {
  const app = new Hono();
  app.get("*", async (c) => {
    const page = join(consoleDir, "index.html");
    if (!existsSync(page)) return c.html(notBuilt, 503);
    // As it came: no file that Vite makes has a name that needs decoding.
    const path = normalize(c.req.path);
    const file = join(consoleDir, path);
    const type = types[extname(path)];
    if (type !== undefined && file.startsWith(consoleDir + sep) && existsSync(file)) {
      return c.body(await readFile(file), 200, {
        "content-type": type,
        // Vite names assets by their content.
        "cache-control": path.includes(`${sep}assets${sep}`)
          ? "public, max-age=31536000, immutable"
          : "no-cache",
        ...strict,
      });
    }
    if (type !== undefined && type !== types[".html"]) return c.notFound();
    return c.body(await readFile(page, "utf8"), 200, {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-cache",
      ...strict,
    });
  });
  return app;
}
