import { isFor, linkOf, register } from "../registration.ts";
import { until, verify } from "../report.ts";
import type { Player, Scene } from "./scene.ts";

/** Living mailboxes go over from EWS to Microsoft Graph, while people edit; permission for it is asked for by mail. */
export async function ewsToGraph(scene: Scene): Promise<void> {
  await toGraph(scene);
  await scene.end();
}

/** And back: everybody has allowed both by then. */
export async function graphToEws(scene: Scene): Promise<void> {
  await toGraph(scene);
  await scene.end();
  const { report, players } = scene;
  await report.step("Switch back to EWS, while people edit on both sides", async () => {
    const before = await scene.itemLinks();
    await switchAll(scene, "ews");
    for (const player of players) await untilOn(scene, player, "ews");
    return { mailboxes: players.length, itemLinks: await kept(scene, before) };
  });
  await scene.end();
}

async function toGraph(scene: Scene): Promise<void> {
  const { report, players } = scene;
  await report.step("Switch to Microsoft Graph, while people edit on both sides", async () => {
    const before = await scene.itemLinks();
    await switchAll(scene, "graph");
    let signedIn = 0;
    for (const player of players) if (await allow(scene, player)) signedIn += 1;
    for (const player of players) await untilOn(scene, player, "graph");
    await scene.cycles();
    return { mailboxes: players.length, signedIn, itemLinks: await kept(scene, before) };
  });
}

async function switchAll(scene: Scene, backend: "ews" | "graph"): Promise<void> {
  for (const player of scene.players) {
    await scene.edit(player, "superoffice", 3);
    await scene.edit(player, "exchange", 3);
    await scene.make(player, "exchange", 1, 3);
    await scene.everlink.switchBackend(player.userId, backend);
    await scene.edit(player, "exchange", 3);
  }
}

/** Signs in again where the permission for Graph is missing. @returns whether it was */
async function allow(scene: Scene, { person, userId }: Player): Promise<boolean> {
  const { everlink, sandbox, installation } = scene;
  const state = await until(
    `${person.address} has gone over, or is asked to sign in`,
    async () => {
      const detail = await everlink.user(userId);
      if (detail.mailbox?.backend === "graph") return "over" as const;
      return detail.user.state === "needs-reauth" && ("asked" as const);
    },
    300_000,
    1_000,
  );
  if (state === "over") return false;
  const mail = await until(`${person.address} has a mail to sign in`, async () =>
    (await sandbox.mails(person.address)).find(
      (each) =>
        isFor(each, person) &&
        linkOf(each, installation.origin) !== "" &&
        !each.subject.startsWith("Your diary"),
    ),
  );
  const page = await register({ link: linkOf(mail, installation.origin) }, person);
  verify(page.status === 200, `${person.address} has signed in`);
  return true;
}

async function untilOn({ everlink }: Scene, { person, userId }: Player, backend: string): Promise<void> {
  await until(
    `${person.address} is behind ${backend}`,
    async () => (await everlink.user(userId)).mailbox?.backend === backend,
    300_000,
    1_000,
  );
}

/** Every item link from before is there, by its own id: nothing was linked anew. */
async function kept(scene: Scene, before: ReadonlySet<string>): Promise<number> {
  const now = await scene.itemLinks();
  const lost = [...before].filter((id) => !now.has(id));
  verify(lost.length === 0, `every item link is kept (${lost.length} of ${before.size} are not)`);
  return before.size;
}
