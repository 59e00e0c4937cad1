import type { SandboxClock } from "./context.ts";
import type { Settings } from "./database.ts";

const offsetSetting = "clock.offsetMs";

/** Real time plus an offset that survives a restart, so that a moved clock never jumps back by itself. */
export function createClock(settings: Settings): SandboxClock {
  let offsetMs = Number(settings.get(offsetSetting) ?? 0);
  return {
    now: () => new Date(Date.now() + offsetMs),
    advance(ms) {
      offsetMs += ms;
      settings.set(offsetSetting, String(offsetMs));
    },
    reset() {
      offsetMs = 0;
      settings.remove(offsetSetting);
    },
  };
}
