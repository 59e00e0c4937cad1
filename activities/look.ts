import { Context } from "@temporalio/activity";
import { Failure } from "../core/errors/failure.ts";
import type { ItemOf } from "../core/items/kinds.ts";
import { sides, type Kind, type Side } from "../core/items/observed.ts";
import type { KindRules } from "../core/sync/rules.ts";
import { rulesOf } from "../core/sync/kinds/index.ts";
import type { Database } from "../db/client.ts";
import { endLook, forgetLook, lookedFor } from "../db/items.ts";
import { linkOfUser } from "../db/links.ts";
import { lookLabel } from "../platform/archive.ts";
import type { Vault } from "../platform/vault.ts";
import type { LookActivities, UserRef } from "./contract.ts";
import type { OpenedUser, SyncDependencies } from "./sync.ts";

export interface LookDependencies {
  database: Database;
  vault: Vault;
  open: SyncDependencies["open"];
}

/** What was read: of a private item nothing but that it is private. */
export type Looked =
  { private: true } | { private: false; sides: Record<Side, Record<string, unknown> | null> };

/** A look at one item's values for somebody who may see them. Reading needs no fence: nothing is written. */
export function createLookActivities({ database, vault, open }: LookDependencies): LookActivities {
  return {
    async lookAtItem({ organizationId, userId, lookId }) {
      const { cancellationSignal: signal } = Context.current();
      const user = { organizationId, userId };
      try {
        const looked = await look(user, lookId, signal);
        if (looked === undefined) return;
        await database.inOrganization(organizationId, async (tx) => {
          const sealed = await vault.seal(tx, user, lookLabel, JSON.stringify(looked));
          await endLook(tx, lookId, { sealed: sealed.toString("base64") });
        });
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        await database.inOrganization(organizationId, (tx) => endLook(tx, lookId, { problem: error.code }));
      }
    },

    forgetLook: ({ organizationId, lookId }) =>
      database.inOrganization(organizationId, (tx) => forgetLook(tx, lookId)),
  };

  async function look(user: UserRef, lookId: string, signal: AbortSignal): Promise<Looked | undefined> {
    const found = await database.inOrganization(user.organizationId, async (tx) => {
      const item = await lookedFor(tx, lookId);
      const link = await linkOfUser(tx, user.userId);
      return item && link && { item, link };
    });
    if (!found) return undefined;
    const { item, link } = found;
    const opened = await open(user, { ...link, fence: 0 }, signal);
    return await read(opened, item.kind, item.refs, signal);
  }
}

/** Single dates of a series may be private while the whole is not: of those only their times are told. */
function withoutPrivateParts<K extends Kind>(kind: K, item: ItemOf<K>): object {
  const rules: KindRules<ItemOf<K>> = rulesOf[kind];
  return rules.maskParts?.(item, "") ?? item;
}

async function read<K extends Kind>(
  opened: OpenedUser,
  kind: K,
  refs: Partial<Record<Side, string>>,
  signal: AbortSignal,
): Promise<Looked> {
  const stores = opened.stores[kind];
  if (!stores) throw new Failure("everlink.unexpected", { detail: { reason: "no-store", kind } });
  const seen: Record<Side, Record<string, unknown> | null> = { crm: null, mailbox: null };
  for (const side of sides) {
    const ref = refs[side];
    const observed = ref === undefined ? undefined : await stores[side].get(ref, signal);
    if (observed === undefined) continue;
    if (rulesOf[kind].isPrivate(observed.item)) return { private: true };
    seen[side] = { ...withoutPrivateParts(kind, observed.item) };
  }
  return { private: false, sides: seen };
}
