/** Calls the API as a program with a token does. */
export interface Answer<Body = Record<string, unknown>> {
  status: number;
  headers: Headers;
  body: Body;
}

export function createClient(publicUrl: string, token?: string) {
  async function call<Body>(
    method: string,
    path: string,
    json?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer<Body>> {
    const response = await fetch(`${publicUrl}${path.startsWith("/api") ? "" : "/api/v1"}${path}`, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(json === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(json === undefined ? {} : { body: typeof json === "string" ? json : JSON.stringify(json) }),
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get("content-type") ?? "");
    return {
      status: response.status,
      headers: response.headers,
      body: (isJson ? JSON.parse(text) : { text }) as Body,
    };
  }
  return {
    get: <Body = Record<string, never>>(path: string, headers?: Record<string, string>) =>
      call<Body>("GET", path, undefined, headers),
    post: <Body = Record<string, never>>(path: string, json?: unknown, headers?: Record<string, string>) =>
      call<Body>("POST", path, json, headers),
    patch: <Body = Record<string, never>>(path: string, json: unknown) => call<Body>("PATCH", path, json),
    delete: <Body = Record<string, never>>(path: string, headers?: Record<string, string>) =>
      call<Body>("DELETE", path, undefined, headers),
  };
}

export type Client = ReturnType<typeof createClient>;
