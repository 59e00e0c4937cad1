import { useEffect, useSyncExternalStore } from "react";
import { associatesKey, queryClient } from "./queries.ts";

/** Ticks come as fast as people are synced; the list is read again at most this often, and less often when long. */
const calmMs = 2_000;
const perPageMs = 500;
const pollMs = 15_000;

export type Liveness = "live" | "polling";
let liveness: Liveness = "polling";
const listeners = new Set<() => void>();

function become(next: Liveness): void {
  if (liveness === next) return;
  liveness = next;
  for (const listener of listeners) listener();
}

/** Whether the server tells us of changes, or we ask. */
export function useLiveness(): Liveness {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => liveness,
  );
}

function loadedPages(): number {
  const lists = queryClient.getQueriesData<{ pages?: unknown[] }>({
    queryKey: associatesKey,
    type: "active",
  });
  return lists.reduce((most, [, data]) => Math.max(most, data?.pages?.length ?? 1), 1);
}

/**
 * Reads everything on the screen again when something changed: by server-sent events, and by asking every 15 s
 * while these do not come through (a proxy that buffers, a server that restarts).
 */
export function useLive(): void {
  useEffect(() => {
    let pending: ReturnType<typeof setTimeout> | undefined;
    let last = 0;
    const refresh = () => {
      last = Date.now();
      pending = undefined;
      void queryClient.invalidateQueries({ queryKey: associatesKey }, { cancelRefetch: false });
      void queryClient.invalidateQueries({ queryKey: ["user"] }, { cancelRefetch: false });
      for (const key of ["mailboxes", "findings", "items", "item", "brake", "removal", "preview"])
        void queryClient.invalidateQueries({ queryKey: [key] }, { cancelRefetch: false });
    };
    const changed = () => {
      const wait = Math.max(calmMs, loadedPages() * perPageMs) - (Date.now() - last);
      pending ??= setTimeout(refresh, Math.max(0, wait));
    };

    const source = new EventSource("/api/v1/associates/stream");
    source.addEventListener("ready", () => {
      // What happened while we were not listening is unknown: ask once.
      if (liveness === "polling" && last > 0) changed();
      become("live");
    });
    source.addEventListener("changed", changed);
    source.addEventListener("error", () => become("polling"));
    const poll = setInterval(() => {
      if (liveness === "polling" && document.visibilityState === "visible") refresh();
    }, pollMs);
    return () => {
      source.close();
      clearInterval(poll);
      clearTimeout(pending);
      become("polling");
    };
  }, []);
}
