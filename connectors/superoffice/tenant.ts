import { z } from "zod";
import { Failure } from "../../core/errors/failure.ts";
import { exchange, parseJson, type Fetch } from "./http.ts";

const statePage = z.object({ State: z.string(), IsRunning: z.boolean() });

interface Known {
  running: boolean;
  state: string;
  at: number;
}

/** After this the state is asked again. */
const validMs = 60_000;
/** Before a missing item counts as deleted, the state must be this young. */
export const evidenceMs = 5_000;

/**
 * Whether the tenant's installation runs. It is asked only when something looks wrong, for a healthy cycle must not
 * pay for it: a tenant under maintenance may answer 403, 404, 503 or nothing, and none of them means what it says.
 *
 * @see apps/tenant-status/status-page.md
 */
export class TenantState {
  readonly #url: URL;
  readonly #ports: { fetch: Fetch; clock: { now(): number }; timeoutMs: number };
  #known: Known | undefined;
  #asking: Promise<Known | undefined> | undefined;

  constructor(
    tenant: string,
    loginUrl: string,
    ports: { fetch: Fetch; clock: { now(): number }; timeoutMs: number },
  ) {
    this.#url = new URL(`/api/state/${encodeURIComponent(tenant)}`, loginUrl);
    this.#ports = ports;
  }

  /**
   * @param maxAgeMs an answer this old will do
   * @throws Failure `superoffice.tenant-suspended` when the tenant says that it does not run. Not knowing is no
   *   failure: the caller's own one is the better news.
   */
  async requireRunning(signal: AbortSignal, maxAgeMs = validMs): Promise<void> {
    const known = await this.#state(signal, maxAgeMs);
    if (known?.running === false) {
      throw new Failure("superoffice.tenant-suspended", { detail: { state: known.state } });
    }
  }

  /** True only when the tenant says so; unlike `requireRunning`, not knowing is a no. */
  async isRunning(signal: AbortSignal, maxAgeMs: number): Promise<boolean> {
    return (await this.#state(signal, maxAgeMs))?.running === true;
  }

  async #state(signal: AbortSignal, maxAgeMs: number): Promise<Known | undefined> {
    if (this.#known && this.#ports.clock.now() - this.#known.at < maxAgeMs) return this.#known;
    this.#asking ??= this.#ask().finally(() => (this.#asking = undefined));
    const known = await this.#asking;
    signal.throwIfAborted();
    return known;
  }

  async #ask(): Promise<Known | undefined> {
    try {
      const answer = await exchange(this.#ports.fetch, {
        method: "GET",
        url: this.#url,
        headers: { accept: "application/json" },
        signal: new AbortController().signal,
        timeoutMs: Math.min(this.#ports.timeoutMs, 10_000),
      });
      const page = answer.status === 200 ? statePage.safeParse(parseJson(answer.text)) : undefined;
      if (!page?.success) return undefined;
      this.#known = { running: page.data.IsRunning, state: page.data.State, at: this.#ports.clock.now() };
      return this.#known;
    } catch {
      return undefined;
    }
  }
}
