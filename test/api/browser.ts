/** A cookie jar that follows real forms and redirects by plain HTTP, as one browser would. */
export interface Page {
  url: string;
  status: number;
  html: string;
  headers: Headers;
}

interface Cookie {
  value: string;
  path: string;
}

export function createBrowser() {
  const cookies = new Map<string, Cookie>();

  async function send(url: string, init: RequestInit = {}): Promise<Response> {
    const { pathname } = new URL(url);
    const sent = [...cookies].filter(([, cookie]) => pathname.startsWith(cookie.path));
    const response = await fetch(url, {
      ...init,
      redirect: "manual",
      headers: {
        accept: "text/html",
        ...(sent.length > 0
          ? { cookie: sent.map(([name, { value }]) => `${name.split("|")[0]}=${value}`).join("; ") }
          : {}),
        ...(init.headers as Record<string, string>),
      },
    });
    for (const line of response.headers.getSetCookie()) {
      const [pair = "", ...attributes] = line.split(";");
      const name = pair.slice(0, pair.indexOf("="));
      const path = attributes.find((each) => /^\s*path=/i.test(each))?.split("=")[1] ?? "/";
      const value = pair.slice(pair.indexOf("=") + 1);
      const gone =
        value === "" || attributes.some((each) => /^\s*(max-age=0|expires=thu, 01 jan 1970)/i.test(each));
      if (gone) cookies.delete(`${name}|${path}`);
      else cookies.set(`${name}|${path}`, { value, path });
    }
    return response;
  }

  async function follow(url: string, init?: RequestInit, stop?: (url: string) => boolean): Promise<Page> {
    let response = await send(url, init);
    let at = url;
    for (let hops = 0; hops < 20 && response.status >= 300 && response.status < 400; hops += 1) {
      at = new URL(response.headers.get("location") ?? "", at).href;
      if (stop?.(at)) break;
      response = await send(at);
    }
    return { url: at, status: response.status, html: await response.text(), headers: response.headers };
  }

  const browser = {
    cookies,
    get: (url: string, headers?: Record<string, string>) => follow(url, headers ? { headers } : {}),
    /** Presses a button of the page's form. */
    submit(page: Page, fields: Record<string, string> = {}, stop?: (url: string) => boolean): Promise<Page> {
      const action = /<form[^>]*\baction="([^"]*)"/.exec(page.html)?.[1];
      const target =
        action === undefined ? page.url : new URL(action.replaceAll("&amp;", "&"), page.url).href;
      return follow(
        target,
        {
          method: "POST",
          headers: { "content-type": "application/x-www-form-urlencoded", origin: new URL(page.url).origin },
          body: new URLSearchParams(fields).toString(),
        },
        stop,
      );
    },
    /** Signs in on the pretend Microsoft's pages and allows what is asked, until it is back at Everlink. */
    async signIn(
      page: Page,
      account: { userPrincipalName: string; password: string },
      { consent = "accept", stop }: { consent?: string; stop?: (url: string) => boolean } = {},
    ): Promise<Page> {
      let at = page;
      for (let steps = 0; steps < 8; steps += 1) {
        if (!at.url.startsWith("https:") || stop?.(at.url)) break;
        if (at.html.includes('value="signin"')) {
          const { userPrincipalName, password } = account;
          at = await browser.submit(at, { username: userPrincipalName, password, action: "signin" }, stop);
        } else if (at.html.includes('value="accept"')) {
          at = await browser.submit(at, { action: consent }, stop);
        } else if (at.html.includes('value="continue"')) {
          at = await browser.submit(
            at,
            { action: at.html.includes(account.userPrincipalName) ? "continue" : "other" },
            stop,
          );
        } else if (at.html.includes('value="back"')) {
          at = await browser.submit(at, { action: "back" }, stop);
        } else if (at.html.includes('value="blocked"')) {
          at = await browser.submit(at, { action: "blocked" }, stop);
        } else break;
      }
      return at;
    },
  };
  return browser;
}

export type Browser = ReturnType<typeof createBrowser>;

/** The title that a page shows. */
export function titleOf(page: Page): string {
  return /<title>(.*?) · Everlink<\/title>/.exec(page.html)?.[1] ?? page.html.slice(0, 300);
}
