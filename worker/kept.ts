/**
 * What is the same for many users is fetched once and kept for a while. A failure is not kept.
 *
 * @param ms after this time at the latest, a change is in use
 */
export function keptFor<Key, Value>(
  ms: number,
  fetch: (key: Key) => Promise<Value>,
): (key: Key) => Promise<Value> {
  const kept = new Map<Key, { until: number; value: Promise<Value> }>();
  return (key) => {
    const present = kept.get(key);
    if (present && present.until > Date.now()) return present.value;
    const value = fetch(key);
    kept.set(key, { until: Date.now() + ms, value });
    value.catch(() => {
      if (kept.get(key)?.value === value) kept.delete(key);
    });
    return value;
  };
}
