import { useSyncExternalStore } from "react";

let text = "";
const listeners = new Set<() => void>();

/** Screen readers hear this once, when they have finished what they say. */
export function announce(next: string): void {
  // The same words twice must be heard twice: a no-break space makes them differ.
  text = next === text ? `${next}\u00a0` : next;
  for (const listener of listeners) listener();
}

/** Where announcements stand; once per page. */
export function Announcer() {
  const said = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => text,
  );
  return (
    <div role="status" aria-live="polite" className="sr-only">
      {said}
    </div>
  );
}
