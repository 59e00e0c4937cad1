import { ActivityCancellationType, proxyActivities } from "@temporalio/workflow";
import type {
  ErasureActivities,
  LifecycleActivities,
  LookActivities,
  MailActivities,
  OrganizationActivities,
  PreviewActivities,
  RemovalActivities,
  SyncActivities,
} from "../activities/contract.ts";

/** Our own database may be down for hours: wait for it, patiently and for ever. */
const forEver = {
  initialInterval: "1 second",
  backoffCoefficient: 2,
  maximumInterval: "30 seconds",
} as const;

export const lifecycle = proxyActivities<LifecycleActivities>({
  startToCloseTimeout: "30 seconds",
  retry: forEver,
});

/** A dead worker is noticed within 15 s; a slice takes 25 s and its last remote call at most 60 s more. */
export const sync = proxyActivities<SyncActivities>({
  startToCloseTimeout: "3 minutes",
  heartbeatTimeout: "15 seconds",
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  summary: "One slice of a sync cycle",
  retry: forEver,
});

/** All of both sides is read for it, in one go: it has no halves. */
export const previewing = proxyActivities<PreviewActivities>({
  startToCloseTimeout: "30 minutes",
  heartbeatTimeout: "15 seconds",
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  summary: "Plans the first sync",
  retry: forEver,
});

/** As the slices of sync: one may take as long, and ends as well. */
export const removing = proxyActivities<Pick<RemovalActivities, "removeSlice">>({
  startToCloseTimeout: "3 minutes",
  heartbeatTimeout: "15 seconds",
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  summary: "One slice of a removal",
  retry: forEver,
});

/** Somebody waits for it, who may ask again. */
export const removalPlanning = proxyActivities<Pick<RemovalActivities, "planRemoval">>({
  startToCloseTimeout: "30 minutes",
  heartbeatTimeout: "15 seconds",
  retry: forEver,
});

export const outbox = proxyActivities<Pick<MailActivities, "queueMail">>({
  startToCloseTimeout: "30 seconds",
  retry: forEver,
});

/** One try each: when to try again is the state machine's to say, and it must be able to hear commands meanwhile. */
export const postman = proxyActivities<Pick<MailActivities, "sendMail">>({
  startToCloseTimeout: "2 minutes",
  retry: { maximumAttempts: 1 },
});

export const erasureSteps = proxyActivities<
  ErasureActivities & Pick<LifecycleActivities, "revokePermission">
>({
  startToCloseTimeout: "2 minutes",
  retry: forEver,
});

/** Somebody waits for the answer: one try. */
const { lookAtItem } = proxyActivities<Pick<LookActivities, "lookAtItem">>({
  startToCloseTimeout: "25 seconds",
  scheduleToCloseTimeout: "30 seconds",
  retry: { maximumAttempts: 1 },
});
const { forgetLook } = proxyActivities<Pick<LookActivities, "forgetLook">>({
  startToCloseTimeout: "30 seconds",
  retry: forEver,
});
export const looking = { lookAtItem, forgetLook };

export const organizationSteps = proxyActivities<OrganizationActivities>({
  startToCloseTimeout: "3 minutes",
  heartbeatTimeout: "15 seconds",
  retry: { maximumAttempts: 3, initialInterval: "5 seconds" },
});
