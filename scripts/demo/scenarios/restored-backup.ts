import type { Scene } from "./scene.ts";

const backup = "last night";

/**
 * SuperOffice comes back from a backup: what was changed, made and deleted since is gone there, and its ids are given out
 * again to what people make before Everlink hears of it.
 */
export async function restoredBackup(scene: Scene): Promise<void> {
  const { players, report, sandbox } = scene;
  await report.step("Back SuperOffice up; then people edit, make and delete on both sides", async () => {
    await sandbox.configure("superoffice", { snapshot: backup });
    for (const player of players) {
      for (const side of ["superoffice", "exchange"] as const) {
        await scene.edit(player, side, 8);
        await scene.make(player, side, 3, side === "superoffice" ? 3 : 10);
        await scene.delete(player, side, 2);
      }
    }
    await scene.untilCounted();
    return { edited: 16 * players.length, made: 6 * players.length, deleted: 4 * players.length };
  });
  await report.step("Restore the backup, while everybody is paused", async () => {
    for (const { userId } of players) await scene.everlink.pause(userId);
    await scene.untilAll("paused");
    await sandbox.configure("superoffice", { restore: backup });
    // These get ids that the lost ones had; and people go on in their mailboxes.
    for (const player of players) {
      await scene.make(player, "superoffice", 2, 20);
      await scene.edit(player, "exchange", 2);
    }
    const { items } = await scene.everlink.restored("superoffice");
    for (const { userId } of players) await scene.everlink.resume(userId);
    await scene.untilAll("syncing");
    return { madeUnderOldIds: 2 * players.length, itemsToBeFoundAgain: items };
  });
  await scene.end();
}
