/**
 * Lets at most `places` run at once; who comes later waits in order. Graph counts a batch as its parts, so a batch
 * takes several places.
 */
export function createLimiter(places: number) {
  let free = places;
  const waiting: { wanted: number; go: () => void }[] = [];

  function admit(): void {
    for (let next = waiting[0]; next !== undefined && next.wanted <= free; next = waiting[0]) {
      waiting.shift();
      free -= next.wanted;
      next.go();
    }
  }

  /** @throws the signal's reason when it is aborted while waiting */
  return async function within<Result>(
    wanted: number,
    signal: AbortSignal,
    work: () => Promise<Result>,
  ): Promise<Result> {
    signal.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const entry = { wanted: Math.min(wanted, places), go: admitted };
      const leave = () => {
        waiting.splice(waiting.indexOf(entry), 1);
        reject(signal.reason as Error);
        admit();
      };
      function admitted(): void {
        signal.removeEventListener("abort", leave);
        resolve();
      }
      signal.addEventListener("abort", leave, { once: true });
      waiting.push(entry);
      admit();
    });
    try {
      return await work();
    } finally {
      free += Math.min(wanted, places);
      admit();
    }
  };
}
