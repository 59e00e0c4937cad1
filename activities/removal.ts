import { Context } from "@temporalio/activity";
import { Failure } from "../core/errors/failure.ts";
import { kinds, type ItemOf } from "../core/items/kinds.ts";
import type { Kind, Side } from "../core/items/observed.ts";
import { together } from "../core/lifecycle/index.ts";
import type { ItemLink } from "../core/sync/item-link.ts";
import { rulesOf } from "../core/sync/kinds/index.ts";
import type { Database } from "../db/client.ts";
import { linkOfUser, type Link } from "../db/links.ts";
import { everyLink } from "../db/preview.ts";
import { endRemovalPlan, kindsLeft, leaveKind, openRemoval, outcomesOf, removalOf } from "../db/removal.ts";
import type { SliceInput, SlicePorts, SliceResult } from "../engine/ports.ts";
import type { RemovalPlan, RemovalPlanResult } from "../engine/removal-plan.ts";
import type { Removal } from "../engine/removing.ts";
import type { RemovalActivities, UserRef } from "./contract.ts";
import { createSlicing } from "./slicing.ts";
import type { OpenedUser, SyncDependencies } from "./sync.ts";

export interface RemovalDependencies extends Pick<SyncDependencies, "database" | "open" | "log"> {
  database: Database;
  planRemoval<Item>(
    ports: Omit<SlicePorts<Item>, "repository">,
    input: SliceInput<Item>,
    of: { from: Side; known: readonly ItemLink[] },
    signal: AbortSignal,
  ): Promise<RemovalPlanResult>;
  removeCopies<Item>(
    ports: SlicePorts<Item>,
    input: SliceInput<Item>,
    removal: Removal,
    signal: AbortSignal,
  ): Promise<SliceResult>;
}

/** Reading may take that long; nothing is written. */
const planning = { ms: 25 * 60_000, writes: Number.POSITIVE_INFINITY };
const heartbeatEveryMs = 4_000;

/** The end of a link with something removed: the plan that is shown, and the slices that carry it out. */
export function createRemovalActivities(dependencies: RemovalDependencies): RemovalActivities {
  const { database, open, planRemoval, removeCopies } = dependencies;
  const slice = createSlicing(dependencies);

  return {
    async planRemoval({ organizationId, userId, removalId }) {
      const user = { organizationId, userId };
      const { cancellationSignal: signal, heartbeat } = Context.current();
      const alive = setInterval(() => heartbeat.call(Context.current()), heartbeatEveryMs);
      try {
        const made = await plansOf(user, removalId, signal);
        if (made === undefined) return;
        await database.inOrganization(organizationId, (tx) =>
          endRemovalPlan(tx, { ...user, removalId }, made),
        );
      } finally {
        clearInterval(alive);
      }
    },

    async removeSlice({ organizationId, userId, planId: removalId, from, progress: before }) {
      const user = { organizationId, userId };
      const { cancellationSignal: signal } = Context.current();
      const inOrganization = database.inOrganization.bind(database);
      const done = await slice(user, before, {
        stages: ["linked", "syncing"],
        kindsOf: (tx) => kindsLeft(tx, removalId),
        run: (kind, ports, input) => {
          const { fence } = input;
          const removal = openRemoval(database, { ...user, fence, removalId, kind, from });
          return removeCopies(ports, input, removal, signal);
        },
      });
      if (!done) return { more: false, problem: "lifecycle.fenced", left: 0, removed: 0, stayed: 0 };
      const { progress } = done;
      const more = progress.left.length > 0;
      const { problem, retryAfterMs, dueAgainMs } = together(Object.values(progress.ended));
      const counts = await inOrganization(organizationId, async (tx) => {
        const unseen = more || problem !== null ? [] : await kindsLeft(tx, removalId);
        for (const kind of unseen) if (!progress.ended[kind]) await leaveKind(tx, removalId, kind);
        return countsOf(await outcomesOf(tx, removalId));
      });
      if (more) return { more, progress, problem: null, ...counts };
      return {
        more,
        problem,
        ...counts,
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
        ...(dueAgainMs === undefined ? {} : { dueAgainMs }),
      };
    },
  };

  /** @returns `undefined` when there is nothing to plan (any more) */
  async function plansOf(user: UserRef, removalId: string, signal: AbortSignal) {
    const asked = await database.inOrganization(user.organizationId, async (tx) => {
      const removal = await removalOf(tx, user.userId, removalId);
      const link = await linkOfUser(tx, user.userId);
      return removal && link && removal.madeAt === null ? { link, from: removal.from } : undefined;
    });
    if (!asked) return undefined;
    const { link, from } = asked;
    try {
      const plans: { kind: Kind; plan: RemovalPlan }[] = [];
      const opened = await open(user, { ...link, fence: 0 }, signal);
      for (const kind of kinds) {
        const result = await planOfKind(user, link, opened, kind, from, signal);
        if (result === undefined) continue;
        if ("problem" in result) return { problem: result.problem };
        plans.push({ kind, plan: result.plan });
      }
      return { plans };
    } catch (error) {
      if (signal.aborted || !(error instanceof Failure)) throw error;
      return { problem: error.code };
    }
  }

  async function planOfKind<K extends Kind>(
    user: UserRef,
    link: Link,
    opened: OpenedUser,
    kind: K,
    from: Side,
    signal: AbortSignal,
  ): Promise<RemovalPlanResult | undefined> {
    const known = await database.inOrganization(user.organizationId, (tx) =>
      everyLink(tx, user.userId, kind),
    );
    if (known.length === 0) return undefined;
    const stores = opened.stores[kind];
    if (!stores) return { plan: { items: [], stays: { unavailable: known.length }, samples: [] } };
    const ports: Omit<SlicePorts<ItemOf<K>>, "repository"> = {
      ...opened,
      ...stores,
      heartbeat: () => Context.current().heartbeat(),
      log: () => {},
    };
    const settings = link.settings[kind];
    const input: SliceInput<ItemOf<K>> = {
      ...user,
      fence: 0,
      rules: rulesOf[kind],
      settings,
      budget: planning,
    };
    return await planRemoval(ports, input, { from, known }, signal);
  }
}

function countsOf(outcomes: readonly { outcome: string | null; count: number }[]) {
  const sum = (holds: (outcome: string | null) => boolean) =>
    outcomes.filter(({ outcome }) => holds(outcome)).reduce((total, { count }) => total + count, 0);
  return {
    left: sum((outcome) => outcome === null),
    removed: sum((outcome) => outcome === "removed"),
    stayed: sum((outcome) => outcome !== null && outcome !== "removed"),
  };
}
