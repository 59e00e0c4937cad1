import type { Installation } from "../installation.ts";
import type { Report } from "../report.ts";
import { ewsToGraph, graphToEws } from "./backend-switch.ts";
import { lostLinks } from "./lost-links.ts";
import { relink } from "./relink.ts";
import { replacedMailbox } from "./replaced-mailbox.ts";
import { restoredBackup } from "./restored-backup.ts";
import { Scene } from "./scene.ts";
import { window } from "./window.ts";

/** What may happen to the identity of items, each played by a company of its own and counted from outside. */
const plays: Record<string, (scene: Scene) => Promise<void>> = {
  "ews-to-graph": ewsToGraph,
  "graph-to-ews": graphToEws,
  relink,
  window,
  "lost-links": lostLinks,
  "restored-backup": restoredBackup,
  "replaced-mailbox": replacedMailbox,
};

export const identityScenarios: Record<
  string,
  (installation: Installation, report: Report) => Promise<void>
> = Object.fromEntries(
  Object.entries(plays).map(([name, play]) => [
    name,
    async (installation: Installation, report: Report) => play(await Scene.begin(installation, report)),
  ]),
);
