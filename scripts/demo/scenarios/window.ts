import type { Appointment } from "../sandbox.ts";
import type { Scene } from "./scene.ts";

const dayMs = 86_400_000;
const small = { daysBack: 5, daysAhead: 30 };

/** The window shrinks, items beyond it change, and it grows again: no deletes, no duplicates, and the changes arrive. */
export async function window(scene: Scene): Promise<void> {
  const { everlink, players, report } = scene;
  await report.step("Shrink the window", async () => {
    for (const { userId } of players) await everlink.changeSettings(userId, { diary: { window: small } });
    await scene.cycles(2);
    return small;
  });
  await scene.end();
  await report.step("Grow it again, after edits on both sides beyond it", async () => {
    for (const player of players) {
      for (const side of ["superoffice", "exchange"] as const) await scene.edit(player, side, 6, isBeyond);
    }
    for (const { userId } of players)
      await everlink.changeSettings(userId, { diary: { window: { daysBack: 30, daysAhead: 365 } } });
    await scene.cycles(2);
    return { edited: 12 * players.length };
  });
  await scene.end();
}

function isBeyond({ startsAt }: Appointment): boolean {
  return Date.parse(startsAt) > Date.now() + (small.daysAhead + 20) * dayMs;
}
