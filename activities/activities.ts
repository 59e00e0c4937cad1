import { createOrganizationActivities, type AssociateDependencies } from "./associates.ts";
import { createErasureActivities, type ErasureDependencies } from "./erasure.ts";
import { createLifecycleActivities, type LifecycleDependencies } from "./lifecycle.ts";
import { createLookActivities, type LookDependencies } from "./look.ts";
import { createMailActivities, type MailDependencies } from "./mail.ts";
import { createPreviewActivities, type PreviewDependencies } from "./preview.ts";
import { createRemovalActivities, type RemovalDependencies } from "./removal.ts";
import { createSyncActivities, type SyncDependencies } from "./sync.ts";

export type ActivityDependencies = LifecycleDependencies &
  SyncDependencies &
  MailDependencies &
  LookDependencies &
  PreviewDependencies &
  RemovalDependencies &
  ErasureDependencies &
  AssociateDependencies;

/** Everything that workflows can have done, by name. */
export function createActivities(dependencies: ActivityDependencies) {
  return {
    ...createLifecycleActivities(dependencies),
    ...createSyncActivities(dependencies),
    ...createMailActivities(dependencies),
    ...createLookActivities(dependencies),
    ...createPreviewActivities(dependencies),
    ...createRemovalActivities(dependencies),
    ...createErasureActivities(dependencies),
    ...createOrganizationActivities(dependencies),
  };
}
