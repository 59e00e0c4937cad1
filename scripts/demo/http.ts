import { CookieJar } from "tough-cookie";

/** A JSON answer, or an error that names the request and what came back. */
export async function json<Body>(url: string, init: RequestInit = {}): Promise<Body> {
  const response = await fetch(url, { signal: AbortSignal.timeout(60_000), ...init });
  const text = await response.text();
  if (!response.ok) throw new HttpError(init.method ?? "GET", url, response.status, text);
  return (text === "" ? undefined : JSON.parse(text)) as Body;
}

export class HttpError extends Error {
  readonly status: number;
  readonly body: string;

  constructor(method: string, url: string, status: number, body: string) {
    super(`${method} ${url} answered ${status}: ${body.slice(0, 500)}`);
    this.status = status;
    this.body = body;
  }
}

export interface Page {
  url: string;
  status: number;
  html: string;
}

/** A browser without a screen or script: cookies as RFC 6265 has them, redirects followed one by one. */
export class Visitor {
  readonly #jar = new CookieJar(undefined, { allowSpecialUseDomain: true });

  get(url: string): Promise<Page> {
    return this.#follow(url, { method: "GET" });
  }

  submit(url: string, fields: Record<string, string>): Promise<Page> {
    return this.#follow(url, {
      method: "POST",
      body: new URLSearchParams(fields).toString(),
      headers: { "content-type": "application/x-www-form-urlencoded", origin: new URL(url).origin },
    });
  }

  async #follow(url: string, init: RequestInit): Promise<Page> {
    let current = url;
    let request = init;
    for (let hops = 0; hops < 20; hops += 1) {
      // Browsers treat loopback as trustworthy, so that __Host- cookies work there; the jar is told the same.
      const cookieUrl = current.replace(/^http:\/\/(localhost|127\.0\.0\.1)/, "https://$1");
      const cookie = await this.#jar.getCookieString(cookieUrl);
      const response = await fetch(current, {
        ...request,
        headers: {
          ...(request.headers as Record<string, string>),
          ...(cookie ? { cookie } : {}),
          accept: "text/html",
        },
        redirect: "manual",
        signal: AbortSignal.timeout(60_000),
      });
      for (const set of response.headers.getSetCookie())
        await this.#jar.setCookie(set, cookieUrl, { ignoreError: true });
      const location = response.headers.get("location");
      if (response.status < 300 || response.status >= 400 || !location) {
        return { url: current, status: response.status, html: await response.text() };
      }
      await response.body?.cancel();
      current = new URL(location, current).href;
      if (response.status !== 307 && response.status !== 308) request = { method: "GET" };
    }
    throw new Error(`${url} redirects in a circle.`);
  }
}
