import { verify } from "../report.ts";
import type { Scene } from "./scene.ts";

/** Two people get new, empty mailboxes under their old accounts: everything is made there again, nothing deleted in the CRM. */
export async function replacedMailbox(scene: Scene): Promise<void> {
  const { players, report, sandbox } = scene;
  await report.step("Replace two mailboxes by empty ones", async () => {
    const concerned = players.slice(0, 2);
    for (const player of concerned) {
      await sandbox.configure("exchange", { replaceMailbox: player.person.associateId });
      // What Everlink leaves alone was in the old mailbox only, and went with it.
      player.ledger.forgetLeft("exchange");
      const { exchange } = await scene.diaries(player.person);
      verify(exchange.length === 0, "the new mailbox is empty");
    }
    await scene.cycles();
    return { mailboxes: concerned.length };
  });
  await scene.end();
}
