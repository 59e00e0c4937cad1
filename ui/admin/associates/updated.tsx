import { useLiveness } from "../remote/live.ts";
import { useTimeText } from "../time/now.ts";
import { exact, relative } from "../time/relative.ts";
import { words } from "../words/index.ts";

/** "updated 3 s ago". It changes every second and is therefore not announced. */
export function Updated({ at }: { at: number }) {
  const liveness = useLiveness();
  const text = useTimeText((now) => words.list.updated(relative(Math.min(at, now), now)));
  if (at === 0) return null;
  return (
    <span className="whitespace-nowrap text-soft" title={exact(at)}>
      {text}
      {liveness === "polling" ? ` · ${words.list.polling}` : ""}
    </span>
  );
}
