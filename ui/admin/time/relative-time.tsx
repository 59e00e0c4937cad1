import { words } from "../words/index.ts";
import { useTimeText } from "./now.ts";
import { duration, exact, relative } from "./relative.ts";

/** "2 min ago", with the exact time in the reader's zone on hover. */
export function RelativeTime({ at, className }: { at: string; className?: string }) {
  const instant = Date.parse(at);
  const text = useTimeText((now) => relative(instant, now));
  return (
    <time dateTime={at} title={exact(instant)} className={className}>
      {text}
    </time>
  );
}

/** "in 3 min", or "due now" when the time has come and it has not begun. */
export function NextTime({ at }: { at: string }) {
  const instant = Date.parse(at);
  const text = useTimeText((now) => (instant <= now ? words.list.due : relative(instant, now)));
  return (
    <time dateTime={at} title={exact(instant)}>
      {text}
    </time>
  );
}

/** "2 h": how long it lasts already. */
export function Since({ at }: { at: string }) {
  const instant = Date.parse(at);
  const text = useTimeText((now) => duration(instant, now));
  return (
    <time dateTime={at} title={exact(instant)}>
      {text}
    </time>
  );
}
