import type { OrganizationId } from "../core/ids.ts";
import type { Database } from "../db/client.ts";
import { consoleTick } from "../db/console.ts";

const everyMs = 1_000;

interface Subscription {
  /** @returns whether anything changed within the time */
  next(timeoutMs: number): Promise<boolean>;
  close(): void;
}

/**
 * Tells live streams that something changed. One small query a second for each organization that somebody looks
 * at, whatever the number of lookers; none when nobody does. It survives restarts of PostgreSQL, which LISTEN
 * would not notice.
 */
export function createTicker(database: Database): {
  subscribe(organizationId: OrganizationId): Subscription;
} {
  const watched = new Map<OrganizationId, { listeners: Set<() => void>; timer: NodeJS.Timeout }>();

  function watch(organizationId: OrganizationId, listener: () => void): void {
    const present = watched.get(organizationId);
    if (present) {
      present.listeners.add(listener);
      return;
    }
    const listeners = new Set([listener]);
    let last: string | undefined;
    let busy = false;
    const timer = setInterval(() => {
      if (busy) return;
      busy = true;
      database
        .inOrganization(organizationId, (tx) => consoleTick(tx))
        .then((tick) => {
          if (last !== undefined && tick !== last) for (const each of listeners) each();
          return (last = tick);
        })
        .catch(() => {
          // The database is away; the next tick asks again, and lookers keep what they have.
        })
        .finally(() => {
          busy = false;
        });
    }, everyMs);
    timer.unref();
    watched.set(organizationId, { listeners, timer });
  }

  function unwatch(organizationId: OrganizationId, listener: () => void): void {
    const present = watched.get(organizationId);
    present?.listeners.delete(listener);
    if (present?.listeners.size === 0) {
      clearInterval(present.timer);
      watched.delete(organizationId);
    }
  }

  return {
    subscribe(organizationId) {
      let changed = false;
      let wake: ((changed: boolean) => void) | undefined;
      let closed = false;
      const listener = () => {
        changed = true;
        wake?.(true);
      };
      watch(organizationId, listener);
      return {
        async next(timeoutMs) {
          if (!changed && !closed) {
            await new Promise<boolean>((resolve) => {
              const timer = setTimeout(resolve, timeoutMs, false);
              wake = (value) => {
                clearTimeout(timer);
                resolve(value);
              };
            });
            wake = undefined;
          }
          const result = changed;
          changed = false;
          return result;
        },
        close() {
          if (closed) return;
          closed = true;
          unwatch(organizationId, listener);
          wake?.(false);
        },
      };
    },
  };
}
