/** A page as a person without script sees it. */
export interface Visit {
  url: string;
  status: number;
  headers: Headers;
  text: string;
}

/**
 * A plain HTTP client with a cookie jar: follows redirects within `stayOn`, submits forms by their button. It
 * trusts what the process trusts (`tls.setDefaultCACertificates`).
 */
export class Browser {
  readonly #stayOn: string;
  readonly #cookies = new Map<string, { value: string; path: string }>();

  constructor(stayOn: string) {
    this.#stayOn = stayOn;
  }

  get(url: string): Promise<Visit> {
    return this.#visit("GET", url, undefined);
  }

  /** Fills in the first form of the page and presses the button with this `action`. */
  submit(page: Visit, action: string, fields: Record<string, string> = {}): Promise<Visit> {
    if (!page.text.includes(`value="${action}"`))
      throw new Error(`no button ${action} on ${page.url}: ${page.text}`);
    return this.#visit("POST", page.url, new URLSearchParams({ ...fields, action }));
  }

  /** @returns the page, or the redirect that leaves `stayOn` (its `location` header is the target). */
  async #visit(method: string, url: string, form: URLSearchParams | undefined): Promise<Visit> {
    for (let hops = 0; hops < 10; hops += 1) {
      const target = new URL(url);
      const cookie = [...this.#cookies]
        .filter(([, each]) => target.pathname.startsWith(each.path))
        .map(([name, each]) => `${name.split("|")[0]}=${each.value}`)
        .join("; ");
      const answer = await fetch(url, {
        method,
        redirect: "manual",
        headers: { accept: "text/html", ...(cookie === "" ? {} : { cookie }) },
        ...(form === undefined ? {} : { body: form }),
      });
      this.#keep(answer.headers.getSetCookie());
      const location = answer.headers.get("location");
      const visit = { url, status: answer.status, headers: answer.headers, text: await answer.text() };
      if (location === null) return visit;
      const next = new URL(location, url).href;
      if (!next.startsWith(this.#stayOn)) return visit;
      [method, url, form] = ["GET", next, undefined];
    }
    throw new Error(`too many redirects at ${url}`);
  }

  #keep(lines: string[]): void {
    for (const line of lines) {
      const [pair, ...attributes] = line.split(";").map((each) => each.trim());
      const [name, value] = [pair!.slice(0, pair!.indexOf("=")), pair!.slice(pair!.indexOf("=") + 1)];
      const path = attributes.find((each) => /^path=/i.test(each))?.slice(5) ?? "/";
      const gone = attributes.some((each) => /^expires=Thu, 01 Jan 1970/i.test(each)) || value === "";
      if (gone) this.#cookies.delete(`${name}|${path}`);
      else this.#cookies.set(`${name}|${path}`, { value, path });
    }
  }
}
