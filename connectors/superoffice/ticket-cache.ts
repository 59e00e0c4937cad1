/** A ticket and when it was made, in milliseconds since 1970. */
export interface LiveTicket {
  ticket: string;
  since: number;
}

/**
 * Keeps tickets of tenants. Whoever makes the clients of a process owns one and hands it to each of them, so that
 * tenants and tests cannot meet in a hidden global.
 */
export interface TicketCache {
  /**
   * The tenant's live ticket, or the one that `signIn` brings. Callers at the same time share one sign-in; its
   * failure is everybody's, and is not kept.
   */
  obtain(tenantKey: string, signIn: () => Promise<string>): Promise<LiveTicket>;
  /** The ticket was accepted just now: its time starts anew. */
  used(tenantKey: string, ticket: string): void;
  /** Drops this ticket, and only this one: another caller may already have brought a newer one. */
  forget(tenantKey: string, ticket: string): void;
}

/**
 * "A ticket is valid for up to 6 hours, and each use resets the window" (developer-portal/best-practices); a quarter
 * of an hour less, so that none dies on the way.
 */
const lifetimeMs = 5.75 * 3_600_000;

/** A cache in the memory of this process. */
export function createTicketCache(clock: { now(): number } = Date): TicketCache {
  const kept = new Map<string, LiveTicket & { usedAt: number }>();
  const underWay = new Map<string, Promise<LiveTicket>>();
  return {
    async obtain(tenantKey, signIn) {
      const live = kept.get(tenantKey);
      if (live && clock.now() - live.usedAt < lifetimeMs) return live;
      const running = underWay.get(tenantKey);
      if (running) return running;
      const started = signIn()
        .then((ticket) => {
          const fresh = { ticket, since: clock.now(), usedAt: clock.now() };
          kept.set(tenantKey, fresh);
          return fresh;
        })
        .finally(() => underWay.delete(tenantKey));
      underWay.set(tenantKey, started);
      return started;
    },
    used(tenantKey, ticket) {
      const live = kept.get(tenantKey);
      if (live?.ticket === ticket) live.usedAt = clock.now();
    },
    forget(tenantKey, ticket) {
      if (kept.get(tenantKey)?.ticket === ticket) kept.delete(tenantKey);
    },
  };
}
