import postgres from "postgres";
import { verify } from "../report.ts";
import type { Scene } from "./scene.ts";

/** Everything that sync remembers of items. */
const memory = ["item_link", "item_side", "sync_cursor", "sync_account", "intent", "finding"] as const;

/** The tables of item links are lost: every item finds its counterpart again, by stamp, UID or content. */
export async function lostLinks(scene: Scene): Promise<void> {
  const { players, report, installation } = scene;
  const sql = postgres(installation.databaseUrl, { max: 1, onnotice: () => {} });
  try {
    await report.step("Lose all that sync remembers, while people edit", async () => {
      for (const { userId } of players) await scene.everlink.pause(userId);
      await scene.untilAll("paused");
      const [before] = await sql<{ links: number }[]>`select count(*)::int as links from item_link`;
      // As the owner of the tables: row-level security holds for the application alone.
      await sql.unsafe(`truncate ${memory.join(", ")} cascade`);
      const [after] = await sql<{ links: number }[]>`select count(*)::int as links from item_link`;
      verify(after!.links === 0 && before!.links >= 500, "the item links are lost");
      // Of an item with a stamp or a UID the pair is known although its content differs.
      for (const player of players) await scene.edit(player, "superoffice", 4);
      for (const { userId } of players) await scene.everlink.resume(userId);
      await scene.untilAll("syncing");
      await scene.cycles(2);
      const [again] = await sql<{ links: number }[]>`select count(*)::int as links from item_link`;
      return { lost: before!.links, foundAgain: again!.links, editedMeanwhile: 4 * players.length };
    });
  } finally {
    await sql.end();
  }
  await scene.end();
}
