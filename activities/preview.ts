import { Context } from "@temporalio/activity";
import { Failure } from "../core/errors/failure.ts";
import { kinds, type ItemOf } from "../core/items/kinds.ts";
import type { Kind } from "../core/items/observed.ts";
import { rulesOf } from "../core/sync/kinds/index.ts";
import type { Database } from "../db/client.ts";
import { linkOfUser, type Link } from "../db/links.ts";
import { everyLink, previewPolicy, savePreview } from "../db/preview.ts";
import type { Rehearsal, RehearsalResult } from "../engine/rehearse.ts";
import type { SliceInput, SlicePorts } from "../engine/ports.ts";
import type { ItemLink } from "../core/sync/item-link.ts";
import type { PreviewActivities, UserRef } from "./contract.ts";
import type { OpenedUser, SyncDependencies } from "./sync.ts";

export interface PreviewDependencies {
  database: Database;
  open: SyncDependencies["open"];
  rehearse<Item>(
    ports: Omit<SlicePorts<Item>, "repository">,
    input: SliceInput<Item>,
    known: readonly ItemLink[],
    signal: AbortSignal,
  ): Promise<RehearsalResult>;
}

/** Reading may take half of it; nothing is written. */
const budget = { ms: 25 * 60_000, writes: Number.POSITIVE_INFINITY };
const heartbeatEveryMs = 4_000;

/** The plan of a first sync, made by the code of the sync itself. */
export function createPreviewActivities({
  database,
  open,
  rehearse,
}: PreviewDependencies): PreviewActivities {
  return {
    async makePreview(user) {
      const { cancellationSignal: signal, heartbeat } = Context.current();
      const alive = setInterval(() => heartbeat.call(Context.current()), heartbeatEveryMs);
      try {
        const link = await database.inOrganization(user.organizationId, (tx) => linkOfUser(tx, user.userId));
        if (!link) return { problem: null, accept: false };
        const plans: { kind: Kind; plan: Rehearsal }[] = [];
        const opened = await open(user, { ...link, fence: 0 }, signal);
        for (const kind of kinds) {
          const result = await ofKind(user, link, opened, kind, signal);
          if (result === undefined) continue;
          if ("problem" in result) {
            const { problem, retryAfterMs } = result;
            return { problem, accept: false, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
          }
          plans.push({ kind, plan: result.rehearsal });
        }
        return await database.inOrganization(user.organizationId, async (tx) => {
          await savePreview(tx, { ...user, generation: link.generation }, plans);
          const { required, acceptUpTo } = await previewPolicy(tx);
          const writes = plans.reduce((sum, { plan }) => sum + writesOf(plan), 0);
          const small = plans.every(({ plan }) => plan.complete && plan.held === 0) && writes <= acceptUpTo;
          return { problem: null, accept: !required || small };
        });
      } catch (error) {
        if (signal.aborted || !(error instanceof Failure)) throw error;
        const { code, retryAfterMs } = error;
        return { problem: code, accept: false, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
      } finally {
        clearInterval(alive);
      }
    },
  };

  async function ofKind<K extends Kind>(
    user: UserRef,
    link: Link,
    opened: OpenedUser,
    kind: K,
    signal: AbortSignal,
  ): Promise<RehearsalResult | undefined> {
    const settings = link.settings[kind];
    const stores = opened.stores[kind];
    if (settings.direction === "off" || !stores) return undefined;
    const known = await database.inOrganization(user.organizationId, (tx) =>
      everyLink(tx, user.userId, kind),
    );
    const ports: Omit<SlicePorts<ItemOf<K>>, "repository"> = {
      ...opened,
      ...stores,
      heartbeat: () => Context.current().heartbeat(),
      log: () => {},
    };
    const input: SliceInput<ItemOf<K>> = { ...user, fence: 0, rules: rulesOf[kind], settings, budget };
    return await rehearse(ports, input, known, signal);
  }
}

function writesOf({ writes }: Rehearsal): number {
  return Object.values(writes).reduce((sum, each) => sum + each.create + each.update + each.delete, 0);
}
