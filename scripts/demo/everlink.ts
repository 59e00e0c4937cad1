import { json } from "./http.ts";

/** Everlink's public API, as `/api/openapi.json` describes it. */
export interface Row {
  associateId: number;
  userId: string | null;
  name: string;
  address: string;
  mailbox: { id: string; address: string } | null;
  state: string;
  problem: { code: string; message: string } | null;
  lastSyncAt: string | null;
  findings: number;
}

export interface UserDetail {
  user: Row;
  lifecycle: { seq: number; fence: number; linkGeneration: number };
  mailbox: { id: string; address: string; backend: "ews" | "graph" } | null;
  counters: { cycles: number; itemLinks: number };
  findings: { code: string; count: number; message: string }[];
}

export class Everlink {
  readonly origin: string;
  readonly #token: string;

  constructor(origin: string, token: string) {
    this.origin = origin;
    this.#token = token;
  }

  async rows(): Promise<Row[]> {
    const rows: Row[] = [];
    let cursor: string | null = null;
    do {
      const page: { rows: Row[]; next: string | null } = await this.#get(
        `/associates?limit=500${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`,
      );
      rows.push(...page.rows);
      cursor = page.next;
    } while (cursor);
    return rows;
  }

  async row(associateId: number): Promise<Row> {
    const found = (await this.rows()).find((row) => row.associateId === associateId);
    if (!found) throw new Error(`Associate ${associateId} is not listed.`);
    return found;
  }

  refresh(): Promise<unknown> {
    return this.#post("/associates/refresh");
  }

  user(userId: string): Promise<UserDetail> {
    return this.#get(`/users/${userId}`);
  }

  invite(body: {
    associateIds: number[];
    subject: string;
    message: string;
    senderName: string;
  }): Promise<{ invited: number; refused: number }> {
    return this.#post("/invitations", body);
  }

  link(userIds: string[]): Promise<{ linked: number; refused: number }> {
    return this.#post("/links", { links: userIds.map((userId) => ({ userId })) });
  }

  syncNow(userId: string): Promise<unknown> {
    return this.#post(`/users/${userId}/sync-now`);
  }

  /** Tells Everlink that a system came back from a backup. */
  restored(system: "superoffice"): Promise<{ items: number }> {
    return this.#post("/restored", { system });
  }

  switchBackend(userId: string, backend: "ews" | "graph"): Promise<unknown> {
    return this.#post(`/users/${userId}/backend`, { backend });
  }

  pause(userId: string): Promise<unknown> {
    return this.#post(`/users/${userId}/pause`);
  }

  resume(userId: string): Promise<unknown> {
    return this.#post(`/users/${userId}/resume`);
  }

  unlink(userId: string): Promise<unknown> {
    return this.#post(`/users/${userId}/unlink`);
  }

  changeSettings(userId: string, change: Record<string, unknown>): Promise<unknown> {
    return json(`${this.origin}/api/v1/users/${userId}/settings`, {
      method: "PATCH",
      headers: this.#headers(),
      body: JSON.stringify(change),
    });
  }

  erase(userId: string): Promise<unknown> {
    return json(`${this.origin}/api/v1/users/${userId}`, { method: "DELETE", headers: this.#headers() });
  }

  erasure(userId: string): Promise<{ completedAt: string | null; receipt: Record<string, unknown> | null }> {
    return this.#get(`/erasures/${userId}`);
  }

  #headers(): Record<string, string> {
    return { authorization: `Bearer ${this.#token}`, "content-type": "application/json" };
  }

  #get<Body>(path: string): Promise<Body> {
    return json(`${this.origin}/api/v1${path}`, { headers: this.#headers() });
  }

  #post<Body>(path: string, body?: unknown): Promise<Body> {
    return json(`${this.origin}/api/v1${path}`, {
      method: "POST",
      headers: this.#headers(),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }
}
