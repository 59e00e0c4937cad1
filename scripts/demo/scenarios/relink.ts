import type { Scene } from "./scene.ts";

/** Unlinked, edited on both sides meanwhile, and linked again: everything is found again, edits arrive. */
export async function relink(scene: Scene): Promise<void> {
  const { everlink, players, report } = scene;
  await report.step("Unlink, and edit, make and delete on both sides", async () => {
    for (const { userId } of players) await everlink.unlink(userId);
    await scene.untilAll("registered");
    for (const player of players) {
      for (const side of ["superoffice", "exchange"] as const) {
        await scene.edit(player, side, 8);
        await scene.make(player, side, 2);
        await scene.delete(player, side, 2);
      }
    }
    return { edited: 16 * players.length, made: 4 * players.length, deleted: 4 * players.length };
  });
  await report.step("Link again", async () => {
    const answer = await everlink.link(players.map(({ userId }) => userId));
    await scene.untilAll("syncing");
    await scene.cycles();
    return { linked: answer.linked };
  });
  await scene.end();
  await report.step("Unlink and link once more, with nothing changed", async () => {
    for (const { userId } of players) await everlink.unlink(userId);
    await scene.untilAll("registered");
    const answer = await everlink.link(players.map(({ userId }) => userId));
    await scene.untilAll("syncing");
    await scene.cycles();
    return { linked: answer.linked };
  });
  await scene.end();
}
